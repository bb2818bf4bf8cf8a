// Small instances of everything that is registered, for tests that iterate over the registry.
#pragma once
#include <string>
#include <vector>

#include "ebm/learning/discriminative.hpp"
#include "ebm/registry/registry.hpp"

namespace ebm::tests {

struct Variant {
  std::string type, options; ///< options as YAML flow text: "hidden: 2, units: spin"
  std::string name() const { return options.empty() ? type : type + "{" + options + "}"; }
};

/// Every registered model with its own example, and further variants of those of this project.
const std::vector<Variant>& model_variants();
/// Every registered sampler with its defaults, and further variants.
const std::vector<Variant>& sampler_variants();

/// The model with `columns` visible columns (where the options leave them open) and random parameters, strong
/// enough that a broken kernel shows: normal with standard deviation 0.6, scales 0.8.
AnyEnergy<double> build_model(const Variant& v, std::size_t columns);
AnySampler<double> build_sampler(const Variant& v);

struct NamedEstimator {
  std::string name;
  AnyEstimator<double> estimator;
  bool deterministic;
};
/// cd and pcd with the sampler, 1 and 3 sweeps and with the latents' samples, and hybrid with cd-1; exact and
/// discriminative once, with the first sampler.
std::vector<NamedEstimator> estimators(const Variant& sampler, std::size_t chains);

/// Sizes of the Monte Carlo laws. Under sanitizers they look for errors of memory, not of distribution, and
/// run small.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool small_samples = true;
#else
inline constexpr bool small_samples = false;
#endif
inline constexpr std::size_t drift_chains = small_samples ? 10000 : 500000;

/// Registers models and samplers once.
void register_everything();

} // namespace ebm::tests
