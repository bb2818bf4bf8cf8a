// How far a run is, for people and programs, also while another process works on it.
#pragma once
#include "experiments/report/text_table.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {

struct RunningTrial {
  std::size_t trial = 0;
  std::uint64_t updates = 0, epoch = 0;                         ///< at the last evaluation
  std::optional<std::uint64_t> planned_updates, planned_epochs; ///< at most one of them is known
  std::optional<double> seconds; ///< spent on it until now; unknown before the first evaluation

  /// In [0, 1]; nothing without a plan.
  std::optional<double> fraction() const;
};

struct RunStatus {
  RunRecord run;
  std::vector<RunningTrial> running;
  std::optional<double> seconds_left; ///< only while a process works; nothing if it cannot be judged yet
};

/// Looks at the files of running trials too.
RunStatus status_of(RunRecord run);

/// What the trials that have not ended still need, divided by as many as run side by side. A trial takes as
/// long as those of its setting did, else as its own progress says, else as the average of all known ones.
std::optional<double> seconds_left(const RunRecord& run, std::span<const RunningTrial> running);

/// One screen.
std::string text_of(const RunStatus& status);
nlohmann::ordered_json json_of(const RunStatus& status);

/// A line a run.
TextTable status_table(std::span<const RunStatus> runs);

} // namespace ebm::experiments
