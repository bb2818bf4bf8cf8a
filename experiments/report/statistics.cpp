#include "experiments/report/statistics.hpp"
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <vector>

namespace ebm::experiments {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> without_nan(std::span<const double> values) {
  std::vector<double> kept;
  std::ranges::copy_if(values, std::back_inserter(kept), [](double value) { return !std::isnan(value); });
  return kept;
}

} // namespace

Summary summarise(std::span<const double> values) {
  const std::vector<double> kept = without_nan(values);
  if (kept.empty()) return {0, nan, nan, nan, nan};
  const double n = static_cast<double>(kept.size());
  const double mean = std::accumulate(kept.begin(), kept.end(), 0.0) / n;
  if (kept.size() == 1 || !std::isfinite(mean)) return {kept.size(), mean, nan, nan, nan};
  double squares = 0;
  for (const double value : kept) squares += (value - mean) * (value - mean);
  const double standard_error = std::sqrt(squares / (n - 1) / n);
  const double t = boost::math::quantile(boost::math::complement(boost::math::students_t(n - 1), 0.025));
  return {kept.size(), mean, standard_error, mean - t * standard_error, mean + t * standard_error};
}

Summary paired_difference(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  std::vector<double> differences(a.size());
  std::ranges::transform(a, b, differences.begin(), std::minus());
  return summarise(differences);
}

double median(std::span<const double> values) {
  return quantile(values, 0.5);
}

double quantile(std::span<const double> values, double p) {
  assert(p >= 0 && p <= 1);
  std::vector<double> sorted = without_nan(values);
  if (sorted.empty()) return nan;
  std::ranges::sort(sorted);
  const double place = p * static_cast<double>(sorted.size() - 1), fraction = place - std::floor(place);
  const std::size_t at = static_cast<std::size_t>(place);
  // Nothing to interpolate; the formula would make NaN of an infinite neighbour.
  if (fraction == 0 || sorted[at] == sorted[at + 1]) return sorted[at];
  return (1 - fraction) * sorted[at] + fraction * sorted[at + 1];
}

} // namespace ebm::experiments
