// Square tiles of a matrix, transposed in registers.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>
#include <xsimd/xsimd.hpp>

namespace ebm::binary {
namespace detail {

/// A vector register of T. Elements stand in 128-bit lanes, within which and between which there are cheap
/// shuffles.
template <class T> struct Register {
  typedef T type __attribute__((vector_size(sizeof(xsimd::batch<T>))));
  static constexpr std::size_t size = xsimd::batch<T>::size, in_lane = 16 / sizeof(T), lanes = size / in_lane;
};

/// Element i of the result is element index(i) of a and b in one line.
template <class T, auto index, std::size_t... i>
auto shuffle(typename Register<T>::type a, typename Register<T>::type b, std::index_sequence<i...>) {
  return __builtin_shufflevector(a, b, int(index(i))...);
}
template <class T, auto index> auto shuffle(typename Register<T>::type a, typename Register<T>::type b) {
  return shuffle<T, index>(a, b, std::make_index_sequence<Register<T>::size>());
}

/// Lane by lane: runs of `run` elements, in turn from a and b, of the lane's lower (or upper) half.
template <class T, std::size_t run, bool upper> constexpr std::size_t interleave(std::size_t i) {
  constexpr std::size_t size = Register<T>::size, in_lane = Register<T>::in_lane;
  const std::size_t lane = i / in_lane, k = i % in_lane, half = upper ? in_lane / 2 : 0;
  const std::size_t from_b = k / run % 2, place = k / (2 * run) * run + k % run;
  return from_b * size + lane * in_lane + half + place;
}

/// Lanes first, first + step … of a, then the same of b.
template <class T, std::size_t first, std::size_t step> constexpr std::size_t take_lanes(std::size_t i) {
  constexpr std::size_t size = Register<T>::size, in_lane = Register<T>::in_lane,
                        half = Register<T>::lanes / 2;
  const std::size_t lane = i / in_lane;
  return lane / half * size + (first + lane % half * step) * in_lane + i % in_lane;
}

/// Transposes blocks of in_lane × in_lane elements, each inside one lane of in_lane neighbouring rows.
template <class T> void transpose_lanes(std::array<typename Register<T>::type, Register<T>::size>& r) {
  constexpr std::size_t E = Register<T>::in_lane;
  for (std::size_t g = 0; g < r.size(); g += E) {
    if constexpr (E == 2) {
      const auto a = r[g], b = r[g + 1];
      r[g] = shuffle<T, interleave<T, 1, false>>(a, b);
      r[g + 1] = shuffle<T, interleave<T, 1, true>>(a, b);
    } else {
      const auto a = shuffle<T, interleave<T, 1, false>>(r[g], r[g + 1]),
                 b = shuffle<T, interleave<T, 1, true>>(r[g], r[g + 1]),
                 c = shuffle<T, interleave<T, 1, false>>(r[g + 2], r[g + 3]),
                 d = shuffle<T, interleave<T, 1, true>>(r[g + 2], r[g + 3]);
      r[g] = shuffle<T, interleave<T, 2, false>>(a, c);
      r[g + 1] = shuffle<T, interleave<T, 2, true>>(a, c);
      r[g + 2] = shuffle<T, interleave<T, 2, false>>(b, d);
      r[g + 3] = shuffle<T, interleave<T, 2, true>>(b, d);
    }
  }
}

} // namespace detail

/// to[j][i] = from[i][j] for i, j below the number of elements of a vector.
template <class T> void transpose_tile(const T* from, std::size_t from_stride, T* to, std::size_t to_stride) {
  using namespace detail;
  using V = Register<T>;
  constexpr std::size_t E = V::in_lane;
  std::array<typename V::type, V::size> r;
  for (std::size_t i = 0; i < V::size; ++i) std::memcpy(&r[i], from + i * from_stride, sizeof(r[i]));
  transpose_lanes<T>(r);
  const auto put = [&](std::size_t row, typename V::type v) {
    std::memcpy(to + row * to_stride, &v, sizeof(v));
  };
  for (std::size_t k = 0; k < E; ++k) {
    // Lane l of r[g E + k] holds rows g E … of column l E + k.
    if constexpr (V::lanes == 1) {
      put(k, r[k]);
    } else if constexpr (V::lanes == 2) {
      put(k, shuffle<T, take_lanes<T, 0, 1>>(r[k], r[E + k]));
      put(E + k, shuffle<T, take_lanes<T, 1, 1>>(r[k], r[E + k]));
    } else {
      static_assert(V::lanes == 4);
      const auto a = shuffle<T, take_lanes<T, 0, 1>>(r[k], r[E + k]),
                 b = shuffle<T, take_lanes<T, 2, 1>>(r[k], r[E + k]),
                 c = shuffle<T, take_lanes<T, 0, 1>>(r[2 * E + k], r[3 * E + k]),
                 d = shuffle<T, take_lanes<T, 2, 1>>(r[2 * E + k], r[3 * E + k]);
      put(k, shuffle<T, take_lanes<T, 0, 2>>(a, c));
      put(E + k, shuffle<T, take_lanes<T, 1, 2>>(a, c));
      put(2 * E + k, shuffle<T, take_lanes<T, 0, 2>>(b, d));
      put(3 * E + k, shuffle<T, take_lanes<T, 1, 2>>(b, d));
    }
  }
}

} // namespace ebm::binary
