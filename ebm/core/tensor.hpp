// The only include of xtensor: the matrix type that every kernel, model and sampler shares.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <xtensor/xtensor.hpp>

#include "ebm/core/line_allocator.hpp"

namespace ebm {

/// Row-major matrix; a row is a chain (or a data row, or a row of a parameter array). One that becomes
/// smaller keeps its memory.
template <std::floating_point T>
using Batch = xt::xtensor_container<LineVector<T>, 2, xt::layout_type::row_major>;

template <std::floating_point T> Batch<T> make_batch(std::size_t rows, std::size_t columns, T value = T(0)) {
  return Batch<T>(typename Batch<T>::shape_type{rows, columns}, value);
}

/// Makes `m` [rows, columns]; allocates only to grow beyond its largest size so far, and leaves the values
/// unspecified.
template <std::floating_point T> void reshape(Batch<T>& m, std::size_t rows, std::size_t columns) {
  if (m.shape(0) != rows || m.shape(1) != columns) m.resize({rows, columns});
}

template <std::floating_point T> std::span<T> row(Batch<T>& m, std::size_t i) {
  return {m.data() + i * m.shape(1), m.shape(1)};
}
template <std::floating_point T> std::span<const T> row(const Batch<T>& m, std::size_t i) {
  return {m.data() + i * m.shape(1), m.shape(1)};
}
template <std::floating_point T> std::span<T> all(Batch<T>& m) {
  return {m.data(), m.size()};
}
template <std::floating_point T> std::span<const T> all(const Batch<T>& m) {
  return {m.data(), m.size()};
}

} // namespace ebm
