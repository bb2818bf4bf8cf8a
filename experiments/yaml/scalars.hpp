// What the text of a scalar means once the schema has said which type is wanted. YAML's own guesses play no
// part: `1e-4` is a number where a number is wanted, `no` is a word where a word is wanted.
#pragma once
#include "experiments/yaml/node.hpp"
#include <cstdint>
#include <optional>
#include <string>

namespace ebm::experiments {

// Each function gives nothing, and fills `why`, if the node is no such value.

/// Decimal, 0x, 0o or 0b, with sign and `_` between digits; a decimal may have a point and an exponent as
/// long as its value is whole (1e6). A leading zero is refused: YAML 1.1 and 1.2 differ about it.
std::optional<std::int64_t> parse_integer(const Node& node, std::string& why);

/// Decimal with optional point, exponent, sign and `_` between digits. Always finite.
std::optional<double> parse_real(const Node& node, std::string& why);

/// `true` or `false` and no other spelling.
std::optional<bool> parse_bool(const Node& node, std::string& why);

/// Any scalar, quoted or not.
std::optional<std::string> parse_text(const Node& node, std::string& why);

/// A number >= 0 with the unit s, min, h or d, quoted or not; 0 needs no unit.
std::optional<double> parse_duration_seconds(const Node& node, std::string& why);

/// For "expected x, got …": "nothing", "a list", "a map", or the scalar in quotes, cut if it is long.
std::string describe(const Node& node);

} // namespace ebm::experiments
