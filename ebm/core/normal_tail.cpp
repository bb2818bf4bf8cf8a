#include "ebm/core/normal_tail.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ebm::numerics {
namespace {

constexpr double root_two_pi = 2.50662827463100050242;
/// Beyond this cut the functions are their asymptotic series (Abramowitz & Stegun 26.2.12), there good to
/// 1e-13; below it, erfc keeps its relative accuracy.
constexpr double far = 30;

/// a P(Z > a) / φ(a) for a far cut.
double mills_series(double a) {
  const double r = 1 / (a * a);
  return 1 - r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r * (1 - 9 * r))));
}

/// φ(a) / P(Z > a).
double hazard(double a) {
  if (a > far) return a / mills_series(a);
  return normal_density(a) / (0.5 * std::erfc(a / std::numbers::sqrt2));
}

} // namespace

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / root_two_pi;
}

double normal_below(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double log_normal_tail(double a) {
  if (a > far) return -0.5 * a * a - std::log(a * root_two_pi) + std::log(mills_series(a));
  if (a < -5) return std::log1p(-normal_below(a));
  return std::log(0.5 * std::erfc(a / std::numbers::sqrt2));
}

double normal_tail_excess(double a) {
  if (a <= far) return hazard(a) - a;
  const double r = 1 / (a * a); // hazard − a, without the cancellation
  return (1 - r * (2 - r * (10 - r * (74 - 706 * r)))) / a;
}

double normal_tail_variance(double a) {
  if (a <= far) {
    const double excess = normal_tail_excess(a);
    return 1 - (a + excess) * excess;
  }
  const double r = 1 / (a * a);
  return r * (1 - r * (6 - r * (50 - 518 * r)));
}

double normal_tail_quantile(double a, double share) {
  // Newton's method on the concave function log P(Z > z) from a point beyond the root: it falls towards the
  // root and never passes it.
  const double target = log_normal_tail(a) + std::log(share);
  double z = std::max(a, std::sqrt(std::max(0.0, -2 * target)));
  for (int step = 0; step < 200; ++step) {
    const double next = z + (log_normal_tail(z) - target) / hazard(z);
    if (!(next < z)) break;
    z = next;
  }
  return std::max(0.0, z - a) + (a - a);
}

} // namespace ebm::numerics
