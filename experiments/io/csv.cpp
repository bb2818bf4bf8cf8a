#include "experiments/io/csv.hpp"

#include "ebm/core/error.hpp"
#include "experiments/io/gzip.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace ebm::experiments {
namespace {

struct Cell {
  std::string_view text;
  std::size_t column; ///< of its first character in the line, from 1
};

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t length = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return taken;
}

std::vector<Cell> split(std::string_view line, char delimiter) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<Cell> cells;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(delimiter, start), line.size());
    const std::size_t first = std::min(line.find_first_not_of(" \t", start), end);
    const std::size_t last = line.substr(first, end - first).find_last_not_of(" \t") + 1;
    cells.push_back({line.substr(first, last), first + 1});
    start = end + 1;
  }
  return cells;
}

[[noreturn]] void fail(const std::string& where, std::size_t line, std::size_t column,
                       const std::string& message) {
  throw InputError(fmt::format("{}:{}:{}: {}", where, line, column, message));
}

/// Short and printable, for files that turn out to be something else.
std::string quote(std::string_view text) {
  std::string shown(text.substr(0, 40));
  std::ranges::replace_if(
      shown, [](char c) { return c >= 0 && c < ' '; }, '?');
  return "'" + shown + (text.size() > shown.size() ? "...'" : "'");
}

struct Number {
  double value = 0;
  std::errc error{}; ///< invalid_argument: no number; result_out_of_range: one that a double cannot hold
};

Number parse(std::string_view text) {
  Number number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
  number.error = end == text.data() + text.size() ? error : std::errc::invalid_argument;
  return number;
}

double finite_number(const Cell& cell, const std::string& where, std::size_t line) {
  if (cell.text.empty()) fail(where, line, cell.column, "expected a number, found an empty cell");
  const Number number = parse(cell.text);
  if (number.error == std::errc::result_out_of_range)
    fail(where, line, cell.column,
         "expected a number within the range of a double, found " + quote(cell.text));
  if (number.error != std::errc{})
    fail(where, line, cell.column,
         "expected a number, found " + quote(cell.text) +
             (line == 1 ? ": a row with a number in it is no header, whose names must not be numbers" : ""));
  if (!std::isfinite(number.value))
    fail(where, line, cell.column, "expected a finite number, found " + quote(cell.text));
  return number.value;
}

/// None if a cell is a number (nan and inf too): one that cannot be read beside it is a slip, and no name.
std::vector<std::string> header_names(const std::vector<Cell>& cells, const std::string& where) {
  const auto is_number = [](const Cell& cell) {
    return parse(cell.text).error != std::errc::invalid_argument;
  };
  if (std::ranges::any_of(cells, is_number)) return {};
  std::vector<std::string> names;
  for (const Cell& cell : cells) {
    if (cell.text.empty())
      fail(where, 1, cell.column, "expected a number or a column name, found an empty cell");
    names.emplace_back(cell.text);
  }
  return names;
}

std::size_t find_label(const std::string& label, const std::vector<std::string>& names, std::size_t width,
                       const std::string& where) {
  const auto matches = std::ranges::count(names, label);
  if (matches > 1)
    fail(where, 1, 1, fmt::format("expected one column named {}, found {}", quote(label), matches));
  if (matches == 1) return static_cast<std::size_t>(std::ranges::find(names, label) - names.begin());
  if (label == "last") return width - 1;
  std::size_t index = width;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), index);
  if (error != std::errc{} || end != label.data() + label.size() || index >= width)
    fail(where, 1, 1,
         fmt::format("expected the label column {} to be a column name, 0 to {} or last", quote(label),
                     width - 1));
  return index;
}

} // namespace

CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  const std::string where = path.string();
  const std::string text = read_maybe_gzip(path);
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3); // the byte order mark of spreadsheets

  CsvTable table;
  std::size_t width = 0;
  std::size_t rows = 0;
  std::optional<std::size_t> label;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::vector<Cell> cells = split(take_until(rest, '\n'), options.delimiter);
    if (line == 1) {
      width = cells.size();
      table.names = header_names(cells, where);
      if (options.label_column) label = find_label(*options.label_column, table.names, width, where);
      if (!table.names.empty()) continue;
    }
    if (cells.size() != width)
      fail(where, line, cells[std::min(width, cells.size() - 1)].column,
           fmt::format("expected {} cells as in line 1, found {}", width, cells.size()));
    for (std::size_t i = 0; i < width; ++i)
      (i == label ? table.labels : table.values.values).push_back(finite_number(cells[i], where, line));
    ++rows;
  }
  if (rows == 0) throw InputError(where + ": expected rows of numbers, found none");
  const std::size_t columns = width - (label ? 1 : 0);
  if (columns == 0) throw InputError(where + ": expected a column besides the label column, found none");
  if (label && !table.names.empty())
    table.names.erase(table.names.begin() + static_cast<std::ptrdiff_t>(*label));
  table.values.shape = {rows, columns};
  return table;
}

} // namespace ebm::experiments
