// The lattices `ising` and `potts`, and graphs given by their edges: known numbers, and sums over all states
// that find the neighbours by themselves.
#include "ebm/learning/associative_memory.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/conformance/known_answers.hpp"

using namespace ebm;
using namespace ebm::conformance;

namespace {

using Size = std::vector<std::int64_t>;

template <class O = IsingOptions> O lattice(Size size, bool periodic, double J) {
  O o;
  o.size = std::move(size);
  o.periodic = periodic;
  o.coupling = J;
  return o;
}

/// The machine with its parameters where its options say that they start.
template <class T> AnyEnergy<T> started(BlockBoltzmann<T> machine) {
  for (ParameterArray<T>& a : machine.parameters()) a.value.fill(T(a.initial.value()));
  return AnyEnergy<T>(std::move(machine));
}

/// The couplings of a lattice without a field as a matrix with zeros.
template <class T> AnyEnergy<T> dense(const AnyEnergy<T>& lattice) {
  const Block& block = lattice.space()[0];
  BoltzmannMachineOptions o;
  o.visible.size = block.sites;
  if (block.width() > 1) {
    o.units = UnitKind::categorical;
    o.visible.q = std::uint32_t(block.width());
  } else
    o.units = UnitKind::spin;
  AnyEnergy<T> e(make_boltzmann_machine<T>(o));
  const Batch<double> J = lattice.self_coupling(0).matrix(block.columns(), block.width());
  std::ranges::copy(all(J), e.parameters().find("J")->value.data());
  return e;
}

double bond_sum(const LatticeOptions& o, const ExactMoments& moments) {
  double sum = 0;
  for (const auto& [i, j] : o.edges()) sum += moments.pair_mean(i, j);
  return sum;
}

/// Whether two sites are one step apart along exactly one direction; the last direction runs fastest.
bool bonded(const LatticeOptions& o, std::size_t a, std::size_t b) {
  std::size_t steps = 0;
  for (auto length = o.size.rbegin(); length != o.size.rend(); ++length) {
    const std::int64_t n = *length, d = std::abs(std::int64_t(a) % n - std::int64_t(b) % n);
    if (d != 0) steps += d == 1 || (o.periodic && d == n - 1) ? 1 : 2;
    a /= std::size_t(n);
    b /= std::size_t(n);
  }
  return steps == 1;
}

/// Sum over all states of spins (q = 0) or of Potts spins; the mean counts bonds by s s', or by δ(s, s').
struct Sum {
  double log_partition, mean_bond_sum, mean_energy;
};
Sum sum_over_states(const LatticeOptions& o, double h, std::size_t q) {
  std::size_t sites = 1, states = 1;
  for (const std::int64_t n : o.size) sites *= std::size_t(n);
  const std::size_t levels = q == 0 ? 2 : q;
  for (std::size_t i = 0; i < sites; ++i) states *= levels;
  std::vector<std::pair<std::size_t, std::size_t>> bonds;
  for (std::size_t i = 0; i < sites; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (bonded(o, i, j)) bonds.emplace_back(i, j);
  double z = 0, b = 0, e = 0;
  for (std::size_t state = 0; state < states; ++state) {
    std::vector<std::size_t> level(sites);
    for (std::size_t i = 0, left = state; i < sites; ++i, left /= levels) level[i] = left % levels;
    double aligned = 0, field = 0;
    for (const auto& [i, j] : bonds) aligned += level[i] == level[j] ? 1 : q == 0 ? -1 : 0;
    for (const std::size_t l : level) field += 2 * double(l) - 1;
    const double energy = -o.coupling * aligned - h * field, weight = std::exp(-energy);
    z += weight;
    b += weight * aligned;
    e += weight * energy;
  }
  return {std::log(z), b / z, e / z};
}

template <class T>
AnyEnergy<T> on_edges(UnitKind units, std::size_t n, std::vector<std::int64_t> ends, double J) {
  BoltzmannMachineOptions o;
  o.visible.size = n;
  o.units = units;
  o.edges = std::move(ends);
  BlockBoltzmann<T> machine = make_boltzmann_machine<T>(o);
  machine.parameters().find("J")->value.fill(T(J));
  return AnyEnergy<T>(std::move(machine));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(conformance_lattices, OneThreadWorkers)

// conformance/closed_forms.json, ising: E = −J Σ_bonds s s; mean_bond_sum = Σ_bonds <s s>.
BOOST_AUTO_TEST_CASE_TEMPLATE(ising_squares, T, Precisions) {
  struct Row {
    std::int64_t side;
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
  auto close = Closeness::of<T>("closed_forms, Ising lattices");
  for (const Row& known : rows) {
    const IsingOptions o = lattice({known.side, known.side}, known.torus, known.J);
    const std::string at = " of side " + std::to_string(known.side) + (known.torus ? ", torus" : ", open") +
                           ", J " + std::to_string(known.J);
    const AnyEnergy<T> sparse = started(make_ising<T>(o));
    for (const AnyEnergy<T>& e : {sparse, dense(sparse)}) {
      const ExactMoments moments = exact_moments(e);
      close("log_partition" + at, exact_log_partition(e), known.log_partition);
      close("mean bond sum" + at, bond_sum(o, moments), known.mean_bond_sum);
      close("mean energy" + at, moments.mean_energy, -known.J * known.mean_bond_sum);
    }
  }
}

// conformance/closed_forms.json, antiferromagnetic_triangle: E = s1 s2 + s2 s3 + s1 s3, a ring of three.
BOOST_AUTO_TEST_CASE_TEMPLATE(antiferromagnetic_triangle, T, Precisions) {
  auto close = Closeness::of<T>("closed_forms, antiferromagnetic triangle");
  for (const auto& [beta, log_z] : {std::pair(1.0, 2.7978461208871357), {3.0, 4.7917615172967425}}) {
    close("ring", exact_log_partition(started(make_ising<T>(lattice({3}, true, -beta)))), log_z);
    close("edges", exact_log_partition(on_edges<T>(UnitKind::spin, 3, {0, 1, 1, 2, 2, 0}, -beta)), log_z);
  }
}

// conformance/closed_forms.json, spin_open_chain: n = 5, J = 0.5.
BOOST_AUTO_TEST_CASE_TEMPLATE(open_spin_chain, T, Precisions) {
  auto close = Closeness::of<T>("closed_forms, open spin chain");
  const AnyEnergy<T> sparse = started(make_ising<T>(lattice({5}, false, 0.5)));
  for (const AnyEnergy<T>& e :
       {sparse, dense(sparse), on_edges<T>(UnitKind::spin, 5, {0, 1, 1, 2, 2, 3, 3, 4}, 0.5)}) {
    close("log_partition", exact_log_partition(e), 3.9461939306328366);
    const ExactMoments moments = exact_moments(e);
    for (std::size_t i = 0; i + 1 < 5; ++i)
      close("nearest correlation", moments.pair_mean(i, i + 1), 0.46211715726000974);
  }
}

// conformance/closed_forms.json, potts_open_chain: q = 3, n = 5, J = 0.7, E = −J Σ δ(s_i, s_{i+1}).
BOOST_AUTO_TEST_CASE_TEMPLATE(open_potts_chain, T, Precisions) {
  auto close = Closeness::of<T>("closed_forms, open Potts chain");
  const AnyEnergy<T> sparse = started(make_potts<T>(lattice<PottsOptions>({5}, false, 0.7)));
  for (const AnyEnergy<T>& e : {sparse, dense(sparse)})
    close("log_partition", exact_log_partition(e), 6.657518852548977);
}

// conformance/closed_forms.json, curie_weiss_10 at J = 1: E = −(1/n) Σ_{i<j} s_i s_j is one stored pattern,
// up to turned spins, and the complete graph by its edges.
BOOST_AUTO_TEST_CASE_TEMPLATE(curie_weiss_is_one_stored_pattern, T, Precisions) {
  constexpr std::size_t n = 10;
  constexpr double log_z = 7.37514367268883, mean_m2 = 0.3469438826947224;
  auto close = Closeness::of<T>("closed_forms, Curie-Weiss as a memory");
  const Batch<T> pattern = matrix<T>({1, -1, -1, 1, 1, 1, -1, 1, -1, -1}, n);
  AnyEnergy<T> memory(make_hopfield<T>({n}));
  store(StorageRule::hebbian, pattern, memory);
  const ExactMoments moments = exact_moments(memory);
  double m2 = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      m2 += double(pattern(0, i)) * double(pattern(0, j)) * moments.pair_mean(i, j) / double(n * n);
  close("log_partition of the memory", moments.log_partition, log_z);
  close("mean m^2 along the pattern", m2, mean_m2);
  std::vector<std::int64_t> ends;
  for (std::int64_t i = 0; i < std::int64_t(n); ++i)
    for (std::int64_t j = 0; j < i; ++j) ends.insert(ends.end(), {i, j});
  close("log_partition by edges", exact_log_partition(on_edges<T>(UnitKind::spin, n, ends, 0.1)), log_z);
}

// Z = (2 cosh K)^n + (2 sinh K)^n on a ring, and 2 (2 cosh K)^(n − 1) on an open chain.
BOOST_AUTO_TEST_CASE_TEMPLATE(rings_and_chains_of_any_length, T, Precisions) {
  auto close = Closeness::of<T>("transfer matrix of rings");
  for (const double K : {0.3, -0.8})
    for (const std::int64_t n : {3, 4, 7, 12}) {
      const double ring = std::pow(2 * std::cosh(K), double(n)) + std::pow(2 * std::sinh(K), double(n)),
                   chain = 2 * std::pow(2 * std::cosh(K), double(n - 1));
      close("ring", exact_log_partition(started(make_ising<T>(lattice({n}, true, K)))), std::log(ring));
      close("chain", exact_log_partition(started(make_ising<T>(lattice({n}, false, K)))), std::log(chain));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(small_lattices_against_all_states, T, Precisions) {
  auto close = Closeness::of<T>("lattices against all states");
  const std::vector<Size> sizes{{1},    {2},       {7},       {1, 5},    {2, 2},
                                {3, 4}, {2, 2, 2}, {3, 2, 2}, {2, 3, 2}, {1, 3, 3}};
  for (const Size& size : sizes)
    for (const bool periodic : {false, true}) {
      IsingOptions o = lattice(size, periodic, 0.37);
      o.field = -0.21;
      const Sum expected = sum_over_states(o, o.field, 0);
      const ExactMoments moments = exact_moments(started(make_ising<T>(o)));
      const std::string at =
          " of " + std::to_string(o.sites()) + " spins" + (periodic ? ", periodic" : ", open");
      close("log_partition" + at, moments.log_partition, expected.log_partition);
      close("mean_energy" + at, moments.mean_energy, expected.mean_energy);
      if (o.sites() != 1) close("mean bond sum" + at, bond_sum(o, moments), expected.mean_bond_sum);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(small_potts_lattices_against_all_states, T, Precisions) {
  auto close = Closeness::of<T>("Potts lattices against all states");
  const std::vector<std::pair<std::uint32_t, Size>> lattices{
      {3, {5}}, {4, {4}}, {3, {2, 3}}, {2, {2, 2, 2}}, {3, {1, 3, 2}}};
  for (const auto& [q, size] : lattices)
    for (const bool periodic : {false, true}) {
      PottsOptions o = lattice<PottsOptions>(size, periodic, 0.55);
      o.q = q;
      const Sum expected = sum_over_states(o, 0, q);
      const ExactMoments moments = exact_moments(started(make_potts<T>(o)));
      const std::string at = " of q " + std::to_string(q) + (periodic ? ", periodic" : ", open");
      close("log_partition" + at, moments.log_partition, expected.log_partition);
      close("mean_energy" + at, moments.mean_energy, expected.mean_energy);
      double aligned = 0;
      for (const auto& [i, j] : o.edges())
        for (std::size_t k = 0; k < q; ++k) aligned += moments.pair_mean(i * q + k, j * q + k);
      close("mean bond sum" + at, aligned, expected.mean_bond_sum);
    }
}

BOOST_AUTO_TEST_SUITE_END()
