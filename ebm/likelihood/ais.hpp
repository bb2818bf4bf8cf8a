// Annealed importance sampling (Neal 2001; Salakhutdinov & Murray 2008 for machines with latent units).
#pragma once
#include <functional>

#include "ebm/adaptors/annealed.hpp"
#include "ebm/concepts/sampler.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

struct AisOptions {
  std::size_t chains = 100;        ///< independent runs
  std::size_t temperatures = 1000; ///< intermediate laws on the linear ladder, the target included
  std::size_t sweeps = 1;          ///< sweeps of the sampler at each
  /// Asked at every temperature, on any thread: true ends the computation with Stopped.
  std::function<bool()> stopping = {};
};

/// Thrown where a computation was asked to stop.
struct Stopped {};

struct AisEstimate {
  double log_partition = 0;
  /// Of log Z by the delta method: sd(w) / (mean(w) sqrt(chains)). Says nothing of modes that no run found.
  double standard_error = 0;
  std::vector<double> log_weights; ///< [chains], log Z of the base included
};

/// Independent units with each visible block's means at the data's (probabilities are clipped to
/// [0.001, 0.999]; those of rectified units before they are cut at 0) and latent naturals at 0; without data
/// all are at 0. Precisions are those that the target has where all values are 0. Throws CapabilityError for
/// units without a normalisable law of their own.
template <std::floating_point T>
IndependentUnits<T> independent_base(const AnyEnergy<T>& target, const Rows<T>* data);

/// log Z of `target`. The weight of a step is taken at the sample of the previous law, with blocks summed out
/// where that has a closed form: the latents, or if they are coupled with each other, as many units as
/// possible (of a DBM the odd or the even layers, Salakhutdinov & Hinton 2009, section 3.2). `sampler` must
/// fit the target. Throws DivergenceError for a target that is seen not to be normalisable.
template <std::floating_point T>
AisEstimate ais(const AnyEnergy<T>& target, const IndependentUnits<T>& base, const AnySampler<T>& sampler,
                const AisOptions& options, const random::Draws& draws);

} // namespace ebm
