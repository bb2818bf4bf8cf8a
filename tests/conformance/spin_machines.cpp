#include "tests/conformance/known_answers.hpp"

#include "ebm/adaptors/tempered.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"

using namespace ebm;
using namespace ebm::conformance;

namespace {

std::vector<Pair> complete_graph(std::size_t n, double J) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) pairs.push_back({i, j, J});
  return pairs;
}

std::vector<Pair> chain(std::size_t n, double J) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i + 1 < n; ++i) pairs.push_back({i, i + 1, J});
  return pairs;
}

/// Right and lower neighbours on a square, with wrap-around on a torus.
std::vector<Pair> lattice(std::size_t side, bool torus, double J) {
  std::vector<Pair> pairs;
  for (std::size_t r = 0; r < side; ++r)
    for (std::size_t c = 0; c < side; ++c) {
      if (torus || c + 1 < side) pairs.push_back({r * side + c, r * side + (c + 1) % side, J});
      if (torus || r + 1 < side) pairs.push_back({r * side + c, (r + 1) % side * side + c, J});
    }
  return pairs;
}

Machine free_spins(std::size_t n, const std::vector<Pair>& pairs) {
  return spin_machine(std::vector<double>(n, 0.0), pairs);
}

/// E |Σ s| / n, by a sum over all states.
template <class T> double mean_absolute_magnetisation(const AnyEnergy<T>& e, double log_z) {
  const StateSum<T> sum(e);
  BOOST_TEST_REQUIRE(sum.plan().summed.empty()); // every block of x holds values
  std::vector<double> parts(sum.items(), 0.0);
  sum.for_each([&](std::size_t item, std::uint64_t, const State<T>& x, std::span<const double> f) {
    for (std::size_t c = 0; c < x.chains(); ++c) {
      double m = 0;
      for (const T s : row(x[0], c)) m += double(s);
      parts[item] += std::exp(-f[c] - log_z) * std::abs(m) / double(e.space()[0].sites);
    }
  });
  double total = 0;
  for (const double p : parts) total += p;
  return total;
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_spin_machines)

BOOST_AUTO_TEST_CASE_TEMPLATE(four_spins, T, Precisions) {
  const AnyEnergy<T> e = build<T>(spins::machine);
  auto close = Closeness::of<T>("spin_boltzmann_machine_4");
  const Batch<T> ones = matrix<T>({1, 1, 1, 1}, 4);
  State<T> x(e.space(), 1);
  Rows<T>{&ones, {}}.copy_to(e.space(), 0, x);
  double energy = 0;
  e.energy(x, {&energy, 1});
  close("energy of (1, 1, 1, 1)", energy, spins::energy_of_ones);
  const ExactMoments moments = exact_moments(e);
  close("log_partition", exact_log_partition(e), spins::log_partition);
  close("log_partition of the moments", moments.log_partition, spins::log_partition);
  close("mean", moments.mean, spins::mean);
  for (const auto& [i, j, expected] : spins::pairs) {
    close("pair_mean", moments.pair_mean(i, j), expected);
    close("pair_mean, transposed", moments.pair_mean(j, i), expected);
  }
  // The remaining moments have no entry in the file: all states, summed here.
  const Moments reference = sum_all_states(spins::machine);
  close("mean_energy", moments.mean_energy, reference.mean_energy);
  close("pair_mean", all(moments.pair_mean), reference.pair_mean);
  close("entropy", moments.entropy(), reference.log_partition + reference.mean_energy);
}

// conformance/closed_forms.json, curie_weiss_10: E = −(J/n) Σ_{i<j} s_i s_j with n = 10.
BOOST_AUTO_TEST_CASE_TEMPLATE(curie_weiss, T, Precisions) {
  struct Row {
    double J, log_partition, mean_m2, mean_abs_m;
  };
  constexpr Row rows[]{{0.5, 7.007707416017733, 0.17146437428205508, 0.3329680945673527},
                       {1, 7.37514367268883, 0.3469438826947224, 0.5063645112919422},
                       {1.5, 8.355117379657596, 0.6447659456298575, 0.7549935399357197}};
  constexpr std::size_t n = 10;
  auto close = Closeness::of<T>("closed_forms, Curie-Weiss");
  for (const Row& known : rows) {
    const AnyEnergy<T> e = build<T>(free_spins(n, complete_graph(n, known.J / double(n))));
    const ExactMoments moments = exact_moments(e);
    const std::string at = " at J " + std::to_string(known.J);
    close("log_partition" + at, exact_log_partition(e), known.log_partition);
    double m2 = 0;
    for (const double v : all(moments.pair_mean)) m2 += v / double(n * n);
    close("mean m^2" + at, m2, known.mean_m2);
    close("mean |m|" + at, mean_absolute_magnetisation(e, moments.log_partition), known.mean_abs_m);
  }
}

// conformance/closed_forms.json, antiferromagnetic_triangle: E = s1 s2 + s2 s3 + s1 s3.
BOOST_AUTO_TEST_CASE_TEMPLATE(antiferromagnetic_triangle, T, Precisions) {
  struct Row {
    double beta, log_partition;
  };
  constexpr Row rows[]{{1, 2.7978461208871357}, {3, 4.7917615172967425}};
  auto close = Closeness::of<T>("closed_forms, antiferromagnetic triangle");
  const AnyEnergy<T> at_1 = build<T>(free_spins(3, complete_graph(3, -1)));
  for (const auto& [beta, log_z] : rows) {
    close("log_partition, beta in J", exact_log_partition(build<T>(free_spins(3, complete_graph(3, -beta)))),
          log_z);
    close("log_partition, beta in the adaptor", exact_log_partition(AnyEnergy<T>(Tempered(at_1, beta))),
          log_z);
  }
}

// conformance/closed_forms.json, spin_open_chain: n = 5, J = 0.5.
BOOST_AUTO_TEST_CASE_TEMPLATE(open_spin_chain, T, Precisions) {
  auto close = Closeness::of<T>("closed_forms, open spin chain");
  const AnyEnergy<T> e = build<T>(free_spins(5, chain(5, 0.5)));
  close("log_partition", exact_log_partition(e), 3.9461939306328366);
  const ExactMoments moments = exact_moments(e);
  for (std::size_t i = 0; i + 1 < 5; ++i)
    close("nearest correlation", moments.pair_mean(i, i + 1), 0.46211715726000974);
}

// conformance/closed_forms.json, potts_open_chain: q = 3, n = 5, J = 0.7, E = −J Σ δ(s_i, s_{i+1}).
BOOST_AUTO_TEST_CASE_TEMPLATE(open_potts_chain, T, Precisions) {
  BoltzmannMachineOptions chain;
  chain.visible.size = 5;
  chain.visible.q = 3;
  chain.units = UnitKind::categorical;
  AnyEnergy<T> e(make_boltzmann_machine<T>(chain));
  Batch<T>& J = e.parameters().find("J")->value;
  for (std::size_t i = 0; i + 1 < 5; ++i)
    for (std::size_t k = 0; k < 3; ++k) J(3 * i + k, 3 * i + 3 + k) = J(3 * i + 3 + k, 3 * i + k) = T(0.7);
  auto close = Closeness::of<T>("closed_forms, open Potts chain");
  close("log_partition", exact_log_partition(e), 6.657518852548977);
}

// conformance/closed_forms.json, ising: E = −J Σ_bonds s s; mean_bond_sum = Σ_bonds <s s>.
BOOST_AUTO_TEST_CASE_TEMPLATE(ising_lattices, T, Precisions) {
  struct Row {
    std::size_t side;
    bool torus;
    double J, log_partition, mean_bond_sum;
  };
  constexpr Row rows[]{{3, true, 0.2, 6.669744604314108, 4.842892000870611},
                       {3, false, 0.2, 6.483044791348627, 2.493484359787719},
                       {3, true, 0.4407, 9.02040491367155, 14.50160221999241},
                       {3, false, 0.4407, 7.502309608376797, 6.090928654237458},
                       {4, true, 0.2, 11.771470358541581, 7.298165912685546},
                       {4, false, 0.2, 11.5815769093409, 5.024515297773345},
                       {4, true, 0.4407, 15.52224628670664, 25.05083279252905},
                       {4, false, 0.4407, 13.676483912004144, 12.772036812013301}};
  auto close = Closeness::of<T>("closed_forms, Ising");
  for (const Row& known : rows) {
    const std::vector<Pair> bonds = lattice(known.side, known.torus, known.J);
    const AnyEnergy<T> e = build<T>(free_spins(known.side * known.side, bonds));
    const ExactMoments moments = exact_moments(e);
    double bond_sum = 0;
    for (const Pair& b : bonds) bond_sum += moments.pair_mean(b.i, b.j);
    const std::string at = " of side " + std::to_string(known.side) + (known.torus ? ", torus" : ", open") +
                           ", J " + std::to_string(known.J);
    close("log_partition" + at, moments.log_partition, known.log_partition);
    close("mean bond sum" + at, bond_sum, known.mean_bond_sum);
  }
}

BOOST_AUTO_TEST_SUITE_END()
