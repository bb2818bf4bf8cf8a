// The plain loop that log_partition.cpp compares with, compiled with -ffast-math in its own file.
#pragma once
#include <cstddef>

namespace ebm::benchmarks {

/// Σ_k log(1 + e^x[k]).
float softplus_row(const float* x, std::size_t n);

} // namespace ebm::benchmarks
