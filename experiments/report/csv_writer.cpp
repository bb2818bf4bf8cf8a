#include "experiments/report/csv_writer.hpp"
#include <cmath>
#include <fmt/format.h>

namespace ebm::experiments {

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{:.17g}", value);
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csv_row(std::span<const std::string> cells) {
  std::string row;
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) row += ',';
    row += csv_cell(cell);
  }
  return row + '\n';
}

} // namespace ebm::experiments
