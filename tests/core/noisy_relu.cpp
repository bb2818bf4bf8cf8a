// Noisy rectified linear units against the quadrature of their rule, and against the sum of binary units that
// the rule stands for (Nair & Hinton 2010, section 2).
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include "ebm/core/numerics.hpp"
#include "tests/core/unit_support.hpp"

BOOST_AUTO_TEST_SUITE(noisy_relu)

using namespace ebm;
using namespace ebm::tests;

namespace {

struct Moments {
  double mean = 0, variance = 0;
};

Moments of_unit(double eta) {
  const units::NoisyRelu unit;
  Moments m;
  unit.mean(&eta, &m.mean);
  m.variance = unit.variance(&eta);
  return m;
}

/// E and Var of max(0, eta + s Z) with s² = sigmoid(eta): the normal density beyond the cut −eta/s, by
/// quadrature.
Moments by_quadrature(Real eta) {
  const Real s = std::sqrt(1 / (1 + std::exp(-eta))), cut = -eta / s;
  const Real begin = std::max(cut, Real(-14)), end = std::max(cut, Real(0)) + 14;
  const auto moment = [&](int k) {
    return boost::math::quadrature::gauss_kronrod<Real, 61>::integrate(
        [&](Real z) {
          return std::pow(eta + s * z, k) * std::exp(-z * z / 2) /
                 boost::math::constants::root_two_pi<Real>();
        },
        begin, end, 15, Real(1e-17));
  };
  const Real mean = moment(1);
  return {double(mean), double(moment(2) - mean * mean)};
}

/// Σ_{i=1}^{copies} of Bernoulli units with natural parameters eta − i + ½.
Moments of_copies(double eta, int copies) {
  Moments m;
  for (int i = 1; i <= copies; ++i) {
    const double p = sigmoid(eta - i + 0.5);
    m.mean += p;
    m.variance += p * (1 - p);
  }
  return m;
}

} // namespace

BOOST_AUTO_TEST_CASE(has_the_moments_of_its_rule) {
  for (double eta = -12; eta <= 50; eta += 0.25) {
    const Moments own = of_unit(eta), expected = by_quadrature(eta);
    BOOST_TEST(std::abs(own.mean - expected.mean) <= 1e-14 * (1 + std::abs(eta)), "eta " << eta);
    BOOST_TEST(std::abs(own.variance - expected.variance) <= 1e-14 * (1 + eta * eta), "eta " << eta);
  }
}

// Where the noise's deviation underflows the unit is off.
BOOST_AUTO_TEST_CASE(far_below_0_it_is_0) {
  for (const double eta : {-700.0, -745.5, -800.0, -1e300}) {
    const Moments m = of_unit(eta);
    BOOST_TEST(m.mean >= 0);
    BOOST_TEST(m.mean < 1e-100);
    BOOST_TEST(m.variance >= 0);
    BOOST_TEST(m.variance < 1e-100);
  }
  BOOST_TEST(std::isnan(of_unit(std::nan("")).mean));
}

// The rule is meant for units that are on: there it agrees with the sum of copies. Around 0 it does not: at 0
// its mean is 0.28 where that of the copies is 0.68, and its variance 0.17 where theirs is 0.50.
BOOST_AUTO_TEST_CASE(is_the_sum_of_copies_for_large_inputs_only) {
  // Sums over the copies are integrals up to their first harmonic, 4π²/sinh(2π²) of the variance.
  constexpr double harmonic = 2.2e-7;
  for (double eta = 8; eta <= 50; eta += 0.3) {
    const Moments rule = of_unit(eta), sum = of_copies(eta, 200);
    const double allowed = 2 * std::exp(-eta) + harmonic;
    BOOST_TEST(std::abs(rule.mean - sum.mean) < allowed, "eta " << eta);
    BOOST_TEST(std::abs(rule.variance - sum.variance) < allowed, "eta " << eta);
  }
  Moments worst, where;
  for (double eta = -10; eta <= 12; eta += 0.01) {
    const Moments rule = of_unit(eta), sum = of_copies(eta, 200);
    if (sum.mean - rule.mean > worst.mean) worst.mean = sum.mean - rule.mean, where.mean = eta;
    if (sum.variance - rule.variance > worst.variance)
      worst.variance = sum.variance - rule.variance, where.variance = eta;
  }
  const Moments rule = of_unit(0), sum = of_copies(0, 200);
  BOOST_TEST_MESSAGE("noisy_relu at 0: mean " << rule.mean << ", of the copies " << sum.mean << "; variance "
                                              << rule.variance << ", of the copies " << sum.variance);
  BOOST_TEST_MESSAGE("furthest below the copies: mean by " << worst.mean << " at " << where.mean
                                                           << ", variance by " << worst.variance << " at "
                                                           << where.variance);
  BOOST_TEST(std::abs(worst.mean - 0.408222) < 1e-5);
  BOOST_TEST(std::abs(worst.variance - 0.346621) < 1e-5);
}

BOOST_AUTO_TEST_SUITE_END()
