// `ebm run --repeat RUN`: the same run once more, in a folder beside it, and whether it gave the same bytes.
#pragma once
#include "experiments/spec/experiment.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {

/// What a repetition reads and where it works.
struct Repetition {
  std::filesystem::path file;       ///< resolved.yaml of the run
  std::filesystem::path base;       ///< that paths in it are relative to
  std::filesystem::path output_dir; ///< that holds the run
  std::string name;                 ///< NAME-repeat, or NAME-repeat-2, … if that is done
  std::vector<std::string> sweeps;  ///< those of the command line: "trainer.method=cd,pcd"
};
/// Throws InputError when the folder holds no run that says how it was made.
Repetition repetition_of(const std::filesystem::path& run);

struct RunComparison {
  std::size_t trials = 0;               ///< ended in both
  std::size_t same = 0;                 ///< of these, in the same way with the same result files
  std::size_t missing = 0;              ///< ended there, but not here
  std::vector<std::string> differences; ///< a line a file: "0003-…/metrics.csv: line 4: … there, … here"
};
/// Result files of the trials of two runs, byte by byte.
RunComparison compare_results(const RunRecord& there, const RunRecord& here);

} // namespace ebm::experiments
