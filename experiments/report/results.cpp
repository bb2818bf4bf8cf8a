#include "experiments/report/results.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace ebm::experiments {
namespace {

/// Which values are better, by the metric's name; nothing where it is not known.
std::optional<Goal> natural_goal(std::string_view metric) {
  const auto contains = [&](std::string_view part) { return metric.find(part) != std::string_view::npos; };
  for (const char* higher : {"likelihood", "elbo", "probe_accuracy", "recall."})
    if (contains(higher)) return Goal::maximize;
  for (const char* lower : {"classification_error", "reconstruction_error", "net_error", "net_loss"})
    if (contains(lower)) return Goal::minimize;
  return std::nullopt;
}

bool needs_partition(const std::string& metric) {
  const std::string name = last_part(metric);
  return name == "log_likelihood" || name == "elbo" || metric == "log_partition";
}

void add_once(std::vector<std::string>& to, const std::string& name) {
  if (std::ranges::find(to, name) == to.end()) to.push_back(name);
}

} // namespace

std::pair<bool, double> rank_key(double mean, Goal goal) {
  if (std::isnan(mean)) return {true, 0};
  return {false, goal == Goal::minimize ? mean : -mean};
}

RunResults::RunResults(RunRecord run) : run_(std::move(run)), trials_of_(run_.settings.size()) {
  for (const Trial& t : run_.trials) {
    const auto folder = run_.trial_folder(t);
    metrics_.push_back(read_table(folder / "metrics.csv", true));
    timing_.push_back(read_table(folder / "timing.csv", true));
    trials_of_[t.setting].push_back(t.index);
    replicates_.push_back(t.replicate);
    for (const std::string& name : metrics_.back().header) {
      if (name == "update" || name == "epoch") continue;
      add_once(columns_, name);
      if (!metrics_.back().last(name).empty()) shown_.insert(name);
    }
  }
  std::ranges::sort(replicates_);
  replicates_.erase(std::ranges::unique(replicates_).begin(), replicates_.end());
  for (auto& trials : trials_of_)
    std::ranges::sort(trials, {}, [&](std::size_t t) { return run_.trials[t].replicate; });
  for (const auto& labels : run_.settings)
    for (const Label& l : labels) add_once(axes_, l.axis);
  for (const std::string& name : columns_)
    if (name != "log_partition.estimator" && !name.ends_with(".standard_error")) measured_.push_back(name);
  primary_ = run_.report.metric;
  // The net that fine-tuning makes is what such a run is for.
  for (const char* name : {"test.net_error", "validation.net_error", "train.net_error"})
    if (primary_.empty() && std::ranges::find(measured_, name) != measured_.end()) primary_ = name;
  for (const std::string& name : measured_)
    if (primary_.empty() && name != "acceptance") primary_ = name;
}

std::string RunResults::label(std::size_t setting, const std::string& axis) const {
  const auto& labels = run_.settings[setting];
  const auto it = std::ranges::find(labels, axis, &Label::axis);
  return it == labels.end() ? "" : it->value;
}

SeedValues RunResults::values_by_seed(std::size_t setting, const std::string& column) const {
  SeedValues values;
  for (const std::size_t t : trials_of_[setting])
    if (run_.outcomes[t].state == TrialState::done)
      values[run_.trials[t].replicate] = to_number(cell(t, column));
  return values;
}

std::vector<double> RunResults::finals(std::size_t setting, const std::string& column) const {
  const SeedValues values = values_by_seed(setting, column);
  std::vector<double> v;
  for (const std::int64_t replicate : replicates_) {
    const auto it = values.find(replicate);
    v.push_back(it == values.end() ? std::numeric_limits<double>::quiet_NaN() : it->second);
  }
  return v;
}

Summary RunResults::difference(std::size_t setting, const std::string& column) const {
  return paired_difference(finals(setting, column), finals(run_.report.baseline.value(), column));
}

std::vector<double> RunResults::training_seconds(std::size_t setting) const {
  std::vector<double> seconds;
  for (const std::size_t t : trials_of_[setting])
    if (run_.outcomes[t].state == TrialState::done) seconds.push_back(to_number(timing_[t].last("train_s")));
  return seconds;
}

std::optional<Goal> RunResults::direction(const std::string& metric) const {
  if (metric == primary_ && run_.report.goal) return run_.report.goal;
  return natural_goal(metric);
}

std::string RunResults::estimator(std::size_t setting) const {
  for (const std::size_t t : trials_of_[setting])
    if (!metrics_[t].rows.empty()) return cell(t, "log_partition.estimator");
  return "";
}

std::string RunResults::estimator(std::size_t setting, const std::string& metric) const {
  return needs_partition(metric) ? estimator(setting) : "";
}

bool RunResults::shows_estimator() const {
  return needs_partition(primary_) && shows("log_partition.estimator");
}

std::size_t RunResults::count(std::size_t setting, TrialState state) const {
  return std::size_t(std::ranges::count_if(trials_of_[setting],
                                           [&](std::size_t t) { return run_.outcomes[t].state == state; }));
}

std::string RunResults::not_done(std::size_t setting) const {
  std::string s;
  for (const TrialState state : {TrialState::failed, TrialState::diverged, TrialState::interrupted,
                                 TrialState::running, TrialState::pending})
    if (const std::size_t n = count(setting, state); n != 0)
      s += fmt::format("{}{} {}", s.empty() ? "" : ", ", n, name_of(state));
  return s;
}

std::vector<std::size_t> RunResults::ranking() const {
  std::vector<std::size_t> ranked(settings());
  std::iota(ranked.begin(), ranked.end(), std::size_t(0));
  const std::optional<Goal> goal = direction(primary_);
  if (!goal) return ranked;
  std::vector<std::pair<bool, double>> keys;
  for (const std::size_t s : ranked) keys.push_back(rank_key(summary(s, primary_).mean, *goal));
  std::ranges::stable_sort(ranked, {}, [&](std::size_t s) { return keys[s]; });
  return ranked;
}

} // namespace ebm::experiments
