// report.html: a run as one page that needs nothing else, not even scripts.
#pragma once
#include "experiments/report/results.hpp"

namespace ebm::experiments {

/// The page. The same files in the run's folder give the same bytes.
std::string report_html(const RunResults& results);

/// Writes report.html into the run's folder and returns its path.
std::filesystem::path write_report(const RunResults& results);

} // namespace ebm::experiments
