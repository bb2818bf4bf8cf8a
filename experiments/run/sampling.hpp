// trainer.method none: draws from a given or analytic energy.
#pragma once
#include <functional>

#include "experiments/run/setup.hpp"

namespace ebm::experiments {

/// Averages over all recorded draws; the standard errors are those between the chains, which are independent.
struct SampleAverages {
  double energy = 0, energy_error = 0, mean = 0, mean_error = 0, mean_square = 0, mean_square_error = 0;
  double acceptance = 0; ///< NaN when the sampler proposes nothing
};

/// Their columns in metrics.csv, "sampled.energy", "sampled.energy.standard_error", …: none unless
/// trainer.method is none.
std::vector<std::string> sampled_columns(const TrialSpec& spec);

/// Runs the sampler's chains for burn_in sweeps, then records `draws` states `thin` sweeps apart. Writes
/// draws.npy [draws, chains, visible columns] and observables.csv (a row a draw: energy averaged over the
/// chains, mean and mean square over chains and columns, acceptance since the last row). Chains start at data
/// rows, or without data at fair discrete values and standard normals. `go_on(sweep)` is asked between draws;
/// gives nothing if it said no.
template <std::floating_point T>
std::optional<SampleAverages>
sample_model(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data, const random::Draws& draws,
             const std::filesystem::path& folder, const std::function<bool(std::uint64_t)>& go_on);

} // namespace ebm::experiments
