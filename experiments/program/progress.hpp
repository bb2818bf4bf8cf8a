// What a user sees on stderr while trials run: bars on a terminal, else lines for a log file.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ebm::experiments {

enum class ProgressStyle {
  automatic, ///< bars on a terminal; else a line a finished trial and a heartbeat
  quiet,     ///< failures only
  json       ///< an object a line: started, finished, log and progress events
};

struct TrialProgress {
  std::string name;
  std::uint64_t first_step = 0; ///< where this run took the trial up
  std::uint64_t step = 0;
  std::uint64_t steps_total = 0; ///< 0: unknown
  double seconds = 0;            ///< since this run took the trial up
};

/// All there is to show at one moment.
struct ProgressState {
  std::size_t trials_total = 0;
  std::size_t already_done = 0; ///< by earlier runs
  std::size_t finished = 0;     ///< in whatever way, earlier runs included
  std::size_t failed = 0;       ///< those of this run that ended in any way but "done"
  double seconds = 0;           ///< since this run began
  std::vector<TrialProgress> running;
};

struct ProgressWindow {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// Nothing until there is a step to judge by.
std::optional<double> seconds_left(const TrialProgress& trial);

/// From the trials finished in this run and the fractions of the running ones, but no less than the slowest
/// of these needs.
std::optional<double> seconds_left(const ProgressState& state);

/// The overall line.
std::string summary(const ProgressState& state);

/// The overall line and a line a running trial, none wider than the window; one row stays free for the
/// cursor.
std::vector<std::string> render(const ProgressState& state, const ProgressWindow& window);

/// One thread owns stderr; the members only leave work for it, so a stopped terminal never stops a trial.
/// They may be called from any thread.
class Progress {
 public:
  class Trial;

  Progress(ProgressStyle style, std::size_t trials_total, std::size_t already_done);
  ~Progress() = default; ///< writes what is left, clears the bars and ends the thread, at once

  /// The trial shows as running until it is finished or the last handle is gone (an interrupted trial).
  std::shared_ptr<Trial> start(std::string name, std::uint64_t steps_total);

  /// Status "done", or "failed", "diverged" and the like, which all count as failures.
  void finished(const Trial& trial, std::string_view status, std::string_view message = {});

  /// A line above the bars.
  void log(std::string line);

 private:
  enum class Mode { bars, lines, quiet, json };
  using Clock = std::chrono::steady_clock;

  static Mode mode(ProgressStyle style);
  double elapsed() const;
  ProgressState snapshot() const;
  void draw_bars(const std::stop_token& stop);
  void write_lines(const std::stop_token& stop);

  const Mode mode_;
  const bool colour_;
  const bool many_; ///< too many trials for a line each
  const Clock::time_point start_ = Clock::now();

  mutable std::mutex mutex_; ///< of all that follows
  std::condition_variable_any wake_;
  ProgressState counts_; ///< without the time and the running trials
  std::vector<std::weak_ptr<Trial>> running_;
  std::string pending_; ///< whole lines to be written

  std::jthread thread_; ///< last: it ends before what it reads
};

/// A worker's handle on its trial.
class Progress::Trial {
 public:
  Trial(std::string name, std::uint64_t steps_total) : name_(std::move(name)), steps_total_(steps_total) {}

  /// Where a checkpoint takes the trial up.
  void start_at(std::uint64_t step) noexcept {
    first_step_ = step;
    update(step);
  }
  /// Costs one plain store: fit for the hot loop.
  void update(std::uint64_t step) noexcept { step_.store(step, std::memory_order_relaxed); }

 private:
  friend class Progress;
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const std::string name_;
  const std::uint64_t steps_total_;
  std::atomic<std::uint64_t> first_step_ = 0;
  const Clock::time_point start_ = Clock::now();
  std::atomic<std::uint64_t> step_ = 0;
};

} // namespace ebm::experiments
