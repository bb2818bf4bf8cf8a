#include "experiments/report/report_view.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "experiments/report/summary.hpp"
#include "experiments/report/svg.hpp"
#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t most_drawn = 12;

} // namespace

ReportView::ReportView(const RunResults& results)
    : results_(results), drawn_(best_settings(results, most_drawn)),
      short_names_(results.axes().size() == 1) {
  for (std::size_t s = 0; s < results.settings(); ++s) {
    const std::string label = short_names_ ? results.label(s, results.axes()[0]) : "";
    short_names_ = short_names_ && !label.empty() && std::isnan(to_number(label));
  }
}

std::string ReportView::name(std::size_t setting) const {
  return short_names_ ? results_.label(setting, results_.axes()[0]) : run().setting_name(setting);
}

std::vector<std::size_t> ReportView::best_first(std::size_t count) const {
  const std::vector<std::size_t> chosen = best_settings(results_, count); // ascending
  std::vector<std::size_t> ordered = results_.ranking();
  std::erase_if(ordered, [&](std::size_t s) { return !std::ranges::binary_search(chosen, s); });
  return ordered;
}

std::string ReportView::selection(std::size_t count) const {
  if (results_.settings() <= count) return "";
  const bool baseline = run().report.baseline.has_value();
  const bool known = results_.direction(results_.primary()).has_value();
  return fmt::format("{} {} {} of {} settings, {}", baseline ? "The baseline and the" : "The",
                     known ? "best" : "first", baseline ? count - 1 : count, results_.settings(),
                     known ? "by their mean" : "in the order of the plan");
}

std::string ReportView::named(std::size_t setting, std::string_view name) const {
  const auto i = colour(setting);
  if (!i) return element("span", xml_escape(name), R"(class="unnamed")");
  return fmt::format(
      R"(<span class="named"><svg class="ebm-curves key" viewBox="0 0 26 8" aria-hidden="true">)"
      R"(<line {} stroke-width="2.5" x1="0" y1="4" x2="26" y2="4"/></svg>{}</span>)",
      curve_look(*i), xml_escape(name));
}

std::optional<std::size_t> ReportView::colour(std::size_t setting) const {
  const auto it = std::ranges::find(drawn_, setting);
  return it == drawn_.end() ? std::nullopt : std::optional(std::size_t(it - drawn_.begin()));
}

} // namespace ebm::experiments
