// The JSON Schema of experiment files, of all that is registered in this program.
#pragma once
#include <string>
#include <string_view>

namespace ebm::experiments {

/// What files name it by: `# yaml-language-server: $schema=./ebm-1.schema.json`.
inline constexpr std::string_view schema_file = "ebm-1.schema.json";

/// Draft-07. It refuses no file that the program takes, but for a few that nobody would write (a number as
/// 5000e-1); what follows from data, from the built model or from two values together is left to `ebm check`.
/// Call it once the models and samplers are registered.
std::string schema_text();

} // namespace ebm::experiments
