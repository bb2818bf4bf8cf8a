#include "experiments/run/events.hpp"

#include <ctime>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace ebm::experiments {

namespace {
std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}
} // namespace

EventLog::EventLog(const std::filesystem::path& file) : file_(file, size_of(file)) {}

void EventLog::add(std::string_view event, std::string_view trial, std::string_view message) {
  using Json = nlohmann::ordered_json;
  Json line{{"time", time_text()}, {"event", event}, {"trial", trial}, {"process", ::getpid()}};
  if (!message.empty()) line["message"] = message;
  const std::lock_guard lock(mutex_);
  try {
    file_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  } catch (const DiskFullError&) {
    // The trial meets the same and stops the run.
  }
}

std::string time_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

} // namespace ebm::experiments
