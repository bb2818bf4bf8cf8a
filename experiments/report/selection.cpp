#include "experiments/report/selection.hpp"

#include <cmath>
#include <fmt/format.h>

#include "experiments/spec/pattern.hpp"
#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {

std::string listed(std::span<const std::string> names, std::size_t most) {
  const std::size_t shown = std::min(names.size(), most);
  std::string list = fmt::format("{}", fmt::join(names.first(shown), ", "));
  if (shown < names.size()) list += fmt::format(" and {} more", names.size() - shown);
  return list;
}

std::string find_metric(const RunResults& r, const std::string& name) {
  const std::string run = r.run().folder.string();
  if (r.measured().empty())
    throw InputError(run + ": nothing was measured: no trial has a metrics.csv with rows");
  const std::string& wanted = name.empty() ? r.primary() : name;
  if (std::ranges::find(r.measured(), wanted) != r.measured().end()) return wanted;
  throw InputError(fmt::format("{}: there is no metric '{}'{}; measured were: {}", run, wanted,
                               did_you_mean(wanted, r.measured()), listed(r.measured(), 40)));
}

std::string find_axis(const RunResults& r, const std::string& name) {
  if (std::ranges::find(r.axes(), name) != r.axes().end()) return name;
  std::vector<std::string> hits, candidates = r.axes();
  for (const std::string& axis : r.axes()) {
    if (last_part(axis) == name) hits.push_back(axis);
    candidates.push_back(last_part(axis));
  }
  if (hits.size() == 1) return hits[0];
  const std::string run = r.run().folder.string();
  if (!hits.empty())
    throw InputError(fmt::format("{}: axis '{}' may be any of: {}", run, name, listed(hits)));
  throw InputError(fmt::format("{}: the sweep has no axis '{}'{}; {}", run, name,
                               did_you_mean(name, candidates),
                               r.axes().empty() ? "it has a single setting" : "it has: " + listed(r.axes())));
}

std::size_t find_setting(const RunResults& r, const std::string& pattern, const std::string& what) {
  std::vector<std::size_t> hits;
  std::vector<std::string> all, chosen;
  for (std::size_t s = 0; s < r.settings(); ++s) {
    all.push_back(r.run().setting_name(s));
    if (!names_setting(pattern, r.run().settings[s])) continue;
    hits.push_back(s);
    chosen.push_back(all.back());
  }
  if (hits.size() == 1) return hits[0];
  throw InputError(fmt::format("{} '{}' selects {} settings of {}{}, and must select exactly one of:{}", what,
                               pattern, hits.size(), r.run().folder.string(),
                               hits.empty() ? did_you_mean(pattern, all) : "",
                               indented_lines(hits.empty() ? all : chosen)));
}

std::optional<SeedValues::value_type> extreme(const SeedValues& values, bool lowest) {
  const SeedValues::value_type* found = nullptr;
  for (const auto& v : values)
    if (!std::isnan(v.second) &&
        (found == nullptr || (lowest ? v.second < found->second : v.second > found->second)))
      found = &v;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

} // namespace ebm::experiments
