#include "experiments/program/misspelling.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {
namespace {

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

} // namespace

std::string parse_failure(const CLI::App* app, const CLI::Error& error) {
  const std::vector<std::string> unknown = app->remaining(true), commands = commands_of(*app);
  const std::vector<CLI::App*> given = app->get_subcommands();
  const bool option = !unknown.empty() && unknown[0].starts_with('-');
  if (unknown.empty() || (!option && !given.empty())) return CLI::FailureMessage::simple(app, error);
  const std::string word = unknown[0].substr(0, unknown[0].find('='));
  const std::string hint =
      did_you_mean(word, option ? options_of(given.empty() ? *app : *given[0]) : commands);
  return fmt::format(
      "unknown {} '{}'{}\nRun with --help for more information.\n", option ? "option" : "command", word,
      hint.empty() && !option ? fmt::format("; there are {}", fmt::join(commands, ", ")) : hint);
}

} // namespace ebm::experiments
