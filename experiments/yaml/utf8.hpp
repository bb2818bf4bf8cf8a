// The few facts about UTF-8 that positions, carets and the check of a file's bytes need.
#pragma once
#include <cstddef>
#include <string_view>

namespace ebm::experiments {

/// Bytes of the well-formed sequence at the front of a non-empty text, 1 to 4; 0 if there is none (also for
/// overlong forms, surrogates and code points beyond U+10FFFF).
std::size_t utf8_length(std::string_view text);

/// Whether the byte is the second or a later one of its sequence.
inline bool utf8_continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

/// The greatest length <= limit that cuts no sequence of the text in two.
std::size_t utf8_floor(std::string_view text, std::size_t limit);

} // namespace ebm::experiments
