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

BOOST_AUTO_TEST_SUITE_END()
