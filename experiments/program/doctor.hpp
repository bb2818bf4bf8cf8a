// `ebm doctor`: whether this machine and environment let ebm run at full speed, and what to do if not.
#pragma once
#include <string>
#include <vector>

#include "experiments/program/findings.hpp"
#include "experiments/run/provenance.hpp"

namespace ebm::experiments {

struct Examination {
  BuildFacts build;
  Circumstances now;
  std::string cpu_model, blas_file;
  std::size_t memory = 0; ///< physical, in bytes
  std::filesystem::path data_folder;
  std::vector<std::string> data_sets;
  std::vector<Finding> findings;

  std::size_t warnings() const;
};

/// Looks at this process. Where OPENBLAS_CORETYPE is set, the program is started once more without it, as
/// `ebm doctor --core-type`, to see what OpenBLAS chooses then.
Examination examine();

/// For people: one screen.
std::string text_of(const Examination& examination);
/// The same for programs.
std::string json_of(const Examination& examination);

/// What `ebm doctor --core-type` prints.
std::string core_type_line();

} // namespace ebm::experiments
