#include "experiments/report/run_status.hpp"

#include <charconv>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::size_t most_running = 20, most_failures = 20;

constexpr std::array<TrialState, 6> all_states{TrialState::done,        TrialState::running,
                                               TrialState::failed,      TrialState::diverged,
                                               TrialState::interrupted, TrialState::pending};

std::optional<std::uint64_t> to_count(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                                   : std::nullopt;
}

/// Length of the training, where config.yaml states it.
void read_plan_of(const fs::path& config, RunningTrial& trial) {
  std::error_code error;
  if (!fs::exists(config, error)) return;
  Diagnostics unused; // half a file is no error: the trial is about to write it
  const Node tree = read_yaml(read_text(config), config.string(), unused);
  const Node* trainer = tree.find("trainer");
  if (trainer == nullptr) return;
  if (const Node* n = trainer->find("updates")) trial.planned_updates = to_count(n->scalar());
  if (const Node* n = trainer->find("epochs"); n != nullptr && !trial.planned_updates)
    trial.planned_epochs = to_count(n->scalar());
}

RunningTrial look_at(const RunRecord& run, const Trial& t) {
  RunningTrial r;
  r.trial = t.index;
  const fs::path folder = run.trial_folder(t);
  const CsvTable metrics = read_table(folder / "metrics.csv", true);
  r.updates = to_count(metrics.last("update")).value_or(0);
  r.epoch = to_count(metrics.last("epoch")).value_or(0);
  read_plan_of(folder / "config.yaml", r);
  const double spent = to_number(read_table(folder / "timing.csv", true).last("wall_s"));
  std::error_code error;
  const auto written = fs::last_write_time(folder / "timing.csv", error);
  if (error || std::isnan(spent)) return r;
  const std::chrono::duration<double> since = fs::file_time_type::clock::now() - written;
  r.seconds = spent + std::max(since.count(), 0.0); // another machine's clock may be ahead
  return r;
}

/// Means of what is known of trials' durations.
struct Average {
  double sum = 0;
  std::size_t n = 0;
  void add(double value) { sum += value, ++n; }
  std::optional<double> mean() const { return n == 0 ? std::nullopt : std::optional(sum / double(n)); }
};

std::string on_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return text;
}

std::string progress_text(const RunningTrial& t) {
  if (t.planned_epochs)
    return fmt::format("epoch {} of {} ({} updates)", t.epoch, *t.planned_epochs, t.updates);
  return t.planned_updates ? fmt::format("{} of {} updates", t.updates, *t.planned_updates)
                           : fmt::format("{} updates", t.updates);
}

std::string activity_text(const RunStatus& s) {
  if (!s.run.active) return s.run.all_ended() ? "all trials have ended" : "stopped: no process works on it";
  return "a process works on it; time left: " +
         (s.seconds_left ? "about " + duration(*s.seconds_left) : "unknown until a trial has made some way");
}

std::string counts_text(const RunRecord& run) {
  std::string text;
  for (const TrialState state : all_states)
    if (const std::size_t n = run.count(state); n != 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, name_of(state));
  return fmt::format("{} trial{}: {}", run.trials.size(), run.trials.size() == 1 ? "" : "s", text);
}

} // namespace

std::optional<double> RunningTrial::fraction() const {
  const auto of = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 1.0 : std::min(1.0, double(part) / double(whole));
  };
  if (planned_updates) return of(updates, *planned_updates);
  if (planned_epochs) return of(epoch, *planned_epochs);
  return {};
}

std::optional<double> seconds_left(const RunRecord& run, std::span<const RunningTrial> running) {
  std::vector<Average> of_setting(run.settings.size());
  Average overall;
  for (const Trial& t : run.trials)
    if (const TrialOutcome& o = run.outcomes[t.index]; o.state == TrialState::done) {
      of_setting[t.setting].add(o.seconds);
      overall.add(o.seconds);
    }
  std::vector<std::optional<double>> projected(run.trials.size()), spent(run.trials.size());
  for (const RunningTrial& r : running) {
    spent[r.trial] = r.seconds;
    if (const auto f = r.fraction(); f && *f > 0 && r.seconds) {
      projected[r.trial] = *r.seconds / *f;
      overall.add(*projected[r.trial]);
    }
  }
  if (overall.n == 0) return {};
  double sum = 0, longest = 0;
  for (const Trial& t : run.trials) {
    const TrialOutcome& o = run.outcomes[t.index];
    if (has_ended(o.state)) continue;
    const auto known = of_setting[t.setting].mean();
    const double needed = known ? *known : projected[t.index].value_or(*overall.mean());
    const double left = std::max(needed - spent[t.index].value_or(o.seconds), 0.0);
    sum += left;
    longest = std::max(longest, left);
  }
  return std::max(sum / double(std::max<std::size_t>(running.size(), 1)), longest);
}

RunStatus status_of(RunRecord run) {
  RunStatus s{std::move(run), {}, {}};
  for (const Trial& t : s.run.trials)
    if (s.run.outcomes[t.index].state == TrialState::running) s.running.push_back(look_at(s.run, t));
  if (s.run.active) s.seconds_left = seconds_left(s.run, s.running);
  return s;
}

std::string text_of(const RunStatus& s) {
  std::string text = fmt::format("{}  ({})\n{}\n{}\n", s.run.name, s.run.folder.string(), activity_text(s),
                                 counts_text(s.run));
  if (!s.running.empty()) {
    TextTable t{{"running", "progress"}, {}, {}};
    for (const RunningTrial& r : std::span(s.running).first(std::min(s.running.size(), most_running)))
      t.rows.push_back({s.run.trials[r.trial].folder, progress_text(r)});
    text += "\n" + t.plain();
    if (s.running.size() > most_running)
      text += fmt::format("and {} more\n", s.running.size() - most_running);
  }
  std::size_t failures = 0;
  for (const Trial& t : s.run.trials) {
    const TrialOutcome& o = s.run.outcomes[t.index];
    if (!has_failed(o.state) || ++failures > most_failures) continue;
    text +=
        fmt::format("{}{}: {}: {}\n", failures == 1 ? "\n" : "", (s.run.trial_folder(t) / "log.txt").string(),
                    name_of(o.state), on_one_line(o.message));
  }
  if (failures > most_failures) text += fmt::format("and {} more\n", failures - most_failures);
  return text;
}

Json json_of(const RunStatus& s) {
  Json counts = Json::object(), running = Json::array(), failures = Json::array();
  for (const TrialState state : all_states) counts[std::string(name_of(state))] = s.run.count(state);
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(); };
  for (const RunningTrial& r : s.running)
    running.push_back({{"trial", s.run.trials[r.trial].folder},
                       {"updates", r.updates},
                       {"planned_updates", optional(r.planned_updates)},
                       {"epoch", r.epoch},
                       {"planned_epochs", optional(r.planned_epochs)}});
  for (const Trial& t : s.run.trials)
    if (const TrialOutcome& o = s.run.outcomes[t.index]; has_failed(o.state))
      failures.push_back({{"trial", t.folder},
                          {"state", name_of(o.state)},
                          {"message", o.message},
                          {"log", (s.run.trial_folder(t) / "log.txt").string()}});
  return {{"name", s.run.name},     {"folder", s.run.folder.string()},
          {"active", s.run.active}, {"trials", s.run.trials.size()},
          {"counts", counts},       {"seconds_left", optional(s.seconds_left)},
          {"running", running},     {"failures", failures}};
}

TextTable status_table(std::span<const RunStatus> runs) {
  TextTable t;
  t.header = {"run", "process", "trials"};
  t.right_aligned = {false, false, true};
  for (const TrialState state : all_states) {
    t.header.emplace_back(name_of(state));
    t.right_aligned.push_back(true);
  }
  t.header.emplace_back("time left");
  for (const RunStatus& s : runs) {
    t.rows.push_back(
        {s.run.folder.string(), s.run.active ? "works" : "none", std::to_string(s.run.trials.size())});
    for (const TrialState state : all_states) t.rows.back().push_back(std::to_string(s.run.count(state)));
    if (s.run.active) t.rows.back().push_back(s.seconds_left ? duration(*s.seconds_left) : "unknown");
  }
  return t;
}

} // namespace ebm::experiments
