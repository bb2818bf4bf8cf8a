// A Python script that draws a run's results with matplotlib, for figures in papers.
#pragma once
#include "experiments/report/results.hpp"

namespace ebm::experiments {

/// Python 3 with numpy and matplotlib alone. It reads summary.csv and the trials' metrics.csv of the run, or
/// of another one given as its argument, and draws final values and learning curves of the baseline and the
/// best settings, as PDF and PNG beside itself. An empty `metric` is the primary one; InputError for unknown
/// ones.
std::string plot_script(const RunResults& results, const std::string& metric);

} // namespace ebm::experiments
