// Settings of one or several runs side by side, with paired differences.
#pragma once
#include "experiments/report/selection.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {

struct ComparisonOptions {
  std::string metric;   ///< empty: the first run's primary one
  std::string baseline; ///< pattern of a setting of the first run; empty: as its report says
  bool sort = false;    ///< by the mean, best first; the highest first where that is not known
};

struct Comparison {
  TextTable table;
  std::vector<std::string> notes; ///< what is compared with what, for below the table
};

/// A row a run and setting. Differences are paired by seed: with the baseline; without one, in the second and
/// later runs with the setting of the same labels in the first. Throws InputError for unknown names, and when
/// a run has not measured the metric.
Comparison compare(std::span<const RunResults> runs, const ComparisonOptions& options);

} // namespace ebm::experiments
