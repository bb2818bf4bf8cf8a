#include "experiments/run/control.hpp"

#include <csignal>
#include <ctime>

namespace ebm::experiments {
namespace {

std::atomic<StopReason> stop_reason{StopReason::none};
static_assert(std::atomic<StopReason>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

void set_reason(StopReason reason) {
  StopReason none = StopReason::none;
  stop_reason.compare_exchange_strong(none, reason);
}

std::atomic<std::int64_t> stop_requested_at{0}; ///< milliseconds

std::int64_t milliseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now); // one of the few calls that a signal handler may make
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void request_stop(int signal) {
  // Terminals and `timeout` may send one Ctrl-C to a process twice.
  constexpr std::int64_t same_request = 300;
  if (stop_reason == StopReason::none) stop_requested_at = milliseconds_now();
  if (signal == SIGINT && milliseconds_now() - stop_requested_at > same_request)
    std::signal(signal, SIG_DFL), std::raise(signal);
  set_reason(signal == SIGINT ? StopReason::interrupt : StopReason::terminate);
}

constexpr int signals[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGXCPU};

} // namespace

RunControl::RunControl(std::optional<double> max_seconds) {
  stop_reason = StopReason::none;
  constexpr double longest = 3e9; // a century: what a clock counts in nanoseconds has an end
  if (max_seconds && *max_seconds < longest)
    deadline_ = Clock::now() +
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*max_seconds));
  for (const int s : signals) std::signal(s, &request_stop);
  std::signal(SIGPIPE, SIG_IGN); // whoever reads the progress may go
}

RunControl::~RunControl() {
  for (const int s : signals) std::signal(s, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

void RunControl::stop(StopReason reason, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  if (stop_reason == StopReason::none) detail_ = detail;
  set_reason(reason);
}

bool RunControl::stopping() {
  if (stop_reason.load(std::memory_order_relaxed) != StopReason::none) return true;
  if (!deadline_ || Clock::now() < *deadline_) return false;
  stop(StopReason::wall_time);
  return true;
}

StopReason RunControl::reason() const {
  return stop_reason;
}

std::string RunControl::detail() const {
  const std::lock_guard lock(mutex_);
  return detail_;
}

} // namespace ebm::experiments
