// Given the values of some sites, the others follow the conditional law of the whole machine.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/adaptors/conditioned.hpp"
#include "ebm/laws/resume_laws.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "tests/adaptors/conditioned_support.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(conditioned)

using namespace ebm;
using namespace ebm::laws;
using namespace ebm::tests;

namespace {

constexpr random::Key key{20240229};

/// The ways to fix sites that the laws are tried with: single sites, all but one of a block, whole blocks.
std::vector<FixedSites> ways(const StateSpace& space) {
  FixedSites first(space.size()), all_but_last(space.size());
  std::size_t cut = 0;
  for (BlockId b = 0; b < space.size(); ++b) {
    const std::size_t n = space[b].sites;
    if (n < 2) continue;
    first[b].assign(n, false);
    first[b][0] = true;
    all_but_last[b].assign(n, true);
    all_but_last[b][n - 1] = false;
    ++cut;
  }
  std::vector<FixedSites> all;
  if (cut != 0) all = {first, all_but_last};
  for (BlockId b = 0; b < space.size() && space.size() > 1; ++b) {
    FixedSites whole(space.size());
    whole[b].assign(space[b].sites, true);
    all.push_back(whole);
  }
  return all;
}

void check(const Report& r, const std::string& what, std::size_t& passed) {
  BOOST_TEST(!r.failed(), what << ": " << r.worst << " against " << r.bound << " (" << r.message << ")");
  passed += r.passed();
}

/// Energy laws for a machine given one configuration of fixed values.
void check_energy_laws(const AnyEnergy<double>& e, const FixedSites& fixed, std::size_t& passed) {
  const State<double> values = random_state(e.space(), 1, key);
  const AnyEnergy<double> given(Conditioned(e, values, fixed));
  check(conditional_energy_identity(given, key), "law 1", passed);
  check(fast_equals_derived(given, key), "law 2", passed);
  check(gradients_are_differences(given, key), "law 3", passed);
  check(free_energy_is_log_sum(given, key), "law 4", passed);
  check(linear_in_block(given, key), "linear in latents", passed);
  check(splitting_changes_nothing(given, key), "law 5", passed);
}

/// The model; a lattice gets couplings of many values, where the registered ones are all equal.
AnyEnergy<double> build_uneven(const Variant& v, std::size_t columns) {
  AnyEnergy<double> e = build_model(v, columns);
  if (supports(e, Capability::self_coupling, 0) && e.self_coupling(0).graph != nullptr)
    random::Draws(key).normals({random::Stream::law, 9, 0, 0}, e.parameters().find("J")->value);
  return e;
}

/// A torus of 3 x 4 spins and one of 2 x 3 Potts spins, with random parameters.
std::vector<BlockBoltzmann<double>> lattices() {
  IsingOptions ising;
  ising.size = {3, 4};
  PottsOptions potts;
  potts.size = {2, 3};
  std::vector<BlockBoltzmann<double>> all{make_ising<double>(ising), make_potts<double>(potts)};
  for (BlockBoltzmann<double>& m : all)
    for (std::size_t k = 0; k < m.parameters().size(); ++k)
      random::Draws(key).normals({random::Stream::law, k, 0, 0}, m.parameters()[k].value);
  return all;
}

/// The same machine with its couplings as a dense matrix.
BlockBoltzmann<double> dense_twin(const BlockBoltzmann<double>& sparse) {
  BlockBoltzmann<double> dense(sparse.space(), {{0, 0, "J"}});
  const Block& block = sparse.space()[0];
  dense.parameters()[0].value = sparse.parameters()[0].value;
  dense.parameters()[1].value = sparse.self_coupling(0).matrix(block.columns(), block.width());
  return dense;
}

/// Ways to fix sites of a lattice: some with free neighbours, ones that leave no edge, all but one, none.
std::vector<FixedSites> ways_of_lattice(std::size_t sites) {
  std::vector<bool> line(sites), alternate(sites), most(sites, true);
  for (std::size_t j = 0; j < sites; ++j) {
    line[j] = j == 1 || j == 2;
    alternate[j] = j != 0 && j != sites - 2;
  }
  most[1] = false;
  return {{line}, {alternate}, {most}, {{}}};
}

/// log Z and the moments of the free sites are the same for both machines.
void check_sums(const BlockBoltzmann<double>& sparse, const BlockBoltzmann<double>& dense,
                const FixedSites& fixed) {
  const State<double> values = random_state(sparse.space(), 1, key);
  const AnyEnergy<double> a(Conditioned(sparse, values, fixed)), b(Conditioned(dense, values, fixed));
  const ExactMoments of_a = exact_moments(a), of_b = exact_moments(b);
  BOOST_TEST(std::abs(of_a.log_partition - of_b.log_partition) < 1e-12);
  BOOST_TEST(std::abs(of_a.mean_energy - of_b.mean_energy) < 1e-12);
  for (std::size_t i = 0; i < of_a.mean.size(); ++i)
    BOOST_TEST(std::abs(of_a.mean[i] - of_b.mean[i]) < 1e-12);
  for (std::size_t i = 0; i < of_a.pair_mean.size(); ++i)
    BOOST_TEST(std::abs(of_a.pair_mean.data()[i] - of_b.pair_mean.data()[i]) < 1e-12);
  BOOST_TEST(std::abs(exact_log_partition(a) - exact_log_partition(b)) < 1e-12);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_laws_of_energies_hold_for_every_registered_model) {
  std::size_t passed = 0, machines = 0;
  for (const Variant& v : model_variants()) {
    const AnyEnergy<double> e = build_model(v, 3);
    const std::vector<FixedSites> all = ways(e.space());
    for (std::size_t way = 0; way < all.size(); ++way)
      BOOST_TEST_CONTEXT(v.name() << ", way " << way) check_energy_laws(e, all[way], passed);
    machines += !all.empty();
  }
  BOOST_TEST(machines >= 15u);
  BOOST_TEST(passed >= 8 * machines);
}

BOOST_AUTO_TEST_CASE(probabilities_are_those_of_the_whole_machine) {
  for (const Variant& v : {Variant{"rbm", "hidden: 3"}, Variant{"rbm", "hidden: 2, units: spin"},
                           Variant{"boltzmann_machine", "visible: 5"},
                           Variant{"boltzmann_machine", "hidden: 2, couplings: [vv, vh, hh]"},
                           Variant{"boltzmann_machine", "visible: {size: 3, units: categorical, q: 3}"},
                           Variant{"ising", "size: [2, 3]"}, Variant{"potts", "size: [4], q: 3"}}) {
    const AnyEnergy<double> e = build_uneven(v, 4);
    const std::vector<FixedSites> all = ways(e.space());
    for (const FixedSites& fixed : all) {
      const State<double> values = random_state(e.space(), 1, key);
      const std::vector<double> law = exact_law(AnyEnergy<double>(Conditioned(e, values, fixed))),
                                expected = conditional_law(e, values, 0, fixed);
      BOOST_TEST_REQUIRE(law.size() == expected.size(), v.name());
      for (std::size_t i = 0; i < law.size(); ++i)
        BOOST_TEST(std::abs(law[i] - expected[i]) < 1e-13, v.name() << ", state " << i);
    }
  }
}

/// Law 6: one step of the sampler leaves the law that the whole machine has given the fixed values.
BOOST_AUTO_TEST_CASE(every_sampler_leaves_the_conditional_law_invariant) {
  std::size_t passed = 0;
  for (const Variant& v : {Variant{"rbm", "hidden: 2"}, Variant{"boltzmann_machine", "visible: 4"},
                           Variant{"boltzmann_machine", "visible: {size: 3, units: categorical, q: 3}"},
                           Variant{"ising", "size: [4]"}, Variant{"potts", "size: [3], q: 3"}}) {
    const AnyEnergy<double> e = build_uneven(v, 3);
    State<double> values(e.space(), 1);
    set_level(e.space()[0], values.values(0), 0, 0, 1); // a bernoulli unit at 0 would have no field
    const FixedSites fixed = ways(e.space())[0];
    const AnyEnergy<double> given(Conditioned(e, values, fixed));
    for (const Variant& s : sampler_variants()) {
      const AnySampler<double> sampler = build_sampler(s);
      if (sampler.check(given)) continue;
      check(leaves_law_invariant(given, sampler, given), v.name() + " " + s.name(), passed);
    }
    const AnySampler<double> gibbs = build_sampler({"gibbs", ""});
    check(batches_and_counters(given, gibbs, key), v.name(), passed);
    check(sampler_resumes(given, gibbs, key), v.name(), passed);
    if (!given.self_coupling(0)) continue;
    const AnyEnergy<double> broken(WithoutFixedField(e, values, fixed));
    BOOST_TEST(leaves_law_invariant(broken, gibbs, given).failed(), v.name() << " without the fixed field");
  }
  BOOST_TEST(passed >= 15u);
}

BOOST_AUTO_TEST_CASE(each_chain_has_its_own_fixed_values) {
  for (const Variant& v : {Variant{"rbm", "hidden: 3"}, Variant{"boltzmann_machine", "hidden: 3"},
                           Variant{"quadratic", "dimension: 4, correlation: 0.5"}}) {
    const AnyEnergy<double> e = build_model(v, 4);
    const FixedSites fixed = ways(e.space())[0];
    constexpr std::size_t chains = 5;
    const State<double> values = random_state(e.space(), chains, key);
    const Conditioned given(e, values, fixed);
    const State<double> x = random_state(given.space(), chains, random::derive(key, 1));
    State<double> whole;
    given.complete(x, whole);
    BOOST_TEST((given.free_part(whole) == x));
    for (BlockId b = 0; b < e.space().size(); ++b)
      for (std::size_t c = 0; c < chains; ++c)
        for (std::size_t j = 0, free = 0; j < e.space()[b].sites; ++j) {
          const bool kept = !fixed[b].empty() && fixed[b][j];
          BOOST_TEST(whole[b](c, j) == (kept ? values[b](c, j) : x[b](c, free++)));
        }
    for (std::size_t c = 0; c < chains; ++c) {
      State<double> own_values(e.space(), 1), own(given.space(), 1);
      copy_rows(e.space(), values, c, own_values);
      copy_rows(given.space(), x, c, own);
      const Conditioned alone(e, own_values, fixed);
      std::vector<double> together(chains), one(1);
      given.energy(x, together);
      alone.energy(own, one);
      BOOST_TEST(std::abs(together[c] - one[0]) < 1e-13);
      for (BlockId b = 0; b < given.space().size() && supports(given, Capability::self_coupling, b); ++b) {
        Batch<double> eta = make_batch<double>(chains, given.space()[b].natural_columns()),
                      single = make_batch<double>(1, given.space()[b].natural_columns());
        given.block_natural(x, b, eta);
        alone.block_natural(own, b, single);
        for (std::size_t i = 0; i < single.size(); ++i)
          BOOST_TEST(std::abs(eta(c, i) - single(0, i)) < 1e-13);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(sparse_couplings_stay_sparse_and_are_those_of_the_dense_machine) {
  for (const BlockBoltzmann<double>& sparse : lattices()) {
    const BlockBoltzmann<double> dense = dense_twin(sparse);
    const Block& block = sparse.space()[0];
    constexpr std::size_t chains = 5;
    const State<double> values = random_state(sparse.space(), chains, key);
    for (const FixedSites& fixed : ways_of_lattice(block.sites)) {
      const Conditioned a(sparse, values, fixed), b(dense, values, fixed);
      const SelfCoupling<double> J = a.self_coupling(0);
      const std::size_t columns = a.space()[0].columns();
      BOOST_TEST(supports(a, Capability::self_coupling, 0));
      BOOST_TEST_REQUIRE(J.graph != nullptr); // what makes gibbs draw by colours
      BOOST_TEST(J.graph->sites() == a.space()[0].sites);
      BOOST_TEST(J.values->size() == J.graph->edges().size());
      BOOST_TEST_REQUIRE(b.self_coupling(0).dense() != nullptr);
      BOOST_TEST((J.matrix(columns, block.width()) == *b.self_coupling(0).dense()));
      const State<double> x = random_state(a.space(), chains, random::derive(key, 1));
      Batch<double> eta = make_batch<double>(chains, columns), expected = make_batch<double>(chains, columns);
      derive::naturals(a, x, 0, eta);
      derive::naturals(b, x, 0, expected);
      for (std::size_t i = 0; i < eta.size(); ++i)
        BOOST_TEST(std::abs(eta.data()[i] - expected.data()[i]) < 1e-12);
      check_sums(sparse, dense, fixed);
    }
  }
}

/// Energies that fix the same sites at other values have one graph.
BOOST_AUTO_TEST_CASE(free_sites_are_shared) {
  const BlockBoltzmann<double> e = lattices()[0];
  const FixedSites fixed = ways_of_lattice(e.space()[0].sites)[0];
  const auto free = std::make_shared<const FreeSites<BlockBoltzmann<double>>>(e, fixed);
  const State<double> up = random_state(e.space(), 2, key), down = random_state(e.space(), 3, {1});
  const Conditioned a(free, up), b(free, down), alone(e, down, fixed);
  BOOST_TEST(a.self_coupling(0).graph == b.self_coupling(0).graph);
  const State<double> x = random_state(b.space(), 3, {2});
  Batch<double> eta = make_batch<double>(3, b.space()[0].columns()), expected = eta;
  b.block_natural(x, 0, eta);
  alone.block_natural(x, 0, expected);
  BOOST_TEST((eta == expected));
}

BOOST_AUTO_TEST_CASE(nothing_free_is_an_error) {
  const AnyEnergy<double> e = build_model({"rbm", "hidden: 1"}, 2);
  const State<double> values(e.space(), 1);
  BOOST_CHECK_THROW(Conditioned(e, values, FixedSites{{true, true}, {true}}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
