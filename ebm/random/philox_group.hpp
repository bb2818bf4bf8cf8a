// Many Philox counters at once.
#pragma once
#include <array>
#include <cassert>
#include <cstddef>

#include "ebm/core/lanes.hpp"
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
  constexpr std::size_t vectors = group_lanes / Lanes64::size;
  alignas(64) std::array<std::uint64_t, group_lanes> lanes;
  for (std::size_t i = 0; i < group_lanes; ++i) lanes[i] = std::uint32_t(group * group_lanes + i);
  const Lanes64 m0(0xD2511F53u), m1(0xCD9E8D57u);
  std::array<Lanes64, vectors> c0, c1, c2, c3;
  for (std::size_t v = 0; v < vectors; ++v) {
    c0[v] = Lanes64::load_aligned(lanes.data() + v * Lanes64::size);
    c1[v] = Lanes64(std::uint64_t(a.first_chain + row));
    c2[v] = Lanes64(std::uint64_t(std::uint32_t(a.sweep)));
    c3[v] = Lanes64(std::uint64_t(high_word(a, kind)));
  }
  std::uint32_t k0 = std::uint32_t(key.value), k1 = std::uint32_t(key.value >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Lanes64 key0 = Lanes64(std::uint64_t(k0)), key1 = Lanes64(std::uint64_t(k1));
    for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes64 p0 = multiply_lower_halves(c0[v], m0), p1 = multiply_lower_halves(c2[v], m1);
      c0[v] = (p1 >> 32) ^ c1[v] ^ key0;
      c1[v] = p1;
      c2[v] = (p0 >> 32) ^ c3[v] ^ key1;
      c3[v] = p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  alignas(64) std::array<std::uint64_t, group_columns> words;
  for (std::size_t v = 0; v < vectors; ++v) {
    c0[v].store_aligned(words.data() + v * Lanes64::size);
    c1[v].store_aligned(words.data() + group_lanes + v * Lanes64::size);
    c2[v].store_aligned(words.data() + 2 * group_lanes + v * Lanes64::size);
    c3[v].store_aligned(words.data() + 3 * group_lanes + v * Lanes64::size);
  }
  for (std::size_t i = 0; i < group_columns; ++i) out[i] = std::uint32_t(words[i]);
}

/// (0, 1), never 0 or 1. Float keeps 23 bits: with more, the sum would round to 1.
template <class T> T unit_interval(std::uint32_t bits) {
  if constexpr (std::same_as<T, float>)
    return (float(std::int32_t(bits >> 9)) + 0.5f) * 0x1p-23f;
  else
    return (double(bits) + 0.5) * 0x1p-32;
}

} // namespace ebm::random
