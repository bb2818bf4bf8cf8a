// The normal law beyond a cut against Boost.Math in long double, and against quadrature where that
// underflows.
#include <boost/math/special_functions/erf.hpp>

#include "ebm/core/normal_tail.hpp"
#include "ebm/core/numerics.hpp"
#include "tests/core/unit_support.hpp"

BOOST_AUTO_TEST_SUITE(normal_tail)

using namespace ebm;
using namespace ebm::tests;

namespace {

/// Cuts from −40 to 200, dense around 5, where the functions change over to another form.
std::vector<double> cuts() {
  std::vector<double> all;
  for (double a = -40; a <= 200; a += 0.37) all.push_back(a);
  for (const double a : {-1e-9, 0.0, 4.9, 4.999, 5.0, 5.001, 5.1, 200.0}) all.push_back(a);
  return all;
}

/// log P(Z > a); the long double underflows beyond 150.
Real log_tail(Real a) {
  if (a < 0) return std::log1p(-boost::math::erfc(-a / std::sqrt(Real(2))) / 2);
  if (a <= 140) return std::log(boost::math::erfc(a / std::sqrt(Real(2))) / 2);
  // ∫_0^∞ exp(−a t − ½ t²) dt is the normaliser of a rectified unit.
  return -a * a / 2 - std::log(2 * boost::math::constants::pi<Real>()) / 2 +
         Real(integrated_law(-a, 1, true).log_normaliser);
}

} // namespace

BOOST_AUTO_TEST_CASE(densities_and_distribution) {
  for (double x = -37; x <= 37; x += 0.37) { // further out are subnormal numbers
    const Real density = std::exp(-Real(x) * Real(x) / 2) / boost::math::constants::root_two_pi<Real>();
    const Real below = boost::math::erfc(-Real(x) / std::sqrt(Real(2))) / 2;
    BOOST_TEST(std::abs(numerics::normal_density(x) / double(density) - 1) < 1e-12);
    BOOST_TEST(std::abs(numerics::normal_below(x) / double(below) - 1) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(logarithms_of_the_tail) {
  for (const double a : cuts()) {
    const double expected = double(log_tail(a));
    // Before −37 what is missing of 1 is a subnormal number.
    const double allowed = 4e-13 * std::abs(expected) + std::numeric_limits<double>::min();
    BOOST_TEST(std::abs(numerics::log_normal_tail(a) - expected) <= allowed, "cut " << a);
  }
}

BOOST_AUTO_TEST_CASE(means_and_variances_beyond_the_cut) {
  double worst_excess = 0, worst_variance = 0;
  for (const double a : cuts()) {
    const UnitLaw law = integrated_law(-Real(a), 1, true);
    const double excess = std::abs(numerics::normal_tail_excess(a) / law.mean[0] - 1),
                 variance = std::abs(numerics::normal_tail_variance(a) / law.variance - 1);
    BOOST_TEST(excess < 1e-12, "cut " << a);
    BOOST_TEST(variance < 1e-11, "cut " << a << " error " << variance);
    worst_excess = std::max(worst_excess, excess);
    worst_variance = std::max(worst_variance, variance);
  }
  BOOST_TEST_MESSAGE("largest relative errors from -40 to 200: mean " << worst_excess << ", variance "
                                                                      << worst_variance);
}

// The share of the tail beyond the quantile is the share asked for.
BOOST_AUTO_TEST_CASE(quantiles_invert_the_tail) {
  for (double a = -40; a <= 200; a += 3.7) {
    double before = infinity;
    for (const double share : {1e-300, 1e-20, 1e-6, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6, 1 - 0x1p-33}) {
      const double x = numerics::normal_tail_quantile(a, share);
      BOOST_TEST((x >= 0 && x < before), "cut " << a << ", share " << share);
      before = x;
      const double log_share = double(log_tail(Real(a) + Real(x)) - log_tail(a));
      // x + a rounds: the hazard is at most about |a| + 1/a.
      BOOST_TEST(std::abs(log_share - std::log(share)) <=
                     1e-12 * (1 + std::abs(std::log(share))) + 1e-15 * a * a,
                 "cut " << a << ", share " << share << ": " << std::exp(log_share));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cut_that_is_no_number_stays_one) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double v : {numerics::log_normal_tail(nan), numerics::normal_tail_excess(nan),
                         numerics::normal_tail_variance(nan), numerics::normal_tail_quantile(nan, 0.5)})
    BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_SUITE_END()
