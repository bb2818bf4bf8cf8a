// Gibbs sampling given some sites, against the exact conditional law. Fixed seeds; chains are independent, so
// the standard error of a frequency is known.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/laws/energy_laws.hpp"
#include "tests/adaptors/conditioned_support.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(conditioned_sampling)

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::size_t chains = 40000;

/// The largest deviation of the frequency of a value of the free sites, in standard errors. Chains of even
/// number have the fixed values of row 0, the others those of row 1.
template <class Given>
double worst_deviation(const AnyEnergy<double>& e, const State<double>& two, const FixedSites& fixed) {
  State<double> values(e.space(), chains);
  for (BlockId b = 0; b < e.space().size(); ++b)
    for (std::size_t c = 0; c < chains; ++c) values.copy_chains(b, two, c % 2, 1, c);
  const AnyEnergy<double> given(Given(e, values, fixed));
  const AnySampler<double> gibbs = build_sampler({"gibbs", ""});
  auto state = gibbs.init(given, laws::random_state(given.space(), chains, {1}), 0, 0);
  for (int sweep = 0; sweep < 40; ++sweep) gibbs.step(given, state, random::Draws({2}));
  const State<double>& x = gibbs.chains(state).x;
  double worst = 0;
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<double> law = conditional_law(e, two, row, fixed);
    std::vector<double> counts(law.size());
    for (std::size_t c = row; c < chains; c += 2) {
      std::size_t number = 0, weight = 1;
      for (BlockId b = 0; b < given.space().size(); ++b)
        for (SiteId j = 0; j < given.space()[b].sites; ++j, weight *= given.space()[b].levels())
          number += weight * level_of(given.space()[b], x[b], c, j);
      ++counts[number];
    }
    for (std::size_t i = 0; i < law.size(); ++i) {
      const double n = double(chains) / 2;
      worst = std::max(worst, std::abs(counts[i] / n - law[i]) / std::sqrt(law[i] * (1 - law[i]) / n));
    }
  }
  return worst;
}

/// Two different configurations to take fixed values from.
State<double> opposites(const StateSpace& space) {
  State<double> two(space, 2);
  for (BlockId b = 0; b < space.size(); ++b)
    for (SiteId j = 0; j < space[b].sites; ++j) set_level(space[b], two.values(b), 1, j, 1);
  return two;
}

} // namespace

BOOST_AUTO_TEST_CASE(gibbs_samples_the_free_sites_given_the_fixed_ones) {
  for (const Variant& v : {Variant{"rbm", "hidden: 3"}, Variant{"boltzmann_machine", "visible: 4"},
                           Variant{"boltzmann_machine", "visible: 4, units: spin"},
                           Variant{"ising", "size: [4]"}, Variant{"potts", "size: [4], q: 3"}}) {
    const AnyEnergy<double> e = build_model(v, 4);
    FixedSites fixed(e.space().size());
    fixed[0] = {true, false, true, false};
    const double worst = worst_deviation<Conditioned<AnyEnergy<double>>>(e, opposites(e.space()), fixed);
    BOOST_TEST(worst < 4.5, v.name() << ": " << worst << " standard errors off");
    if (!supports(e, Capability::self_coupling, 0)) continue;
    const double broken = worst_deviation<WithoutFixedField>(e, opposites(e.space()), fixed);
    BOOST_TEST(broken > 4.5, v.name() << ": a broken twin is only " << broken << " standard errors off");
  }
}

BOOST_AUTO_TEST_SUITE_END()
