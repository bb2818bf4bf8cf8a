#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ebm/core/numerics.hpp"

namespace ebm::units {

/// x in {-1, 1}, p(x) ∝ exp(eta x): the probability of +1 is sigmoid(2 eta).
struct Spin {
  static constexpr std::string_view name = "spin";
  static constexpr bool discrete = true, has_conditional = true, exact_law = true, normal_noise = false;
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 1; }
  std::uint32_t levels() const { return 2; }
  bool operator==(const Spin&) const = default;

  template <class T> void set_level(std::uint32_t level, T* x) const { x[0] = level != 0 ? T(1) : T(-1); }
  template <class T> std::uint32_t level(const T* x) const { return x[0] > T(0) ? 1u : 0u; }
  /// log 2 cosh(eta) = softplus(2 eta) - eta
  template <class T> double log_normaliser(const T* eta) const {
    return softplus(2 * double(eta[0])) - double(eta[0]);
  }
  template <class T> double linear(const T* eta, const T* x) const { return double(eta[0]) * double(x[0]); }
  template <class T> void mean(const T* eta, T* m) const { m[0] = T(std::tanh(double(eta[0]))); }
  template <class T> void mode(const T* eta, T* m) const { m[0] = eta[0] > T(0) ? T(1) : T(-1); }
  template <class T> double variance(const T* eta) const {
    const double m = std::tanh(double(eta[0]));
    return 1 - m * m;
  }
  template <class T> double entropy(const T* mean) const {
    return binary_entropy(0.5 * (1 + double(mean[0])));
  }
  template <class T> void draw(const T* eta, double uniform, T* x) const {
    x[0] = (uniform < sigmoid(2 * double(eta[0])) ? T(1) : T(-1)) + (eta[0] - eta[0]);
  }
};

} // namespace ebm::units
