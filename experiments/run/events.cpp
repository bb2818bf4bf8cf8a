#include "experiments/run/events.hpp"

#include <ctime>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace ebm::experiments {

EventLog::EventLog(const std::filesystem::path& file) : file_(AppendFile::at_end(file)) {}

void EventLog::add(std::string_view event, std::string_view trial, std::string_view message) {
  using Json = nlohmann::ordered_json;
  Json line{{"time", time_text()}, {"event", event}, {"trial", trial}, {"process", ::getpid()}};
  if (!message.empty()) line["message"] = message;
  const std::lock_guard lock(mutex_);
  try {
    file_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  } catch (const InputError&) {
    // A trial that cannot write says so itself.
  }
}

std::string time_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

} // namespace ebm::experiments
