// A run: its folder, its plan, and the trials worked through on all cores.
#pragma once
#include "experiments/report/text_table.hpp"
#include "experiments/run/trial.hpp"

namespace ebm::experiments {

/// Order in which pending trials are taken; results never depend on it.
enum class TrialOrder : std::uint8_t { plan, reversed, shuffled };

struct RunOptions {
  std::size_t threads = 0; ///< cores in total; 0 is all there are
  ProgressStyle progress = ProgressStyle::automatic;
  TrialOrder order = TrialOrder::plan;
  std::vector<std::string> arguments;  ///< the command line, for provenance.json
  std::vector<std::string> warnings{}; ///< about the environment: a line each before the first trial
};

struct RunResult {
  std::filesystem::path folder;
  TextTable table;
  std::vector<Trial> trials;          ///< with the folders they really have
  std::vector<TrialOutcome> outcomes; ///< one a trial
  std::size_t skipped = 0;            ///< trials that an earlier process had finished
  bool interrupted = false;
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

/// The experiment's values as YAML, each with a comment that says where it came from.
std::string resolved_yaml(const Experiment& experiment);
/// One line of JSON a trial.
std::string plan_lines(const Experiment& experiment);
/// Who made the run, with what: one JSON object.
std::string provenance_json(const Experiment& experiment, const RunOptions& options);

} // namespace ebm::experiments
