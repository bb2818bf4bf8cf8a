#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "ebm/core/normal_tail.hpp"

namespace ebm::units {

/// x ≥ 0 with p(x) ∝ exp(theta x - ½ gamma x²), a Gaussian cut off at 0; eta = (theta, gamma), gamma > 0.
/// With s = gamma^-½ and a = -theta s, x / s is a standard normal beyond a, less a.
struct Rectified {
  static constexpr std::string_view name = "rectified";
  static constexpr bool discrete = false, has_conditional = true, exact_law = true, normal_noise = false;
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 2; }
  std::uint32_t levels() const { return 0; }
  bool operator==(const Rectified&) const = default;

  template <class T> double log_normaliser(const T* eta) const {
    const double a = cut(eta);
    return 0.5 * a * a + 0.5 * std::log(2 * std::numbers::pi / double(eta[1])) + numerics::log_normal_tail(a);
  }
  template <class T> double linear(const T* eta, const T* x) const {
    return (double(eta[0]) - 0.5 * double(eta[1]) * double(x[0])) * double(x[0]);
  }
  template <class T> void mean(const T* eta, T* m) const {
    m[0] = T(numerics::normal_tail_excess(cut(eta)) * deviation(eta));
  }
  template <class T> void mode(const T* eta, T* m) const { m[0] = eta[0] > T(0) ? eta[0] / eta[1] : T(0); }
  template <class T> double variance(const T* eta) const {
    return numerics::normal_tail_variance(cut(eta)) / double(eta[1]);
  }
  template <class T> void draw(const T* eta, double uniform, T* x) const {
    x[0] = T(numerics::normal_tail_quantile(cut(eta), uniform) * deviation(eta));
  }

 private:
  template <class T> static double deviation(const T* eta) { return 1 / std::sqrt(double(eta[1])); }
  template <class T> static double cut(const T* eta) { return -double(eta[0]) * deviation(eta); }
};

} // namespace ebm::units
