#include "experiments/report/html.hpp"

#include <cassert>
#include <fmt/format.h>

#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {

std::string element(std::string_view name, std::string_view markup, std::string_view attributes) {
  return fmt::format("<{}{}{}>{}</{}>", name, attributes.empty() ? "" : " ", attributes, markup, name);
}

std::string paragraph(std::string_view text, std::string_view kind) {
  if (text.empty()) return "";
  return element("p", xml_escape(text), kind.empty() ? "" : fmt::format(R"(class="{}")", kind)) + "\n";
}

std::string section(std::string_view heading, std::string_view id, std::string_view markup) {
  if (markup.empty()) return "";
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n\n", id, xml_escape(heading), markup);
}

std::string escape_lines(std::string_view text) {
  std::string escaped;
  for (;;) {
    const std::size_t end = text.find('\n');
    escaped += xml_escape(text.substr(0, end));
    if (end == text.npos) return escaped;
    escaped += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

HtmlTable::HtmlTable(std::string_view caption, std::vector<Column> columns)
    : caption_(xml_escape(caption)), columns_(std::move(columns)) {}

void HtmlTable::add(const std::vector<std::string>& cells) {
  assert(cells.size() == columns_.size());
  rows_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* kind = columns_[i].numeric ? R"(class="n")" : "";
    rows_ += i == 0 ? element("th", cells[i], fmt::format(R"(scope="row"{}{})", *kind != 0 ? " " : "", kind))
                    : element("td", cells[i], kind);
  }
  rows_ += "</tr>\n";
}

std::string HtmlTable::markup() const {
  std::string head;
  for (const Column& c : columns_)
    head += element("th", xml_escape(c.title),
                    std::string(R"(scope="col")") + (c.numeric ? R"( class="n")" : "") +
                        (c.hint.empty() ? "" : fmt::format(R"( title="{}")", xml_escape(c.hint))));
  return fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\n"
                     "<table class=\"sortable\">\n<caption>{0}</caption>\n<thead><tr>{1}</tr></thead>\n"
                     "<tbody>\n{2}</tbody>\n</table>\n</div>\n",
                     caption_, head, rows_);
}

} // namespace ebm::experiments
