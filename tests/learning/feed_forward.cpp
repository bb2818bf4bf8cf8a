// Gradients of feed-forward nets against central differences and a backpropagation written plainly; the same
// bits for any number of threads.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/learning/feed_forward.hpp"
#include "ebm/random/draws.hpp"

using namespace ebm;

namespace {

constexpr Activation logistic = Activation::sigmoid, softmax = Activation::softmax,
                     linear = Activation::linear, relu = Activation::relu;

const random::Draws draws(random::Key{11});

template <class T> void fill_normals(std::uint64_t number, double scale, Batch<T>& x) {
  draws.derived(number).normals({random::Stream::law, 0, 0, 0}, x);
  for (T& v : all(x)) v *= T(scale);
}

template <class T> FeedForward<T> random_net(std::size_t inputs, std::vector<Layer> layers) {
  FeedForward<T> net(inputs, std::move(layers));
  for (std::size_t k = 0; k < net.parameters().size(); ++k)
    fill_normals(k, k % 2 == 0 ? 0.4 : 0.7, net.parameters()[k].value);
  return net;
}

template <class T> Batch<T> random_inputs(std::size_t rows, std::size_t columns) {
  Batch<T> x = make_batch<T>(rows, columns);
  fill_normals(100, 1, x);
  return x;
}

/// Targets that suit the loss: probabilities for softmax, values in (0, 1) for sigmoid, any for linear.
template <class T> Batch<T> random_targets(Activation loss, std::size_t rows, std::size_t columns) {
  Batch<T> t = make_batch<T>(rows, columns);
  if (loss == linear) {
    fill_normals(101, 2, t);
    return t;
  }
  draws.uniforms({random::Stream::law, 1, 0, 0}, t);
  if (loss == softmax)
    for (std::size_t i = 0; i < rows; ++i) {
      T sum = 0;
      for (const T v : row(t, i)) sum += v;
      for (T& v : row(t, i)) v /= sum;
    }
  return t;
}

template <class T>
Parameters<T> gradient(const FeedForward<T>& net, const Batch<T>& x, const Batch<T>& t, double weight = 1) {
  Parameters<T> g = net.parameters();
  g.fill(T(0));
  net.add_loss_gradient(x, t, weight, g);
  return g;
}

double largest(const Parameters<double>& p) {
  double m = 0;
  for (const auto& array : p)
    for (const double v : all(array.value)) m = std::max(m, std::abs(v));
  return m;
}

/// Largest difference from central differences of the loss, relative to the largest derivative.
double gradient_error(FeedForward<double> net, const Batch<double>& x, const Batch<double>& t,
                      const Parameters<double>& g) {
  constexpr double step = 1e-5;
  double error = 0;
  for (std::size_t k = 0; k < g.size(); ++k)
    for (std::size_t i = 0; i < g[k].value.size(); ++i) {
      double& theta = net.parameters()[k].value.data()[i];
      const double middle = theta;
      theta = middle + step;
      const double above = net.loss(x, t);
      theta = middle - step;
      const double below = net.loss(x, t);
      theta = middle;
      error = std::max(error, std::abs((above - below) / (2 * step) - g[k].value.data()[i]));
    }
  return error / largest(g);
}

constexpr double gradient_tolerance = 1e-8;

template <class T> double difference(const Parameters<double>& a, const Parameters<T>& b) {
  double d = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t i = 0; i < a[k].value.size(); ++i)
      d = std::max(d, std::abs(a[k].value.data()[i] - double(b[k].value.data()[i])));
  return d / largest(a);
}

const std::vector<std::vector<Layer>> hidden_layers{{},
                                                    {{5, logistic}},
                                                    {{6, relu}},
                                                    {{4, softmax}},
                                                    {{5, logistic}, {3, linear}},
                                                    {{4, relu}, {5, softmax}}};

/// Every hidden stack under every loss.
template <class F> void for_each_net(F f) {
  for (const Activation loss : {softmax, logistic, linear})
    for (std::vector<Layer> layers : hidden_layers) {
      layers.push_back({3, loss});
      BOOST_TEST_CONTEXT("loss " << int(loss) << ", " << layers.size() << " layers, the first "
                                 << int(layers[0].activation))
      f(layers, loss);
    }
}

/// The gradient of a net with one sigmoid layer below a softmax layer, element by element; a broken twin
/// leaves the derivative of the hidden units out.
Parameters<double> plain_gradient(const FeedForward<double>& net, const Batch<double>& x,
                                  const Batch<double>& t, bool with_derivative) {
  const auto& p = net.parameters();
  Parameters<double> g = p;
  g.fill(0);
  const std::size_t hidden = p[1].value.size(), classes = p[3].value.size();
  for (std::size_t c = 0; c < x.shape(0); ++c) {
    std::vector<double> h(hidden), y(classes);
    for (std::size_t j = 0; j < hidden; ++j) {
      double eta = p[1].value(0, j);
      for (std::size_t i = 0; i < x.shape(1); ++i) eta += x(c, i) * p[0].value(i, j);
      h[j] = ebm::sigmoid(eta);
    }
    double z = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      double eta = p[3].value(0, k);
      for (std::size_t j = 0; j < hidden; ++j) eta += h[j] * p[2].value(j, k);
      z += y[k] = std::exp(eta);
    }
    for (std::size_t k = 0; k < classes; ++k) {
      const double delta = y[k] / z - t(c, k);
      g[3].value(0, k) += delta;
      for (std::size_t j = 0; j < hidden; ++j) {
        g[2].value(j, k) += h[j] * delta;
        const double below = delta * p[2].value(j, k) * (with_derivative ? h[j] * (1 - h[j]) : 1);
        g[1].value(0, j) += below;
        for (std::size_t i = 0; i < x.shape(1); ++i) g[0].value(i, j) += x(c, i) * below;
      }
    }
  }
  return g;
}

} // namespace

BOOST_AUTO_TEST_SUITE(feed_forward)

BOOST_AUTO_TEST_CASE(gradients_are_central_differences) {
  for_each_net([](const std::vector<Layer>& layers, Activation loss) {
    const auto net = random_net<double>(4, layers);
    const auto x = random_inputs<double>(7, 4), t = random_targets<double>(loss, 7, 3);
    BOOST_TEST(gradient_error(net, x, t, gradient(net, x, t)) < gradient_tolerance);
  });
}

BOOST_AUTO_TEST_CASE(broken_gradients_are_not) {
  const auto net = random_net<double>(4, {{5, logistic}, {3, softmax}});
  const auto x = random_inputs<double>(7, 4), t = random_targets<double>(softmax, 7, 3);
  BOOST_TEST(gradient_error(net, x, t, plain_gradient(net, x, t, true)) < gradient_tolerance);
  BOOST_TEST(gradient_error(net, x, t, plain_gradient(net, x, t, false)) > 0.1);
  for (std::size_t k = 0; k < 4; ++k) {
    Parameters<double> dropped = gradient(net, x, t);
    dropped[k].value.fill(0);
    BOOST_TEST(gradient_error(net, x, t, dropped) > 0.1);
  }
}

BOOST_AUTO_TEST_CASE(float_agrees_with_double) {
  for_each_net([](const std::vector<Layer>& layers, Activation loss) {
    auto wide = random_net<double>(4, layers);
    FeedForward<float> narrow(4, layers);
    for (std::size_t k = 0; k < wide.parameters().size(); ++k)
      for (std::size_t i = 0; i < wide.parameters()[k].value.size(); ++i) {
        float& theta = narrow.parameters()[k].value.data()[i];
        theta = float(wide.parameters()[k].value.data()[i]);
        wide.parameters()[k].value.data()[i] = double(theta);
      }
    const auto x = random_inputs<float>(150, 4), t = random_targets<float>(loss, 150, 3);
    const Batch<double> wide_x = x, wide_t = t;
    BOOST_TEST(difference(gradient(wide, wide_x, wide_t), gradient(narrow, x, t)) < 1e-5);
    const double exact = wide.loss(wide_x, wide_t);
    BOOST_TEST(std::abs(narrow.loss(x, t) - exact) < 1e-5 * exact);
    Batch<float> y;
    Batch<double> wide_y;
    narrow.outputs(x, y);
    wide.outputs(wide_x, wide_y);
    for (std::size_t i = 0; i < y.size(); ++i)
      BOOST_TEST(std::abs(double(y.data()[i]) - wide_y.data()[i]) < 1e-5);
  });
}

BOOST_AUTO_TEST_CASE(outputs_and_losses_of_a_net_worked_out_by_hand) {
  // One unit each way: a = relu(2 · 3 − 1) = 5, eta = (0.2 · 5, −0.1 · 5 + 1) = (1, 0.5).
  const auto net_with = [](Activation last) {
    FeedForward<double> net(1, {{1, relu}, {2, last}});
    auto& p = net.parameters();
    p.find("W1")->value(0, 0) = 2;
    p.find("bias1")->value(0, 0) = -1;
    p.find("W2")->value(0, 0) = 0.2;
    p.find("W2")->value(0, 1) = -0.1;
    p.find("bias2")->value(0, 1) = 1;
    return net;
  };
  const Batch<double> x{{3}}, t{{0.25, 0.75}};
  const double e = std::exp(0.5), first = 1 / (1 + std::exp(-1)), second = 1 / (1 + std::exp(-0.5));
  const std::vector<std::tuple<Activation, std::vector<double>, double>> known{
      {linear, {1, 0.5}, 0.5 * (0.75 * 0.75 + 0.25 * 0.25)},
      {softmax, {e / (1 + e), 1 / (1 + e)}, -0.25 * std::log(e / (1 + e)) - 0.75 * std::log(1 / (1 + e))},
      {logistic,
       {first, second},
       -0.25 * std::log(first) - 0.75 * std::log(1 - first) - 0.75 * std::log(second) -
           0.25 * std::log(1 - second)}};
  for (const auto& [last, y, loss] : known) {
    const auto net = net_with(last);
    Batch<double> out;
    net.outputs(x, out);
    BOOST_TEST(std::abs(out(0, 0) - y[0]) < 1e-15);
    BOOST_TEST(std::abs(out(0, 1) - y[1]) < 1e-15);
    BOOST_TEST(std::abs(net.loss(x, t) - loss) < 1e-15);
  }
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
  const std::size_t rows = 330; // six work items of unequal sizes; 200 columns are two parts of a gradient
  const auto net = random_net<float>(20, {{200, logistic}, {30, relu}, {10, softmax}});
  const auto x = random_inputs<float>(rows, 20), t = random_targets<float>(softmax, rows, 10);
  const auto run = [&](std::size_t threads) {
    const parallel::Threads limit(threads);
    Parameters<float> g = net.parameters();
    const double loss = net.add_loss_gradient(x, t, 1.0 / double(rows), g);
    Batch<float> y;
    net.outputs(x, y);
    return std::tuple(loss, net.loss(x, t), std::move(g), std::move(y));
  };
  const auto [loss, loss_alone, g, y] = run(1);
  BOOST_TEST(loss == loss_alone);
  for (const std::size_t threads : {2u, 4u}) {
    const auto [other_loss, other_alone, other_g, other_y] = run(threads);
    BOOST_TEST(loss == other_loss);
    BOOST_TEST(loss == other_alone);
    BOOST_TEST((y == other_y));
    for (std::size_t k = 0; k < g.size(); ++k) BOOST_TEST((g[k].value == other_g[k].value));
  }
}

BOOST_AUTO_TEST_CASE(parts_of_a_batch_add_up_with_their_weights) {
  const std::size_t rows = 150, cut = 67;
  const auto net = random_net<double>(4, {{5, logistic}, {3, logistic}});
  const auto x = random_inputs<double>(rows, 4), t = random_targets<double>(logistic, rows, 3);
  const auto part = [](const Batch<double>& from, std::size_t first, std::size_t count) {
    Batch<double> to = make_batch<double>(count, from.shape(1));
    std::copy_n(from.data() + first * from.shape(1), to.size(), to.data());
    return to;
  };
  Parameters<double> g = net.parameters(), expected = net.parameters();
  const double loss = net.add_loss_gradient(part(x, 0, cut), part(t, 0, cut), 0.5, g) +
                      net.add_loss_gradient(part(x, cut, rows - cut), part(t, cut, rows - cut), 0.5, g);
  expected.add_scaled(0.5, gradient(net, x, t)); // the gradient is added to what is there
  BOOST_TEST(difference(expected, g) < 1e-14);
  BOOST_TEST(std::abs(loss - net.loss(x, t)) < 1e-12);
}

using precisions = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(saturated_units_have_a_finite_loss, T, precisions) {
  Batch<T> x{{1}, {1}};
  const auto with = [](Activation loss) {
    FeedForward<T> net(1, {{2, loss}});
    net.parameters()[0].value = Batch<T>{{T(1e4), T(-1e4)}};
    return net;
  };
  const Batch<T> right{{1, 0}, {1, 0}}, wrong{{0, 1}, {1, 0}};
  const auto check = [&](Activation f, double loss_of_wrong) {
    BOOST_TEST(with(f).loss(x, right) == 0.0);
    BOOST_TEST(with(f).loss(x, wrong) == loss_of_wrong);
    const Parameters<T> g = gradient(with(f), x, wrong);
    BOOST_TEST(g[0].value(0, 0) == T(1));
    BOOST_TEST(g[1].value(0, 1) == T(-1));
  };
  check(logistic, 2e4);
  check(softmax, 2e4);
  const auto deep = [&](T scale) {
    FeedForward<T> net(1, {{3, logistic}, {3, softmax}, {2, logistic}});
    for (auto& array : net.parameters()) fill_normals(5, double(scale), array.value);
    return net;
  };
  for (const Parameters<T>& g : {gradient(deep(T(1e4)), x, wrong), gradient(deep(T(-1e4)), x, wrong)})
    for (const auto& array : g)
      BOOST_TEST(std::ranges::all_of(all(array.value), [](T v) { return std::isfinite(v); }));
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_visible) {
  auto net = random_net<double>(2, {{3, relu}, {2, logistic}});
  const Batch<double> x{{std::nan(""), 1}}, t{{0, 1}};
  BOOST_TEST(std::isnan(net.loss(x, t)));
  BOOST_TEST(std::isnan(gradient(net, x, t)[3].value(0, 0)));
}

BOOST_AUTO_TEST_CASE(nets_take_turns_on_a_thread) {
  const auto deep = random_net<double>(4, {{70, logistic}, {2, relu}, {3, linear}});
  const auto flat = random_net<double>(6, {{2, softmax}});
  const auto x = random_inputs<double>(9, 4), t = random_targets<double>(linear, 9, 3);
  const auto flat_x = random_inputs<double>(80, 6), flat_t = random_targets<double>(softmax, 80, 2);
  const Parameters<double> before = gradient(deep, x, t), flat_before = gradient(flat, flat_x, flat_t);
  BOOST_TEST(difference(before, gradient(deep, x, t)) == 0.0);
  BOOST_TEST(difference(flat_before, gradient(flat, flat_x, flat_t)) == 0.0);
}

BOOST_AUTO_TEST_CASE(parameters_have_names_roles_and_shapes) {
  const FeedForward<float> net(4, {{5, logistic}, {3, softmax}});
  const std::vector<std::string> names{"W1", "bias1", "W2", "bias2"};
  const std::vector<std::vector<std::size_t>> shapes{{4, 5}, {5}, {5, 3}, {3}};
  BOOST_TEST(net.parameters().size() == 4u);
  for (std::size_t k = 0; k < 4; ++k) {
    BOOST_TEST(net.parameters()[k].name == names[k]);
    BOOST_TEST(net.parameters()[k].shape == shapes[k]);
    BOOST_TEST((net.parameters()[k].role == (k % 2 == 0 ? ParameterRole::weight : ParameterRole::bias)));
  }
}

BOOST_AUTO_TEST_CASE(nets_that_cannot_be_are_refused) {
  BOOST_CHECK_THROW(FeedForward<double>(2, {}), InputError);
  BOOST_CHECK_THROW(FeedForward<double>(0, {{2, linear}}), InputError);
  BOOST_CHECK_THROW(FeedForward<double>(2, {{0, logistic}, {2, linear}}), InputError);
  BOOST_CHECK_THROW(FeedForward<double>(2, {{2, relu}}), InputError);
}

BOOST_AUTO_TEST_CASE(labels_become_targets_and_are_counted) {
  const std::vector<std::uint32_t> labels{2, 0, 1};
  Batch<double> targets;
  one_hot<double>(labels, 3, targets);
  BOOST_TEST((targets == Batch<double>{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}));
  BOOST_TEST(classification_errors(targets, labels) == 0u);
  const Batch<double> outputs{{0.5, 0.1, 0.4}, {0.4, 0.4, 0.2}, {0.3, 0.2, 0.5}};
  BOOST_TEST(largest_columns(outputs) == (std::vector<std::uint32_t>{0, 0, 2}));
  BOOST_TEST(classification_errors(outputs, labels) == 2u);
  BOOST_CHECK_EXCEPTION(one_hot<double>(labels, 2, targets), InputError, [](const InputError& e) {
    return std::string(e.what()) == "row 0 has the label 2; with 2 classes a label is below 2";
  });
}

BOOST_AUTO_TEST_SUITE_END()
