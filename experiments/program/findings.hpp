// What keeps ebm from full speed on a machine, as a function of what is known of machine and environment.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ebm/core/linalg.hpp"
#include "ebm/core/machine.hpp"

namespace ebm::experiments {

/// Variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// All that the findings follow from.
struct Circumstances {
  std::string build_type; ///< of CMake: "Release"
  machine::Vectors compiled = machine::Vectors::sse;
  machine::Vectors cpu = machine::Vectors::sse;
  linalg::BlasLibrary blas;
  std::optional<std::string> own_core; ///< that OpenBLAS would choose by itself; nothing: not found out
  std::size_t cores = 1;               ///< that this process may use
  std::size_t machine_cores = 1;
  Environment environment;          ///< what OpenMP and OpenBLAS read
  std::filesystem::path data_given; ///< EBM_DATA_DIR; empty when it is not set
  bool data_exist = false;          ///< the folder of the data sets
};

struct Finding {
  bool warning; ///< else a note: nothing has to be done
  std::string id, text, remedy;
};

/// Warnings first.
std::vector<Finding> findings(const Circumstances& now);

/// What OPENBLAS_CORETYPE is set to; set to nothing, it counts as not set.
std::optional<std::string> forced_core_type(const Environment& environment);

/// "Haswell (AVX2)", or the name alone when it is not known.
std::string core_text(const std::string& core);

/// The line that `ebm run` writes: OPENBLAS_CORETYPE is set (`forced`, else null or empty) and the core type
/// in use is narrower than the CPU.
std::optional<std::string> forced_core_warning(const char* forced, const std::string& core,
                                               machine::Vectors cpu);

} // namespace ebm::experiments
