// What the command line says of a word that it does not know.
#pragma once
#include <string>

namespace CLI {
class App;
class Error;
} // namespace CLI

namespace ebm::experiments {

/// CLI11's message for the parsed arguments; but of an unknown command or option that one alone, and the
/// nearest legal one.
std::string parse_failure(const CLI::App* app, const CLI::Error& error);

} // namespace ebm::experiments
