#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ebm/core/numerics.hpp"

namespace ebm::units {

/// One of q categories as q one-hot columns, p(k) ∝ exp(eta_k); columns inside (0, 1) are probabilities.
struct Categorical {
  static constexpr std::string_view name = "categorical";
  static constexpr bool discrete = true, has_conditional = true, exact_law = true, normal_noise = false;
  std::uint32_t q = 2; ///< number of categories, at least 2
  std::size_t width() const { return q; }
  std::size_t natural_width() const { return q; }
  std::uint32_t levels() const { return q; }
  bool operator==(const Categorical&) const = default;

  template <class T> void set_level(std::uint32_t level, T* x) const {
    for (std::uint32_t k = 0; k < q; ++k) x[k] = T(k == level);
  }
  template <class T> std::uint32_t level(const T* x) const {
    return std::uint32_t(std::max_element(x, x + q) - x);
  }
  template <class T> double log_normaliser(const T* eta) const {
    LogSum z;
    for (std::uint32_t k = 0; k < q; ++k) z.add(double(eta[k]));
    return z.value();
  }
  template <class T> double linear(const T* eta, const T* x) const {
    double s = 0;
    for (std::uint32_t k = 0; k < q; ++k)
      if (x[k] != T(0)) s += double(eta[k]) * double(x[k]);
    return s;
  }
  template <class T> void mean(const T* eta, T* m) const {
    const double z = log_normaliser(eta);
    for (std::uint32_t k = 0; k < q; ++k) m[k] = T(std::exp(double(eta[k]) - z));
  }
  template <class T> void mode(const T* eta, T* m) const { set_level(level(eta), m); }
  /// Sum over the columns of p(1 - p).
  template <class T> double variance(const T* eta) const {
    const double z = log_normaliser(eta);
    double v = 0;
    for (std::uint32_t k = 0; k < q; ++k) {
      const double p = std::exp(double(eta[k]) - z);
      v += p * (1 - p);
    }
    return v;
  }
  template <class T> double entropy(const T* mean) const {
    double h = 0;
    for (std::uint32_t k = 0; k < q; ++k)
      if (mean[k] > T(0)) h -= double(mean[k]) * std::log(double(mean[k]));
    return h;
  }
  template <class T> void draw(const T* eta, double uniform, T* x) const {
    const double largest = double(*std::max_element(eta, eta + q));
    double total = 0;
    for (std::uint32_t k = 0; k < q; ++k) total += std::exp(double(eta[k]) - largest);
    double left = uniform * total;
    std::uint32_t chosen = 0;
    for (; chosen + 1 < q; ++chosen) {
      left -= std::exp(double(eta[chosen]) - largest);
      if (left < 0) break;
    }
    set_level(chosen, x);
    x[0] += T(total - total);
  }
};

} // namespace ebm::units
