// Samplers leave clamped blocks alone and sample the conditional law.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/adaptors/clamped.hpp"
#include "ebm/laws/energy_laws.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(clamped_blocks)

using namespace ebm;
using namespace ebm::tests;

BOOST_AUTO_TEST_CASE(clamped_values_stay_for_every_sampler) {
  for (const Variant& model : {Variant{"rbm", "hidden: 3"}, Variant{"boltzmann_machine", "hidden: 3"},
                               Variant{"gaussian_mixture", "components: 3"}}) {
    const AnyEnergy<double> e = build_model(model, 4);
    const AnyEnergy<double> clamped(Clamped(e, e.space().with_visible_clamped()));
    const State<double> start = laws::random_state(e.space(), 50, {1});
    for (const Variant& v : sampler_variants()) {
      const AnySampler<double> sampler = build_sampler(v);
      if (sampler.check(clamped)) continue;
      auto state = sampler.init(clamped, start, 0, 0);
      for (int k = 0; k < 4; ++k) sampler.step(clamped, state, random::Draws({2}));
      const State<double>& x = sampler.chains(state).x;
      BOOST_TEST(std::ranges::equal(all(x[0]), all(start[0])), model.name() << " " << v.name());
      BOOST_TEST(!std::ranges::equal(all(x[1]), all(start[1])), model.name() << " " << v.name());
    }
  }
}

BOOST_AUTO_TEST_CASE(langevin_given_a_component_samples_that_component) {
  AnyEnergy<double> e = build_model({"gaussian_mixture", "components: 2"}, 1);
  Parameters<double>& p = e.parameters();
  p.fill(0);
  p.find("W")->value(0, 0) = -3;
  p.find("W")->value(0, 1) = 3;
  StateSpace space({e.space()[0], e.space()[1]});
  Block component = space[1];
  component.clamped = true;
  const AnyEnergy<double> given(Clamped(e, StateSpace({space[0], component})));
  const AnySampler<double> sampler = build_sampler({"langevin", "adjusted: true, step_size: 0.8"});
  constexpr std::size_t chains = 4000;
  auto state = sampler.init(given, State<double>(e.space(), chains), 0, 0); // component 0, y = 0
  for (int k = 0; k < 60; ++k) sampler.step(given, state, random::Draws({5}));
  const State<double>& x = sampler.chains(state).x;
  double mean = 0;
  for (std::size_t c = 0; c < chains; ++c) {
    mean += x[0](c, 0) / double(chains);
    BOOST_TEST_REQUIRE(x[1](c, 0) == 1.0);
  }
  BOOST_TEST(std::abs(mean + 3) < 4.5 / std::sqrt(double(chains)));
}

BOOST_AUTO_TEST_SUITE_END()
