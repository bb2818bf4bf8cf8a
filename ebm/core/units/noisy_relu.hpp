#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ebm/core/normal_tail.hpp"
#include "ebm/core/numerics.hpp"

namespace ebm::units {

/// max(0, eta + N(0, sigmoid(eta))), the sampling rule of Nair & Hinton (2010, section 2) for infinitely many
/// Bernoulli copies of a unit with biases eta - ½, eta - 3/2, … It is an approximation of that sum and no
/// conditional law of an energy: machines with such units are sampled and learned, but have no likelihood.
struct NoisyRelu {
  static constexpr std::string_view name = "noisy_relu";
  static constexpr bool discrete = false, has_conditional = true, exact_law = false, normal_noise = true;
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 1; }
  std::uint32_t levels() const { return 0; }
  bool operator==(const NoisyRelu&) const = default;

  /// With s the noise's standard deviation and t = eta / s: s (t Φ(t) + φ(t)).
  template <class T> void mean(const T* eta, T* m) const {
    const double s = deviation(eta), t = standardised(eta, s);
    m[0] = T(s * (t * numerics::normal_below(t) + numerics::normal_density(t)));
  }
  template <class T> void mode(const T* eta, T* m) const { m[0] = std::max(eta[0], T(0)); }
  template <class T> double variance(const T* eta) const {
    const double s = deviation(eta), t = standardised(eta, s);
    const double below = numerics::normal_below(t), density = numerics::normal_density(t);
    const double mean = t * below + density;
    return s * s * ((t * t + 1) * below + t * density - mean * mean);
  }
  template <class T> void draw(const T* eta, double normal, T* x) const {
    const double value = double(eta[0]) + normal * deviation(eta);
    x[0] = T(value < 0 ? 0 : value); // a NaN stays
  }

 private:
  template <class T> static double deviation(const T* eta) { return std::sqrt(sigmoid(double(eta[0]))); }
  /// Bounded where s all but vanishes: Φ and φ are 0 there. A NaN stays.
  template <class T> static double standardised(const T* eta, double s) {
    return std::max(double(eta[0]) / s, -1e6);
  }
};

} // namespace ebm::units
