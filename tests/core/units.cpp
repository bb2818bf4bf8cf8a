// Unit kinds against enumeration, quadrature and the log-normalisers of the conformance collection (its
// README).
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/core/units/kernels.hpp"

BOOST_AUTO_TEST_SUITE(units_of_all_kinds)

using namespace ebm;

namespace {

template <class T> double log_normaliser(const Unit& unit, std::vector<T> eta, std::size_t sites) {
  const Block block{"b", unit, sites};
  Batch<T> row_of_eta = make_batch<T>(1, eta.size());
  std::ranges::copy(eta, row_of_eta.data());
  std::vector<double> a(1, 0.0);
  add_log_normalisers<T>(block, row_of_eta, a);
  return a[0];
}

} // namespace

BOOST_AUTO_TEST_CASE(log_normalisers_have_their_known_values) {
  BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, {-3, -4, -5}, 3) - 0.073452627981) < 1e-12);
  BOOST_TEST(std::abs(log_normaliser<double>(units::Spin{}, {-3, -4, -5}, 3) - 12.002856490410) < 1e-11);
  BOOST_TEST(std::abs(log_normaliser<float>(units::Bernoulli{}, {-3, -4, -5}, 3) - 0.073452627981) < 1e-7);
}

BOOST_AUTO_TEST_CASE(two_categories_are_a_bernoulli_unit) {
  for (const double eta : {-30.0, -1.0, 0.0, 2.5, 700.0})
    BOOST_TEST(std::abs(log_normaliser<double>(units::Categorical{2}, {0, eta}, 1) -
                        log_normaliser<double>(units::Bernoulli{}, {eta}, 1)) < 1e-12 * (1 + std::abs(eta)));
}

BOOST_AUTO_TEST_CASE(a_gaussian_normalises_by_quadrature) {
  boost::math::quadrature::tanh_sinh<double> integrate;
  const double theta = 0.7, gamma = 1.3;
  const double z =
      integrate.integrate([&](double x) { return std::exp(theta * x - 0.5 * gamma * x * x); }, -30.0, 30.0);
  BOOST_TEST(std::abs(log_normaliser<double>(units::Gaussian{}, {theta, gamma}, 1) - std::log(z)) < 1e-10);
}

BOOST_AUTO_TEST_CASE(means_and_variances_are_derivatives_of_the_log_normaliser) {
  const double h = 1e-4;
  for (const Unit& unit : {Unit(units::Bernoulli{}), Unit(units::Spin{}), Unit(units::Categorical{3}),
                           Unit(units::Gaussian{})}) {
    const Block block{"b", unit, 1};
    std::vector<double> eta(block.natural_width(), 0.4);
    for (std::size_t k = 0; k < eta.size(); ++k) eta[k] += 0.3 * double(k);
    Batch<double> natural = make_batch<double>(1, eta.size()), mean = make_batch<double>(1, block.width());
    std::ranges::copy(eta, natural.data());
    unit_means(block, natural, mean);
    double variance = 0;
    for (std::size_t k = 0; k < block.width(); ++k) {
      const auto at = [&](double d) {
        std::vector<double> moved = eta;
        moved[k] += d;
        return log_normaliser<double>(unit, moved, 1);
      };
      BOOST_TEST(std::abs((at(h) - at(-h)) / (2 * h) - mean(0, k)) < 1e-7);
      variance += (at(h) - 2 * at(0) + at(-h)) / (h * h);
    }
    const double own = std::visit(
        [&]<class U>(const U& u) {
          if constexpr (U::has_conditional)
            return u.variance(eta.data());
          else
            return 0.0;
        },
        unit);
    BOOST_TEST(std::abs(variance - own) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(rows_of_any_length_are_summed_alike) {
  // 64 terms go through one logarithm and the tail through its own: every split must agree with the plain
  // sum.
  for (const std::size_t n : {1u, 7u, 16u, 63u, 64u, 65u, 500u, 1500u}) {
    std::vector<double> eta(n);
    double plain = 0;
    for (std::size_t i = 0; i < n; ++i) {
      eta[i] = 12 * std::sin(double(i) + 0.3);
      plain += softplus(eta[i]);
    }
    BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, eta, n) - plain) < 1e-11 * plain);
    const std::vector<float> single(eta.begin(), eta.end());
    BOOST_TEST(std::abs(log_normaliser<float>(units::Bernoulli{}, single, n) - plain) < 1e-5 * plain);
  }
}

BOOST_AUTO_TEST_CASE(extremes_stay_finite) {
  for (const double eta : {-800.0, 800.0}) {
    BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, std::vector<double>(20, eta), 20) -
                        20 * std::max(eta, 0.0)) < 1e-9);
    BOOST_TEST(std::abs(log_normaliser<double>(units::Spin{}, std::vector<double>(20, eta), 20) -
                        20 * 800.0) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(log_sums_of_nothing_and_of_zeros) {
  LogSum sum;
  BOOST_TEST(sum.value() == -infinity);
  sum.add(-infinity);
  BOOST_TEST(sum.value() == -infinity);
  sum.add(3.0);
  sum.add(3.0);
  BOOST_TEST(std::abs(sum.value() - 3 - std::log(2.0)) < 1e-15);
  BOOST_TEST(log_add(-infinity, -infinity) == -infinity);
  LogSum bad, total;
  bad.add(std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(std::isnan(bad.value()));
  total.add(1.0);
  total.add(bad);
  BOOST_TEST(std::isnan(total.value()));
}

BOOST_AUTO_TEST_CASE(work_items_cover_every_row_once) {
  for (const std::size_t n : {0u, 1u, 63u, 64u, 65u, 100u, 1000u}) {
    const parallel::WorkItems items(n);
    std::size_t next = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      BOOST_TEST(items[i].first == next);
      BOOST_TEST((items[i].count >= 1 && items[i].count <= parallel::WorkItems::default_rows));
      next += items[i].count;
    }
    BOOST_TEST(next == n);
  }
}

BOOST_AUTO_TEST_CASE(blas_is_the_openmp_build) {
  BOOST_TEST((linalg::blas_library().threading == linalg::BlasThreading::openmp));
}

BOOST_AUTO_TEST_SUITE_END()
