// Stable scalar functions and the vectorised row kernels built on them. No fast-math: a NaN that goes in
// comes out.
#pragma once
#include <cmath>
#include <concepts>
#include <limits>
#include <span>

namespace ebm {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// log(1 + e^x) without overflow.
inline double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

/// 1 / (1 + e^-x).
inline double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return (x >= 0 ? 1.0 : e) / (1.0 + e);
}

/// −p log p − (1 − p) log(1 − p).
inline double binary_entropy(double p) {
  const auto part = [](double q) { return q > 0 ? -q * std::log(q) : 0.0; };
  return part(p) + part(1 - p);
}

/// log(e^a + e^b); -inf is the neutral element.
inline double log_add(double a, double b) {
  const double m = std::max(a, b);
  return m == -infinity ? m : m + std::log1p(std::exp(std::min(a, b) - m));
}

/// Sum of e^x kept as (largest exponent, sum relative to it), so that terms may be added one by one.
class LogSum {
 public:
  void add(double x) {
    if (x == -infinity) return;
    if (x > largest_) {
      sum_ = sum_ * std::exp(largest_ - x) + 1.0;
      largest_ = x;
    } else {
      sum_ += std::exp(x - largest_);
    }
  }
  void add(const LogSum& other) {
    if (other.sum_ == 0) return;
    if (other.largest_ > largest_) {
      sum_ = sum_ * std::exp(largest_ - other.largest_) + other.sum_;
      largest_ = other.largest_;
    } else {
      sum_ += other.sum_ * std::exp(other.largest_ - largest_);
    }
  }
  /// log of the sum; -inf when nothing was added, NaN when a NaN was.
  double value() const { return sum_ == 0 ? -infinity : largest_ + std::log(sum_); }

 private:
  double largest_ = -infinity;
  double sum_ = 0;
};

namespace numerics {

/// out[i] = sigmoid(scale * eta[i]); out may be eta.
template <std::floating_point T> void sigmoid(std::span<const T> eta, T scale, std::span<T> out);

/// Sum over i of log(1 + exp(scale * eta[i])): products of factors in (1, 2] need one logarithm per 64 terms.
template <std::floating_point T> double softplus_sum(std::span<const T> eta, T scale);

/// a . b, accumulated in double.
template <std::floating_point T> double dot(std::span<const T> a, std::span<const T> b);

} // namespace numerics
} // namespace ebm
