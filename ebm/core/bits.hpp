// Rows of bits: where the upper value of two-valued units stands.
#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ebm {

/// Number of bits that are set.
inline std::size_t count_bits(std::span<const std::uint64_t> words) {
  std::size_t n = 0;
  for (const std::uint64_t w : words) n += std::size_t(std::popcount(w));
  return n;
}

/// Bits [rows, columns] in 64-bit words, bit i of word w standing for column 64 w + i. A row begins a new
/// word; bits beyond the last column are 0.
class BitRows {
 public:
  static constexpr std::size_t word_bits = 64;

  /// Makes it [rows, columns]; allocates only to grow, and leaves the bits unspecified.
  void reshape(std::size_t rows, std::size_t columns) {
    rows_ = rows;
    columns_ = columns;
    words_.resize(rows * words_per_row());
  }
  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  std::size_t words_per_row() const noexcept { return (columns_ + word_bits - 1) / word_bits; }
  std::span<std::uint64_t> row(std::size_t i) {
    return {words_.data() + i * words_per_row(), words_per_row()};
  }
  std::span<const std::uint64_t> row(std::size_t i) const {
    return {words_.data() + i * words_per_row(), words_per_row()};
  }
  bool operator()(std::size_t i, std::size_t j) const {
    return (row(i)[j / word_bits] >> (j % word_bits) & 1) != 0;
  }
  void clear() { words_.assign(words_.size(), 0); }
  /// Number of bits that are set.
  std::size_t count() const { return count_bits(words_); }

 private:
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<std::uint64_t> words_;
};

/// Sets bit j where x[j] is `high`; false if a value is neither `low` nor `high`.
template <std::floating_point T>
bool bits_of_row(std::span<const T> x, T low, T high, std::span<std::uint64_t> bits);

/// Bits of rows [first, first + count) with rows and columns exchanged: to has one row for each column of
/// `bits`, rounded up to whole words, and `count` columns.
void transpose_bits(const BitRows& bits, std::size_t first, std::size_t count, BitRows& to);

} // namespace ebm
