// From the specification of a setting to live objects: data, energy, sampler, estimator.
#pragma once
#include <filesystem>

#include "ebm/concepts/estimator.hpp"
#include "ebm/learning/trainer.hpp"
#include "experiments/data/cache.hpp"
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

/// What all trials of a process share.
struct Session {
  std::filesystem::path base; ///< folder that paths of the file are relative to
  DataCache cache;
  std::int64_t pictured_replicate = 1; ///< whose trials write figures: those that the report shows
};

/// The key of all random numbers of a replicate.
random::Key replicate_key(const TrialSpec& spec, std::int64_t replicate);

/// Brings data [rows, visible columns] into the values of the visible units, block by block: 0 becomes -1 in
/// columns of spins, and all others stay, the one-hot labels of a categorical block too. Throws InputError
/// where they do not fit; `which` names the rows there.
template <std::floating_point T>
void fit_to_units(const StateSpace& space, Batch<T>& data, std::string_view which);

/// The prepared data, in the values of the energy's visible units (0/1 data become −1/+1 for spins), read
/// once a process; null when the setting has no data. Throws InputError.
template <std::floating_point T>
std::shared_ptr<const Dataset<T>> load_data(const TrialSpec& spec, std::int64_t replicate, Session& session);

/// The energy with its parameters at their initial or loaded values. Throws InputError.
template <std::floating_point T>
AnyEnergy<T> build_energy(const ModelSpec& spec, const Dataset<T>* data, const std::filesystem::path& base,
                          random::Key key);

template <std::floating_point T> AnySampler<T> build_sampler(const SamplerSpec& spec);
/// The type of the default sampler: ancestral where there are directed layers, gibbs where it fits, else
/// metropolis.
template <std::floating_point T> std::string default_sampler_type(const AnyEnergy<T>& e);
template <std::floating_point T> AnySampler<T> default_sampler(const AnyEnergy<T>& e);
template <std::floating_point T> AnyEstimator<T> build_estimator(const TrialSpec& spec);

/// Everything that can be known to be wrong with a setting before anything runs: files, sizes, capabilities.
/// Gives one message for each problem.
std::vector<std::string> check_setting(const TrialSpec& spec, std::int64_t replicate, Session& session,
                                       bool training);

} // namespace ebm::experiments
