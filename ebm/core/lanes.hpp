// What xsimd 8 lacks, and loops over registers.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <xsimd/xsimd.hpp>

namespace ebm {

/// f(0), f(1), …, f(n − 1) with constants, so that arrays indexed by them can live in registers.
template <std::size_t n, class F> [[gnu::always_inline]] inline void unrolled(F f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (f(std::integral_constant<std::size_t, i>{}), ...);
  }
  (std::make_index_sequence<n>{});
}

/// The comparison's outcome, a bit a lane.
template <class T> std::uint64_t bits_of(const xsimd::batch_bool<T>& b) {
#if defined __AVX512F__
  return std::uint64_t(b.data);
#elif defined __AVX__
  if constexpr (sizeof(T) == 4)
    return std::uint64_t(_mm256_movemask_ps(b));
  else
    return std::uint64_t(_mm256_movemask_pd(b));
#elif defined __SSE2__
  if constexpr (sizeof(T) == 4)
    return std::uint64_t(_mm_movemask_ps(b));
  else
    return std::uint64_t(_mm_movemask_pd(b));
#else
  std::array<bool, xsimd::batch<T>::size> lanes;
  b.store_unaligned(lanes.data());
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < lanes.size(); ++i) bits |= std::uint64_t(lanes[i]) << i;
  return bits;
#endif
}

using Lanes64 = xsimd::batch<std::uint64_t>;

/// The 64-bit products of the lower halves of the lanes: one instruction, which plain loops of GCC 12
/// surround with masks.
inline Lanes64 multiply_lower_halves(const Lanes64& a, const Lanes64& b) {
#if defined __AVX512F__
  return Lanes64(_mm512_mul_epu32(a, b));
#elif defined __AVX2__
  return Lanes64(_mm256_mul_epu32(a, b));
#elif defined __SSE2__ && !defined __AVX__
  return Lanes64(_mm_mul_epu32(a, b));
#else
  const Lanes64 half(0xffffffffu);
  return (a & half) * (b & half);
#endif
}

} // namespace ebm
