#include "experiments/report/comparison.hpp"

#include <cmath>
#include <fmt/format.h>
#include <set>

#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

/// Where differences are taken to.
struct Reference {
  bool exists = false;
  std::optional<std::size_t> baseline; ///< setting of the first run; else the one of the same labels
};

struct Row {
  std::size_t run, setting;
  SeedValues values;
  Summary summary;
  bool is_reference = false;
  std::optional<Summary> difference;
};

std::vector<double> numbers(const SeedValues& values) {
  std::vector<double> v;
  for (const auto& [seed, value] : values) v.push_back(value);
  return v;
}

Summary difference(const SeedValues& a, const SeedValues& b) {
  std::vector<double> left, right;
  for (const auto& [seed, value] : a)
    if (const auto it = b.find(seed); it != b.end()) {
      left.push_back(value);
      right.push_back(it->second);
    }
  return paired_difference(left, right);
}

/// Runs are called by their name where that tells them apart, else by their folder.
std::vector<std::string> run_names(std::span<const RunResults> runs) {
  std::set<std::string> different;
  for (const RunResults& r : runs) different.insert(r.run().name);
  std::vector<std::string> names;
  for (const RunResults& r : runs)
    names.push_back(different.size() == runs.size() ? r.run().name : r.run().folder.string());
  return names;
}

std::string common_metric(std::span<const RunResults> runs, const std::string& name) {
  const std::string metric = find_metric(runs[0], name);
  std::string lacking;
  for (const RunResults& r : runs.subspan(1))
    if (std::ranges::find(r.measured(), metric) == r.measured().end())
      lacking += fmt::format("\n    {}, which has {}", r.run().folder.string(),
                             r.measured().empty() ? "measured nothing" : "measured " + listed(r.measured()));
  if (!lacking.empty()) throw InputError(fmt::format("metric '{}' is missing in{}", metric, lacking));
  return metric;
}

/// A setting whatever the order of its axes.
std::map<std::string, std::string> labels_of(const RunResults& r, std::size_t setting) {
  std::map<std::string, std::string> labels;
  for (const Label& l : r.run().settings[setting]) labels[l.axis] = l.value;
  return labels;
}

std::vector<Row> make_rows(std::span<const RunResults> runs, const std::string& metric, const Reference& to) {
  std::vector<Row> rows;
  for (std::size_t run = 0; run < runs.size(); ++run)
    for (std::size_t s = 0; s < runs[run].settings(); ++s) {
      SeedValues values = runs[run].values_by_seed(s, metric);
      const Summary summary = summarise(numbers(values));
      rows.push_back({run, s, std::move(values), summary, false, {}});
    }
  if (!to.exists) return rows;
  // The rows of the first run come first, so a setting of it is the row of the same number.
  std::map<std::map<std::string, std::string>, std::size_t> first;
  for (std::size_t s = 0; s < runs[0].settings(); ++s) first.emplace(labels_of(runs[0], s), s);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row& row = rows[i];
    const auto same = first.find(labels_of(runs[row.run], row.setting));
    const auto partner = to.baseline || same == first.end() ? to.baseline : std::optional(same->second);
    row.is_reference = to.baseline ? partner == i : row.run == 0;
    if (partner && !row.is_reference) row.difference = difference(row.values, rows[*partner].values);
  }
  return rows;
}

/// "-6.1 (s3)": the lowest or highest value and its seed.
std::string extreme_text(const SeedValues& values, bool lowest) {
  const auto found = extreme(values, lowest);
  return found ? fmt::format("{} (s{})", short_number(found->second), found->first) : short_number(NAN);
}

bool shows_estimators(std::span<const RunResults> runs, const std::vector<Row>& rows,
                      const std::string& metric) {
  return std::ranges::any_of(rows,
                             [&](const Row& r) { return !runs[r.run].estimator(r.setting, metric).empty(); });
}

TextTable table_of(std::span<const RunResults> runs, const std::vector<Row>& rows, const std::string& metric,
                   const Reference& to, std::optional<Goal> goal) {
  const bool lower = goal == Goal::minimize;
  const bool all_done = std::ranges::all_of(runs, [](const RunResults& r) { return r.run().all_done(); });
  const std::vector<std::string> names = run_names(runs);
  TextTable t;
  if (runs.size() > 1) t.header.emplace_back("run");
  t.header.insert(t.header.end(), {"setting", "n", metric + " mean", "95 % interval",
                                   goal ? "best" : "highest", "median", goal ? "worst" : "lowest"});
  if (to.exists) t.header.insert(t.header.end(), {"difference (paired, 95 %)", "pairs"});
  t.right_aligned.assign(t.header.size(), true);
  t.right_aligned[0] = false;
  if (runs.size() > 1) t.right_aligned[1] = false;
  const bool estimators = shows_estimators(runs, rows, metric);
  if (estimators) t.header.emplace_back("log Z by");
  if (!all_done) t.header.emplace_back("not done");
  for (const Row& r : rows) {
    const RunResults& results = runs[r.run];
    std::vector<std::string> cells;
    if (runs.size() > 1) cells.push_back(names[r.run]);
    cells.insert(cells.end(),
                 {results.run().setting_name(r.setting), std::to_string(r.summary.n),
                  short_number(r.summary.mean), interval_text(r.summary), extreme_text(r.values, lower),
                  short_number(median(numbers(r.values))), extreme_text(r.values, !lower)});
    if (to.exists) {
      cells.push_back(r.is_reference ? "reference"
                      : r.difference ? short_number(r.difference->mean) + " " + interval_text(*r.difference)
                                     : "no partner");
      cells.push_back(r.difference ? std::to_string(r.difference->n) : "");
    }
    if (estimators) cells.push_back(results.estimator(r.setting, metric));
    if (!all_done) cells.push_back(results.not_done(r.setting));
    t.rows.push_back(std::move(cells));
  }
  return t;
}

/// "5 pairs a row", "3 to 5 pairs a row".
std::string pairs_text(const std::vector<Row>& rows) {
  std::optional<std::size_t> least, most;
  for (const Row& r : rows)
    if (r.difference) {
      least = std::min(least.value_or(r.difference->n), r.difference->n);
      most = std::max(most.value_or(0), r.difference->n);
    }
  if (!least) return "no row has a partner";
  return least == most ? fmt::format("{} pair{} a row", *most, *most == 1 ? "" : "s")
                       : fmt::format("{} to {} pairs a row", *least, *most);
}

/// The `seed` of the file, which all random numbers follow from.
std::string file_seed(const RunResults& r) {
  Diagnostics unused;
  const Node tree = read_yaml(r.run().resolved, "resolved.yaml", unused);
  const Node* seed = tree.find("seed");
  return seed != nullptr ? seed->scalar() : "";
}

std::vector<std::string> notes_of(std::span<const RunResults> runs, const std::vector<Row>& rows,
                                  const std::string& metric, const Reference& to, std::optional<Goal> goal,
                                  bool sorted) {
  std::vector<std::string> notes{
      "n: finished trials with a value; intervals are those of the mean over seeds, by Student's t"};
  if (!goal)
    notes.push_back(fmt::format("which values of {} are better is not known: report.primary of the "
                                "experiment file does not say{}",
                                metric, sorted ? "; the highest mean stands first" : ""));
  if (!to.exists) return notes;
  const std::string first = run_names(runs)[0];
  if (to.baseline)
    notes.push_back(fmt::format("difference: less '{}' of {}, the same seed paired with the same seed; {}",
                                runs[0].run().setting_name(*to.baseline), first, pairs_text(rows)));
  else
    notes.push_back(fmt::format("difference: less the setting of the same labels in {}, the same seed paired "
                                "with the same seed; {}",
                                first, pairs_text(rows)));
  const std::string seed = file_seed(runs[0]);
  if (std::ranges::any_of(runs, [&](const RunResults& r) { return file_seed(r) != seed; }))
    notes.emplace_back("the runs differ in `seed`: their pairs share no random numbers, which makes the "
                       "differences no more exact than unpaired ones");
  return notes;
}

} // namespace

Comparison compare(std::span<const RunResults> runs, const ComparisonOptions& options) {
  const std::string metric = common_metric(runs, options.metric);
  const std::optional<Goal> goal = runs[0].direction(metric);
  Reference to{runs.size() > 1, runs[0].run().report.baseline};
  if (!options.baseline.empty()) to.baseline = find_setting(runs[0], options.baseline, "--baseline");
  to.exists |= to.baseline.has_value();
  std::vector<Row> rows = make_rows(runs, metric, to);
  if (options.sort)
    std::ranges::stable_sort(
        rows, {}, [&](const Row& r) { return rank_key(r.summary.mean, goal.value_or(Goal::maximize)); });
  return {table_of(runs, rows, metric, to, goal), notes_of(runs, rows, metric, to, goal, options.sort)};
}

} // namespace ebm::experiments
