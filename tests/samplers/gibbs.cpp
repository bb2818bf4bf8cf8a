#include "samplers/gibbs.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

/// The same energy with nothing but its one required method: sites are then drawn one by one, from energies.
class EnergiesOnly {
 public:
  using real_type = double;
  explicit EnergiesOnly(const AnyEnergy<double>& e) : e_(&e) {}
  const StateSpace& space() const { return e_->space(); }
  void energy(const State<double>& x, std::span<double> out) const { e_->energy(x, out); }

 private:
  const AnyEnergy<double>* e_;
};

/// Without the couplings between panels: the mistake that the comparison below must see.
AnyEnergy<double> panels_apart(AnyEnergy<double> e) {
  Batch<double>& J = e.parameters().find("J")->value;
  for (std::size_t i = 0; i < J.shape(0); ++i)
    for (std::size_t j = 0; j < J.shape(1); ++j)
      if (i / panel_sites != j / panel_sites) J(i, j) = 0;
  return e;
}

State<double> after_sweeps(const auto& e, std::size_t chains) {
  const Gibbs<double> gibbs;
  const random::Draws draws(random::Key{20240311});
  auto state = gibbs.init(e, State<double>(e.space(), chains), 5, 0);
  for (int k = 0; k < 3; ++k) gibbs.step(e, state, draws);
  return gibbs.chains(state).x;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gibbs)

BOOST_AUTO_TEST_CASE(panels_give_what_a_scan_site_by_site_gives) {
  for (const std::string units : {"bernoulli", "spin"})
    for (const std::size_t chains : {1u, 17u}) {
      // More than two panels, the last one short; a second block's field comes from outside.
      const AnyEnergy<double> e = build_model(
          {"boltzmann_machine", "visible: 131, hidden: 3, couplings: [vv, vh], units: " + units}, 131);
      const State<double> panels = after_sweeps(e, chains), sites = after_sweeps(EnergiesOnly(e), chains);
      BOOST_TEST((panels == sites), units << ", " << chains << " chains");
      BOOST_TEST(!(after_sweeps(panels_apart(e), chains) == sites));
      BOOST_TEST((panels.factor(0).ones != nullptr)); // and the bits are known
    }
}

BOOST_AUTO_TEST_CASE(means_come_with_the_last_draw) {
  const AnyEnergy<double> e = build_model({"rbm", "visible: 70, hidden: 9"}, 70);
  const Gibbs<double> sampler;
  const random::Draws draws(random::Key{20240312});
  auto state = sampler.init(e, State<double>(e.space(), 4), 0, 0);
  sampler.step(e, state, draws);
  BOOST_TEST(!state.means.known);
  state.means.block = 1;
  sampler.step(e, state, draws);
  BOOST_REQUIRE(state.means.known);
  Batch<double> eta = make_batch<double>(4, 9), means = eta;
  e.block_natural(state.x, 1, eta);
  unit_means(e.space()[1], eta, means);
  for (std::size_t i = 0; i < means.size(); ++i)
    BOOST_TEST(std::abs(means.data()[i] - state.means.values.data()[i]) < 1e-14);
  state.means.block = 0; // drawn, but not last: its law has changed since
  sampler.step(e, state, draws);
  BOOST_TEST(!state.means.known);
}

BOOST_AUTO_TEST_SUITE_END()
