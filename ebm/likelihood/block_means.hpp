// Means of all blocks at once, as sums over weighted configurations.
#pragma once
#include <span>
#include <vector>

#include "ebm/core/space.hpp"

namespace ebm {

/// A number for every column of every block: [block][column].
using BlockMeans = std::vector<std::vector<double>>;

/// Zeros; without new memory where there were as many before.
inline void set_zero(const StateSpace& space, BlockMeans& m) {
  m.resize(space.size());
  for (BlockId b = 0; b < space.size(); ++b) m[b].assign(space[b].columns(), 0.0);
}

/// m += scale Σ_i w_i x(first + i), block by block.
template <std::floating_point T>
void add_weighted(const State<T>& x, std::size_t first, std::span<const double> w, double scale,
                  BlockMeans& m) {
  for (BlockId b = 0; b < m.size(); ++b)
    for (std::size_t i = 0; i < w.size(); ++i) {
      const std::span<const T> values = row(x[b], first + i);
      const double factor = scale * w[i];
      for (std::size_t j = 0; j < values.size(); ++j) m[b][j] += factor * double(values[j]);
    }
}

/// m += other
inline void add(const BlockMeans& other, BlockMeans& m) {
  for (std::size_t b = 0; b < m.size(); ++b)
    for (std::size_t j = 0; j < m[b].size(); ++j) m[b][j] += other[b][j];
}

} // namespace ebm
