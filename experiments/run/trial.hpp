// One trial: from its specification to the files in its folder.
#pragma once
#include <atomic>

#include "experiments/program/progress.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {

enum class TrialState : std::uint8_t { pending, running, done, failed, diverged, interrupted };
std::string_view name_of(TrialState state);

struct TrialOutcome {
  TrialState state = TrialState::pending;
  std::string message; ///< why it failed or diverged
};

/// Trains (or samples), evaluates and writes config.yaml, metrics.csv, timing.csv, params.npz, log.txt and,
/// last, status.json. Never throws: what goes wrong is the outcome. Stops early, as `interrupted`, when
/// `stop` is set.
TrialOutcome run_trial(const Setting& setting, const Trial& trial, const std::filesystem::path& folder,
                       Session& session, Progress::Trial& progress, const std::atomic<bool>& stop);

/// Number of steps that the progress display counts; the data tell how many an epoch has.
std::uint64_t planned_steps(const TrialSpec& spec, std::int64_t replicate, Session& session);

/// The outcome that a folder's status.json holds; pending if there is none for this trial, or if the files of
/// a done trial are gone.
TrialOutcome read_status(const std::filesystem::path& folder, const Trial& trial, const TrialSpec& spec);

} // namespace ebm::experiments
