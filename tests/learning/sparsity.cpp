// The sparsity target, by numbers worked out by hand and in learning.
#include <boost/test/unit_test.hpp>

#include "ebm/learning/trainer.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(sparsity_target)

using namespace ebm;
using namespace ebm::tests;

namespace {

Parameters<double> zero_like(const AnyEnergy<double>& e) {
  Parameters<double> g = e.parameters();
  g.fill(0);
  return g;
}
bool near(double a, double b) {
  return std::abs(a - b) < 1e-15;
}

} // namespace

BOOST_AUTO_TEST_CASE(latent_biases_and_weights_are_pushed_towards_it) {
  const AnyEnergy<double> e = build_model({"rbm", "visible: 2, hidden: 1"}, 2);
  const Sparsity<double> sparsity({0.1, 0.5, 0.9});
  auto state = sparsity.init(e);
  Parameters<double> g = zero_like(e);
  sparsity.add_to(g, e, {{0.5, 0.25}, {0.4}}, state); // q = 0.4
  BOOST_TEST(near(g.find("hidden_bias")->value(0, 0), 0.5 * 0.3));
  BOOST_TEST(near(g.find("W")->value(0, 0), 0.5 * 0.3 * 0.5));
  BOOST_TEST(near(g.find("W")->value(1, 0), 0.5 * 0.3 * 0.25));
  BOOST_TEST(g.find("visible_bias")->value(0, 0) == 0);
  g.fill(0);
  sparsity.add_to(g, e, {{1, 0}, {0.2}}, state); // q = 0.9 · 0.4 + 0.1 · 0.2
  BOOST_TEST(near(g.find("hidden_bias")->value(0, 0), 0.5 * 0.28));
  BOOST_TEST(near(g.find("W")->value(0, 0), 0.5 * 0.28));
  BOOST_TEST(g.find("W")->value(1, 0) == 0);
}

BOOST_AUTO_TEST_CASE(couplings_among_latents_stay_as_they_are) {
  for (const Variant& m : {Variant{"dbm", "visible: 2, hidden: [2, 1]"},
                           Variant{"boltzmann_machine", "visible: 2, hidden: 2, couplings: [vv, vh, hh]"}}) {
    const AnyEnergy<double> e = build_model(m, 2);
    const Sparsity<double> sparsity({0.1, 0.5, 0.9});
    auto state = sparsity.init(e);
    BlockMeans means;
    set_zero(e.space(), means);
    for (std::vector<double>& block : means) block.assign(block.size(), 0.5);
    Parameters<double> g = zero_like(e);
    sparsity.add_to(g, e, means, state);
    for (const auto& a : g) {
      const bool latent_bias = a.role == ParameterRole::bias && e.space()[*a.column_block].latent();
      const bool incoming = a.row_block == 0u && a.column_block == 1u;
      const double expected = latent_bias ? 0.5 * 0.4 : incoming ? 0.5 * 0.4 * 0.5 : 0;
      for (const double v : all(a.value)) BOOST_TEST(near(v, expected), m.name() << ", " << a.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(targets_that_units_cannot_have_are_refused) {
  const auto why = [](double target, const char* type, const char* options) {
    return Sparsity<double>({target, 0.1, 0.9}).check(build_model({type, options}, 2)).value_or("");
  };
  BOOST_TEST(why(0.1, "rbm", "hidden: 2") == "");
  BOOST_TEST(
      why(1.5, "rbm", "hidden: 2") ==
      "trainer.sparsity.target must be between 0 and 1 for the bernoulli units of block 'hidden', got 1.5");
  BOOST_TEST(why(-0.5, "rbm", "hidden: 2, units: spin") == "");
  BOOST_TEST(why(1.5, "rbm", "visible: 2, hidden: {size: 2, units: binomial, n: 2}") == "");
  BOOST_TEST(why(1, "rbm", "visible: 2, hidden: {size: 2, units: categorical, q: 3}") != "");
  BOOST_TEST(why(3, "rbm", "visible: 2, hidden: {size: 2, units: noisy_relu}") == "");
  BOOST_TEST(why(0.1, "boltzmann_machine", "visible: 2") ==
             "trainer.sparsity is for latent units with biases, and this model has none");
}

// Exact learning of four patterns by eight hidden units: with a large cost their mean activity comes close.
BOOST_AUTO_TEST_CASE(learned_activities_come_close_to_it) {
  const random::Draws draws(random::Key{20240503});
  Batch<double> rows = make_batch<double>(4, 4);
  for (std::size_t i = 0; i < 4; ++i) rows(i, i) = 1;
  const auto activity = [&](std::optional<SparsityOptions> sparsity, GradientKind kind) {
    AnyEnergy<double> e = build_model({"rbm", "visible: 4, hidden: 8"}, 4);
    TrainerOptions o;
    o.optimizer.lr = 0.1;
    o.sparsity = sparsity;
    o.centering.kind = kind;
    const Trainer<double> trainer(estimators(sampler_variants()[0], 1).back().estimator, o, 4,
                                  [&](std::uint64_t) -> const Batch<double>& { return rows; });
    auto state = trainer.init(e, draws);
    for (int t = 0; t < 500; ++t) trainer.step(e, state, draws);
    State<double> x(e.space(), 4);
    Rows<double>{&rows, {}}.copy_to(e.space(), 0, x);
    Batch<double> eta, means;
    derive::conditional_means(e, x, 1, eta, means);
    double largest = 0;
    for (std::size_t j = 0; j < 8; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < 4; ++i) sum += means(i, j) / 4;
      largest = std::max(largest, std::abs(sum - 0.2));
    }
    return largest;
  };
  for (const GradientKind kind : {GradientKind::ordinary, GradientKind::centred}) {
    BOOST_TEST(activity(SparsityOptions{0.2, 5, 0.9}, kind) < 0.02);
    BOOST_TEST(activity(std::nullopt, kind) > 0.2);
  }
}

BOOST_AUTO_TEST_SUITE_END()
