#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include "experiments/report/report_view.hpp"
#include "experiments/report/selection.hpp"
#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {
namespace {

using Column = HtmlTable::Column;

constexpr std::size_t most_settings = 1000, most_timings = 40, most_trials = 300, most_axes = 4;

/// The columns that say which setting a row is: one an axis, or the whole name if there are many axes.
class SettingColumns {
 public:
  explicit SettingColumns(const ReportView& view)
      : view_(view), by_axis_(!view.results().axes().empty() && view.results().axes().size() <= most_axes) {}

  std::vector<Column> columns() const {
    if (!by_axis_) return {{"setting"}};
    const RunResults& r = view_.results();
    std::vector<Column> columns;
    for (const std::string& axis : r.axes()) {
      bool numeric = true;
      for (std::size_t s = 0; s < r.settings(); ++s)
        numeric = numeric && (r.label(s, axis).empty() || !std::isnan(to_number(r.label(s, axis))));
      columns.push_back({last_part(axis), numeric, axis});
    }
    return columns;
  }

  std::vector<std::string> cells(std::size_t setting) const {
    const RunResults& r = view_.results();
    if (!by_axis_) return {view_.named(setting, view_.name(setting))};
    std::vector<std::string> cells;
    for (const std::string& axis : r.axes()) {
      const std::string label = r.label(setting, axis).empty() ? "–" : r.label(setting, axis);
      cells.push_back(cells.empty() ? view_.named(setting, label) : xml_escape(label));
    }
    return cells;
  }

 private:
  const ReportView& view_;
  bool by_axis_;
};

/// The lowest or highest value with the seed it belongs to.
std::string extreme_cell(const RunResults& r, std::size_t setting, bool lowest) {
  const auto found = extreme(r.values_by_seed(setting, r.primary()), lowest);
  if (!found) return "–";
  return aligned_number(found->second) + element("small", fmt::format(" s{}", found->first));
}

std::string seconds_text(double seconds) {
  return aligned_number(seconds, 3);
}

std::string range_text(const std::vector<double>& values) {
  if (std::isnan(median(values))) return "–";
  return fmt::format("{} – {}", seconds_text(quantile(values, 0)), seconds_text(quantile(values, 1)));
}

std::vector<double> wall_seconds(const RunResults& r, std::size_t setting) {
  std::vector<double> seconds;
  for (const std::size_t t : r.trials_of(setting))
    if (r.run().outcomes[t].state == TrialState::done) seconds.push_back(r.run().outcomes[t].seconds);
  return seconds;
}

/// The cells after those that name the setting.
std::vector<std::string> setting_cells(const RunResults& r, std::size_t s) {
  const std::vector<double> v = r.finals(s, r.primary());
  const Summary m = summarise(v);
  std::vector<std::string> cells{std::to_string(m.n),
                                 aligned_number(m.mean),
                                 aligned_interval(m),
                                 aligned_number(median(v)),
                                 extreme_cell(r, s, r.lower_is_better()),
                                 extreme_cell(r, s, !r.lower_is_better())};
  if (const auto baseline = r.run().report.baseline) {
    const Summary d = r.difference(s, r.primary());
    cells.push_back(s == *baseline ? "baseline" : aligned_number(d.mean));
    cells.push_back(s == *baseline ? "" : aligned_interval(d));
  }
  if (r.shows("acceptance")) cells.push_back(short_number(r.summary(s, "acceptance").mean, 3));
  if (r.shows_estimator()) cells.push_back(xml_escape(r.estimator(s)));
  if (!r.run().all_done()) cells.push_back(r.not_done(s));
  return cells;
}

} // namespace

std::string settings_section(const ReportView& view) {
  const RunResults& r = view.results();
  if (r.primary().empty()) return "";
  const SettingColumns names(view);
  std::vector<Column> columns = names.columns();
  const bool known = r.direction(r.primary()).has_value();
  for (const auto& [title, hint] :
       std::vector<std::pair<const char*, const char*>>{{"n", "seeds that are done"},
                                                        {"mean", ""},
                                                        {"95 % interval", "of the mean, by Student's t"},
                                                        {"median", ""},
                                                        {known ? "best seed" : "highest seed", ""},
                                                        {known ? "worst seed" : "lowest seed", ""}})
    columns.push_back({title, true, hint});
  if (r.run().report.baseline) {
    columns.push_back({"− baseline", true, "mean of the differences to the baseline, seed by seed"});
    columns.push_back({"95 % interval", true, "of the paired difference"});
  }
  if (r.shows("acceptance")) columns.push_back({"acceptance", true, "of proposals, mean"});
  if (r.shows_estimator()) columns.push_back({"log Z by", false});
  if (!r.run().all_done()) columns.push_back({"not done", false});
  HtmlTable table(known ? fmt::format("Settings by {}, the best first", r.primary())
                        : "Settings in the order of the plan",
                  std::move(columns));
  for (const std::size_t s : view.best_first(most_settings)) {
    std::vector<std::string> cells = names.cells(s);
    std::ranges::move(setting_cells(r, s), std::back_inserter(cells));
    table.add(cells);
  }
  const std::string baseline = r.run().report.baseline
                                   ? fmt::format(" Baseline: {}; differences are paired, seed by seed.",
                                                 view.name(*r.run().report.baseline))
                                   : "";
  const std::string more = view.selection(most_settings);
  return section(
      "Settings", "settings",
      paragraph(fmt::format("{}, final values, {}.{}{}", r.primary(),
                            known ? "the best first" : "settings in the order of the plan", baseline,
                            more.empty() ? "" : " " + more + "; settings.csv has them all."),
                "note") +
          table.markup());
}

std::string timing_section(const ReportView& view) {
  const RunResults& r = view.results();
  if (r.run().count(TrialState::done) == 0) return "";
  const SettingColumns names(view);
  std::vector<Column> columns = names.columns();
  columns.push_back({"learning, s", true, "median over seeds, evaluation not counted"});
  columns.push_back({"range", true});
  columns.push_back({"in all, s", true, "median over seeds of the wall-clock time, evaluation included"});
  columns.push_back({"range", true});
  HtmlTable table("Seconds a trial, by setting", std::move(columns));
  for (const std::size_t s : view.best_first(most_timings)) {
    const std::vector<double> learning = r.training_seconds(s), wall = wall_seconds(r, s);
    std::vector<std::string> cells = names.cells(s);
    for (const auto* v : {&learning, &wall}) {
      cells.push_back(std::isnan(median(*v)) ? "–" : seconds_text(median(*v)));
      cells.push_back(range_text(*v));
    }
    table.add(cells);
  }
  double total = 0;
  for (const TrialOutcome& o : r.run().outcomes) total += o.seconds;
  const std::string more = view.selection(most_timings);
  return section("Timing", "timing",
                 paragraph(fmt::format("Seconds of a trial that is done; all trials together took {} s.{}",
                                       seconds_text(total), more.empty() ? "" : " " + more + "."),
                           "note") +
                     table.markup());
}

std::string trials_section(const ReportView& view) {
  const RunRecord& run = view.run();
  if (run.trials.size() > most_trials)
    return section("Trials", "trials",
                   paragraph(fmt::format("{} trials: summary.csv in the run's folder has a row for each.",
                                         run.trials.size())));
  std::vector<Column> columns{{"folder"},       {"setting"},       {"seed", true},
                              {"status"},       {"updates", true}, {view.results().primary(), true},
                              {"seconds", true}};
  if (view.results().primary().empty()) columns.erase(columns.begin() + 5);
  HtmlTable table("All trials", columns);
  for (const Trial& t : run.trials) {
    const TrialOutcome& o = run.outcomes[t.index];
    const std::string state(name_of(o.state)), update = view.results().cell(t.index, "update");
    std::vector<std::string> cells{xml_escape(t.folder), xml_escape(run.setting_name(t.setting)),
                                   std::to_string(t.replicate),
                                   element("span", state, fmt::format(R"(class="state {}")", state)),
                                   update.empty() ? "–" : xml_escape(update)};
    if (!view.results().primary().empty())
      cells.push_back(aligned_number(to_number(view.results().cell(t.index, view.results().primary()))));
    cells.push_back(o.seconds > 0 ? seconds_text(o.seconds) : "–");
    table.add(cells);
  }
  return section("Trials", "trials", table.markup());
}

} // namespace ebm::experiments
