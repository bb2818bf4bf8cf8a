// From text to Node. Errors go to the Diagnostics; what comes back then is good for finding further errors.
#pragma once
#include "experiments/yaml/diagnostics.hpp"
#include "experiments/yaml/node.hpp"
#include <string>
#include <string_view>

namespace ebm::experiments {

/// One YAML document in UTF-8, with or without byte-order mark. Beyond YAML's own rules: keys are text and
/// of at most 250 bytes and occur once in their map, there are no tags, `<<` merges maps, and with aliases
/// expanded there are at most 1,000,000 values, 64 MB of text and 100 levels. `name` is the source in the
/// origins. Null after a syntax error.
Node read_yaml(const std::string& text, const std::string& name, Diagnostics& diagnostics);

/// A value of the command line: YAML if it begins with `[`, `{` or a quote; null for `null` and `~`; else a
/// plain scalar, character by character (`*.csv`, `a: b`). Every node gets the one origin.
Node parse_value(std::string_view text, Origin origin, Diagnostics& diagnostics);

} // namespace ebm::experiments
