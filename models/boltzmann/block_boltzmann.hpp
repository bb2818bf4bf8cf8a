// The block Boltzmann machine: every Boltzmann machine of this project is one.
#pragma once
#include "ebm/concepts/energy.hpp"

namespace ebm {

/// E(x) = −Σ_a b_aᵀ x_a − Σ_{a<b} x_aᵀ W_ab x_b − ½ Σ_a x_aᵀ J_a x_a over blocks of bernoulli, spin or
/// categorical units; p ∝ exp(−E). J_a is symmetric with a zero diagonal (zero within a categorical site) and
/// its parameters are the pairs i < j: ∂E/∂J_ij = −x_i x_j, stored at both entries.
///
/// Arrays, in this order: `<block>_bias` [columns] for each block, then one array a coupling under the name
/// that it was given: W [columns of a, columns of b], J [columns, columns].
template <std::floating_point T> class BlockBoltzmann {
 public:
  using real_type = T;
  struct Coupling {
    BlockId a, b; ///< a < b, or a == b for the couplings inside a block
    std::string name;
  };

  BlockBoltzmann(StateSpace space, std::vector<Coupling> couplings);

  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId b) const;
  void energy(const State<T>& x, std::span<double> out) const;
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;
  const Batch<T>* self_coupling(BlockId b) const;
  void block_free_energy(const State<T>& x, BlockId b, std::span<double> out) const;
  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }
  void add_parameter_gradient(const State<T>& x, std::span<const double> weights, Parameters<T>& g) const;

 private:
  const Batch<T>& bias(BlockId b) const { return parameters_[b].value; }
  const Batch<T>& coupling(std::size_t k) const { return parameters_[space_.size() + k].value; }
  /// Energy of all terms that do not touch block `without`.
  void partial_energy(const State<T>& x, std::optional<BlockId> without, std::span<double> out) const;

  StateSpace space_;
  std::vector<Coupling> couplings_;
  Parameters<T> parameters_;
};

extern template class BlockBoltzmann<float>;
extern template class BlockBoltzmann<double>;

} // namespace ebm
