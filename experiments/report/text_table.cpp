#include "experiments/report/text_table.hpp"
#include "experiments/report/statistics.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ebm::experiments {
namespace {

using Row = std::vector<std::string>;

std::vector<std::size_t> column_widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  const auto include = [&](const Row& row) {
    widths.resize(std::max(widths.size(), row.size()), 3); // the shortest rule Markdown accepts everywhere
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], text_width(row[i]));
  };
  include(table.header);
  std::ranges::for_each(table.rows, include);
  return widths;
}

bool is_right(const TextTable& table, std::size_t column) {
  return column < table.right_aligned.size() && table.right_aligned[column];
}

Row padded(const TextTable& table, Row row, const std::vector<std::size_t>& widths) {
  row.resize(widths.size());
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i].insert(is_right(table, i) ? 0 : row[i].size(), widths[i] - text_width(row[i]), ' ');
  return row;
}

std::string joined(const Row& row, std::string_view separator) {
  std::string line;
  for (const std::string& cell : row) {
    if (&cell != row.data()) line += separator;
    line += cell;
  }
  return line;
}

std::string plain_line(const Row& row) {
  const std::string line = joined(row, "  ");
  return line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
}

std::string markdown_line(const Row& row) {
  return fmt::format("| {} |\n", joined(row, " | "));
}

/// A bar or a line break in a cell would end it.
void escape_for_markdown(Row& row) {
  for (std::string& cell : row) {
    std::ranges::replace(cell, '\n', ' ');
    for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2)
      cell.insert(at, 1, '\\');
  }
}

/// Digits before the point are kept beyond those asked for.
int kept_digits(double value, int significant) {
  const double whole = std::round(std::abs(value));
  return whole >= 1 && whole < 1e7 ? std::max(significant, static_cast<int>(std::log10(whole)) + 1)
                                   : significant;
}

} // namespace

std::string TextTable::plain() const {
  const std::vector<std::size_t> widths = column_widths(*this);
  Row rule;
  for (const std::size_t width : widths) {
    rule.emplace_back();
    for (std::size_t i = 0; i < width; ++i) rule.back() += "─";
  }
  std::string text = plain_line(padded(*this, header, widths)) + plain_line(rule);
  for (const Row& row : rows) text += plain_line(padded(*this, row, widths));
  return text;
}

std::string TextTable::markdown() const {
  TextTable escaped = *this;
  escape_for_markdown(escaped.header);
  std::ranges::for_each(escaped.rows, escape_for_markdown);
  const std::vector<std::size_t> widths = column_widths(escaped);
  Row rule;
  for (const std::size_t width : widths) {
    rule.emplace_back(width, '-');
    if (is_right(*this, rule.size() - 1)) rule.back().back() = ':';
  }
  std::string text = markdown_line(padded(escaped, escaped.header, widths)) + markdown_line(rule);
  for (const Row& row : escaped.rows) text += markdown_line(padded(escaped, row, widths));
  return text;
}

std::string short_number(double value, int significant) {
  if (std::isnan(value)) return "–";
  return fmt::format("{:.{}g}", value + 0.0, kept_digits(value, significant)); // + 0.0 turns -0 into 0
}

std::string aligned_number(double value, int significant) {
  const int digits = kept_digits(value, significant);
  // Whole, or no number: there are no decimals to fill up.
  if (!std::isfinite(value) || std::abs(value) >= std::pow(10.0, digits - 1))
    return short_number(value, significant);
  return fmt::format("{:#.{}g}", value + 0.0, digits);
}

std::string duration(double seconds) {
  const auto show = [](double value, const char* unit) {
    return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, unit);
  };
  if (seconds < 60) return show(seconds, "s");
  if (seconds < 3600) return show(seconds / 60, "min");
  return seconds < 86400 ? show(seconds / 3600, "h") : show(seconds / 86400, "d");
}

std::string interval_text(const Summary& s) {
  return std::isnan(s.low) ? "–" : fmt::format("[{}, {}]", short_number(s.low), short_number(s.high));
}

std::string aligned_interval(const Summary& s) {
  return std::isnan(s.low) ? "–" : fmt::format("[{}, {}]", aligned_number(s.low), aligned_number(s.high));
}

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return !utf8_continues(byte); }));
}

} // namespace ebm::experiments
