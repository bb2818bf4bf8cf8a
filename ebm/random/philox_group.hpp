// Many Philox counters at once.
#pragma once
#include <array>
#include <cassert>
#include <cstddef>

#include "ebm/random/draws.hpp"
#include "ebm/random/philox.hpp"

namespace ebm::random {

// A group is 64 columns: 16 counters side by side, word k of counter i belonging to column 16 k + i, so that
// a vector of counters yields vectors of neighbouring columns without a shuffle.
inline constexpr std::size_t group_lanes = 16, group_columns = 4 * group_lanes;

inline std::uint32_t high_word(const Address& a, std::uint32_t kind) {
  assert(a.sweep < (std::uint64_t(1) << 46));
  return std::uint32_t(a.stream) << 24 | std::uint32_t(a.block) << 16 | kind << 14 |
         std::uint32_t(a.sweep >> 32);
}

/// The words of columns [64 group, 64 group + 64) of row `row`. Words stand in 64-bit lanes while they are
/// mixed: the 32 × 32 → 64 bit products that the rounds are made of are one instruction on such vectors.
inline void philox_group(Key key, const Address& a, std::uint32_t row, std::size_t group, std::uint32_t kind,
                         std::uint32_t* out) {
  alignas(64) std::uint64_t c0[group_lanes], c1[group_lanes], c2[group_lanes], c3[group_lanes];
  for (std::size_t i = 0; i < group_lanes; ++i) {
    c0[i] = std::uint32_t(group * group_lanes + i);
    c1[i] = a.first_chain + row;
    c2[i] = std::uint32_t(a.sweep);
    c3[i] = high_word(a, kind);
  }
  std::uint32_t k0 = std::uint32_t(key.value), k1 = std::uint32_t(key.value >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
#pragma omp simd
    for (std::size_t i = 0; i < group_lanes; ++i) {
      const std::uint64_t p0 = std::uint64_t(0xD2511F53u) * std::uint32_t(c0[i]);
      const std::uint64_t p1 = std::uint64_t(0xCD9E8D57u) * std::uint32_t(c2[i]);
      c0[i] = p1 >> 32 ^ c1[i] ^ k0;
      c1[i] = p1;
      c2[i] = p0 >> 32 ^ c3[i] ^ k1;
      c3[i] = p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (std::size_t i = 0; i < group_lanes; ++i) {
    out[i] = std::uint32_t(c0[i]);
    out[group_lanes + i] = std::uint32_t(c1[i]);
    out[2 * group_lanes + i] = std::uint32_t(c2[i]);
    out[3 * group_lanes + i] = std::uint32_t(c3[i]);
  }
}

/// (0, 1), never 0 or 1. Float keeps 23 bits: with more, the sum would round to 1.
template <class T> T unit_interval(std::uint32_t bits) {
  if constexpr (std::same_as<T, float>)
    return (float(std::int32_t(bits >> 9)) + 0.5f) * 0x1p-23f;
  else
    return (double(bits) + 0.5) * 0x1p-32;
}

} // namespace ebm::random
