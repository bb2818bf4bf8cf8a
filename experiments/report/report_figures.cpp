#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/report/report_view.hpp"
#include "experiments/report/strip_svg.hpp"
#include "experiments/report/summary.hpp"
#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t most_strips = 40, most_dots = 4000, most_image_bytes = 2 << 20;
constexpr double wide = 860, narrow = 600;

std::string figure(std::string_view title, std::string_view markup, std::string_view kind) {
  return fmt::format(
      "<figure class=\"{}\">\n<figcaption>{}</figcaption>\n<div class=\"scroll\">\n{}</div>\n</figure>\n",
      kind, xml_escape(title), markup);
}

/// Seconds of learning at each row of the trial's metrics.csv, NaN where timing.csv does not say.
std::vector<double> seconds_at(const std::filesystem::path& trial, const std::vector<double>& updates) {
  const CsvTable timing = read_table(trial / "timing.csv");
  const std::vector<double> at = timing.values("update"), seconds = timing.values("train_s");
  std::vector<double> found(updates.size(), std::nan(""));
  for (std::size_t i = 0, k = 0; i < updates.size() && !seconds.empty(); ++i) {
    while (k < at.size() && at[k] < updates[i]) ++k;
    if (k < at.size() && at[k] == updates[i]) found[i] = seconds[k];
  }
  return found;
}

/// The primary metric against the seconds that learning took, which are medians over the seeds.
Panel against_seconds(const ReportView& view) {
  const RunResults& r = view.results();
  Panel panel{r.primary() + " against seconds of learning",
              "seconds of learning",
              "",
              {},
              {},
              true,
              r.lower_is_better()};
  for (const std::size_t s : view.drawn()) {
    Curve curve{view.name(s), {}, {}};
    std::vector<std::vector<double>> seconds;
    std::size_t length = 0;
    for (const std::size_t t : r.trials_of(s)) {
      const auto folder = r.run().trial_folder(r.run().trials[t]);
      const CsvTable m = read_table(folder / "metrics.csv");
      seconds.push_back(seconds_at(folder, m.values("update")));
      curve.y.push_back(m.values(r.primary()));
      length = std::max(length, seconds.back().size());
    }
    for (std::size_t i = 0; i < length; ++i) {
      std::vector<double> here;
      for (const auto& seed : seconds)
        if (i < seed.size()) here.push_back(seed[i]);
      // Where slow seeds have ended the median may fall, and x must ascend.
      curve.x.push_back(std::max(median(here), curve.x.empty() ? 0 : curve.x.back()));
    }
    panel.curves.push_back(std::move(curve));
  }
  return panel;
}

/// "3 of 5 done", or nothing if all are.
std::string seeds_done(const RunResults& r, std::size_t setting) {
  const std::size_t done = r.done(setting), all = r.trials_of(setting).size();
  return done == all ? "" : fmt::format("{} of {} done", done, all);
}

bool has_points(const Panel& panel) {
  return std::ranges::any_of(panel.curves, [](const Curve& c) { return c.x.size() > 1; });
}

/// Width and height of a PNG; nothing if the bytes are none.
std::optional<std::pair<unsigned, unsigned>> png_size(std::string_view bytes) {
  if (bytes.size() < 24 || !bytes.starts_with("\x89PNG\r\n\x1a\n")) return std::nullopt;
  const auto number = [&](std::size_t at) {
    unsigned v = 0;
    for (std::size_t i = 0; i < 4; ++i) v = v << 8 | static_cast<unsigned char>(bytes[at + i]);
    return v;
  };
  return std::pair(number(16), number(20));
}

/// Attributes that say what the bytes are; nothing if they are neither PNG nor SVG, whose size is inside.
std::string image_source(std::string_view bytes) {
  if (bytes.starts_with("<svg ")) return "src=\"data:image/svg+xml;base64,";
  const auto extent = png_size(bytes);
  if (!extent) return "";
  return fmt::format("width=\"{}\" height=\"{}\" src=\"data:image/png;base64,", extent->first,
                     extent->second);
}

/// Nothing if the bytes are no picture.
std::string image(std::string_view bytes, std::string_view kind, std::string_view caption) {
  const std::string source = image_source(bytes);
  if (source.empty()) return "";
  return fmt::format("<figure class=\"image\"><img alt=\"{0}: {1}\" {2}{3}\"/>"
                     "<figcaption>{1}</figcaption></figure>\n",
                     kind, xml_escape(caption), source, base64(bytes));
}

struct FigureFile {
  std::int64_t replicate;
  std::filesystem::path path;
  std::uintmax_t size;
};

/// Of the setting's first trial, by replicate, that has the file: not every trial draws figures.
std::optional<FigureFile> first_figure(const RunResults& r, std::size_t setting, const std::string& name) {
  for (const std::size_t t : r.trials_of(setting)) {
    const Trial& trial = r.run().trials[t];
    auto file = r.run().trial_folder(trial) / "figures" / name;
    std::error_code missing;
    const std::uintmax_t size = std::filesystem::file_size(file, missing);
    if (!missing) return FigureFile{trial.replicate, std::move(file), size};
  }
  return std::nullopt;
}

} // namespace

std::string curves_section(const ReportView& view) {
  const RunResults& r = view.results();
  std::vector<Panel> panels = learning_curves(r, view.drawn());
  for (Panel& panel : panels)
    for (std::size_t i = 0; i < panel.curves.size(); ++i) panel.curves[i].label = view.name(view.drawn()[i]);
  std::erase_if(panels, [](const Panel& p) { return !has_points(p); });
  if (panels.empty()) return "";
  const Panel timed = against_seconds(view);
  std::string figures;
  for (std::size_t i = 0; i < panels.size(); ++i)
    figures +=
        figure(panels[i].title, panel_svg(panels[i], i == 0 ? wide : narrow), i == 0 ? "wide" : "narrow");
  if (has_points(timed))
    figures += figure(timed.title, panel_svg(timed, panels.size() == 1 ? wide : narrow),
                      panels.size() == 1 ? "wide" : "narrow");
  const std::string more = view.selection(view.drawn().size());
  const std::string explanation =
      xml_escape(
          fmt::format("Line: median of the seeds; band: their range; an arrow at a label: the curve left "
                      "the frame, with its last value.{}",
                      more.empty() ? "" : " " + more + ", are drawn.")) +
      R"(<span class="scripted" hidden="hidden"> Click a label to hide or show its curve.</span>)";
  return section("Learning curves", "curves",
                 element("p", explanation, R"(class="note")") + "\n<div class=\"figures\">\n" + figures +
                     "</div>\n");
}

std::string finals_section(const ReportView& view) {
  const RunResults& r = view.results();
  if (r.primary().empty() || r.run().count(TrialState::done) == 0) return "";
  Strip strip{r.primary(), {}, {}, std::nan(""), r.lower_is_better()};
  std::set<std::int64_t> replicates;
  for (const Trial& t : r.run().trials) replicates.insert(t.replicate);
  for (const std::int64_t replicate : replicates) strip.seeds.push_back(std::to_string(replicate));
  const std::size_t most = std::clamp(most_dots / replicates.size(), std::size_t(5), most_strips);
  for (const std::size_t s : view.best_first(most))
    strip.rows.push_back({view.name(s), seeds_done(r, s), r.finals(s, r.primary()), view.colour(s)});
  if (const auto baseline = r.run().report.baseline) strip.reference = r.summary(*baseline, r.primary()).mean;
  const std::string more = view.selection(most);
  return section(
      "Final values", "finals",
      paragraph(fmt::format("Dot: a seed, at the same height in every row; bar: mean with its 95 % interval; "
                            "triangle at the edge: a value out of the frame.{}{}",
                            r.run().report.baseline ? " Dashed: the baseline." : "",
                            more.empty() ? "" : " " + more + ", are shown."),
                "note") +
          figure(r.primary() + " of every seed", strip_svg(strip), "wide"));
}

std::string images_section(const ReportView& view) {
  std::string markup;
  std::size_t bytes = 0, left_out = 0;
  for (const std::string name : {"filters.png", "samples.png", "scatter.svg"}) {
    const std::string kind = name.substr(0, name.find('.'));
    std::string shown;
    for (const std::size_t s : view.drawn()) {
      const auto found = first_figure(view.results(), s, name);
      if (!found) continue;
      const auto& [replicate, file, size] = *found;
      if (bytes + size > most_image_bytes) {
        ++left_out;
        continue;
      }
      const std::string picture = read_text(file);
      bytes += picture.size();
      shown += image(picture, kind, fmt::format("{}, seed {}", view.name(s), replicate));
    }
    if (!shown.empty())
      markup += element("h3", kind) + "\n" + element("div", "\n" + shown, R"(class="images")") + "\n";
  }
  if (left_out != 0)
    markup += paragraph(
        fmt::format("{} more would make this file too large; they stand in the trials' folders.", left_out),
        "note");
  return section("Images", "images", markup);
}

} // namespace ebm::experiments
