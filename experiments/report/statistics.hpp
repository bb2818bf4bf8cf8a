// What a few repetitions of a measurement say about its mean, and order statistics. NaN is a missing value.
#pragma once
#include <cstddef>
#include <span>

namespace ebm::experiments {

struct Summary {
  std::size_t n;         ///< values that are not NaN; the mean is NaN for 0
  double mean;           ///< infinite if a value is
  double standard_error; ///< sample standard deviation / sqrt(n); NaN for n < 2 or an infinite mean
  double low, high;      ///< 95 % interval of the mean by Student's t, NaN with the standard error
};

Summary summarise(std::span<const double> values);

/// Summary of a[i] - b[i], where both belong to seed i. A pair without a difference is dropped: one value
/// NaN, or both the same infinity.
Summary paired_difference(std::span<const double> a, std::span<const double> b);

double median(std::span<const double> values);

/// Linear between order statistics (type 7 of Hyndman and Fan, 1996); p in [0, 1]. NaN without values, and
/// between -inf and inf.
double quantile(std::span<const double> values, double p);

} // namespace ebm::experiments
