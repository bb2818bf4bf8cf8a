// Update rules against numbers worked out by hand.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/numerics.hpp"
#include "ebm/learning/optimizer.hpp"

BOOST_AUTO_TEST_SUITE(optimizers)

using namespace ebm;

namespace {

/// One weight and one bias.
Parameters<double> pair(double weight, double bias) {
  Parameters<double> p;
  p.add("W", ParameterRole::weight, {1}).value(0, 0) = weight;
  p.add("b", ParameterRole::bias, {1}).value(0, 0) = bias;
  return p;
}

} // namespace

BOOST_AUTO_TEST_CASE(momentum_accumulates_gradients) {
  OptimizerOptions o;
  o.momentum = 0.5;
  const Optimizer<double> optimizer(o);
  Parameters<double> theta = pair(1, 2);
  auto state = optimizer.init(theta);
  for (int k = 0; k < 2; ++k) {
    Parameters<double> g = pair(0.2, -0.4);
    optimizer.update(theta, g, 0.1, state);
  }
  // m = g, then 1.5 g: theta moves by 0.1 · 2.5 g.
  BOOST_TEST(std::abs(theta[0].value(0, 0) - (1 - 0.1 * 2.5 * 0.2)) < 1e-15);
  BOOST_TEST(std::abs(theta[1].value(0, 0) - (2 + 0.1 * 2.5 * 0.4)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(decay_touches_weights_only) {
  OptimizerOptions o;
  o.l1 = 0.01;
  o.l2 = 0.1;
  const Optimizer<double> optimizer(o);
  Parameters<double> theta = pair(-2, 3), g = pair(0, 0);
  auto state = optimizer.init(theta);
  optimizer.update(theta, g, 0.5, state);
  BOOST_TEST(std::abs(theta[0].value(0, 0) - (-2 + 0.5 * (0.1 * 2 + 0.01))) < 1e-15);
  BOOST_TEST(theta[1].value(0, 0) == 3.0);
}

BOOST_AUTO_TEST_CASE(adam_follows_its_paper) {
  OptimizerOptions o;
  o.kind = OptimizerKind::adam;
  const Optimizer<double> optimizer(o);
  Parameters<double> theta = pair(0, 0);
  auto state = optimizer.init(theta);
  double m = 0, v = 0, x = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.3 * t - 0.7;
    Parameters<double> gradient = pair(g, g);
    optimizer.update(theta, gradient, 0.01, state);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    x -= 0.01 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
  }
  BOOST_TEST(std::abs(theta[0].value(0, 0) - x) < 1e-14);
}

BOOST_AUTO_TEST_CASE(schedules_go_from_the_first_rate_to_the_last) {
  OptimizerOptions o;
  o.lr = 0.1;
  o.final_lr = 0.001;
  BOOST_TEST(learning_rate(o, 50, 100) == 0.1);
  o.schedule = Schedule::linear;
  BOOST_TEST(learning_rate(o, 0, 100) == 0.1);
  BOOST_TEST(std::abs(learning_rate(o, 50, 100) - 0.0505) < 1e-15);
  o.schedule = Schedule::exponential;
  BOOST_TEST(learning_rate(o, 0, 100) == 0.1);
  BOOST_TEST(std::abs(learning_rate(o, 50, 100) - 0.01) < 1e-15);
  BOOST_TEST(std::abs(learning_rate(o, 100, 100) - 0.001) < 1e-15);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_named) {
  const auto message = [](double value, double gradient, OptimizerOptions o) -> std::string {
    Parameters<double> theta = pair(1, value), g = pair(0, gradient);
    const Optimizer<double> optimizer(o);
    auto state = optimizer.init(theta);
    try {
      optimizer.update(theta, g, 0.1, state);
    } catch (const DivergenceError& e) {
      return e.what();
    }
    return "";
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), huge = 1e300;
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    OptimizerOptions o;
    o.kind = kind;
    BOOST_TEST(message(1, nan, o) == "the gradient of 'b' is not finite");
    BOOST_TEST(message(1, ebm::infinity, o) == "the gradient of 'b' is not finite");
    BOOST_TEST(message(nan, 1, o) == "the parameter array 'b' is not finite");
    BOOST_TEST(message(huge, 1, o) == "");
  }
}

BOOST_AUTO_TEST_CASE(arrays_of_many_pieces_move_as_single_elements_do) {
  const std::size_t n = 3 * (std::size_t(1) << 14) + 7; // three full pieces and a rest
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    OptimizerOptions o;
    o.kind = kind;
    o.momentum = 0.5;
    o.l2 = 0.1;
    const Optimizer<float> optimizer(o);
    Parameters<float> theta, single;
    all(theta.add("W", ParameterRole::weight, {n}).value)[n - 1] = 2;
    single.add("W", ParameterRole::weight, {1}).value(0, 0) = 2;
    Parameters<float> g = theta, g_single = single;
    auto state = optimizer.init(theta), own = optimizer.init(single);
    for (int k = 0; k < 2; ++k) {
      optimizer.update(theta, g, 0.1, state);
      optimizer.update(single, g_single, 0.1, own);
    }
    BOOST_TEST(all(theta[0].value)[n - 1] == single[0].value(0, 0));
    BOOST_TEST(single[0].value(0, 0) != 2.0f);
    BOOST_TEST(std::ranges::count(all(theta[0].value), 0.0f) == std::ptrdiff_t(n - 1));
    for (const std::size_t at : {std::size_t(0), n / 2, n - 1}) {
      Parameters<float> bad = g;
      all(bad[0].value)[at] = std::numeric_limits<float>::quiet_NaN();
      BOOST_CHECK_THROW(optimizer.update(theta, bad, 0.1, state), DivergenceError);
      theta[0].value.fill(0);
      state = optimizer.init(theta);
    }
  }
}

// The gradient (3, 4) has the norm 5; of pairs that move together only one counts.
BOOST_AUTO_TEST_CASE(a_long_gradient_is_clipped) {
  OptimizerOptions o;
  const auto moved = [&](double clip, bool symmetric) {
    o.clip = clip;
    o.l2 = 0.1; // of the weight 1: decay is not clipped
    Parameters<double> theta = pair(1, 0), g = pair(3, 4);
    if (symmetric) {
      theta = Parameters<double>();
      theta.add("J", ParameterRole::weight, {2, 2}).symmetric = true;
      theta.add("b", ParameterRole::bias, {1});
      g = theta;
      g[0].value(0, 1) = g[0].value(1, 0) = 3;
      g[1].value(0, 0) = 4;
    }
    const Optimizer<double> optimizer(o);
    auto state = optimizer.init(theta);
    optimizer.update(theta, g, 1, state);
    return std::pair(all(theta[0].value)[symmetric ? 1 : 0], theta[1].value(0, 0));
  };
  BOOST_TEST(std::abs(moved(2.5, false).first - (1 - 1.5 - 0.1)) < 1e-15);
  BOOST_TEST(std::abs(moved(2.5, false).second + 2) < 1e-15);
  BOOST_TEST(std::abs(moved(2.5, true).first + 1.5) < 1e-15);
  BOOST_TEST(std::abs(moved(2.5, true).second + 2) < 1e-15);
  BOOST_TEST(moved(5.1, false).second == -4);
}

BOOST_AUTO_TEST_CASE(clipping_leaves_the_blame_where_it_belongs) {
  OptimizerOptions o;
  o.clip = 1;
  const Optimizer<double> optimizer(o);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), ebm::infinity}) {
    Parameters<double> theta = pair(1, 1), g = pair(1, bad);
    auto state = optimizer.init(theta);
    const auto names_b = [](const DivergenceError& e) {
      return std::string(e.what()) == "the gradient of 'b' is not finite";
    };
    BOOST_CHECK_EXCEPTION(optimizer.update(theta, g, 0.1, state), DivergenceError, names_b);
  }
}

// Columns (3, 4), (0.3, 0.4) and (0, 0) of the weights from block 0 into block 1.
BOOST_AUTO_TEST_CASE(weights_into_a_unit_keep_to_a_norm) {
  OptimizerOptions o;
  o.max_norm = 2;
  const Optimizer<double> optimizer(o);
  Parameters<double> theta;
  auto& W = theta.add("W", ParameterRole::weight, {2, 3});
  const std::vector<double> before{3, 0.3, 0, 4, 0.4, 0}, after{1.2, 0.3, 0, 1.6, 0.4, 0};
  std::ranges::copy(before, W.value.data());
  W.row_block = 0;
  W.column_block = 1;
  auto& J = theta.add("J", ParameterRole::weight, {2, 2}); // within a block: left alone
  J.value(0, 1) = J.value(1, 0) = 7;
  J.symmetric = true;
  J.row_block = J.column_block = 0;
  Parameters<double> g = theta;
  g.fill(0);
  auto state = optimizer.init(theta);
  optimizer.update(theta, g, 0.1, state);
  for (std::size_t i = 0; i < after.size(); ++i)
    BOOST_TEST(std::abs(theta[0].value.data()[i] - after[i]) < 1e-15);
  BOOST_TEST(theta[1].value(0, 1) == 7);
}

BOOST_AUTO_TEST_CASE(momentum_switches_after_some_epochs) {
  OptimizerOptions o;
  o.final_momentum = 0.9; // from none: the sum of gradients is kept all the same
  o.momentum_switch = 2;
  BOOST_TEST(momentum_in(o, 1) == 0.0);
  BOOST_TEST(momentum_in(o, 2) == 0.9);
  const Optimizer<double> optimizer(o);
  Parameters<double> theta = pair(0, 0);
  auto state = optimizer.init(theta);
  for (const std::uint64_t epoch : {0u, 1u, 2u, 3u}) {
    Parameters<double> g = pair(1, 0);
    optimizer.update(theta, g, 1, state, epoch);
  }
  // m is 1, 1, 0.9 + 1 and 0.9 · 1.9 + 1
  BOOST_TEST(std::abs(theta[0].value(0, 0) + 1 + 1 + 1.9 + 2.71) < 1e-14);
}

BOOST_AUTO_TEST_CASE(arrays_may_have_a_decay_of_their_own) {
  OptimizerOptions o;
  o.l2 = 0.1;
  o.decay = {{"W", 0}, {"b", 0.5}};
  const Optimizer<double> optimizer(o);
  Parameters<double> theta = pair(2, 2), g = pair(0, 0);
  auto state = optimizer.init(theta);
  optimizer.update(theta, g, 1, state);
  BOOST_TEST(theta[0].value(0, 0) == 2.0);
  BOOST_TEST(theta[1].value(0, 0) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
