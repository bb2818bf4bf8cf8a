#include "experiments/store/trial_path.hpp"

#include <charconv>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/store/record.hpp"
#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

bool holds(const fs::path& folder, const char* name) {
  std::error_code error;
  return fs::is_regular_file(folder / name, error);
}

std::vector<std::string> trial_folders(const fs::path& run) {
  std::vector<std::string> names;
  for (const PlannedTrial& p : read_plan(run / "plan.jsonl")) names.push_back(p.trial.folder);
  return names;
}

/// The only trial of a run, or an error that lists them.
std::string only_trial(const fs::path& run) {
  const std::vector<std::string> names = trial_folders(run);
  if (names.size() == 1) return names[0];
  constexpr std::size_t most_shown = 12;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), most_shown); ++i) list += "\n    " + names[i];
  if (names.size() > most_shown) list += fmt::format("\n    and {} more", names.size() - most_shown);
  throw InputError(fmt::format("{}: this run has {} trials; choose one by name or number, such as {}:{}",
                               run.string(), names.size(), (run / "0").string(), list));
}

/// The trial of the run with this name or number.
std::string named_trial(const fs::path& run, const std::string& name) {
  const std::vector<std::string> names = trial_folders(run);
  if (std::ranges::find(names, name) != names.end()) return name;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size())
    throw InputError(
        fmt::format("{}: this run has no trial '{}'{}", run.string(), name, did_you_mean(name, names)));
  if (number >= names.size())
    throw InputError(fmt::format("{}: this run has no trial {}: they are numbered from 0 to {}", run.string(),
                                 name, names.size() - 1));
  return names[number];
}

fs::path base_of(const fs::path& run) {
  if (!holds(run, "provenance.json")) return ".";
  const auto json = nlohmann::json::parse(read_regular(run / "provenance.json"), nullptr, false);
  const auto base = json.is_object() ? json.find("base") : json.end();
  return base != json.end() && base->is_string() ? base->get<std::string>() : ".";
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// "runs/mnits: there is no such folder, did you mean 'mnist'?", of the first part that is not there.
[[noreturn]] void missing_folder(fs::path path) {
  std::error_code error;
  while (!fs::exists(parent_of(path), error) && path.has_relative_path()) path = parent_of(path);
  std::vector<std::string> names;
  for (fs::directory_iterator it(parent_of(path), error), end; !error && it != end; it.increment(error))
    if (it->is_directory(error)) names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  throw InputError(path.string() + ": there is no such folder" +
                   did_you_mean(path.filename().string(), names));
}

/// The folder of the trial, which may not be there.
fs::path trial_folder(fs::path given) {
  if (!given.has_filename()) given = given.parent_path();
  if (holds(given, "config.yaml")) return given;
  if (given.filename() == "trials" && holds(parent_of(given), "plan.jsonl")) given = parent_of(given);
  if (holds(given, "plan.jsonl")) return given / "trials" / only_trial(given);
  fs::path run = parent_of(given);
  if (run.filename() == "trials") run = parent_of(run);
  if (holds(run, "plan.jsonl")) return run / "trials" / named_trial(run, given.filename().string());
  if (std::error_code error; !fs::exists(given, error)) missing_folder(given);
  throw InputError(given.string() + ": expected a trial, such as runs/NAME/0: config.yaml is missing");
}

} // namespace

TrialPath find_trial(const fs::path& given) {
  const fs::path folder = trial_folder(given.lexically_normal());
  if (!holds(folder, "config.yaml"))
    throw InputError(folder.string() + ": this trial has not begun: config.yaml is missing");
  return {folder, base_of(folder / ".." / "..")};
}

} // namespace ebm::experiments
