// Folders of runs with known numbers, as tests of what reads them need them: no experiment is run.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ebm::tests {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Written out by `write`. Trials are given setting by setting.
class RunFolder {
 public:
  /// `yaml` is added to resolved.yaml, which has the name and `seed: 1` unless the text has a seed.
  explicit RunFolder(std::filesystem::path folder, std::string yaml = "");

  /// A trial that has ended: its metrics.csv has updates 0 and 100, with `value` in the second.
  RunFolder& done(const Labels& labels, int replicate, double value, double seconds = 1);
  /// "failed", "diverged" or "interrupted".
  RunFolder& ended(const Labels& labels, int replicate, const std::string& state, const std::string& message);
  /// A folder without status.json; empty texts leave the files out.
  RunFolder& begun(const Labels& labels, int replicate, const std::string& metrics, const std::string& timing,
                   const std::string& config);
  RunFolder& pending(const Labels& labels, int replicate);

  /// Of the trials that follow.
  RunFolder& metric(const std::string& name) {
    metric_ = name;
    return *this;
  }
  /// plan.jsonl, resolved.yaml, summary.csv and lock; the trials' files are there already.
  const RunFolder& write() const;

  /// Another metrics.csv for a done trial.
  void metrics(std::size_t trial, const std::string& text) const;

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path trial(std::size_t index) const { return folder_ / "trials" / trials_[index].folder; }

 private:
  struct Planned {
    Labels labels;
    int replicate;
    std::string folder, state, value;
  };
  std::string identity() const; ///< of the newest trial
  std::filesystem::path plan(const Labels& labels, int replicate, const std::string& state,
                             const std::string& value = "");

  std::filesystem::path folder_;
  std::string yaml_, metric_ = "train.log_likelihood";
  std::vector<Planned> trials_;
};

} // namespace ebm::tests
