// The files of a trial that grow while it runs, and the checkpoints that say how far they are valid.
#pragma once
#include <chrono>
#include <map>

#include "experiments/io/files.hpp"
#include "experiments/spec/experiment.hpp"
#include "experiments/store/checkpoint.hpp"

namespace ebm::experiments {

class TrialFiles {
 public:
  TrialFiles(std::filesystem::path folder, const Trial& trial, const CheckpointSpec& checkpoint)
      : folder_(std::move(folder)), identity_(trial.identity), spec_(checkpoint) {}

  const std::filesystem::path& folder() const { return folder_; }
  /// A file that begins with this text, or goes on where the restored checkpoint left it.
  AppendFile& grow(const std::string& name, std::string_view beginning);

  bool checkpoint_due() const;
  /// `fields` visits all that changes in the trial.
  void save(const std::function<void(Archive&)>& fields);
  /// Opens a checkpoint of this trial: the files must hold what they held then; they are shortened when they
  /// are next grown. Throws InputError.
  CheckpointReader open(const std::filesystem::path& checkpoint);
  /// The version of ebm that wrote the opened checkpoint.
  const std::string& checkpoint_build() const { return checkpoint_build_; }
  /// Seconds spent on the trial in all.
  double seconds() const;
  /// Everything is on disk at return.
  void flush();

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path folder_;
  std::string identity_;
  CheckpointSpec spec_;
  std::map<std::string, AppendFile> files_;
  std::map<std::string, StreamHash> restored_; ///< what the checkpoint keeps of each, by name
  std::string checkpoint_build_;
  double earlier_seconds_ = 0; ///< that other processes spent on the trial, up to the checkpoint
  Clock::time_point start_ = Clock::now(), saved_ = start_;
};

} // namespace ebm::experiments
