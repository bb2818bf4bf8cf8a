// What the readers of numeric files return; both are row-major, whatever order the file had.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

namespace ebm::experiments {

/// Numbers of an npy, npz or csv file.
struct Array {
  std::vector<std::size_t> shape;
  std::vector<double> values;

  /// The number of elements the shape asks for; 1 for the empty shape (a scalar).
  std::size_t size() const {
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  }
};

/// Numbers of an idx file, 0 to 255.
struct ByteArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> values;
};

} // namespace ebm::experiments
