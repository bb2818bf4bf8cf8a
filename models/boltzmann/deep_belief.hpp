// The deep belief net: a restricted Boltzmann machine on top of directed layers.
#pragma once
#include "models/boltzmann/block_boltzmann.hpp"

namespace ebm {

/// p(x_0, …, x_L) = Π_{l < L−1} p(x_l | x_{l+1}) · p_RBM(x_{L−1}, x_L) (Hinton, Osindero & Teh 2006), x_0 the
/// visible block: E = −Σ_{l < L−1} log p(x_l | x_{l+1}) + E_RBM, with factorial conditionals of natural
/// parameters bias_l + x_{l+1} W_{l+1}ᵀ. Their normalisers couple the units of x_{l+1} with each other. log Z
/// is that of the machine on top. Units: any discrete ones; visible ones may be gaussian with variance 1.
///
/// Arrays, in this order: visible_bias, hidden1_bias, …, hiddenL_bias, recognition1_bias, …, W1 [visible,
/// hidden1], …, WL. Recognition biases belong to q(x_l | x_{l−1}) = Π p(unit | recognition_l + x_{l−1} W_l),
/// the way up that greedy training leaves behind; they are no part of E. The top layer's is hiddenL_bias.
template <std::floating_point T> class DeepBelief {
 public:
  using real_type = T;
  /// At least two blocks, the first one visible.
  explicit DeepBelief(StateSpace space);

  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId b) const;
  bool coupled(BlockId a, BlockId b) const { return a + 1 == b || b + 1 == a; }
  bool linear_in(BlockId) const { return true; }
  void energy(const State<T>& x, std::span<double> out) const;
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;
  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }
  void add_parameter_gradient(const State<T>& x, std::span<const double> weights, Parameters<T>& g) const;

  Stack<T> stack() const;
  BlockBoltzmann<T> layer(std::size_t l) const;
  void set_layer(std::size_t l, const Parameters<T>& learned);
  BlockBoltzmann<T> top() const;
  void descent_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;

 private:
  std::size_t layers() const { return space_.size() - 1; }
  bool directed(BlockId b) const { return b + 1 < layers(); }
  const Batch<T>& bias(BlockId b) const { return parameters_[b].value; }
  std::size_t recognition_array(BlockId b) const { return space_.size() + b - 1; }
  std::size_t weight_array(std::size_t l) const { return space_.size() + layers() - 1 + l; }
  /// W of the layer between blocks l and l + 1.
  const Batch<T>& W(std::size_t l) const { return parameters_[weight_array(l)].value; }

  StateSpace space_;
  Parameters<T> parameters_;
};

extern template class DeepBelief<float>;
extern template class DeepBelief<double>;

} // namespace ebm
