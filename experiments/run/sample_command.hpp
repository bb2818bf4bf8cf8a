// `ebm sample`: draws from the model that a trial has learned, with any units held fixed.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ebm::experiments {

struct SampleOptions {
  std::filesystem::path trial;  ///< as find_trial takes it
  std::filesystem::path output; ///< folder; empty: TRIAL/samples
  std::size_t chains = 64, sweeps = 1000;
  std::string start;                ///< data or random; empty: data where there are any
  std::string from;                 ///< test or train rows; empty: test rows where there are any
  std::size_t first = 0;            ///< the row of the first chain; the next ones follow, round the end
  std::optional<std::int64_t> seed; ///< in place of the trial's
  bool means = false;               ///< conditional means of visible units in place of values
  std::vector<std::string> clamp;   ///< as read_clamp takes them
  std::size_t threads = 0;          ///< cores; 0 is all there are
};

/// Runs chains of the trial's sampler, or the default one where that is gibbs and does not fit or the model
/// has directed layers, or where it does not fit with units held fixed, and writes
///   samples.npy  [chains, visible columns]: the last values, or with `means` the means of free units given
///                all others, where the energy gives them; clamped columns keep their values;
///   samples.png  where the data are images: chains, or if columns are clamped strips of three rows: data
///   rows,
///                the same with free pixels light grey, and what the chains made of them.
/// A pure function of the trial and the options. Returns the paths of what was written. Throws InputError,
/// also where the content of the trial's data or parameter files has changed since the run.
std::vector<std::filesystem::path> write_samples(const SampleOptions& options);

} // namespace ebm::experiments
