#include "experiments/run/summary.hpp"

#include <charconv>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/report/statistics.hpp"
#include "experiments/report/svg.hpp"

namespace ebm::experiments {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    cells.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

double to_number(const std::string& cell) {
  double v = missing;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), v);
  return error == std::errc() && end == cell.data() + cell.size() ? v : missing;
}

/// metrics.csv of a trial; empty when the trial never wrote one.
struct MetricsFile {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  std::optional<std::size_t> column(const std::string& name) const {
    const auto it = std::ranges::find(header, name);
    return it == header.end() ? std::nullopt : std::optional(std::size_t(it - header.begin()));
  }
  std::string final_cell(const std::string& name) const {
    const auto c = column(name);
    return c && !rows.empty() ? rows.back()[*c] : "";
  }
  std::vector<double> values(const std::string& name) const {
    std::vector<double> v;
    if (const auto c = column(name))
      for (const auto& row : rows) v.push_back(to_number(row[*c]));
    return v;
  }
};

MetricsFile read_metrics(const std::filesystem::path& file) {
  MetricsFile m;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return m;
  const std::string text = read_text(file);
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    if (end == std::string_view::npos) break; // a line that a kill cut short
    auto cells = split_line(left.substr(0, end));
    left.remove_prefix(end + 1);
    if (m.header.empty())
      m.header = std::move(cells);
    else if (cells.size() == m.header.size())
      m.rows.push_back(std::move(cells));
  }
  return m;
}

class RunSummary {
 public:
  RunSummary(const Experiment& x, const std::vector<TrialOutcome>& outcomes, const std::filesystem::path& run)
      : x_(x), outcomes_(outcomes), run_(run) {
    for (const Trial& t : x.trials) {
      metrics_.push_back(read_metrics(run / "trials" / t.folder / "metrics.csv"));
      for (const std::string& name : metrics_.back().header)
        if (name != "update" && name != "epoch" && std::ranges::find(columns_, name) == columns_.end())
          columns_.push_back(name);
    }
    for (const Setting& s : x.settings)
      for (const Label& l : s.labels)
        if (std::ranges::find(axes_, l.axis) == axes_.end()) axes_.push_back(l.axis);
    for (const std::string& name : columns_)
      if (name != "log_partition.estimator" && !name.ends_with(".standard_error")) numeric_.push_back(name);
    primary_ = x.report.metric;
    for (const std::string& name : numeric_)
      if (primary_.empty() && name != "acceptance") primary_ = name;
  }

  void write_trials() const {
    std::vector<std::string> header{"trial", "folder"};
    header.insert(header.end(), axes_.begin(), axes_.end());
    for (const char* name : {"replicate", "status", "updates"}) header.emplace_back(name);
    header.insert(header.end(), columns_.begin(), columns_.end());
    std::string text = csv_row(header);
    for (const Trial& t : x_.trials) {
      std::vector<std::string> row{std::to_string(t.index), t.folder};
      add_labels(x_.settings[t.setting], row);
      row.push_back(std::to_string(t.replicate));
      row.emplace_back(name_of(outcomes_[t.index].state));
      row.push_back(metrics_[t.index].final_cell("update"));
      for (const std::string& name : columns_) row.push_back(metrics_[t.index].final_cell(name));
      text += csv_row(row);
    }
    write_atomically(run_ / "summary.csv", text);
  }

  void write_settings() const {
    std::vector<std::string> header{"setting"};
    header.insert(header.end(), axes_.begin(), axes_.end());
    header.insert(header.end(), {"trials", "done"});
    static constexpr std::array suffixes{"n",   "mean", "standard_error", "low", "high", "median",
                                         "min", "max"};
    static constexpr std::array differences{"n", "mean", "standard_error", "low", "high"};
    for (const std::string& name : numeric_) {
      for (const char* s : suffixes) header.push_back(name + "." + s);
      if (x_.report.baseline)
        for (const char* s : differences) header.push_back(name + ".minus_baseline." + s);
    }
    std::string text = csv_row(header);
    for (std::size_t s = 0; s < x_.settings.size(); ++s) {
      std::vector<std::string> row{std::to_string(s)};
      add_labels(x_.settings[s], row);
      row.push_back(std::to_string(x_.replicates.size()));
      row.push_back(std::to_string(count(s, TrialState::done)));
      for (const std::string& name : numeric_) {
        const std::vector<double> v = finals(s, name);
        add_summary(summarise(v), row);
        for (const double q : {median(v), quantile(v, 0), quantile(v, 1)}) row.push_back(csv_number(q));
        if (x_.report.baseline) add_summary(paired_difference(v, finals(*x_.report.baseline, name)), row);
      }
      text += csv_row(row);
    }
    write_atomically(run_ / "settings.csv", text);
  }

  TextTable table() const {
    TextTable t;
    t.header = {"setting", "n", primary_ + " mean", "± s.e.", "95 % interval", "median"};
    t.right_aligned = {false, true, true, true, true, true};
    if (x_.report.baseline) {
      t.header.push_back("minus baseline (paired, 95 %)");
      t.right_aligned.push_back(true);
    }
    for (const char* name : {"acceptance", "log_partition.estimator"})
      if (shows(name)) t.header.push_back(std::string(name) == "acceptance" ? name : "log Z by");
    if (trouble()) t.header.push_back("not done");
    for (std::size_t s = 0; s < x_.settings.size(); ++s) t.rows.push_back(table_row(s));
    return t;
  }

  void write_markdown(const TextTable& t) const {
    std::string text =
        "# " + x_.name + "\n\n" + (x_.description.empty() ? "" : x_.description + "\n\n") + t.markdown();
    if (x_.report.baseline) text += "\nBaseline: " + x_.settings[*x_.report.baseline].name() + "\n";
    for (const Trial& trial : x_.trials) {
      const TrialOutcome& o = outcomes_[trial.index];
      if (o.state != TrialState::done)
        text += fmt::format("\n- {}: {}{}", trial.folder, name_of(o.state),
                            o.message.empty() ? "" : " — " + o.message);
    }
    write_atomically(run_ / "summary.md", text + "\n");
  }

  void write_picture() const {
    std::vector<Panel> panels;
    for (const std::string& name : pictured()) {
      Panel p{name, "update", "", {}, {}, true, name == primary_ && x_.report.goal == Goal::minimize};
      for (std::size_t s = 0; s < x_.settings.size(); ++s) {
        Curve c{x_.settings[s].name(), {}, {}};
        for (const Trial& t : x_.trials) {
          if (t.setting != s) continue;
          const MetricsFile& m = metrics_[t.index];
          if (c.x.size() < m.rows.size()) c.x = m.values("update");
          c.y.push_back(m.values(name));
        }
        p.curves.push_back(std::move(c));
      }
      panels.push_back(std::move(p));
    }
    write_atomically(run_ / "summary.svg", curves_svg(x_.name, panels));
  }

 private:
  /// The primary metric, then the other row metrics, at most four panels.
  std::vector<std::string> pictured() const {
    std::vector<std::string> names;
    if (!primary_.empty()) names.push_back(primary_);
    for (const std::string& name : numeric_)
      if (name != primary_ && name != "acceptance" && name != "log_partition" && names.size() < 4)
        names.push_back(name);
    return names;
  }
  void add_labels(const Setting& s, std::vector<std::string>& row) const {
    for (const std::string& axis : axes_) {
      const auto it = std::ranges::find(s.labels, axis, &Label::axis);
      row.push_back(it == s.labels.end() ? "" : it->value);
    }
  }
  static void add_summary(const Summary& s, std::vector<std::string>& row) {
    row.push_back(std::to_string(s.n));
    for (const double v : {s.mean, s.standard_error, s.low, s.high}) row.push_back(csv_number(v));
  }
  /// Final values of a setting, one a replicate; NaN for trials that are not done.
  std::vector<double> finals(std::size_t setting, const std::string& name) const {
    std::vector<double> v;
    for (const Trial& t : x_.trials)
      if (t.setting == setting)
        v.push_back(outcomes_[t.index].state == TrialState::done
                        ? to_number(metrics_[t.index].final_cell(name))
                        : missing);
    return v;
  }
  std::size_t count(std::size_t setting, TrialState state) const {
    return std::size_t(std::ranges::count_if(x_.trials, [&](const Trial& t) {
      return t.setting == setting && outcomes_[t.index].state == state;
    }));
  }
  bool shows(const std::string& name) const {
    return std::ranges::any_of(metrics_, [&](const MetricsFile& m) { return !m.final_cell(name).empty(); });
  }
  bool trouble() const {
    return std::ranges::any_of(outcomes_, [](const TrialOutcome& o) { return o.state != TrialState::done; });
  }
  std::vector<std::string> table_row(std::size_t s) const {
    const std::vector<double> v = finals(s, primary_);
    const Summary m = summarise(v);
    const auto interval = [](const Summary& a) {
      return std::isnan(a.low) ? std::string("–")
                               : fmt::format("[{}, {}]", short_number(a.low), short_number(a.high));
    };
    std::vector<std::string> row{x_.settings[s].name(), std::to_string(m.n),
                                 short_number(m.mean),  short_number(m.standard_error),
                                 interval(m),           short_number(median(v))};
    if (x_.report.baseline) {
      const Summary d = paired_difference(v, finals(*x_.report.baseline, primary_));
      row.push_back(s == *x_.report.baseline ? "baseline" : short_number(d.mean) + " " + interval(d));
    }
    if (shows("acceptance")) row.push_back(short_number(summarise(finals(s, "acceptance")).mean, 3));
    if (shows("log_partition.estimator")) row.push_back(estimator(s));
    if (trouble()) row.push_back(not_done(s));
    return row;
  }
  std::string estimator(std::size_t setting) const {
    for (const Trial& t : x_.trials)
      if (t.setting == setting && !metrics_[t.index].rows.empty())
        return metrics_[t.index].final_cell("log_partition.estimator");
    return "";
  }
  std::string not_done(std::size_t setting) const {
    std::string s;
    for (const TrialState state :
         {TrialState::failed, TrialState::diverged, TrialState::interrupted, TrialState::pending})
      if (const std::size_t n = count(setting, state); n != 0)
        s += fmt::format("{}{} {}", s.empty() ? "" : ", ", n, name_of(state));
    return s;
  }

  const Experiment& x_;
  const std::vector<TrialOutcome>& outcomes_;
  std::filesystem::path run_;
  std::vector<MetricsFile> metrics_; ///< one a trial
  std::vector<std::string> axes_, columns_, numeric_;
  std::string primary_;
};

} // namespace

TextTable summarise_run(const Experiment& experiment, const std::vector<TrialOutcome>& outcomes,
                        const std::filesystem::path& run) {
  const RunSummary summary(experiment, outcomes, run);
  summary.write_trials();
  summary.write_settings();
  TextTable table = summary.table();
  summary.write_markdown(table);
  summary.write_picture();
  return table;
}

} // namespace ebm::experiments
