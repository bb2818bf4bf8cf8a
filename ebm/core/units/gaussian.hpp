#pragma once
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "ebm/core/numerics.hpp"

namespace ebm::units {

/// Real x with p(x) ∝ exp(theta x - ½ gamma x²); eta = (theta, gamma), gamma > 0. The precision belongs to
/// eta, so that tempering scales it with everything else.
struct Gaussian {
  static constexpr std::string_view name = "gaussian";
  static constexpr bool discrete = false, has_conditional = true, exact_law = true, normal_noise = true;
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 2; }
  std::uint32_t levels() const { return 0; }
  bool operator==(const Gaussian&) const = default;

  template <class T> double log_normaliser(const T* eta) const {
    const double theta = double(eta[0]), gamma = double(eta[1]);
    return 0.5 * theta * theta / gamma + 0.5 * std::log(2 * std::numbers::pi / gamma);
  }
  template <class T> double linear(const T* eta, const T* x) const {
    return (double(eta[0]) - 0.5 * double(eta[1]) * double(x[0])) * double(x[0]);
  }
  template <class T> void mean(const T* eta, T* m) const { m[0] = eta[0] / eta[1]; }
  template <class T> void mode(const T* eta, T* m) const { m[0] = eta[0] / eta[1]; }
  template <class T> double variance(const T* eta) const { return 1 / double(eta[1]); }
  template <class T> void draw(const T* eta, double normal, T* x) const {
    x[0] = T((double(eta[0]) + normal * std::sqrt(double(eta[1]))) / double(eta[1]));
  }
};

} // namespace ebm::units
