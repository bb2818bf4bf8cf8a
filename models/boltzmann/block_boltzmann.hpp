// The block Boltzmann machine: every Boltzmann machine of this project is one.
#pragma once
#include <memory>

#include "ebm/concepts/energy.hpp"

namespace ebm {

/// How sigma enters the energy of units with a precision (gaussian, rectified); x̃ is what the couplings see.
enum class SigmaForm : std::uint8_t {
  variance,  ///< ½ ((x − b)/sigma)², x̃ = x/sigma² (Cho, Ilin & Raiko 2011)
  deviation, ///< ½ ((x − b)/sigma)², x̃ = x/sigma (Hinton 2010)
  natural    ///< ½ (x/sigma)² − b x, x̃ = x
};

/// E(x) = Σ_a U_a(x_a) − Σ_{a<b} x̃_aᵀ W_ab x̃_b − ½ Σ_a x_aᵀ J_a x_a over blocks of any units but `real`;
/// p ∝ base · exp(−E). U_a = −b_aᵀ x_a and x̃ = x but for gaussian and rectified units, see SigmaForm.
///
/// J_a is symmetric with a zero diagonal (zero within a categorical site) and its parameters are the pairs
/// i < j: ∂E/∂J_ij = −x_i x_j, stored at both entries. On a graph, J holds one number an edge, which couples
/// equal columns of two sites: −J_e Σ_k x_ik x_jk.
///
/// Arrays, in this order: `<block>_bias` [columns] for each block; `<block>_sigma` [sites] for those with a
/// precision, which learning moves as log sigma, or leaves alone; then one array a coupling under the name
/// that it was given: W [columns of a, columns of b], J [columns, columns] or [edges].
template <std::floating_point T> class BlockBoltzmann {
 public:
  using real_type = T;
  struct Coupling {
    BlockId a, b; ///< a < b, or a == b for the couplings inside a block
    std::string name;
    std::shared_ptr<const Graph> graph{}; ///< of couplings inside a block; null: dense
  };
  /// Of a block with a precision.
  struct Sigma {
    SigmaForm form = SigmaForm::variance;
    bool learned = false;
    double value = 1; ///< at the start
  };

  /// `sigmas` has an entry a block, which matters for gaussian and rectified units. Throws InputError for a
  /// coupling of such a block with itself.
  BlockBoltzmann(StateSpace space, std::vector<Coupling> couplings, std::vector<Sigma> sigmas = {});

  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId b) const;
  bool coupled(BlockId a, BlockId b) const;
  bool linear_in(BlockId b) const { return !(has_sigma(b) && sigmas_[b].learned); }
  void energy(const State<T>& x, std::span<double> out) const;
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;
  SelfCoupling<T> self_coupling(BlockId b) const;
  void block_free_energy(const State<T>& x, std::span<const BlockId> blocks, std::span<double> out) const;
  /// Of gaussian blocks.
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const;
  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }
  void add_parameter_gradient(const State<T>& x, std::span<const double> weights, Parameters<T>& g) const;
  void add_variance_gradient(const State<T>& x, BlockId b, std::span<const double> w, Parameters<T>& g) const;
  /// Of machines whose units are all gaussian. Throws DivergenceError where the precision matrix is not
  /// positive definite, which no law has.
  double log_partition() const;

  // Of machines whose blocks are a chain, each coupled with the next one only (rbm, dbm).
  Stack<T> stack() const;
  /// Each layer that has another one on its other side is entered twice (Salakhutdinov & Hinton 2009, section
  /// 3.3): so that together they give every unit the input that it will have.
  BlockBoltzmann layer(std::size_t l) const;
  void set_layer(std::size_t l, const Parameters<T>& learned);

 private:
  bool is_chain() const;
  bool has_sigma(BlockId b) const { return !space_[b].discrete() && space_[b].natural_width() == 2; }
  const Batch<T>& bias(BlockId b) const { return parameters_[b].value; }
  double sigma(BlockId b, std::size_t j) const {
    return std::exp(double(parameters_[sigma_array_[b]].value(0, j)));
  }
  const Batch<T>& coupling(std::size_t k) const { return parameters_[first_coupling_ + k].value; }
  /// theta = offset + scale · field of unit j of a block with a precision, and gamma.
  struct Unit {
    double offset, scale, gamma;
  };
  Unit unit(BlockId b, std::size_t j) const;
  /// What the couplings see of block b; `scratch` holds it where it is not the values themselves.
  linalg::Factor<T> operand(const State<T>& x, BlockId b, Batch<T>& scratch) const;
  /// f += the field [chains, columns] on block b of the other blocks, before its own x̃.
  void add_fields(const State<T>& x, BlockId b, Batch<T>& f) const;
  /// out −= the terms of block b alone that do not depend on others (sign turned: out is a log-weight).
  void subtract_potential(const State<T>& x, BlockId b, std::span<double> out) const;
  /// Energy of all terms that do not touch the blocks `without`.
  void partial_energy(const State<T>& x, std::span<const BlockId> without, std::span<double> out) const;
  void add_sigma_gradient(const State<T>& x, BlockId b, std::span<const double> w, Parameters<T>& g) const;

  StateSpace space_;
  std::vector<Coupling> couplings_;
  std::vector<Sigma> sigmas_;
  std::vector<std::size_t> sigma_array_; ///< number of the block's array
  std::size_t first_coupling_ = 0;
  Parameters<T> parameters_;
};

extern template class BlockBoltzmann<float>;
extern template class BlockBoltzmann<double>;

} // namespace ebm
