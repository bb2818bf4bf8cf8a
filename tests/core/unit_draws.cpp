// Draws of units as functions of their noise: monotone, the inverse of the distribution function, and never
// a number where the natural parameters are none.
#include <boost/math/special_functions/erf.hpp>

#include <numeric>

#include "ebm/core/units/kernels.hpp"
#include "ebm/random/draws.hpp"
#include "tests/core/unit_support.hpp"

BOOST_AUTO_TEST_SUITE(unit_draws)

using namespace ebm;
using namespace ebm::tests;

namespace {

template <class U, class T>
std::uint32_t drawn_level(const U& unit, const std::vector<T>& eta, double noise) {
  std::vector<T> x(unit.width());
  unit.draw(eta.data(), noise, x.data());
  return unit.level(x.data());
}

/// Whether larger uniforms give larger levels: two-valued units compare with the probability of the upper
/// value, binomial ones count from the likelier end.
template <class U, class T> bool rises(const U&, const std::vector<T>& eta) {
  if constexpr (std::same_as<U, units::Binomial>) return !(eta[0] > 0);
  return std::same_as<U, units::Categorical>;
}

/// Uniforms just below and just above the end of each level's share give it and its neighbour.
template <class U, class T> void check_levels(const U& unit, const std::vector<T>& eta) {
  const std::vector<double> p = enumerated_law(unit, eta).probabilities;
  const bool up = rises(unit, eta);
  const std::size_t n = p.size();
  const auto level = [&](std::size_t i) { return std::uint32_t(up ? i : n - 1 - i); };
  constexpr double gap = 1e-12; // rounding of sums of up to a thousand probabilities
  double end = 0;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    end += p[level(i)];
    if (p[level(i)] > 4 * gap) BOOST_TEST(drawn_level(unit, eta, end - gap) == level(i));
    if (p[level(i + 1)] > 4 * gap) BOOST_TEST(drawn_level(unit, eta, end + gap) == level(i + 1));
  }
  std::uint32_t before = level(0);
  for (double u = 1e-9; u < 1; u += 1.0 / 256) {
    const std::uint32_t now = drawn_level(unit, eta, u);
    BOOST_TEST((up ? now >= before : now <= before), "at uniform " << u);
    before = now;
  }
}

/// log P(Z > a), also where that is no long double.
Real log_tail(Real a) {
  if (a < 100) return std::log(boost::math::erfc(a / std::sqrt(Real(2))) / 2);
  return -a * a / 2 - std::log(2 * boost::math::constants::pi<Real>()) / 2 +
         Real(integrated_law(-a, 1, true).log_normaliser);
}

/// The probability of values above a draw is its uniform.
template <class T> void check_rectified(const std::vector<T>& eta) {
  const Real s = 1 / std::sqrt(Real(eta[1])), cut = -Real(eta[0]) * s;
  double before = infinity;
  for (const double u : {0x1p-33, 1e-6, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6}) {
    T x;
    units::Rectified{}.draw(eta.data(), u, &x);
    BOOST_TEST((x >= 0 && double(x) < before), "uniform " << u);
    before = double(x);
    const double share = double(std::exp(log_tail(cut + Real(x) / s) - log_tail(cut)));
    // The value rounds, at a hazard that is at most about |cut| + x / s + 1.
    const double z = double(Real(x) / s), slope = (std::abs(double(cut)) + z + 1);
    BOOST_TEST(std::abs(share - u) <= u * (rounding<T> * z * slope + 1e-15 * slope * slope + 1e-12),
               "uniform " << u << " leaves " << share);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(discrete_draws_invert_the_distribution, T, Precisions) {
  for (const UnitCase& c : unit_cases()) BOOST_TEST_CONTEXT(c.name())
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::discrete) check_levels(unit, c.natural<T>());
      },
      c.unit);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rectified_draws_invert_the_distribution, T, Precisions) {
  for (const UnitCase& c : unit_cases())
    if (std::holds_alternative<units::Rectified>(c.unit))
      BOOST_TEST_CONTEXT(c.name()) check_rectified(c.natural<T>());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(normal_draws_scale_their_noise, T, Precisions) {
  for (const double theta : {-50.0, -0.7, 0.0, 3.0})
    for (const double gamma : {0.05, 1.3, 20.0})
      for (const double z : {-6.0, -1.0, 0.0, 0.5, 6.0}) {
        const std::vector<T> eta{T(theta), T(gamma)};
        T x;
        units::Gaussian{}.draw(eta.data(), z, &x);
        const double g = double(eta[1]), expected = double(eta[0]) / g + z / std::sqrt(g);
        BOOST_TEST(std::abs(double(x) - expected) <= 4 * rounding<T> * (std::abs(theta / gamma) + 10));
        units::NoisyRelu{}.draw(eta.data(), z, &x);
        const double rule = std::max(0.0, double(eta[0]) + z * std::sqrt(sigmoid(double(eta[0]))));
        BOOST_TEST(std::abs(double(x) - rule) <= 4 * rounding<T> * (std::abs(theta) + 10));
      }
}

// A machine that diverged must not go on with numbers that look well.
BOOST_AUTO_TEST_CASE_TEMPLATE(naturals_that_are_no_numbers_give_none, T, Precisions) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<Unit> every{units::Bernoulli{}, units::Spin{},     units::Categorical{3},
                                units::Binomial{5}, units::Gaussian{}, units::Rectified{},
                                units::NoisyRelu{}};
  for (const Unit& unit : every) {
    const StateSpace space = single_block("b", unit, 3);
    const Block& block = space[0];
    for (std::size_t k = 0; k < block.natural_width(); ++k) {
      Batch<T> eta = make_batch<T>(1, block.natural_columns(), T(0.4)), noise, means;
      eta(0, block.natural_width() + k) = nan; // of the middle site
      State<T> x(space, 1);
      const auto check = [&](const char* way) {
        for (std::size_t j = 0; j < block.sites; ++j) {
          double sum = 0;
          for (std::size_t i = 0; i < block.width(); ++i) sum += double(x[0](0, j * block.width() + i));
          BOOST_TEST(std::isnan(sum) == (j == 1), block.unit_name()
                                                      << " " << k << ", site " << j << ", " << way);
        }
      };
      random::Draws(random::Key{1}).units({random::Stream::law}, block, eta, noise, x, 0, &means);
      check("units");
      BOOST_TEST(std::isnan(std::accumulate(all(means).begin(), all(means).end(), T(0))));
      noise = make_batch<T>(1, block.sites, T(0.3));
      draw_units(block, eta, noise, x.values(0));
      check("draw_units");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
