// Square tiles of a matrix, transposed in registers.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>
#include <xsimd/xsimd.hpp>

#include "ebm/core/lanes.hpp"

namespace ebm::binary {

template <class T> inline constexpr std::size_t register_size = xsimd::batch<T>::size;

namespace detail {
template <class T> struct RegisterOf { using type [[gnu::vector_size(register_size<T> * sizeof(T))]] = T; };
} // namespace detail

/// The widest vector of T that the build has, as a compiler's vector type: shuffles with fixed patterns are
/// then the same lines for every instruction set.
template <class T> using Register = typename detail::RegisterOf<T>::type;

namespace detail {

/// Both halves of one shuffle of two rows: a becomes the lanes source(l) of (a, b), b the lanes
/// source(l) + distance.
template <class T, std::size_t distance, class F> void shuffle(Register<T>& a, Register<T>& b, F source) {
  [&]<std::size_t... l>(std::index_sequence<l...>) {
    const Register<T> low = __builtin_shufflevector(a, b, source(l)...);
    b = __builtin_shufflevector(a, b, (source(l) + distance)...);
    a = low;
  }
  (std::make_index_sequence<register_size<T>>{});
}

/// f(rows[i], rows[i + distance]) for every i without that bit.
template <class T, std::size_t distance, class F>
void for_pairs(std::array<Register<T>, register_size<T>>& rows, F f) {
  unrolled<register_size<T>>([&](auto i) {
    if constexpr ((i & distance) == 0) f(rows[i], rows[i + distance]);
  });
}

} // namespace detail

/// Transposes a square of width × width values in steps that are one instruction a row everywhere: rows are
/// interleaved within 16 bytes, and whole groups of 16 bytes are parted into even and odd ones.
template <class T> void transpose(std::array<Register<T>, register_size<T>>& rows) {
  constexpr std::size_t w = register_size<T>, quad = 16 / sizeof(T);
  const auto interleave = [](auto& a, auto& b) {
    detail::shuffle<T, quad / 2>(
        a, b, [](std::size_t l) consteval { return l / quad * quad + l % quad / 2 + l % 2 * w; });
  };
  const auto part = [](auto& a, auto& b) {
    detail::shuffle<T, quad>(
        a, b, [](std::size_t l) consteval { return l / quad * 2 * quad + l % quad; });
  };
  if constexpr (quad > 2) detail::for_pairs<T, 2>(rows, interleave);
  detail::for_pairs<T, 1>(rows, interleave);
  if constexpr (w > quad) detail::for_pairs<T, quad>(rows, part);
  if constexpr (w > 2 * quad) detail::for_pairs<T, 2 * quad>(rows, part);
}

/// to[j][i] = from[i][j] for i, j below the number of elements of a register.
template <class T>
[[gnu::flatten]] void transpose_tile(const T* from, std::size_t from_stride, T* to, std::size_t to_stride) {
  std::array<Register<T>, register_size<T>> rows;
  unrolled<register_size<T>>([&](auto i) { std::memcpy(&rows[i], from + i * from_stride, sizeof rows[i]); });
  transpose<T>(rows);
  unrolled<register_size<T>>([&](auto i) { std::memcpy(to + i * to_stride, &rows[i], sizeof rows[i]); });
}

} // namespace ebm::binary
