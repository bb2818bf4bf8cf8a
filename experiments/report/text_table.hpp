// Small tables for people: in a terminal and in Markdown.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

/// Rows may be shorter than the header; columns beyond `right_aligned` are left aligned.
struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> right_aligned;

  std::string plain() const;
  std::string markdown() const;
};

/// Like "-131.5", "0.0123", "1.2e-07"; digits before the point are kept beyond `significant` (12346, not
/// 1.235e+04) up to seven. A dash for NaN.
std::string short_number(double value, int significant = 4);
/// The same with zeros at the end, so that the numbers of a column line up: "-131.5", "0.01230".
std::string aligned_number(double value, int significant = 4);

/// Two digits and one unit: "3.2 s", "42 s", "1.5 h".
std::string duration(double seconds);

struct Summary;
/// "[-6.463, -6.099]"; a dash where there is no interval.
std::string interval_text(const Summary& summary);
/// The same of aligned numbers.
std::string aligned_interval(const Summary& summary);

/// Columns in a terminal, taking every code point of the UTF-8 text for one.
std::size_t text_width(std::string_view text);

} // namespace ebm::experiments
