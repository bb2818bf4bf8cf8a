// The numbers that reports show: final values by setting, their means and paired differences.
#pragma once
#include <map>
#include <set>

#include "experiments/report/statistics.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {

/// What sorts means ascendingly with the best first: infinite ones have their place, missing ones (NaN) the
/// last.
std::pair<bool, double> rank_key(double mean, Goal goal);

/// Numbers by replicate.
using SeedValues = std::map<std::int64_t, double>;

/// The last rows of all trials' metrics.csv and timing.csv. Values are those of finished trials.
class RunResults {
 public:
  explicit RunResults(RunRecord run);

  const RunRecord& run() const { return run_; }
  std::size_t settings() const { return run_.settings.size(); }
  /// Trials of a setting, by replicate.
  const std::vector<std::size_t>& trials_of(std::size_t setting) const { return trials_of_[setting]; }
  /// What the sweep varies: method, trainer.optimizer.lr, …
  const std::vector<std::string>& axes() const { return axes_; }
  /// The setting's value on the axis; empty if it has none.
  std::string label(std::size_t setting, const std::string& axis) const;
  /// Of any trial's metrics.csv, without update and epoch.
  const std::vector<std::string>& columns() const { return columns_; }
  /// The columns that hold measured values: no words, no standard errors.
  const std::vector<std::string>& measured() const { return measured_; }
  /// The column that settings are compared by: report.primary.metric, else the error of the fine-tuned net,
  /// else the first one; empty if nothing was measured.
  const std::string& primary() const { return primary_; }
  /// Which values of the metric are better: as report.primary.goal says of the primary one, else by its name:
  /// the higher ones of likelihoods, bounds, accuracies and recall, the lower ones of errors and losses; for
  /// other metrics nothing, which is not known.
  std::optional<Goal> direction(const std::string& metric) const;
  bool lower_is_better() const { return direction(primary_) == Goal::minimize; }

  /// Last cell of a trial, whatever became of it.
  std::string cell(std::size_t trial, const std::string& column) const {
    return metrics_[trial].last(column);
  }
  /// Whether any trial has a value there.
  bool shows(const std::string& column) const { return shown_.contains(column); }
  /// Last values of the trials that are done; NaN for a cell that is no number.
  SeedValues values_by_seed(std::size_t setting, const std::string& column) const;
  /// One value a replicate, the same replicates for all settings; NaN for a trial that is not done.
  std::vector<double> finals(std::size_t setting, const std::string& column) const;
  Summary summary(std::size_t setting, const std::string& column) const {
    return summarise(finals(setting, column));
  }
  /// Less the baseline, seed by seed; only with a baseline.
  Summary difference(std::size_t setting, const std::string& column) const;
  /// Seconds that learning took (evaluation not counted), one a finished trial.
  std::vector<double> training_seconds(std::size_t setting) const;
  /// How log Z was found, "exact" or "ais"; empty if it was not.
  std::string estimator(std::size_t setting) const;
  /// The same, but empty for a metric that does not depend on log Z.
  std::string estimator(std::size_t setting, const std::string& metric) const;
  /// Whether tables of the primary metric tell how log Z was found.
  bool shows_estimator() const;
  std::size_t done(std::size_t setting) const { return count(setting, TrialState::done); }
  /// "1 failed, 2 pending", or nothing.
  std::string not_done(std::size_t setting) const;
  /// Settings by the mean of the primary metric, best first, those without one last; in the order of the plan
  /// where it is not known which means are better, since either end of a sorted list would look like a
  /// result.
  std::vector<std::size_t> ranking() const;

 private:
  std::size_t count(std::size_t setting, TrialState state) const;

  RunRecord run_;
  std::vector<CsvTable> metrics_, timing_; ///< last rows, one a trial
  std::vector<std::vector<std::size_t>> trials_of_;
  std::vector<std::int64_t> replicates_; ///< of all settings, ascending
  std::vector<std::string> axes_, columns_, measured_;
  std::set<std::string, std::less<>> shown_;
  std::string primary_;
};

} // namespace ebm::experiments
