#include "models/analytic/quadratic.hpp"

#include "ebm/core/scratch.hpp"
#include <cmath>
#include <numbers>

namespace ebm {

template <std::floating_point T>
Quadratic<T>::Quadratic(std::size_t dimension, double mean, double sigma, double rho)
    : space_(single_block("visible", units::Gaussian{}, dimension)), mean_(mean) {
  // The covariance sigma² ((1 − rho) I + rho 1 1ᵀ) inverted by Sherman and Morrison; its eigenvalues are
  // sigma² (1 − rho), d − 1 times, and sigma² (1 + (d − 1) rho).
  const double d = double(dimension), s2 = sigma * sigma, along = 1 + (d - 1) * rho;
  off_ = -rho / (s2 * (1 - rho) * along);
  diagonal_ = 1 / (s2 * (1 - rho)) + off_;
  log_partition_ =
      0.5 * (d * std::log(2 * std::numbers::pi * s2) + (d - 1) * std::log1p(-rho) + std::log(along));
}

template <std::floating_point T> double Quadratic<T>::centred_sum(std::span<const T> x) const {
  double s = 0;
  for (const T v : x) s += double(v) - mean_;
  return s;
}

template <std::floating_point T> void Quadratic<T>::energy(const State<T>& x, std::span<double> out) const {
  for (std::size_t c = 0; c < out.size(); ++c) {
    const double sum = centred_sum(row(x[0], c));
    double squares = 0;
    for (const T v : row(x[0], c)) squares += (double(v) - mean_) * (double(v) - mean_);
    out[c] = 0.5 * ((diagonal_ - off_) * squares + off_ * sum * sum);
  }
}

template <std::floating_point T>
void Quadratic<T>::state_gradient(const State<T>& x, BlockId, Batch<T>& g) const {
  for (std::size_t c = 0; c < x.chains(); ++c) {
    const double sum = centred_sum(row(x[0], c));
    for (std::size_t i = 0; i < g.shape(1); ++i)
      g(c, i) = T((diagonal_ - off_) * (double(x[0](c, i)) - mean_) + off_ * sum);
  }
}

template <std::floating_point T>
void Quadratic<T>::block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  const Scratch<Batch<T>> scratch;
  Batch<T>& one = *scratch;
  reshape(one, x.chains(), 2);
  for (SiteId j = 0; j < space_[b].sites; ++j) {
    site_natural(x, b, j, one);
    for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(one, c), &eta(c, 2 * j));
  }
}

template <std::floating_point T>
void Quadratic<T>::site_natural(const State<T>& x, BlockId, SiteId j, Batch<T>& eta) const {
  for (std::size_t c = 0; c < x.chains(); ++c) {
    const double others = centred_sum(row(x[0], c)) - (double(x[0](c, j)) - mean_);
    eta(c, 0) = T(diagonal_ * mean_ - off_ * others);
    eta(c, 1) = T(diagonal_);
  }
}

template class Quadratic<float>;
template class Quadratic<double>;

} // namespace ebm
