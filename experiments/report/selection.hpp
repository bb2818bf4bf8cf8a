// What users name of a run's results: a metric, an axis of the sweep, a setting. Wrong names are InputErrors
// with the nearest one and what there is.
#pragma once
#include "experiments/report/results.hpp"

namespace ebm::experiments {

/// A measured column of metrics.csv; for an empty name, the one that the run is reported by.
std::string find_metric(const RunResults& results, const std::string& name);

/// The full name of an axis that is named in full or by a last part that no other axis has.
std::string find_axis(const RunResults& results, const std::string& name);

/// The one setting that a pattern of the shell names; `what` says in messages where the pattern stands.
std::size_t find_setting(const RunResults& results, const std::string& pattern, const std::string& what);

/// The lowest or highest value with its seed, the first of equal ones; nothing if all are NaN.
std::optional<SeedValues::value_type> extreme(const SeedValues& values, bool lowest);

/// "a, b, c and 4 more"
std::string listed(std::span<const std::string> names, std::size_t most = 12);

} // namespace ebm::experiments
