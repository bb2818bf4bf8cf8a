#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"
#include "experiments/yaml/utf8.hpp"

namespace ebm::experiments {
namespace {

/// Of the first code points of the text.
std::size_t bytes_of(std::string_view text, std::size_t code_points) {
  std::size_t at = 0;
  for (; code_points > 0; --code_points) {
    do ++at;
    while (at < text.size() && utf8_continues(text[at]));
  }
  return at;
}

std::string escaped_character(std::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  if (character == "\"") return "&quot;";
  if (character == "\n" || character == "\t") return " ";
  const bool control = static_cast<unsigned char>(character[0]) < 0x20;
  const bool noncharacter = character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
  return control || noncharacter ? "\xEF\xBF\xBD" : std::string(character);
}

} // namespace

std::string xml_escape(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    escaped += length == 0 ? "\xEF\xBF\xBD" : escaped_character(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return escaped;
}

std::string shortened(std::string_view text, std::size_t width) {
  const std::size_t all = text_width(text);
  if (all <= width) return std::string(text);
  const std::size_t front = width / 2, back = width - 1 - front;
  return std::string(text.substr(0, bytes_of(text, front))) + "…" +
         std::string(text.substr(bytes_of(text, all - back)));
}

} // namespace ebm::experiments
