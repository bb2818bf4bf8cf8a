#include "experiments/spec/pattern.hpp"

#include <fnmatch.h>

namespace ebm::experiments {

bool matches_pattern(const std::string& text, const std::string& pattern) {
  return text == pattern || ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool names_setting(const std::string& pattern, std::span<const Label> labels) {
  return matches_pattern(setting_name(labels), pattern) || std::ranges::any_of(labels, [&](const Label& l) {
           return matches_pattern(l.axis + "=" + l.value, pattern) ||
                  matches_pattern(last_part(l.axis) + "=" + l.value, pattern);
         });
}

} // namespace ebm::experiments
