// Pseudo-likelihood (Besag 1975), reconstruction error and free energies of data rows.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// Free energy of each row, latents summed out.
template <std::floating_point T>
std::vector<double> row_free_energies(const AnyEnergy<T>& e, const Rows<T>& data);

/// log of base(x) exp(−F(x)) of each row, which is log p(x) + log Z.
template <std::floating_point T>
std::vector<double> row_log_weights(const AnyEnergy<T>& e, const Rows<T>& data);

/// Σ_i log p(x_i | x_−i) of each row, latents summed out: from the fields of a fully visible machine in one
/// product, else from sites × levels free energies a row. Discrete visible units only.
template <std::floating_point T>
std::vector<double> pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data);

/// An unbiased estimate of the same from one site a row, drawn at `sweep`: sites × log p(x_i | x_−i).
template <std::floating_point T>
std::vector<double> stochastic_pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data,
                                                  const random::Draws& draws, std::uint64_t sweep);

/// sites × log σ(F(x with one site flipped) − F(x)) for the same site a row: v becomes 1 − v, a spin −v. That
/// of stochastic_pseudo_likelihoods where rows hold two values; on values between them it is scikit-learn's
/// BernoulliRBM.score_samples, which takes them as they are instead of as probabilities. Visible units of two
/// values only.
template <std::floating_point T>
std::vector<double> flip_pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data,
                                            const random::Draws& draws, std::uint64_t sweep);

/// Mean over the columns of the squared difference between a row and the mean visible given a draw of the
/// hidden block, for each row. Needs visible blocks and one latent block that are independent given the rest.
template <std::floating_point T>
std::vector<double> reconstruction_errors(const AnyEnergy<T>& e, const Rows<T>& data,
                                          const random::Draws& draws, std::uint64_t sweep);

/// Why a quantity is not available for this energy, in words, or nothing.
template <std::floating_point T> std::optional<std::string> check_pseudo_likelihood(const AnyEnergy<T>& e);
template <std::floating_point T>
std::optional<std::string> check_flip_pseudo_likelihood(const AnyEnergy<T>& e);
template <std::floating_point T> std::optional<std::string> check_reconstruction(const AnyEnergy<T>& e);

} // namespace ebm
