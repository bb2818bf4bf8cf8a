// A run: its folder, its plan, and the trials worked through on all cores.
#pragma once
#include "experiments/program/progress.hpp"
#include "experiments/report/text_table.hpp"
#include "experiments/run/control.hpp"
#include "experiments/run/setup.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {

/// Order in which pending trials are taken; results never depend on it.
enum class TrialOrder : std::uint8_t { plan, reversed, shuffled };

struct RunOptions {
  std::size_t threads = 0; ///< cores in total; 0 is all there are
  ProgressStyle progress = ProgressStyle::automatic;
  TrialOrder order = TrialOrder::plan;
  bool retry_failed = false;           ///< run failed and diverged trials again
  bool restart = false;                ///< discard an earlier run of the same name
  bool new_run = false;                ///< in a folder of its own
  bool fail_fast = false;              ///< stop at the first trial that fails or diverges
  std::vector<std::string> only{};     ///< patterns of the trials to run; none: all
  std::vector<std::string> arguments;  ///< the command line, for provenance.json
  std::vector<std::string> warnings{}; ///< about the environment: a line each before the first trial
};

struct RunResult {
  std::filesystem::path folder;
  TextTable table;                    ///< of the settings, the best ones if there are many
  std::size_t settings = 0;           ///< of the whole run
  std::vector<Trial> trials;          ///< with the folders they really have
  std::vector<TrialOutcome> outcomes; ///< one a trial
  std::size_t skipped = 0;            ///< trials that an earlier process had ended
  std::size_t not_selected = 0;       ///< pending trials that `only` leaves out
  StopReason stopped = StopReason::none;
  std::string stop_detail;
  std::string summary_error; ///< why the summaries could not be written
};

/// Checks every setting: sizes, files and capabilities, with the origin of what was varied. Returns the
/// number of problems, which go to the diagnostics.
std::size_t check_experiment(const Experiment& experiment, Session& session, bool training,
                             Diagnostics& diagnostics);

/// Makes the data's and the parameter files' content part of the trials' identities. For experiments without
/// errors.
void identify_by_content(Experiment& experiment, Session& session);

/// Runs all trials that are not done yet and writes the summaries. Throws InputError when the folder holds
/// another experiment or another process works in it.
RunResult run_experiment(Experiment experiment, Session& session, const RunOptions& options);

} // namespace ebm::experiments
