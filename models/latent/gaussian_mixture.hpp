// A mixture of spherical Gaussians as a latent-variable energy.
#pragma once
#include "ebm/concepts/energy.hpp"

namespace ebm {

/// E(y, z) = ½ ‖(y − W z)/sigma‖² − component_bias·z with y real (block `visible`) and z one-hot (block
/// `component`, latent). With one sigma a component, sigma is the chosen component's. In the multilinear form
/// E = Σ_k z_k (½ ‖y − W_k‖²/sigma_k² − b_k), which also holds for means z.
///
/// The law of the components is π_k ∝ exp(b_k) sigma_k^d, and log Z = log Σ_k exp(b_k) (2π sigma_k²)^{d/2}.
/// Arrays: W [dimension, components], sigma [1] or [components] (moved by learning as its logarithm),
/// component_bias [components].
template <std::floating_point T> class GaussianMixture {
 public:
  using real_type = T;
  GaussianMixture(std::size_t dimension, std::size_t components, bool sigma_per_component);

  const StateSpace& space() const { return space_; }
  void energy(const State<T>& x, std::span<double> out) const;
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const;
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const;
  void free_energy(const State<T>& x, std::span<double> out) const;
  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }
  void add_parameter_gradient(const State<T>& x, std::span<const double> weights, Parameters<T>& g) const;
  double log_partition() const;
  void add_model_gradient(double scale, Parameters<T>& g) const;

 private:
  static constexpr BlockId visible = 0, component = 1;
  std::size_t dimension() const { return space_[visible].sites; }
  std::size_t components() const { return space_[component].columns(); }
  double mean(std::size_t i, std::size_t k) const { return double(parameters_[0].value(i, k)); }
  double log_sigma(std::size_t k) const { return double(parameters_[1].value(0, sigma_index(k))); }
  double bias(std::size_t k) const { return double(parameters_[2].value(0, k)); }
  std::size_t sigma_index(std::size_t k) const { return parameters_[1].value.size() == 1 ? 0 : k; }
  /// ½ ‖y − W_k‖² / sigma_k² − b_k
  double component_energy(std::span<const T> y, std::size_t k) const;

  StateSpace space_;
  Parameters<T> parameters_;
};

extern template class GaussianMixture<float>;
extern template class GaussianMixture<double>;

} // namespace ebm
