#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/report/report_view.hpp"
#include "experiments/report/selection.hpp"
#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {
namespace {

std::string strong(std::string_view text) {
  return element("strong", xml_escape(text));
}

std::string seeds(std::size_t n) {
  return fmt::format("{} seed{}", n, n == 1 ? "" : "s");
}

std::string interval(const Summary& s) {
  return element("span", aligned_interval(s), R"(class="whole")");
}

/// "−2.6, 95 % interval [−2.7, −2.5], n = 5 seeds"
std::string estimate(const Summary& s) {
  const std::string mean = strong(aligned_number(s.mean));
  if (s.n == 1) return mean + ", from a single seed";
  if (std::isnan(s.low)) return fmt::format("{} (n = {}, without an interval)", mean, seeds(s.n));
  return fmt::format("{}, 95 % interval {}, n = {}", mean, interval(s), seeds(s.n));
}

/// What the paired difference decides, in words.
std::string decision(const Summary& d) {
  if (d.n == 0) return "no seed is finished in both, so nothing is decided.";
  const std::string mean = strong(aligned_number(d.mean));
  if (d.n == 1)
    return fmt::format("the difference is {} for the one seed they share; with n = 1 nothing is decided.",
                       mean);
  if (std::isnan(d.low))
    return fmt::format("the paired difference is {} (n = {}); it has no interval, so nothing is decided.",
                       mean, seeds(d.n));
  return fmt::format("the paired difference is {}, 95 % interval {}, n = {}: the interval {}.", mean,
                     interval(d), seeds(d.n),
                     d.low > 0 || d.high < 0 ? "excludes 0" : "includes 0, so nothing is decided");
}

/// The setting that the best one is compared with: the baseline, or else the next best.
std::optional<std::size_t> opponent(const RunResults& r, const std::vector<std::size_t>& ranking) {
  const auto baseline = r.run().report.baseline;
  if (baseline && *baseline != ranking[0]) return baseline;
  if (ranking.size() < 2 || r.summary(ranking[1], r.primary()).n == 0) return std::nullopt;
  return ranking[1];
}

std::string headline(const ReportView& view, const std::vector<std::size_t>& ranking) {
  const RunResults& r = view.results();
  const std::size_t best = ranking[0];
  const std::string name = strong(view.name(best)), metric = xml_escape(r.primary());
  const Summary s = r.summary(best, r.primary());
  const bool is_baseline = r.run().report.baseline == best;
  if (r.settings() == 1) return fmt::format("{} is {}.", metric, estimate(s));
  std::string text = fmt::format("{}{} has the {} mean {}: {}.", name, is_baseline ? ", the baseline," : "",
                                 r.lower_is_better() ? "lowest" : "highest", metric, estimate(s));
  if (const auto other = opponent(r, ranking)) {
    const Summary d = paired_difference(r.finals(best, r.primary()), r.finals(*other, r.primary()));
    text +=
        fmt::format(" Against the {}, {}, {}", r.run().report.baseline == *other ? "baseline" : "runner-up",
                    strong(view.name(*other)), decision(d));
  } else {
    text += " No other setting has a value, so there is nothing to compare it with.";
  }
  return text;
}

/// The data of the setting, as its trials' config.yaml says; empty if there is none yet.
std::string data_of(const RunResults& r, std::size_t setting) {
  for (const std::size_t t : r.trials_of(setting)) {
    const auto file = r.run().trial_folder(r.run().trials[t]) / "config.yaml";
    std::error_code error;
    if (!std::filesystem::exists(file, error)) continue;
    const std::string text = "\n" + read_text(file);
    const std::size_t begin = text.find("\ndata:");
    if (begin == text.npos) return "";
    std::size_t end = begin + 1;
    do end = text.find('\n', end + 1);
    while (end != text.npos && text[end + 1] == ' ');
    return text.substr(begin, end - begin);
  }
  return "";
}

bool data_differ(const ReportView& view) {
  std::string first;
  for (const std::size_t s : view.drawn()) {
    const std::string data = data_of(view.results(), s);
    if (data.empty()) continue;
    if (first.empty()) first = data;
    if (data != first) return true;
  }
  return false;
}

/// Which log Z are no exact ones; empty if none of a setting with a value is estimated.
std::string estimated_partitions(const ReportView& view) {
  const RunResults& r = view.results();
  std::vector<std::string> names;
  std::size_t compared = 0;
  for (std::size_t s = 0; s < r.settings(); ++s) {
    if (r.summary(s, r.primary()).n == 0) continue;
    ++compared;
    if (r.estimator(s, r.primary()) == "ais") names.push_back(view.name(s));
  }
  if (names.empty()) return "";
  return fmt::format("log Z {}was estimated by annealed importance sampling{}; the intervals do not show a "
                     "bias of that estimate.",
                     names.size() == compared ? "" : "of " + listed(names, 6) + " ",
                     names.size() == compared ? "" : ", that of the others is exact");
}

/// What a reader should know before believing the headline.
std::vector<std::string> reservations(const ReportView& view, const std::vector<std::size_t>& ranking) {
  const RunResults& r = view.results();
  const std::size_t best = ranking[0], trials = r.run().trials.size(), done = r.run().count(TrialState::done);
  std::vector<std::string> said;
  if (done != trials)
    said.push_back(
        fmt::format("{} of {} trials are not done; means are over those that are.", trials - done, trials));
  if (const std::size_t n = r.done(best), all = r.trials_of(best).size(); n != all)
    said.push_back(fmt::format("Of the best setting's {} trials only {} {} done ({}).", all, n,
                               n == 1 ? "is" : "are", r.not_done(best)));
  if (data_differ(view))
    said.emplace_back("The settings do not all have the same data, so their values may not be comparable.");
  if (std::string text = estimated_partitions(view); !text.empty()) said.push_back(std::move(text));
  if (r.settings() > 2)
    said.push_back(
        fmt::format("To pick the best of {} settings and to quote it on the same seeds flatters it; the "
                    "intervals are not corrected for that.",
                    r.settings()));
  return said;
}

} // namespace

std::string verdict(const ReportView& view) {
  const RunResults& r = view.results();
  const std::vector<std::size_t> ranking = r.ranking();
  const auto undecided = [](const std::string& why) {
    return paragraph(why + ": nothing is decided.", "verdict");
  };
  if (r.run().count(TrialState::done) == 0) return undecided("No trial is done yet");
  if (r.primary().empty()) return undecided("No metric was evaluated");
  if (std::ranges::all_of(ranking, [&](std::size_t s) { return r.summary(s, r.primary()).n == 0; }))
    return undecided("No trial is done with a value of " + r.primary());
  if (!r.direction(r.primary()))
    return paragraph(fmt::format("The experiment does not say which values of {} are better "
                                 "(report.primary.goal), so nothing is decided. Settings stand in the order "
                                 "of the plan.",
                                 r.primary()),
                     "verdict");
  std::string markup = element("p", headline(view, ranking), R"(class="verdict")") + "\n";
  std::string text;
  for (const std::string& s : reservations(view, ranking)) text += (text.empty() ? "" : " ") + s;
  return markup + paragraph(text, "note");
}

} // namespace ebm::experiments
