#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ebm/core/numerics.hpp"

namespace ebm::units {

/// x in {0, …, n}, p(x) ∝ C(n, x) exp(eta x): the number of ones among n Bernoulli units that share eta. The
/// binomial coefficient is the base measure: no part of the energy, and not tempered. Values between the
/// integers are means.
struct Binomial {
  static constexpr std::string_view name = "binomial";
  static constexpr bool discrete = true, has_conditional = true, exact_law = true, normal_noise = false;
  /// The probability that all n units are 0 or all are 1 must stay a double.
  static constexpr std::uint32_t largest_n = 1000;
  std::uint32_t n = 1; ///< number of copies, from 1 to largest_n
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 1; }
  std::uint32_t levels() const { return n + 1; }
  bool operator==(const Binomial&) const = default;

  template <class T> void set_level(std::uint32_t level, T* x) const { x[0] = T(level); }
  template <class T> std::uint32_t level(const T* x) const {
    return std::uint32_t(std::clamp(double(x[0]) + 0.5, 0.0, double(n)));
  }
  /// log C(n, x); linear between two levels, where x is a mean.
  template <class T> double log_base(const T* x) const {
    const double low = std::floor(double(x[0])), part = double(x[0]) - low;
    return (1 - part) * log_choices(low) + (part == 0 ? 0 : part * log_choices(low + 1));
  }
  /// E[log C(n, x)] given eta.
  template <class T> double mean_log_base(const T* eta) const {
    double sum = 0;
    for (std::uint32_t k = 0; k <= n; ++k) {
      const T x = T(k);
      sum += std::exp(linear(eta, &x) + log_choices(k) - log_normaliser(eta)) * log_choices(k);
    }
    return sum;
  }
  template <class T> double log_normaliser(const T* eta) const { return n * softplus(double(eta[0])); }
  template <class T> double linear(const T* eta, const T* x) const { return double(eta[0]) * double(x[0]); }
  template <class T> void mean(const T* eta, T* m) const { m[0] = T(n * sigmoid(double(eta[0]))); }
  template <class T> void mode(const T* eta, T* m) const {
    m[0] = T(std::min(double(n), std::floor((n + 1) * sigmoid(double(eta[0])))));
  }
  template <class T> double variance(const T* eta) const {
    const double p = sigmoid(double(eta[0]));
    return n * p * (1 - p);
  }
  /// −Σ q log(q / base) of the law with this mean.
  template <class T> double entropy(const T* mean) const { return n * binary_entropy(double(mean[0]) / n); }
  /// The first value at which the distribution function exceeds the uniform; counted from the likelier end.
  template <class T> void draw(const T* eta, double uniform, T* x) const {
    const bool flipped = eta[0] > T(0);
    const double e = flipped ? -double(eta[0]) : double(eta[0]), odds = std::exp(e);
    double p = std::exp(-double(n) * softplus(e));
    std::uint32_t k = 0;
    for (; k < n && uniform >= p; ++k) {
      uniform -= p;
      p *= odds * (n - k) / (k + 1.0);
    }
    x[0] = T(flipped ? n - k : k) + (eta[0] - eta[0]);
  }

 private:
  double log_choices(double k) const {
    return std::lgamma(n + 1.0) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
  }
};

} // namespace ebm::units
