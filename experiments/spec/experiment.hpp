// A whole experiment: its settings (the sweep), its replicates (the seeds) and the trials they make.
#pragma once
#include <filesystem>

#include "experiments/spec/spec.hpp"

namespace ebm::experiments {

/// One coordinate of a setting: axis `method` has the value `CD-1`, axis `model.hidden` the value `16`.
struct Label {
  std::string axis, value;
  bool operator==(const Label&) const = default;
};

/// "trainer.optimizer.lr" -> "lr".
std::string last_part(const std::string& axis);

/// "method=CD-1 lr=0.05"; "default" without labels.
std::string setting_name(std::span<const Label> labels);

struct Setting {
  std::vector<Label> labels; ///< in the order of the sweep
  TrialSpec spec;
  std::string name() const { return setting_name(labels); }
};

struct Trial {
  std::size_t index = 0; ///< place in the plan, from 0
  std::size_t setting = 0;
  std::int64_t replicate = 1;
  std::string identity; ///< hash of the resolved configuration, the replicate and the results version
  std::string folder;   ///< "0041-method=PCD-1-lr=0.05-s2-9f3c1a"
};

enum class Goal : std::uint8_t { maximize, minimize };
struct ReportSpec {
  std::string metric;                  ///< column of metrics.csv; empty: as RunResults::primary says
  std::optional<Goal> goal;            ///< of the metric, where the file says it
  std::optional<std::size_t> baseline; ///< the setting that others are compared with
};
/// The report section, checked against the labels of the settings: the baseline must select exactly one.
ReportSpec read_report(const Node* section, std::span<const std::vector<Label>> settings,
                       Diagnostics& diagnostics);

struct CheckpointSpec {
  Duration every{60};
  std::optional<std::int64_t> keep = 2; ///< files of a trial that is not done; none: done ones keep them too
};
struct OutputSpec {
  std::string dir = "runs";
  CheckpointSpec checkpoint;
  std::optional<Duration> max_wall_time; ///< of one process
};
/// The options of `report` but for its baseline, and those of `output`.
void visit_report(ReportSpec& r, OptionVisitor& v);
void visit_output(OutputSpec& o, OptionVisitor& v);

struct Experiment {
  std::filesystem::path file, base; ///< the experiment file, and the folder that its paths are relative to
  std::string text;                 ///< byte copy of the file
  std::vector<std::string> overrides;
  Node tree; ///< with the overrides in it
  std::string name, description;
  std::vector<Setting> settings;
  std::vector<std::int64_t> replicates;
  std::vector<Trial> trials; ///< settings in the order of the sweep, replicates innermost
  ReportSpec report;
  OutputSpec output;
  /// The run's folder.
  std::filesystem::path folder() const { return std::filesystem::path(output.dir) / name; }
};

/// 32 hexadecimal digits (XXH3): what trials are identified by.
std::string content_hash(std::string_view content);

/// What the command line adds to a file.
struct Overrides {
  std::vector<std::string> values; ///< "model.hidden=64"
  std::vector<std::string> sweeps; ///< "trainer.optimizer.lr=0.1,0.2"
};

/// Reads and expands a file. All errors go to the diagnostics; the experiment is usable only if there are
/// none.
Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides,
                           Diagnostics& diagnostics);

/// The most trials of an experiment: all of them are checked, and held in memory, before the first one
/// starts.
inline constexpr std::size_t largest_plan = 20000;

} // namespace ebm::experiments
