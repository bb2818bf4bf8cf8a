// What a run's folder says: its plan, its settings, and what became of every trial. Reading it needs neither
// the data nor the models, and works while another process runs the trials.
#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

enum class TrialState : std::uint8_t { pending, running, done, failed, diverged, interrupted };
std::string_view name_of(TrialState state);
/// Failed or diverged.
bool has_failed(TrialState state);
/// Done, failed or diverged.
bool has_ended(TrialState state);

struct TrialOutcome {
  TrialState state = TrialState::pending;
  std::string message;       ///< why it failed or diverged
  std::uint64_t updates = 0; ///< made when it ended
  double seconds = 0;        ///< that processes spent on it, up to its end
};

struct RunRecord {
  std::filesystem::path folder;
  std::string name, description;
  ReportSpec report;
  std::vector<std::vector<Label>> settings;
  std::vector<Trial> trials;          ///< in the order of the plan
  std::vector<TrialOutcome> outcomes; ///< one a trial
  bool active = false;                ///< a process works on the run
  std::string resolved;               ///< text of resolved.yaml
  nlohmann::ordered_json provenance;  ///< an empty object if there is none

  std::filesystem::path trial_folder(const Trial& t) const { return folder / "trials" / t.folder; }
  std::string setting_name(std::size_t setting) const { return experiments::setting_name(settings[setting]); }
  std::size_t count(TrialState state) const;
  bool all_done() const { return count(TrialState::done) == trials.size(); }
  bool all_ended() const { return std::ranges::all_of(outcomes, has_ended, &TrialOutcome::state); }
};

/// The object in a JSON file; an empty one if there is no such file or it holds anything else.
nlohmann::ordered_json read_json_object(const std::filesystem::path& file);

/// `own` says that this process holds the run's lock. Throws InputError, with what is wrong, when the folder
/// holds no run.
RunRecord read_run(const std::filesystem::path& folder, bool own = false);

/// One line of JSON a trial.
std::string plan_lines(const Experiment& experiment);

/// A line of plan.jsonl.
struct PlannedTrial {
  Trial trial;
  std::vector<Label> labels;
};
/// Throws InputError with file and line.
std::vector<PlannedTrial> read_plan(const std::filesystem::path& file);

/// status.json of a trial; `files` are those that a finished trial has.
void write_status(const std::filesystem::path& folder, const Trial& trial, const TrialOutcome& outcome,
                  const std::vector<std::string>& files);

/// What status.json says of this trial. Without one, pending if there is no folder, else interrupted; a done
/// trial whose files are gone counts as interrupted too.
TrialOutcome read_status(const std::filesystem::path& folder, const Trial& trial);

/// metrics.csv or timing.csv: its lines up to the last whole one.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  std::optional<std::size_t> column(const std::string& name) const;
  /// Of the last row; empty if there is none.
  std::string last(const std::string& name) const;
  /// NaN where a cell is no number; nothing for an unknown column.
  std::vector<double> values(const std::string& name) const;
};

/// Nothing in it when there is no such file; with `last_only`, of the rows only the last one.
CsvTable read_table(const std::filesystem::path& file, bool last_only = false);

/// NaN if the text is no number.
double to_number(const std::string& cell);

} // namespace ebm::experiments
