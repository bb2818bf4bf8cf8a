// Mean-field inference of latents, and the lower bound on the log-likelihood that comes with it.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

struct MeanFieldOptions {
  std::size_t sweeps = 30; ///< most sweeps over all latent blocks
  double tolerance = 0;    ///< stops when no mean moves by more; 0: makes all sweeps
};

template <std::floating_point T> struct MeanFieldScratch { Batch<T> eta, previous; };

/// Why mean field does not fit the energy, or nothing: latent blocks must be discrete and give their
/// conditional laws.
template <std::floating_point T> std::optional<std::string> check_mean_field(const AnyEnergy<T>& e);

/// Sets the latents of x to the means of the factorised law that is closest, given the visible values
/// (Salakhutdinov & Hinton 2009, section 3.1): from independent fair units, block after block takes its
/// conditional means given the others', the last blocks last. That raises the bound at every step. The units
/// of a self-coupled block are updated at once and move half of the way, which may lower it on the way.
template <std::floating_point T>
void mean_field(const AnyEnergy<T>& e, State<T>& x, const MeanFieldOptions& options,
                MeanFieldScratch<T>& scratch);

/// For each row the lower bound −E_q[E] + H(q) ≤ −F(visible), with the mean-field law q; less log Z it is a
/// lower bound on log p. Base measures are included.
template <std::floating_point T>
std::vector<double> mean_field_bounds(const AnyEnergy<T>& e, const Rows<T>& data,
                                      const MeanFieldOptions& options);

} // namespace ebm
