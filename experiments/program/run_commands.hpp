// The commands that read run folders: status, compare, table, plot, sample.
#pragma once
#include <functional>
#include <optional>

namespace CLI {
class App;
}

namespace ebm::experiments {

/// Adds them to the program. What comes back runs the one that was given, once the arguments are parsed, and
/// returns its exit code; nothing if it was another command.
std::function<std::optional<int>()> add_run_commands(CLI::App& app);

} // namespace ebm::experiments
