// Softmax regression: conditions that hold at the minimum alone, known solutions, and the digits.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/learning/softmax_regression.hpp"
#include "ebm/random/draws.hpp"
#include "tests/data/map_visitor.hpp"

using namespace ebm;

namespace {

struct Sample {
  Batch<double> rows;
  std::vector<std::uint32_t> labels;
};

/// Overlapping classes in three dimensions: the row's mean is the unit vector of its label, 0 for class 3.
Sample overlapping(std::size_t n) {
  Sample s{make_batch<double>(n, 3), std::vector<std::uint32_t>(n)};
  const random::Draws draws(random::Key{3});
  draws.normals({random::Stream::law, 0, 0, 0}, s.rows);
  for (std::size_t i = 0; i < n; ++i) {
    s.labels[i] = std::uint32_t(i % 4);
    if (s.labels[i] < 3) s.rows(i, s.labels[i]) += 1;
  }
  return s;
}

/// Objective and gradient by plain sums over rows and classes.
double plain_objective(const Sample& s, double C, const Parameters<double>& theta, Parameters<double>& g) {
  const Batch<double>&W = theta[0].value, &bias = theta[1].value;
  g = theta;
  for (std::size_t i = 0; i < W.size(); ++i) g[0].value.data()[i] /= C;
  g[1].value.fill(0);
  double sum = 0.5 / C * numerics::dot<double>(all(W), all(W));
  for (std::size_t i = 0; i < s.labels.size(); ++i) {
    std::vector<double> p(bias.size());
    double z = 0;
    for (std::size_t k = 0; k < p.size(); ++k) {
      double eta = bias(0, k);
      for (std::size_t j = 0; j < W.shape(0); ++j) eta += s.rows(i, j) * W(j, k);
      z += p[k] = std::exp(eta);
    }
    sum -= std::log(p[s.labels[i]] / z);
    for (std::size_t k = 0; k < p.size(); ++k) {
      const double delta = p[k] / z - double(k == s.labels[i]);
      g[1].value(0, k) += delta;
      for (std::size_t j = 0; j < W.shape(0); ++j) g[0].value(j, k) += s.rows(i, j) * delta;
    }
  }
  return sum;
}

double norm(const Parameters<double>& p) {
  double sum = 0;
  for (const auto& array : p) sum += numerics::dot<double>(all(array.value), all(array.value));
  return std::sqrt(sum);
}

/// The digits' rows with pixels in [0, 1], or nothing where the data are not there.
std::optional<Sample> digits() {
  using namespace ebm::experiments;
  const std::filesystem::path file = data_folder() / "digits" / "digits.csv.gz";
  if (!std::filesystem::exists(file)) {
    BOOST_TEST_MESSAGE("SKIPPED: no digits in " << file.parent_path());
    return std::nullopt;
  }
  const RawData raw = data_testing::load("csv", {{"path", file.string()}, {"label_column", "last"}});
  Sample s{make_batch<double>(raw.train.rows, raw.train.columns), {raw.labels.begin(), raw.labels.end()}};
  std::visit(
      [&](const auto& values) {
        std::ranges::transform(values, s.rows.data(), [](auto pixel) { return double(pixel) / 16; });
      },
      raw.train.values);
  return s;
}

Sample part(const Sample& from, std::size_t first, std::size_t count) {
  Sample to{make_batch<double>(count, from.rows.shape(1)), {}};
  std::copy_n(from.rows.data() + first * from.rows.shape(1), to.rows.size(), to.rows.data());
  to.labels.assign(from.labels.begin() + std::ptrdiff_t(first),
                   from.labels.begin() + std::ptrdiff_t(first + count));
  return to;
}

} // namespace

BOOST_AUTO_TEST_SUITE(softmax_regression)

BOOST_AUTO_TEST_CASE(the_gradient_vanishes_at_the_solution_and_neighbours_are_higher) {
  const Sample s = overlapping(200);
  for (const double C : {0.01, 1.0, 100.0}) {
    const SoftmaxRegression r = fit_softmax_regression(s.rows, s.labels, 4, {C});
    BOOST_TEST(r.converged);
    Parameters<double> theta = r.net.parameters(), g, at_zero = theta;
    at_zero.fill(0);
    plain_objective(s, C, Parameters<double>(at_zero), at_zero);
    const double objective = plain_objective(s, C, theta, g);
    BOOST_TEST(std::abs(objective - r.objective) < 1e-11 * objective);
    BOOST_TEST(norm(g) < 1e-6 * norm(at_zero));
    BOOST_TEST(std::abs(norm(g) / norm(at_zero) - r.relative_gradient) < 1e-12);
    for (std::size_t k = 0; k < theta.size(); ++k)
      for (std::size_t i = 0; i < theta[k].value.size(); ++i)
        for (const double step : {-1e-2, 1e-2}) {
          theta[k].value.data()[i] += step;
          BOOST_TEST(plain_objective(s, C, theta, g) > objective);
          theta[k].value.data()[i] -= step;
        }
  }
}

BOOST_AUTO_TEST_CASE(biases_alone_give_the_frequencies) {
  // A feature that is always 0 leaves the class frequencies, and biases are not penalised.
  const Batch<double> rows = make_batch<double>(10, 1);
  const std::vector<std::uint32_t> labels{0, 0, 0, 0, 0, 0, 1, 1, 1, 2};
  const SoftmaxRegression r = fit_softmax_regression(rows, labels, 3, {1e-3, 1e-10});
  BOOST_TEST(r.converged);
  Batch<double> p;
  r.net.outputs(rows, p);
  BOOST_TEST(std::abs(p(0, 0) - 0.6) < 1e-9);
  BOOST_TEST(std::abs(p(0, 1) - 0.3) < 1e-9);
  BOOST_TEST(std::abs(p(0, 2) - 0.1) < 1e-9);
  BOOST_TEST(std::abs(r.objective + 6 * std::log(0.6) + 3 * std::log(0.3) + std::log(0.1)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(two_points_have_a_known_solution) {
  // Rows ±1 with labels 0 and 1: by symmetry W = (w, −w), no biases, and 2 log(1 + e^−2w) + w²/C is least
  // where w/C = 2 / (1 + e^2w); for w = 1/2 that is C = (1 + e)/4.
  const Batch<double> rows{{1}, {-1}};
  const std::vector<std::uint32_t> labels{0, 1};
  const SoftmaxRegression r = fit_softmax_regression(rows, labels, 2, {(1 + std::exp(1.0)) / 4, 1e-12});
  BOOST_TEST(std::abs(r.net.parameters()[0].value(0, 0) - 0.5) < 1e-10);
  BOOST_TEST(std::abs(r.net.parameters()[0].value(0, 1) + 0.5) < 1e-10);
  BOOST_TEST(std::abs(r.net.parameters()[1].value(0, 0)) < 1e-10);
}

BOOST_AUTO_TEST_CASE(without_data_that_say_anything_nothing_moves) {
  const Batch<double> rows = make_batch<double>(2, 1, 1.0);
  const std::vector<std::uint32_t> labels{0, 1};
  const SoftmaxRegression r = fit_softmax_regression(rows, labels, 2);
  BOOST_TEST(r.converged);
  BOOST_TEST(norm(r.net.parameters()) == 0.0);
}

BOOST_AUTO_TEST_CASE(any_tolerance_is_kept) {
  // Coarse ones are met while a line search is still under way.
  const Sample s = overlapping(200);
  for (const double C : {0.001, 0.1, 10.0})
    for (double tolerance = 0.95; tolerance > 1e-8; tolerance *= 0.7) {
      const SoftmaxRegression r = fit_softmax_regression(s.rows, s.labels, 4, {C, tolerance});
      BOOST_TEST(r.converged);
      BOOST_TEST(r.relative_gradient <= tolerance);
    }
}

BOOST_AUTO_TEST_CASE(few_evaluations_do_not_converge_and_say_so) {
  const Sample s = overlapping(200);
  const SoftmaxRegression r = fit_softmax_regression(s.rows, s.labels, 4, {1, 1e-6, 3});
  BOOST_TEST(!r.converged);
  BOOST_TEST(r.evaluations >= 5); // those at the start and at the end among them
  BOOST_TEST(r.evaluations < 10);
  BOOST_TEST(r.relative_gradient > 1e-6);
}

BOOST_AUTO_TEST_CASE(digits_are_classified_as_elsewhere) {
  const std::optional<Sample> all_digits = digits();
  if (!all_digits) return;
  const std::size_t n = all_digits->labels.size(), cut = n * 8 / 10;
  BOOST_TEST(n == 1797u);
  const Sample train = part(*all_digits, 0, cut), test = part(*all_digits, cut, n - cut);
  const SoftmaxRegression r = fit_softmax_regression(train.rows, train.labels, 10);
  BOOST_TEST(r.converged);
  BOOST_TEST_MESSAGE("digits: " << r.evaluations << " evaluations, train "
                                << r.accuracy(train.rows, train.labels) << ", test "
                                << r.accuracy(test.rows, test.labels));
  BOOST_TEST(r.accuracy(train.rows, train.labels) > 0.98);
  BOOST_TEST(r.accuracy(test.rows, test.labels) > 0.88);
  BOOST_TEST(r.accuracy(test.rows, test.labels) < 0.93);
  Parameters<double> g;
  BOOST_TEST(std::abs(plain_objective(train, 1, r.net.parameters(), g) - r.objective) < 1e-10 * r.objective);
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const parallel::Threads limit(threads);
    const SoftmaxRegression again = fit_softmax_regression(train.rows, train.labels, 10);
    BOOST_TEST(again.evaluations == r.evaluations);
    for (std::size_t k = 0; k < 2; ++k)
      BOOST_TEST((again.net.parameters()[k].value == r.net.parameters()[k].value));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fitted_is_refused) {
  const Batch<double> rows{{1}, {-1}};
  const std::vector<std::uint32_t> labels{0, 1}, one{0};
  const auto refuses = [](const Batch<double>& x, const std::vector<std::uint32_t>& y, std::size_t classes,
                          SoftmaxRegressionOptions options) {
    BOOST_CHECK_THROW(fit_softmax_regression(x, y, classes, options), InputError);
  };
  refuses(rows, labels, 2, {0});
  refuses(rows, labels, 2, {std::nan("")});
  refuses(rows, labels, 2, {1, 0});
  refuses(rows, labels, 2, {1, 1e-6, 0});
  refuses(rows, labels, 1, {});
  refuses(rows, one, 2, {});
  refuses(make_batch<double>(0, 1), {}, 2, {});
  refuses(Batch<double>{{1}, {infinity}}, labels, 2, {});
}

BOOST_AUTO_TEST_SUITE_END()
