#pragma once
#include "ebm/concepts/energy.hpp"

namespace ebm {

/// E(x) = ½ (x − mean)ᵀ A (x − mean): a Gaussian law in which every coordinate has the standard deviation
/// sigma and every pair the correlation rho, −1/(d − 1) < rho < 1. No parameters to learn.
template <std::floating_point T> class Quadratic {
 public:
  using real_type = T;
  Quadratic(std::size_t dimension, double mean, double sigma, double rho);

  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId) const { return c != Capability::block_natural || off_ == 0; }
  void energy(const State<T>& x, std::span<double> out) const;
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const;
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const;
  double log_partition() const { return log_partition_; }

 private:
  /// Σ_i (x_i − mean) of a chain.
  double centred_sum(std::span<const T> x) const;
  StateSpace space_;
  double mean_;
  double diagonal_, off_; ///< A = (diagonal − off) I + off 1 1ᵀ
  double log_partition_;
};

extern template class Quadratic<float>;
extern template class Quadratic<double>;

} // namespace ebm
