// Which trial of which run a path on the command line means.
#pragma once
#include <filesystem>

namespace ebm::experiments {

struct TrialPath {
  std::filesystem::path folder; ///< that holds the trial's config.yaml
  std::filesystem::path base;   ///< that paths in config.yaml are relative to
};

/// `given` is a trial's folder, RUN/NAME or RUN/NUMBER of a trial of the run, or a run of a single trial.
/// Without the run's provenance.json paths are relative to the current folder. Throws InputError, which lists
/// the trials where there is a choice.
TrialPath find_trial(const std::filesystem::path& given);

} // namespace ebm::experiments
