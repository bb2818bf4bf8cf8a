#include "benchmarks/naive_gibbs.hpp"

#include <cmath>

void naive_gibbs_sweep(const float* J, const float* bias, std::size_t n, std::size_t chains,
                       std::mt19937& generator, float* x) {
  for (std::size_t c = 0; c < chains; ++c, x += n)
    for (std::size_t i = 0; i < n; ++i) {
      float eta = 0;
      for (std::size_t j = 0; j < n; ++j) eta += J[i * n + j] * x[j];
      const float uniform = (float(generator() >> 9) + 0.5f) * 0x1p-23f;
      x[i] = uniform < 1 / (1 + std::exp(-(eta + bias[i]))) ? 1.0f : 0.0f;
    }
}
