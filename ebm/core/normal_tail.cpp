#include "ebm/core/normal_tail.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ebm::numerics {
namespace {

constexpr double root_two_pi = 2.50662827463100050242;
/// Beyond this cut the functions come from Laplace's continued fraction (Abramowitz & Stegun 26.2.14), which
/// subtracts nothing; below it erfc keeps its relative accuracy.
constexpr double far = 5;

/// n / (a + (n + 1) / (a + (n + 2) / (a + …))) for a far cut. The hazard is a + K_1, so that K_1 is E[Z − a].
double fraction(int n, double a) {
  constexpr int terms = 30;
  double k = 0;
  for (int i = n + terms; i >= n; --i) k = i / (a + k);
  return k;
}

/// φ(a) / P(Z > a).
double hazard(double a) {
  return a > far ? a + fraction(1, a) : normal_density(a) / (0.5 * std::erfc(a / std::numbers::sqrt2));
}

} // namespace

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / root_two_pi;
}

double normal_below(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double log_normal_tail(double a) {
  if (a > far) return -0.5 * a * a - std::log(root_two_pi * hazard(a));
  if (a < 0) return std::log1p(-normal_below(a));
  return std::log(0.5 * std::erfc(a / std::numbers::sqrt2));
}

double normal_tail_excess(double a) {
  return a > far ? fraction(1, a) : hazard(a) - a;
}

double normal_tail_variance(double a) {
  if (a > far) { // 1 − hazard · K_1 with K_1 = 1 / (a + K_2)
    const double k2 = fraction(2, a);
    return (k2 - 1 / (a + k2)) / (a + k2);
  }
  const double excess = normal_tail_excess(a);
  return 1 - (a + excess) * excess;
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
