#include <cmath>
#include <fmt/format.h>

#include "experiments/report/csv_writer.hpp"
#include "experiments/report/pivot.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {
namespace {

int exponent_of(double value) {
  return static_cast<int>(std::floor(std::log10(value)));
}

/// Decimals that the error is given with; negative where it is rounded to tens or more.
int decimals_of(double error) {
  const int e = exponent_of(error);
  const long digits = std::lround(error / std::pow(10.0, e - 2)); // the first three
  return (digits <= 354 || digits >= 950 ? 1 : 0) - e - (digits >= 950 ? 1 : 0);
}

std::string fixed(double value, int decimals) {
  std::string s = fmt::format("{:.{}f}", value, std::max(decimals, 0));
  return s.starts_with('-') && s.find_first_not_of("-0.") == s.npos ? s.substr(1) : s; // no "-0.00"
}

std::string plain_mean(const Summary& s) {
  const RoundedMean m = rounded(s);
  if (m.standard_error.empty()) return m.mean;
  if (m.exponent.empty()) return m.mean + " ± " + m.standard_error;
  return fmt::format("({} ± {})e{}", m.mean, m.standard_error, m.exponent);
}

std::string latex_mean(const Summary& s, bool best) {
  const RoundedMean m = rounded(s);
  if (std::isnan(s.mean)) return "--";
  std::string text = m.mean;
  if (std::isinf(s.mean))
    text = s.mean < 0 ? "-\\infty" : "\\infty";
  else if (!m.standard_error.empty())
    text = m.mean + " \\pm " + m.standard_error;
  if (!m.exponent.empty())
    text =
        fmt::format("{} \\times 10^{{{}}}", m.standard_error.empty() ? text : "(" + text + ")", m.exponent);
  return best ? "$\\mathbf{" + text + "}$" : "$" + text + "$";
}

/// Text as LaTeX sets it; line breaks become blanks.
std::string latex_text(std::string_view text) {
  std::string out;
  // At the beginning of a row these would be arguments of the line break before it.
  if (text.starts_with('[') || text.starts_with('*')) out = "{}";
  for (const char c : text) {
    if (std::string_view("#$%&_{}").find(c) != std::string_view::npos)
      (out += '\\') += c;
    else if (c == '\\')
      out += "\\textbackslash{}";
    else if (c == '~')
      out += "\\textasciitilde{}";
    else if (c == '^')
      out += "\\textasciicircum{}";
    else if (c == '<')
      out += "\\textless{}";
    else if (c == '>')
      out += "\\textgreater{}";
    else if (c == '|')
      out += "\\textbar{}";
    else
      out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

/// "; log Z is estimated by annealed importance sampling in CD lr=0.1, exact elsewhere", or nothing.
std::string estimators_text(const Pivot& p) {
  if (!p.has_ais()) return "";
  std::vector<std::string> estimated;
  bool all = true;
  for (std::size_t r = 0; r < p.cells.size(); ++r)
    for (std::size_t c = 0; c < p.column_keys.size(); ++c) {
      all = all && p.estimators[r][c] != "exact";
      if (p.estimators[r][c] != "ais") continue;
      estimated.push_back(fmt::format("{}", fmt::join(p.row_keys[r], " ")));
      if (p.column_axis)
        estimated.back() += fmt::format(" {}={}", last_part(*p.column_axis), p.column_keys[c]);
    }
  return "; log Z is estimated by annealed importance sampling in " +
         (all ? "every cell" : listed(estimated) + ", exact elsewhere");
}

/// "mean ± standard error of test.log_likelihood over 5 seeds"
std::string caption(const Pivot& p) {
  std::optional<std::size_t> least, most;
  for (const auto& row : p.cells)
    for (const auto& cell : row)
      if (cell) {
        least = std::min(least.value_or(cell->n), cell->n);
        most = std::max(most.value_or(0), cell->n);
      }
  const std::size_t low = least.value_or(0), high = most.value_or(0);
  return fmt::format("{}: mean ± standard error of {} over {}{} seed{}{}{}", p.run, p.metric,
                     low == high ? "" : fmt::format("{} to ", low), high, high == 1 ? "" : "s",
                     p.goal ? "; the best of each column is bold" : "", estimators_text(p));
}

/// Last parts of the axes; in full where two have the same.
std::vector<std::string> row_titles(const Pivot& p) {
  std::vector<std::string> titles;
  for (const std::string& axis : p.row_axes) {
    const bool alone = std::ranges::none_of(p.row_axes, [&](const std::string& other) {
      return other != axis && last_part(other) == last_part(axis);
    });
    titles.push_back(alone ? last_part(axis) : axis);
  }
  return titles;
}

std::string markdown(const Pivot& p) {
  TextTable t;
  t.header = row_titles(p);
  t.right_aligned.assign(t.header.size(), false);
  for (const std::string& key : p.column_keys) {
    t.header.push_back(p.column_axis ? fmt::format("{}={}", last_part(*p.column_axis), key) : p.metric);
    t.right_aligned.push_back(true);
  }
  for (std::size_t r = 0; r < p.cells.size(); ++r) {
    t.rows.push_back(p.row_keys[r]);
    for (std::size_t c = 0; c < p.column_keys.size(); ++c) {
      const std::string text = p.cells[r][c] ? plain_mean(*p.cells[r][c]) : "";
      t.rows.back().push_back(p.is_best(r, c) ? "**" + text + "**" : text);
    }
  }
  return t.markdown() + "\n" + one_line(caption(p)) + "\n";
}

std::string csv(const Pivot& p) {
  const bool estimators = p.has_ais();
  std::vector<std::string> header = p.row_axes;
  for (const std::string& key : p.column_keys) {
    const std::string column = p.column_axis ? *p.column_axis + "=" + key : p.metric;
    for (const char* what : {".n", ".mean", ".standard_error"}) header.push_back(column + what);
    if (estimators) header.push_back(column + ".log_partition_estimator");
  }
  std::string text = csv_row(header);
  for (std::size_t r = 0; r < p.cells.size(); ++r) {
    std::vector<std::string> row = p.row_keys[r];
    for (std::size_t c = 0; c < p.column_keys.size(); ++c) {
      const auto& cell = p.cells[r][c];
      row.push_back(cell ? std::to_string(cell->n) : "");
      row.push_back(cell ? csv_number(cell->mean) : "");
      row.push_back(cell ? csv_number(cell->standard_error) : "");
      if (estimators) row.push_back(p.estimators[r][c]);
    }
    text += csv_row(row);
  }
  return text;
}

std::string latex_row(std::span<const std::string> cells) {
  return fmt::format("  {} \\\\\n", fmt::join(cells, " & "));
}

std::string latex(const Pivot& p) {
  const std::size_t axes = p.row_axes.size(), columns = p.column_keys.size();
  std::string text =
      fmt::format("% {}\n% \\usepackage{{booktabs}}\n\\begin{{tabular}}{{{}{}}}\n  \\toprule\n",
                  one_line(caption(p)), std::string(axes, 'l'), std::string(columns, 'r'));
  std::vector<std::string> titles = row_titles(p), keys = p.column_keys;
  std::ranges::transform(titles, titles.begin(), latex_text);
  std::ranges::transform(keys, keys.begin(), latex_text);
  if (p.column_axis) {
    text += fmt::format("  {}\\multicolumn{{{}}}{{c}}{{{}}} \\\\\n  \\cmidrule(lr){{{}-{}}}\n",
                        fmt::format("{:&>{}} ", "", axes), columns, latex_text(last_part(*p.column_axis)),
                        axes + 1, axes + columns);
  } else {
    keys = {latex_text(p.metric)};
  }
  titles.insert(titles.end(), keys.begin(), keys.end());
  text += latex_row(titles) + "  \\midrule\n";
  for (std::size_t r = 0; r < p.cells.size(); ++r) {
    std::vector<std::string> row = p.row_keys[r];
    std::ranges::transform(row, row.begin(), latex_text);
    for (std::size_t c = 0; c < columns; ++c)
      row.push_back(p.cells[r][c] ? latex_mean(*p.cells[r][c], p.is_best(r, c)) : "");
    text += latex_row(row);
  }
  return text + "  \\bottomrule\n\\end{tabular}\n";
}

} // namespace

RoundedMean rounded(const Summary& s) {
  if (!std::isfinite(s.mean)) return {short_number(s.mean), "", ""};
  const bool has_error = std::isfinite(s.standard_error);
  const double largest = std::max(std::abs(s.mean), has_error ? s.standard_error : 0.0);
  RoundedMean m;
  double scale = 1;
  if (largest >= 1e7 || (largest != 0 && largest < 1e-4)) {
    m.exponent = std::to_string(exponent_of(largest));
    scale = std::pow(10.0, exponent_of(largest));
  }
  const double mean = s.mean / scale, error = s.standard_error / scale;
  if (!has_error || error == 0) {
    m.mean = short_number(mean);
    if (has_error) m.standard_error = "0";
    return m;
  }
  // Beyond 15 decimals stand no digits of the mean.
  const int decimals = std::min(decimals_of(error), 15);
  m.mean = fixed(mean, decimals);
  m.standard_error = fixed(error, decimals);
  return m;
}

std::string pivot_text(const Pivot& p, TableFormat format) {
  switch (format) {
  case TableFormat::csv:
    return csv(p);
  case TableFormat::latex:
    return latex(p);
  case TableFormat::markdown:
    break;
  }
  return markdown(p);
}

} // namespace ebm::experiments
