// How this program was made.
#pragma once
#include <string>

#include "experiments/run/run.hpp"

namespace ebm::experiments {

struct BuildFacts {
  std::string version, commit, type, compiler, flags;
  std::string libraries; ///< "TBB 2021.8.0, xtensor 0.24.3, …", as found by CMake
};

BuildFacts build_facts();

/// "0.1.0 (a1b2c3d)"
std::string version_text();

/// Who made the run, with what: one JSON object, with an entry a process, the first and the latest ones.
std::string provenance_json(const Experiment& experiment, const std::filesystem::path& run,
                            const RunOptions& options);

} // namespace ebm::experiments
