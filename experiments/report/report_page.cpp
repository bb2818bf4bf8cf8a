#include "experiments/report/report_page.hpp"

#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/report/report_script.hpp"
#include "experiments/report/report_style.hpp"
#include "experiments/report/report_view.hpp"
#include "experiments/report/svg.hpp"
#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {
namespace {

// The policy has browsers refuse whatever is not in the file.
constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"/>
)";

constexpr std::array states{TrialState::done,    TrialState::failed,      TrialState::diverged,
                            TrialState::running, TrialState::interrupted, TrialState::pending};

/// The value of a process in provenance.json, as text; empty if there is none.
std::string process_fact(const RunRecord& run, bool first, const char* key) {
  if (!run.provenance.contains("processes")) return "";
  const auto& processes = run.provenance["processes"];
  if (!processes.is_array() || processes.empty()) return "";
  const auto& process = first ? processes.front() : processes.back();
  return process.is_object() && process.contains(key) && process[key].is_string()
             ? process[key].get<std::string>()
             : "";
}

/// "28 of 30 trials done, 2 diverged · started 2026-11-22 20:43 UTC · on HOST · ebm 0.1.0 (…)"
std::string facts(const RunRecord& run) {
  const std::size_t done = run.count(TrialState::done);
  std::string text =
      fmt::format("{} of {} trial{} done", done, run.trials.size(), run.trials.size() == 1 ? "" : "s");
  for (const TrialState s : states)
    if (const std::size_t n = run.count(s); n != 0 && s != TrialState::done)
      text += fmt::format(", {} {}", n, name_of(s));
  if (run.active) text += " · a process works on it";
  std::string started = process_fact(run, true, "started");
  if (started.size() == 20) started = started.substr(0, 10) + " " + started.substr(11, 5) + " UTC";
  if (!started.empty()) text += " · started " + started;
  if (const std::string host = process_fact(run, false, "host"); !host.empty()) text += " · on " + host;
  if (const std::string version = process_fact(run, false, "ebm"); !version.empty())
    text += " · ebm " + version;
  return text;
}

/// A bar of the states; nothing once all trials are done.
std::string progress_bar(const RunRecord& run) {
  if (run.all_done()) return "";
  std::string parts;
  for (const TrialState s : states)
    if (const std::size_t n = run.count(s); n != 0 && s != TrialState::pending)
      parts += element("span", "", fmt::format(R"(class="{}" style="flex:{} 0 0")", name_of(s), n));
  if (const std::size_t n = run.count(TrialState::pending); n != 0)
    parts += element("span", "", fmt::format(R"(style="flex:{} 0 0")", n));
  return element("div", parts, R"(class="progress" aria-hidden="true")") + "\n";
}

} // namespace

std::string report_html(const RunResults& results) {
  const ReportView view(results);
  const RunRecord& run = results.run();
  std::string page(head);
  page += element("title", xml_escape(run.name)) + "\n<style>" + std::string(report_style) +
          std::string(curves_style()) + "</style>\n</head>\n<body>\n<header>\n" +
          element("h1", xml_escape(run.name)) + "\n" + paragraph(run.description, "question") +
          paragraph(facts(run), "facts") + progress_bar(run) + "</header>\n<main>\n\n";
  page += section("Verdict", "verdict", verdict(view));
  for (const auto part :
       {settings_section, curves_section, finals_section, timing_section, images_section, failures_section,
        trials_section, configuration_section, provenance_section, repeat_section})
    page += part(view);
  // The comments keep "<" and "&" in the script from being markup for XML.
  page +=
      "</main>\n<footer>This file needs nothing else. Numbers with all digits: summary.csv and settings.csv "
      "in the run's folder.</footer>\n<script>//<![CDATA[" +
      std::string(report_script) + "//]]></script>\n</body>\n</html>\n";
  return page;
}

std::filesystem::path write_report(const RunResults& results) {
  std::filesystem::path file = results.run().folder / "report.html";
  write_atomically(file, report_html(results));
  return file;
}

} // namespace ebm::experiments
