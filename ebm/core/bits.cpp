#include "ebm/core/bits.hpp"

#include <algorithm>
#include <array>

#include "ebm/core/lanes.hpp"

namespace ebm {
namespace {

constexpr std::size_t size = BitRows::word_bits;

/// Exchanges rows and columns: blocks of j × j bits change places, j = 32 … 1 (Warren, "Hacker's Delight",
/// 7-3).
void transpose_block(std::array<std::uint64_t, size>& block) {
  std::uint64_t mask = 0x00000000ffffffffu;
  for (std::size_t j = size / 2; j != 0; j /= 2, mask ^= mask << j)
    for (std::size_t start = 0; start < size; start += 2 * j)
      for (std::size_t k = start; k < start + j; ++k) {
        const std::uint64_t exchanged = (block[k] >> j ^ block[k + j]) & mask;
        block[k] ^= exchanged << j;
        block[k + j] ^= exchanged;
      }
}

} // namespace

template <std::floating_point T>
bool bits_of_row(std::span<const T> x, T low, T high, std::span<std::uint64_t> bits) {
  using V = xsimd::batch<T>;
  const V lower(low), upper(high);
  std::uint64_t others = 0;
  std::array<T, size> tail;
  for (std::size_t w = 0; w < bits.size(); ++w) {
    const T* from = x.data() + w * size;
    if (x.size() - w * size < size) {
      tail.fill(low);
      std::copy(x.begin() + std::ptrdiff_t(w * size), x.end(), tail.begin());
      from = tail.data();
    }
    bits[w] = 0;
    for (std::size_t i = 0; i < size; i += V::size) {
      const V values = V::load_unaligned(from + i);
      bits[w] |= bits_of<T>(values == upper) << i;
      others |= bits_of<T>(!(values == upper || values == lower));
    }
  }
  return others == 0;
}

void transpose_bits(const BitRows& bits, std::size_t first, std::size_t count, BitRows& to) {
  to.reshape(bits.words_per_row() * size, count);
  std::array<std::uint64_t, size> block;
  for (std::size_t s = 0; s < count; s += size)
    for (std::size_t w = 0; w < bits.words_per_row(); ++w) {
      const std::size_t rows = std::min(size, count - s);
      for (std::size_t i = 0; i < rows; ++i) block[i] = bits.row(first + s + i)[w];
      std::fill(block.begin() + std::ptrdiff_t(rows), block.end(), 0);
      transpose_block(block);
      for (std::size_t i = 0; i < size; ++i) to.row(w * size + i)[s / size] = block[i];
    }
}

template bool bits_of_row<float>(std::span<const float>, float, float, std::span<std::uint64_t>);
template bool bits_of_row<double>(std::span<const double>, double, double, std::span<std::uint64_t>);

} // namespace ebm
