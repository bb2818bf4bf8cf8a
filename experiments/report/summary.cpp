#include "experiments/report/summary.hpp"

#include <cmath>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/report/csv_writer.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t most_curves = 12, most_markdown_rows = 1000;

void write_trials(const RunResults& r) {
  std::vector<std::string> header{"trial", "folder"};
  header.insert(header.end(), r.axes().begin(), r.axes().end());
  for (const char* name : {"replicate", "status", "updates"}) header.emplace_back(name);
  header.insert(header.end(), r.columns().begin(), r.columns().end());
  std::string text = csv_row(header);
  for (const Trial& t : r.run().trials) {
    std::vector<std::string> row{std::to_string(t.index), t.folder};
    for (const std::string& axis : r.axes()) row.push_back(r.label(t.setting, axis));
    row.push_back(std::to_string(t.replicate));
    row.emplace_back(name_of(r.run().outcomes[t.index].state));
    row.push_back(r.cell(t.index, "update"));
    for (const std::string& name : r.columns()) row.push_back(r.cell(t.index, name));
    text += csv_row(row);
  }
  write_atomically(r.run().folder / "summary.csv", text);
}

void add_summary(const Summary& s, std::vector<std::string>& row) {
  row.push_back(std::to_string(s.n));
  for (const double v : {s.mean, s.standard_error, s.low, s.high}) row.push_back(csv_number(v));
}

void write_settings(const RunResults& r) {
  const bool compared = r.run().report.baseline.has_value();
  std::vector<std::string> header{"setting"};
  header.insert(header.end(), r.axes().begin(), r.axes().end());
  header.insert(header.end(), {"trials", "done"});
  for (const std::string& name : r.measured()) {
    for (const char* s : {"n", "mean", "standard_error", "low", "high", "median", "min", "max"})
      header.push_back(name + "." + s);
    if (compared)
      for (const char* s : {"n", "mean", "standard_error", "low", "high"})
        header.push_back(name + ".minus_baseline." + s);
  }
  std::string text = csv_row(header);
  for (std::size_t s = 0; s < r.settings(); ++s) {
    std::vector<std::string> row{std::to_string(s)};
    for (const std::string& axis : r.axes()) row.push_back(r.label(s, axis));
    row.push_back(std::to_string(r.trials_of(s).size()));
    row.push_back(std::to_string(r.done(s)));
    for (const std::string& name : r.measured()) {
      const std::vector<double> v = r.finals(s, name);
      add_summary(summarise(v), row);
      for (const double q : {median(v), quantile(v, 0), quantile(v, 1)}) row.push_back(csv_number(q));
      if (compared) add_summary(r.difference(s, name), row);
    }
    text += csv_row(row);
  }
  write_atomically(r.run().folder / "settings.csv", text);
}

std::vector<std::string> table_row(const RunResults& r, std::size_t s) {
  const std::string& primary = r.primary();
  std::vector<std::string> row{r.run().setting_name(s)};
  if (primary.empty()) {
    row.push_back(std::to_string(r.done(s)));
  } else {
    const std::vector<double> v = r.finals(s, primary);
    const Summary m = summarise(v);
    row.insert(row.end(), {std::to_string(m.n), short_number(m.mean), short_number(m.standard_error),
                           interval_text(m), short_number(median(v))});
  }
  if (const auto baseline = r.run().report.baseline; baseline && !primary.empty()) {
    const Summary d = r.difference(s, primary);
    row.push_back(s == *baseline ? "baseline" : short_number(d.mean) + " " + interval_text(d));
  }
  if (r.shows("acceptance")) row.push_back(short_number(r.summary(s, "acceptance").mean, 3));
  if (r.shows_estimator()) row.push_back(r.estimator(s));
  if (!r.run().all_done()) row.push_back(r.not_done(s));
  return row;
}

void write_markdown(const RunResults& r) {
  const RunRecord& run = r.run();
  std::string text = "# " + run.name + "\n\n" + (run.description.empty() ? "" : run.description + "\n\n") +
                     settings_table(r, most_markdown_rows).markdown();
  if (r.settings() > most_markdown_rows)
    text += fmt::format("\nThe {} {} of {} settings; settings.csv has them all.\n",
                        r.direction(r.primary()) ? "best" : "first", most_markdown_rows, r.settings());
  if (run.report.baseline) text += "\nBaseline: " + run.setting_name(*run.report.baseline) + "\n";
  for (const Trial& t : run.trials)
    if (const TrialOutcome& o = run.outcomes[t.index]; o.state != TrialState::done)
      text +=
          fmt::format("\n- {}: {}{}", t.folder, name_of(o.state), o.message.empty() ? "" : " — " + o.message);
  write_atomically(run.folder / "summary.md", text + "\n");
}

/// The primary metric, then the other row metrics, at most four.
std::vector<std::string> pictured(const RunResults& r) {
  std::vector<std::string> names;
  if (!r.primary().empty()) names.push_back(r.primary());
  for (const std::string& name : r.measured())
    if (name != r.primary() && name != "acceptance" && name != "log_partition" && names.size() < 4)
      names.push_back(name);
  return names;
}

} // namespace

std::vector<std::size_t> best_settings(const RunResults& r, std::size_t count) {
  std::vector<std::size_t> chosen;
  if (r.run().report.baseline) chosen.push_back(*r.run().report.baseline);
  for (const std::size_t s : r.ranking())
    if (chosen.size() < count && std::ranges::find(chosen, s) == chosen.end()) chosen.push_back(s);
  std::ranges::sort(chosen);
  return chosen;
}

TextTable settings_table(const RunResults& r, std::size_t rows) {
  TextTable t;
  t.header = {"setting", "n"};
  t.right_aligned = {false, true};
  if (!r.primary().empty()) {
    t.header.insert(t.header.end(), {r.primary() + " mean", "± s.e.", "95 % interval", "median"});
    t.right_aligned.resize(t.header.size(), true);
  }
  if (r.run().report.baseline && !r.primary().empty()) {
    t.header.push_back("minus baseline (paired, 95 %)");
    t.right_aligned.push_back(true);
  }
  if (r.shows("acceptance")) t.header.push_back("acceptance");
  if (r.shows_estimator()) t.header.push_back("log Z by");
  if (!r.run().all_done()) t.header.push_back("not done");
  for (const std::size_t s : best_settings(r, rows)) t.rows.push_back(table_row(r, s));
  return t;
}

std::vector<Panel> learning_curves(const RunResults& r, std::span<const std::size_t> settings) {
  std::vector<Panel> panels;
  for (const std::string& name : pictured(r))
    panels.push_back({name, "update", "", {}, {}, true, name == r.primary() && r.lower_is_better()});
  for (const std::size_t s : settings) {
    std::vector<Curve> curves(panels.size(), Curve{r.run().setting_name(s), {}, {}});
    for (const std::size_t t : r.trials_of(s)) {
      const CsvTable m = read_table(r.run().trial_folder(r.run().trials[t]) / "metrics.csv");
      for (std::size_t p = 0; p < panels.size(); ++p) {
        if (curves[p].x.size() < m.rows.size()) curves[p].x = m.values("update");
        curves[p].y.push_back(m.values(panels[p].title));
      }
    }
    for (std::size_t p = 0; p < panels.size(); ++p) panels[p].curves.push_back(std::move(curves[p]));
  }
  return panels;
}

void write_summaries(const RunResults& r) {
  write_trials(r);
  write_settings(r);
  write_markdown(r);
  const std::vector<std::size_t> shown = best_settings(r, most_curves);
  const std::string title = r.settings() <= most_curves ? r.run().name
                                                        : fmt::format("{}: {} of {} settings", r.run().name,
                                                                      shown.size(), r.settings());
  write_atomically(r.run().folder / "summary.svg", curves_svg(title, learning_curves(r, shown)));
}

} // namespace ebm::experiments
