// What the sections of a report share: which settings are shown, in which order, in which colours.
#pragma once
#include "experiments/report/html.hpp"
#include "experiments/report/results.hpp"

namespace ebm::experiments {

class ReportView {
 public:
  explicit ReportView(const RunResults& results);

  const RunResults& results() const { return results_; }
  const RunRecord& run() const { return results_.run(); }
  /// The settings with curves and images, in the order of the plan; the i-th has the colour i.
  const std::vector<std::size_t>& drawn() const { return drawn_; }
  /// The baseline and the best, at most `count`, in the order of the ranking.
  std::vector<std::size_t> best_first(std::size_t count) const;
  /// "The baseline and the 11 best of 20 settings, by …"; empty if `count` leaves none out.
  std::string selection(std::size_t count) const;
  /// What the setting is called here: without the axis where there is only one, of words.
  std::string name(std::size_t setting) const;
  /// Markup: the name after a sample of its line, if it is drawn.
  std::string named(std::size_t setting, std::string_view name) const;
  /// Its place in drawn().
  std::optional<std::size_t> colour(std::size_t setting) const;

 private:
  const RunResults& results_;
  std::vector<std::size_t> drawn_;
  bool short_names_;
};

/// Markup of the verdict: the best setting, its difference to the baseline or to the runner-up, and what
/// limits the conclusion.
std::string verdict(const ReportView& view);

// Sections, as markup; empty when there is nothing to show.
std::string settings_section(const ReportView& view);
std::string curves_section(const ReportView& view);
std::string finals_section(const ReportView& view);
std::string timing_section(const ReportView& view);
std::string images_section(const ReportView& view);
std::string failures_section(const ReportView& view);
std::string trials_section(const ReportView& view);
std::string configuration_section(const ReportView& view);
std::string provenance_section(const ReportView& view);
std::string repeat_section(const ReportView& view);

} // namespace ebm::experiments
