#include "experiments/run/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sys/file.h>
#include <thread>

#include "ebm/core/parallel.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/report/report_page.hpp"
#include "experiments/report/summary.hpp"
#include "experiments/run/events.hpp"
#include "experiments/run/provenance.hpp"
#include "experiments/run/trial.hpp"
#include "experiments/spec/pattern.hpp"
#include "experiments/store/plan.hpp"
#include "experiments/store/resolved.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_table_rows = 40;

/// Held while a process works in a run; the kernel drops it whatever happens to the process.
Descriptor lock_run(const fs::path& folder) {
  Descriptor file(::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644));
  if (file.number() < 0) throw InputError(folder.string() + ": cannot be written: " + std::strerror(errno));
  // `ebm status` looks at the lock for a moment.
  for (int attempt = 0; ::flock(file.number(), LOCK_EX | LOCK_NB) != 0; ++attempt) {
    if (attempt == 10) throw InputError(folder.string() + ": another process is working on this run");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return file;
}

/// NAME, or with --new the first of NAME-2, NAME-3, … that does not exist.
fs::path make_folder(const Experiment& x, bool new_one) {
  fs::path folder = x.folder();
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  for (int i = 2; new_one && !error && !fs::create_directory(folder, error); ++i)
    folder = x.folder().string() + fmt::format("-{}", i);
  if (!error) fs::create_directories(folder / "trials", error);
  if (error) throw InputError(folder.string() + ": cannot be made: " + error.message());
  return folder;
}

/// Removes an earlier run, and nothing else. Its trials leave the place of valid ones first, so that a
/// process that ends in between leaves none behind.
void discard(const fs::path& folder) {
  std::error_code error;
  fs::rename(folder / "trials", folder / ".discarded", error);
  for (const char* name :
       {"plan.jsonl", "experiment.yaml", "resolved.yaml", "provenance.json", "events.jsonl", "summary.csv",
        "settings.csv", "summary.md", "summary.svg", "report.html"})
    if (!error) fs::remove(folder / name, error);
  if (!error) fs::remove_all(folder / ".discarded", error);
  if (!error) fs::create_directory(folder / "trials", error);
  if (error) throw InputError(folder.string() + ": cannot be discarded: " + error.message());
}

/// Removes what a killed process may have left.
void tidy(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder / ".discarded", error);
  remove_temporary_files(folder);
}

/// Files of the run that say what it is; those that did not change are left alone.
void describe_run(const Experiment& x, const fs::path& folder, const RunOptions& options) {
  const auto write = [&](const char* name, const std::string& text) {
    std::error_code error;
    if (!fs::exists(folder / name, error) || read_text(folder / name) != text)
      write_atomically(folder / name, text);
  };
  write("experiment.yaml", x.text);
  write("resolved.yaml", resolved_yaml(x));
  write("provenance.json", provenance_json(x, folder, options));
  write("plan.jsonl", plan_lines(x)); // last: a run without a plan is none
}

/// Whether a pattern of the shell (`method=PCD*`, `s1`, `0003-*`) names the trial, its setting or its seed.
bool selected(const Experiment& x, const Trial& t, const std::vector<std::string>& patterns) {
  const Setting& setting = x.settings[t.setting];
  const std::string seed = fmt::format("s{}", t.replicate);
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& p) {
           return matches_pattern(t.folder, p) || matches_pattern(seed, p) ||
                  matches_pattern(setting.name() + " " + seed, p) || names_setting(p, setting.labels);
         });
}

std::vector<std::size_t> work_order(std::vector<std::size_t> pending, TrialOrder order) {
  if (order == TrialOrder::reversed) std::ranges::reverse(pending);
  if (order == TrialOrder::shuffled && !pending.empty()) {
    std::vector<std::uint32_t> to(pending.size());
    random::permutation(random::Draws({1}), {random::Stream::minibatch, 0, 0, 0}, to);
    std::vector<std::size_t> shuffled;
    for (const std::uint32_t i : to) shuffled.push_back(pending[i]);
    return shuffled;
  }
  return pending;
}

/// Throws InputError when patterns were given and none names a trial.
void check_selection(const Experiment& x, const std::vector<std::string>& patterns) {
  if (std::ranges::any_of(x.trials, [&](const Trial& t) { return selected(x, t, patterns); })) return;
  throw InputError(fmt::format("--only {} selects no trial; a trial is called {}, of the setting '{}'",
                               fmt::join(patterns, " "), x.trials[0].folder, x.settings[0].name()));
}

/// Which trials are still to be run.
bool is_pending(TrialState state, bool retry_failed) {
  return has_failed(state) ? retry_failed : state != TrialState::done;
}

/// The trials of a run, worked through on all cores.
class Scheduler {
 public:
  Scheduler(const Experiment& x, const fs::path& folder, Session& session, const RunOptions& options,
            RunControl& control, std::vector<TrialOutcome>& outcomes)
      : x_(x), folder_(folder), session_(session), options_(options), control_(control), outcomes_(outcomes),
        events_(folder / "events.jsonl") {}

  void work_through(const std::vector<std::size_t>& pending, std::size_t threads, Progress& progress) {
    std::atomic<std::size_t> next{0};
    // As many loops over the queue as there are cores; a core without a trial helps inside the others.
    parallel::share_out(std::min(threads, pending.size()), [&](std::size_t) {
      for (std::size_t i; (i = next++) < pending.size() && !control_.stopping();)
        run_one(x_.trials[pending[i]], progress);
    });
  }

 private:
  void run_one(const Trial& t, Progress& progress) {
    const Setting& setting = x_.settings[t.setting];
    const auto handle = progress.start(t.folder, planned_steps(setting.spec, t.replicate, session_));
    events_.add("started", t.folder);
    TrialOutcome& outcome = outcomes_[t.index];
    outcome = run_trial(setting, t, folder_ / "trials" / t.folder, x_.output.checkpoint, session_, *handle,
                        control_);
    events_.add(name_of(outcome.state), t.folder, outcome.message);
    if (outcome.state == TrialState::interrupted) return;
    progress.finished(*handle, name_of(outcome.state), outcome.message);
    if (options_.fail_fast && outcome.state != TrialState::done) control_.stop(StopReason::failure);
  }

  const Experiment& x_;
  fs::path folder_;
  Session& session_;
  const RunOptions& options_;
  RunControl& control_;
  std::vector<TrialOutcome>& outcomes_;
  EventLog events_;
};

void summarise(RunResult& result) {
  try {
    const RunResults results(read_run(result.folder, true));
    result.table = settings_table(results, most_table_rows);
    result.settings = results.settings();
    write_summaries(results);
    write_report(results);
  } catch (const DiskFullError& e) {
    if (result.stopped == StopReason::none) {
      result.stopped = StopReason::disk_full;
      result.stop_detail = e.what();
    }
  } catch (const InputError& e) {
    result.summary_error = e.what(); // a full disk must not hide what became of the trials
  }
}

} // namespace

RunResult run_experiment(Experiment x, Session& session, const RunOptions& options) {
  RunResult result;
  // A wrong pattern must not cost an earlier run.
  if (options.restart || options.new_run) check_selection(x, options.only);
  result.folder = make_folder(x, options.new_run);
  const Descriptor lock = lock_run(result.folder);
  tidy(result.folder);
  if (options.restart) discard(result.folder);
  follow_plan(x, result.folder);
  check_selection(x, options.only);
  describe_run(x, result.folder, options);
  result.trials = x.trials;
  session.pictured_replicate = std::ranges::min(x.replicates);

  std::vector<std::size_t> pending;
  for (const Trial& t : x.trials) {
    const fs::path folder = result.folder / "trials" / t.folder;
    result.outcomes.push_back(read_status(folder, t));
    const TrialState state = result.outcomes.back().state;
    if (state == TrialState::done && x.output.checkpoint.keep) remove_checkpoints(folder); // after a kill
    if (!is_pending(state, options.retry_failed))
      ++result.skipped;
    else if (selected(x, t, options.only))
      pending.push_back(t.index);
    else
      ++result.not_selected;
  }
  pending = work_order(std::move(pending), options.order);

  const std::size_t threads = options.threads != 0 ? options.threads : parallel::available_cores();
  const parallel::Threads limit(threads);
  RunControl control(x.output.max_wall_time ? std::optional(x.output.max_wall_time->seconds) : std::nullopt);
  {
    Progress progress(options.progress, x.trials.size() - result.not_selected, result.skipped);
    for (const std::string& warning : options.warnings) progress.log("warning: " + warning);
    Scheduler(x, result.folder, session, options, control, result.outcomes)
        .work_through(pending, threads, progress);
  }
  // Who asks for a stop when everything is done has got what the run was for.
  if (std::ranges::any_of(pending, [&](std::size_t t) { return !has_ended(result.outcomes[t].state); })) {
    result.stopped = control.reason();
    result.stop_detail = control.detail();
  }
  summarise(result);
  return result;
}

} // namespace ebm::experiments
