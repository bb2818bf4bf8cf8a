// What the trials' files say together: summary.csv, settings.csv, summary.md, summary.svg.
#pragma once
#include "experiments/report/text_table.hpp"
#include "experiments/run/trial.hpp"

namespace ebm::experiments {

/// Writes the four files from the trials' metrics.csv and gives the table of the settings.
TextTable summarise_run(const Experiment& experiment, const std::vector<TrialOutcome>& outcomes,
                        const std::filesystem::path& run);

} // namespace ebm::experiments
