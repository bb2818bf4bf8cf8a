// Why and when a run stops before its end.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace ebm::experiments {

enum class StopReason : std::uint8_t { none, interrupt, terminate, wall_time, failure, disk_full };

/// Asked by every trial after every step. One object a process: signals go to the newest one.
class RunControl {
 public:
  /// SIGINT, SIGTERM, SIGUSR1, SIGHUP and SIGXCPU ask the trials to stop; a further SIGINT ends the process
  /// at once.
  explicit RunControl(std::optional<double> max_seconds);
  ~RunControl();
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;

  /// The first reason stays.
  void stop(StopReason reason, const std::string& detail = "");
  bool stopping();
  StopReason reason() const;
  /// Of a full disk: which file could not be written.
  std::string detail() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> deadline_;
  mutable std::mutex mutex_; ///< of the detail
  std::string detail_;
};

} // namespace ebm::experiments
