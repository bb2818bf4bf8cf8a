#include "experiments/report/pivot.hpp"

#include <cmath>
#include <fmt/format.h>

#include "experiments/spec/pattern.hpp"
#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {
namespace {

/// The axis's values that some setting has, in the order of the plan.
std::vector<std::string> values_on(const RunResults& r, std::span<const std::size_t> settings,
                                   const std::string& axis) {
  std::vector<std::string> values;
  for (const std::size_t s : settings)
    if (const std::string v = r.label(s, axis); std::ranges::find(values, v) == values.end())
      values.push_back(v);
  return values;
}

std::vector<std::size_t> selected_settings(const RunResults& r, std::span<const std::string> where) {
  std::vector<std::size_t> settings;
  for (std::size_t s = 0; s < r.settings(); ++s) settings.push_back(s);
  for (const std::string& condition : where) {
    const std::size_t equals = condition.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw InputError(fmt::format("--where '{}': write axis=pattern, such as method=PCD*", condition));
    const std::string axis = find_axis(r, condition.substr(0, equals)),
                      pattern = condition.substr(equals + 1);
    const std::vector<std::string> values = values_on(r, settings, axis);
    std::erase_if(settings, [&](std::size_t s) { return !matches_pattern(r.label(s, axis), pattern); });
    if (settings.empty())
      throw InputError(fmt::format("--where '{}' leaves no setting{}; values of {} are: {}", condition,
                                   did_you_mean(pattern, values), axis, listed(values)));
  }
  return settings;
}

void check_axes_differ(const Pivot& p) {
  std::set<std::string> seen;
  for (const std::string& axis : p.row_axes)
    if (!seen.insert(axis).second) throw InputError(fmt::format("--rows has axis '{}' twice", axis));
  if (p.column_axis && seen.contains(*p.column_axis))
    throw InputError(fmt::format("axis '{}' is in both --rows and --cols", *p.column_axis));
}

std::string in_quotes(std::span<const std::string> axes, std::span<const std::string> values) {
  std::string s;
  for (std::size_t i = 0; i < axes.size(); ++i)
    s += fmt::format("{}{}={}", i == 0 ? "" : " ", last_part(axes[i]), values[i]);
  return "'" + s + "'";
}

/// Several settings in one cell: which axes tell them apart.
[[noreturn]] void refuse_cell(const RunResults& r, const Pivot& p, std::span<const std::size_t> settings,
                              std::span<const std::string> row, const std::string& column) {
  std::vector<std::string> axes = p.row_axes, values(row.begin(), row.end());
  if (p.column_axis) axes.push_back(*p.column_axis), values.push_back(column);
  std::string list;
  for (const std::string& axis : r.axes())
    if (const auto different = values_on(r, settings, axis); different.size() > 1)
      list += fmt::format("\n    {}: {}", axis, listed(different));
  throw InputError(fmt::format("{} settings fall into the cell {}: fix what tells them apart with --where "
                               "axis=value, or make it an axis of the table:{}",
                               settings.size(), in_quotes(axes, values), list));
}

std::size_t place_of(std::vector<std::string> key, std::vector<std::vector<std::string>>& keys) {
  const auto it = std::ranges::find(keys, key);
  if (it != keys.end()) return std::size_t(it - keys.begin());
  keys.push_back(std::move(key));
  return keys.size() - 1;
}

} // namespace

bool Pivot::has_ais() const {
  return std::ranges::any_of(estimators,
                             [](const auto& row) { return std::ranges::find(row, "ais") != row.end(); });
}

bool Pivot::is_best(std::size_t row, std::size_t column) const {
  const auto mean_of = [&](std::size_t r) { return cells[r][column] ? cells[r][column]->mean : NAN; };
  const double mean = mean_of(row);
  if (!goal || std::isnan(mean)) return false;
  std::size_t values = 0;
  for (std::size_t r = 0; r < cells.size(); ++r) {
    const double other = mean_of(r);
    if (std::isnan(other)) continue;
    ++values;
    if (*goal == Goal::minimize ? other < mean : other > mean) return false;
  }
  return values > 1;
}

Pivot make_pivot(const RunResults& r, const PivotOptions& options) {
  Pivot p{r.run().name, find_metric(r, options.metric), {}, {}, {}, {}, {}, {}, {}};
  p.goal = r.direction(p.metric);
  for (const std::string& name : options.rows) p.row_axes.push_back(find_axis(r, name));
  if (!options.columns.empty()) p.column_axis = find_axis(r, options.columns);
  check_axes_differ(p);
  const std::vector<std::size_t> settings = selected_settings(r, options.where);
  p.column_keys = p.column_axis ? values_on(r, settings, *p.column_axis) : std::vector<std::string>{""};

  std::vector<std::vector<std::vector<std::size_t>>> members; // settings of [row][column]
  for (const std::size_t s : settings) {
    std::vector<std::string> key;
    for (const std::string& axis : p.row_axes) key.push_back(r.label(s, axis));
    const std::size_t row = place_of(std::move(key), p.row_keys);
    members.resize(p.row_keys.size(), std::vector<std::vector<std::size_t>>(p.column_keys.size()));
    const std::string column = p.column_axis ? r.label(s, *p.column_axis) : "";
    members[row][std::size_t(std::ranges::find(p.column_keys, column) - p.column_keys.begin())].push_back(s);
  }
  for (std::size_t row = 0; row < members.size(); ++row) {
    p.cells.emplace_back(p.column_keys.size());
    p.estimators.emplace_back(p.column_keys.size());
    for (std::size_t c = 0; c < p.column_keys.size(); ++c) {
      const std::vector<std::size_t>& here = members[row][c];
      if (here.size() > 1) refuse_cell(r, p, here, p.row_keys[row], p.column_keys[c]);
      if (here.empty()) continue;
      p.cells[row][c] = r.summary(here[0], p.metric);
      p.estimators[row][c] = r.estimator(here[0], p.metric);
    }
  }
  return p;
}

} // namespace ebm::experiments
