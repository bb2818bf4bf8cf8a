// One trial: from its specification to the files in its folder.
#pragma once
#include "experiments/run/work.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {

/// config.yaml: every option of the trial. Reading it gives the trial with the same identity.
std::string trial_text(const TrialSpec& spec, std::int64_t replicate);

/// Trains (or samples), evaluates and writes config.yaml, metrics.csv, timing.csv, params.npz, log.txt and,
/// last, status.json. Goes on from the newest checkpoint in the folder that is whole. Never throws: what goes
/// wrong is the outcome. A full disk stops the whole run, through `control`.
TrialOutcome run_trial(const Setting& setting, const Trial& trial, const std::filesystem::path& folder,
                       const CheckpointSpec& checkpoint, Session& session, Progress::Trial& progress,
                       RunControl& control);

} // namespace ebm::experiments
