// What the kernels for two-valued operands share: panels of columns that fit the first-level cache, packed
// from a matrix or its transpose, and sums of listed rows of such a panel.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <xsimd/xsimd.hpp>

#include "ebm/core/binary/products.hpp"
#include "ebm/core/binary/transpose.hpp"

namespace ebm::binary {

inline constexpr std::size_t line_bytes = 64;

/// Columns of a panel whose rows are `Lines` cache lines long.
template <class T, std::size_t Lines>
inline constexpr std::size_t panel_columns = Lines* line_bytes / sizeof(T);

/// One panel row in registers.
template <class T, std::size_t Lines> struct PanelRow {
  using V = xsimd::batch<T>;
  static constexpr std::size_t vectors = Lines * line_bytes / sizeof(V);
  std::array<V, vectors> v;

  void clear() { v.fill(V(T(0))); }
  void load(const T* from) {
    for (std::size_t i = 0; i < vectors; ++i) v[i] = V::load_aligned(from + i * V::size);
  }
  void add(const T* from) {
    for (std::size_t i = 0; i < vectors; ++i) v[i] += V::load_aligned(from + i * V::size);
  }
  void add(const PanelRow& other) {
    for (std::size_t i = 0; i < vectors; ++i) v[i] += other.v[i];
  }
  void store(T* to) const {
    for (std::size_t i = 0; i < vectors; ++i) v[i].store_aligned(to + i * V::size);
  }
};

/// to[k][n] = W(first_row + k, first_column + n) for k < rows and n < columns; columns up to the panel's
/// width are filled with zeros.
template <class T, std::size_t Lines>
void pack(const View<const T>& W, std::size_t first_row, std::size_t rows, std::size_t first_column,
          std::size_t columns, T* to) {
  constexpr std::size_t width = panel_columns<T, Lines>;
  for (std::size_t k = 0; k < rows; ++k, to += width) {
    const T* from = W.data + (first_row + k) * W.stride + first_column;
    if (columns == width) {
      __builtin_memcpy(to, from, width * sizeof(T));
    } else {
      std::copy_n(from, columns, to);
      std::fill(to + columns, to + width, T(0));
    }
  }
}

/// The same from the transpose: to[k][n] = W(first_column + n, first_row + k).
template <class T, std::size_t Lines>
void pack_transposed(const View<const T>& W, std::size_t first_row, std::size_t rows,
                     std::size_t first_column, std::size_t columns, T* to) {
  constexpr std::size_t width = panel_columns<T, Lines>, L = xsimd::batch<T>::size;
  const T* from = W.data + first_column * W.stride + first_row;
  std::size_t n = 0;
  for (; n + L <= columns; n += L) {
    std::size_t k = 0;
    for (; k + L <= rows; k += L)
      transpose_tile(from + n * W.stride + k, W.stride, to + k * width + n, width);
    for (; k < rows; ++k)
      for (std::size_t i = n; i < n + L; ++i) to[k * width + i] = from[i * W.stride + k];
  }
  for (std::size_t k = 0; k < rows; ++k) {
    for (std::size_t i = n; i < columns; ++i) to[k * width + i] = from[i * W.stride + k];
    std::fill(to + k * width + columns, to + (k + 1) * width, T(0));
  }
}

} // namespace ebm::binary
