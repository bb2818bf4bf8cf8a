#pragma once
#include "ebm/concepts/energy.hpp"

namespace ebm {

/// E(x) = barrier Σ_i ((x_i/a)² − 1)²: two wells a coordinate, at ±a, with a barrier between them.
/// No parameters to learn; log Z is the sum of one-dimensional quadratures.
template <std::floating_point T> class DoubleWell {
 public:
  using real_type = T;
  DoubleWell(std::size_t dimension, double barrier, double a);

  const StateSpace& space() const { return space_; }
  void energy(const State<T>& x, std::span<double> out) const;
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const;
  double log_partition() const { return log_partition_; }

 private:
  StateSpace space_;
  double barrier_, a_, log_partition_;
};

extern template class DoubleWell<float>;
extern template class DoubleWell<double>;

} // namespace ebm
