#include "experiments/store/record.hpp"

#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sys/file.h>

#include "experiments/io/files.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/spec/sweep.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    cells.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

/// Whether some process holds the run's lock.
bool is_locked(const fs::path& folder) {
  const Descriptor file(::open((folder / "lock").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return file.number() >= 0 && ::flock(file.number(), LOCK_SH | LOCK_NB) != 0;
}

/// Name, description and report, from resolved.yaml.
void read_resolved(RunRecord& run, const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return;
  run.resolved = read_regular(file);
  Diagnostics diagnostics;
  const Node tree = read_yaml(run.resolved, file.string(), diagnostics);
  const auto text = [&](const char* key) {
    const Node* n = tree.find(key);
    return n != nullptr ? n->scalar() : "";
  };
  run.description = text("description");
  if (std::string name = text("name"); !name.empty()) run.name = std::move(name);
  run.report = read_report(tree.find("report"), run.settings, diagnostics);
  if (!diagnostics.empty()) throw InputError(diagnostics.text());
}

/// A folder is one name below trials/, of one trial only; a setting has a replicate once.
void check_plan(const std::vector<PlannedTrial>& plan, const fs::path& file) {
  std::set<std::string> folders;
  std::set<std::pair<std::size_t, std::int64_t>> replicates;
  for (const auto& [t, labels] : plan) {
    const fs::path name = t.folder;
    std::string why;
    if (t.setting >= plan.size())
      why = fmt::format("a plan of {} trials has no setting {}", plan.size(), t.setting);
    else if (t.folder.empty() || name.filename() != name || t.folder.starts_with("."))
      why = fmt::format("'{}' is no name of a trial's folder", t.folder);
    else if (t.replicate < 0 || !replicates.emplace(t.setting, t.replicate).second)
      why = fmt::format("replicate {} stands twice in a setting, or is negative", t.replicate);
    else if (!folders.insert(t.folder).second)
      why = fmt::format("the folder '{}' stands twice", t.folder);
    if (!why.empty()) throw InputError(fmt::format("{}:{}: {}", file.string(), t.index + 1, why));
  }
}

TrialState state_named(const std::string& name) {
  for (const TrialState s :
       {TrialState::done, TrialState::failed, TrialState::diverged, TrialState::interrupted})
    if (name == name_of(s)) return s;
  return TrialState::interrupted;
}

/// Whether the files of a done trial are there, as long as they were.
bool complete(const fs::path& folder, const Json& files) {
  bool all = files.contains("metrics.csv");
  for (const auto& [name, size] : files.items()) {
    std::error_code missing;
    all = all && fs::is_regular_file(folder / name, missing) && fs::file_size(folder / name, missing) == size;
  }
  return all;
}

Trial trial_of(const Json& line) {
  return {line.at("trial"), line.at("setting"), line.at("replicate"), line.at("identity"), line.at("folder")};
}

} // namespace

std::string_view name_of(TrialState state) {
  constexpr std::array<std::string_view, 6> names{"pending", "running",  "done",
                                                  "failed",  "diverged", "interrupted"};
  return names[std::size_t(state)];
}

bool has_failed(TrialState state) {
  return state == TrialState::failed || state == TrialState::diverged;
}

bool has_ended(TrialState state) {
  return state == TrialState::done || has_failed(state);
}

std::size_t RunRecord::count(TrialState state) const {
  return std::size_t(std::ranges::count(outcomes, state, &TrialOutcome::state));
}

std::string plan_lines(const Experiment& x) {
  std::string out;
  for (const Trial& t : x.trials) {
    Json labels = Json::object();
    for (const Label& l : x.settings[t.setting].labels) labels[l.axis] = l.value;
    out += Json{{"trial", t.index},         {"setting", t.setting}, {"labels", labels},
                {"replicate", t.replicate}, {"folder", t.folder},   {"identity", t.identity}}
               .dump() +
           "\n";
  }
  return out;
}

std::vector<PlannedTrial> read_plan(const fs::path& file) {
  std::vector<PlannedTrial> plan;
  const std::string text = read_regular(file);
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    try {
      const Json line = Json::parse(text.substr(begin, end - begin));
      PlannedTrial p{trial_of(line), {}};
      for (const auto& [axis, value] : line.at("labels").items()) p.labels.push_back({axis, value});
      if (p.trial.index != plan.size()) throw InputError(fmt::format("trial {} is missing", plan.size()));
      plan.push_back(std::move(p));
    } catch (const std::exception& e) {
      throw InputError(
          fmt::format("{}:{}: this is no line of a plan: {}", file.string(), plan.size() + 1, e.what()));
    }
  }
  // Programs that copy files may leave half of one; trials that are not listed would not be missed.
  if (text.empty() || text.back() != '\n')
    throw InputError(fmt::format("{}:{}: the file is cut short: copy it again, or remove it and give the "
                                 "`ebm run` command again, which writes it anew",
                                 file.string(), plan.size() + 1));
  check_plan(plan, file);
  return plan;
}

Json read_json_object(const fs::path& file) {
  std::error_code error;
  Json json;
  if (fs::exists(file, error)) json = Json::parse(read_regular(file), nullptr, false);
  return json.is_object() ? json : Json::object();
}

RunRecord read_run(const fs::path& folder, bool own) {
  RunRecord run;
  std::error_code error;
  run.folder = folder;
  run.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  if (!fs::is_directory(folder, error))
    throw InputError(folder.string() + ": expected the folder of a run, such as runs/NAME");
  if (!fs::exists(folder / "plan.jsonl", error))
    throw InputError(folder.string() + ": holds no run: plan.jsonl is missing");
  run.active = !own && is_locked(folder);
  for (PlannedTrial& p : read_plan(folder / "plan.jsonl")) {
    // Labels of settings that no trial has would stay empty: the plan has a trial for each.
    if (run.settings.size() <= p.trial.setting) run.settings.resize(p.trial.setting + 1);
    run.settings[p.trial.setting] = std::move(p.labels);
    TrialOutcome outcome = read_status(folder / "trials" / p.trial.folder, p.trial);
    if (outcome.state == TrialState::interrupted && run.active &&
        !fs::exists(folder / "trials" / p.trial.folder / "status.json", error))
      outcome.state = TrialState::running;
    run.outcomes.push_back(std::move(outcome));
    run.trials.push_back(std::move(p.trial));
  }
  read_resolved(run, folder / "resolved.yaml");
  run.provenance = read_json_object(folder / "provenance.json");
  return run;
}

void write_status(const fs::path& folder, const Trial& trial, const TrialOutcome& outcome,
                  const std::vector<std::string>& files) {
  Json status{{"state", name_of(outcome.state)},
              {"identity", trial.identity},
              {"replicate", trial.replicate},
              {"updates", outcome.updates},
              {"wall_s", outcome.seconds}};
  if (!outcome.message.empty()) status["error"] = outcome.message;
  if (outcome.state == TrialState::done)
    for (const std::string& name : files) status["files"][name] = fs::file_size(folder / name);
  write_atomically(folder / "status.json", status.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

TrialOutcome read_status(const fs::path& folder, const Trial& trial) {
  std::error_code missing;
  if (!fs::exists(folder, missing)) return {};
  TrialOutcome outcome{TrialState::interrupted, {}, 0, 0};
  const Json status = read_json_object(folder / "status.json");
  try {
    if (status.value("identity", "") != trial.identity) return outcome;
    outcome.state = state_named(status.at("state"));
    outcome.message = status.value("error", "");
    outcome.updates = status.value("updates", std::uint64_t(0));
    outcome.seconds = status.value("wall_s", 0.0);
    if (outcome.state == TrialState::done && !complete(folder, status.at("files")))
      outcome.state = TrialState::interrupted;
  } catch (const Json::exception&) {
    outcome.state = TrialState::interrupted; // not written by this program
  }
  return outcome;
}

std::optional<std::size_t> CsvTable::column(const std::string& name) const {
  const auto it = std::ranges::find(header, name);
  return it == header.end() ? std::nullopt : std::optional(std::size_t(it - header.begin()));
}
std::string CsvTable::last(const std::string& name) const {
  const auto c = column(name);
  return c && !rows.empty() ? rows.back()[*c] : "";
}
std::vector<double> CsvTable::values(const std::string& name) const {
  std::vector<double> v;
  if (const auto c = column(name))
    for (const auto& row : rows) v.push_back(to_number(row[*c]));
  return v;
}

CsvTable read_table(const fs::path& file, bool last_only) {
  CsvTable table;
  std::error_code error;
  if (!fs::exists(file, error)) return table;
  const std::string text = read_regular(file);
  std::string_view left = text;
  left = left.substr(0, left.rfind('\n') == left.npos ? 0 : left.rfind('\n')); // a kill may cut a line short
  const auto take_line = [&] {
    const std::size_t end = std::min(left.find('\n'), left.size());
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    return split_line(line);
  };
  if (!left.empty()) table.header = take_line();
  if (last_only && left.rfind('\n') != left.npos) left.remove_prefix(left.rfind('\n') + 1);
  while (!left.empty())
    if (auto cells = take_line(); cells.size() == table.header.size()) table.rows.push_back(std::move(cells));
  return table;
}

double to_number(const std::string& cell) {
  double v = std::numeric_limits<double>::quiet_NaN();
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), v);
  return error == std::errc() && end == cell.data() + cell.size() ? v
                                                                  : std::numeric_limits<double>::quiet_NaN();
}

} // namespace ebm::experiments
