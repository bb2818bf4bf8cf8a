// events.jsonl: what processes did in a run, a line an event.
#pragma once
#include <mutex>
#include <string_view>

#include "experiments/io/files.hpp"

namespace ebm::experiments {

/// Goes on with the file that is there. May be used from any thread; what cannot be written is lost.
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& file);
  void add(std::string_view event, std::string_view trial, std::string_view message = {});

 private:
  std::mutex mutex_;
  AppendFile file_;
};

/// "2026-11-22T20:43:36Z"
std::string time_text();

} // namespace ebm::experiments
