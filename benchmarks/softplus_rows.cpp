#include "benchmarks/softplus_rows.hpp"

#include <algorithm>
#include <cmath>

namespace ebm::benchmarks {

float softplus_row(const float* x, std::size_t n) {
  float sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += std::max(x[k], 0.0f) + std::log1p(std::exp(-std::abs(x[k])));
  return sum;
}

} // namespace ebm::benchmarks
