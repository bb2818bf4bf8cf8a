// What the trials' files say together: summary.csv, settings.csv, summary.md, summary.svg.
#pragma once
#include "experiments/report/results.hpp"
#include "experiments/report/svg.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {

/// The settings compared by the primary metric; at most `rows` of them, first in the ranking, in
/// their own order.
TextTable settings_table(const RunResults& results, std::size_t rows);

/// Writes the four files.
void write_summaries(const RunResults& results);

/// Learning curves of these settings, at most four panels: the primary metric, then others.
std::vector<Panel> learning_curves(const RunResults& results, std::span<const std::size_t> settings);

/// The baseline and those first in the ranking, at most `count`, in their own order.
std::vector<std::size_t> best_settings(const RunResults& results, std::size_t count);

} // namespace ebm::experiments
