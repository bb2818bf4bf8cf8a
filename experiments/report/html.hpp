// Pieces of a page that is HTML and well-formed XML at once. What is called markup is such text already; what
// is called text is escaped here.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

/// <name attributes>markup</name>; the attributes as they stand in a tag.
std::string element(std::string_view name, std::string_view markup, std::string_view attributes = {});
/// <p class="kind">text</p>, or nothing without text.
std::string paragraph(std::string_view text, std::string_view kind = {});
/// A part of the page with a heading; nothing without markup.
std::string section(std::string_view heading, std::string_view id, std::string_view markup);

/// As xml_escape(), but lines stay lines.
std::string escape_lines(std::string_view text);

std::string base64(std::string_view bytes);

/// A table in a box that scrolls when the page is too narrow. A script may sort it.
class HtmlTable {
 public:
  struct Column {
    std::string title;
    bool numeric = false; ///< aligned right, sorted by the first number in a cell
    std::string hint{};   ///< shown when the pointer rests on the title
  };
  /// The caption is text, and is read aloud only.
  HtmlTable(std::string_view caption, std::vector<Column> columns);

  /// Markup, a cell a column; the first cell names the row.
  void add(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  std::string markup() const;

 private:
  std::string caption_;
  std::vector<Column> columns_;
  std::string rows_;
};

} // namespace ebm::experiments
