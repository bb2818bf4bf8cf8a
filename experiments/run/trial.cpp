#include "experiments/run/trial.hpp"

#include <fmt/format.h>

#include "experiments/run/provenance.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

/// The trial's work at the newest checkpoint that is whole, or at the beginning.
struct Begun {
  std::unique_ptr<TrialFiles> files;
  std::unique_ptr<TrialWork> work;
};

Begun begin(const Setting& setting, const Trial& trial, const fs::path& folder,
            const CheckpointSpec& checkpoint, Session& session, AppendFile& log) {
  const auto fresh = [&] {
    return Begun{std::make_unique<TrialFiles>(folder, trial, checkpoint),
                 make_work(setting.spec, trial.replicate, session)};
  };
  for (const fs::path& file : checkpoint_files(folder)) {
    const std::string name = file.filename().string();
    try {
      Begun begun = fresh();
      CheckpointReader reader = begun.files->open(file);
      begun.work->archive(reader);
      log.append(fmt::format("goes on from {} at step {}", name, begun.work->step()));
      if (const std::string build = begun.files->checkpoint_build(); build != version_text())
        log.append(fmt::format("the checkpoint is of ebm {}, this is {}: the same bytes are promised for one "
                               "build only",
                               build, version_text()));
      return begun;
    } catch (const InputError& e) {
      log.append(fmt::format("{} cannot be used: {}", name, e.what()));
      fs::remove(file); // the next one must not take the place of the one before it
    }
  }
  return fresh();
}

/// Runs the work to its end; what is on disk then is complete.
TrialOutcome complete(Begun& begun, const CheckpointSpec& checkpoint, Progress::Trial& progress,
                      RunControl& control) {
  TrialOutcome outcome{TrialState::done, {}, 0, 0};
  try {
    progress.start_at(begun.work->step());
    begun.work->run(*begun.files, progress, control);
    if (!checkpoint.keep) begun.files->save([&](Archive& a) { begun.work->archive(a); });
    begun.files->flush();
  } catch (const Interrupted& stop) {
    outcome = {TrialState::interrupted, stop.where, 0, 0};
  } catch (const DivergenceError& e) {
    outcome = {TrialState::diverged, e.what(), 0, 0};
  } catch (const DiskFullError&) {
    throw;
  } catch (const std::exception& e) {
    outcome = {TrialState::failed, e.what(), 0, 0};
  }
  outcome.updates = begun.work->step();
  outcome.seconds = begun.files->seconds();
  return outcome;
}

} // namespace

std::string trial_text(const TrialSpec& spec, std::int64_t replicate) {
  return spec.resolved.yaml() + fmt::format("seeds: [{}]\n", replicate);
}

TrialOutcome run_trial(const Setting& setting, const Trial& trial, const fs::path& folder,
                       const CheckpointSpec& checkpoint, Session& session, Progress::Trial& progress,
                       RunControl& control) {
  TrialOutcome outcome{TrialState::interrupted, {}, 0, 0};
  try {
    fs::create_directories(folder);
    fs::remove(folder / "status.json");
    remove_temporary_files(folder);
    AppendFile log = AppendFile::at_end(folder / "log.txt");
    log.append("setting " + setting.name() + fmt::format(", replicate {}", trial.replicate));
    write_atomically(folder / "config.yaml", trial_text(setting.spec, trial.replicate));
    std::vector<std::string> results;
    try {
      Begun begun = begin(setting, trial, folder, checkpoint, session, log);
      results = begun.work->results();
      outcome = complete(begun, checkpoint, progress, control);
    } catch (const DiskFullError&) {
      throw;
    } catch (const std::exception& e) {
      outcome = {TrialState::failed, e.what(), 0, 0};
    }
    log.append(std::string(name_of(outcome.state)) + (outcome.message.empty() ? "" : ": " + outcome.message));
    write_status(folder, trial, outcome, results);
    const bool ended = outcome.state == TrialState::done || outcome.state == TrialState::diverged;
    if (ended && checkpoint.keep) remove_checkpoints(folder);
  } catch (const DiskFullError& e) {
    control.stop(StopReason::disk_full, e.what());
    outcome.state = TrialState::interrupted;
  } catch (const std::exception& e) {
    outcome = {TrialState::failed, e.what(), 0, 0}; // the folder itself cannot be written
  }
  return outcome;
}

} // namespace ebm::experiments
