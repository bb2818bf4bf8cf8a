// Rows of bits against plain loops.
#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>

#include "ebm/core/bits.hpp"

BOOST_AUTO_TEST_SUITE(rows_of_bits)

using namespace ebm;

using Types = std::tuple<float, double>;

namespace {

BitRows random_bits(std::size_t rows, std::size_t columns, unsigned seed) {
  std::mt19937 engine(seed);
  BitRows bits;
  bits.reshape(rows, columns);
  bits.clear();
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) bits.row(i)[j / 64] |= std::uint64_t(engine() & 1) << (j % 64);
  return bits;
}

/// Whether `to` is rows [first, first + count) of `bits` transposed, and zero wherever there is no such bit.
bool is_transpose(const BitRows& to, const BitRows& bits, std::size_t first, std::size_t count) {
  if (to.rows() != 64 * bits.words_per_row() || to.columns() != count) return false;
  for (std::size_t j = 0; j < to.rows(); ++j)
    for (std::size_t i = 0; i < 64 * to.words_per_row(); ++i)
      if (to(j, i) != (i < count && j < bits.columns() && bits(first + i, j))) return false;
  return true;
}

/// Whether the bits are those of x, and zero after its end.
template <class T> bool are_bits_of(std::span<const std::uint64_t> bits, const std::vector<T>& x, T high) {
  for (std::size_t j = 0; j < 64 * bits.size(); ++j)
    if ((bits[j / 64] >> (j % 64) & 1) != std::uint64_t(j < x.size() && x[j] == high)) return false;
  return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(transposing_is_the_plain_loop) {
  BitRows to;
  for (const std::size_t columns : {1u, 63u, 64u, 65u, 200u})
    for (const std::size_t count : {0u, 1u, 63u, 64u, 65u, 130u})
      for (const std::size_t first : {0u, 1u, 67u}) {
        const BitRows bits = random_bits(first + count + 2, columns, unsigned(columns + count));
        transpose_bits(bits, first, count, to);
        BOOST_TEST(is_transpose(to, bits, first, count),
                   columns << " columns, rows " << first << " to " << first + count);
      }
}

BOOST_AUTO_TEST_CASE(a_wrong_transpose_is_noticed) {
  const BitRows bits = random_bits(130, 65, 3);
  BitRows to;
  transpose_bits(bits, 1, 120, to);
  BOOST_TEST(!is_transpose(to, bits, 2, 120));
  to.row(64)[1] ^= std::uint64_t(1) << 55;
  BOOST_TEST(is_transpose(to, bits, 1, 120) == false);
}

BOOST_AUTO_TEST_CASE(shapes_and_counts) {
  BitRows bits = random_bits(5, 130, 9);
  std::size_t n = 0;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 130; ++j) n += bits(i, j);
  BOOST_TEST(bits.words_per_row() == 3u);
  BOOST_TEST(bits.count() == n);
  bits.clear();
  BOOST_TEST(bits.count() == 0u);
  bits.row(4)[2] = 3;
  BOOST_TEST(bits.count() == 2u);
  BOOST_TEST((bits(4, 129) && !bits(4, 127)));
  bits.reshape(4, 130);
  BOOST_TEST(bits.count() == 0u);
  bits.reshape(0, 130);
  BOOST_TEST(bits.count() == 0u);
  BOOST_TEST(BitRows().count() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(legal_values_become_their_bits, T, Types) {
  std::mt19937 engine(5);
  for (const T low : {T(0), T(-1)})
    for (const std::size_t n : {0u, 1u, 5u, 63u, 64u, 65u, 127u, 128u, 784u}) {
      std::vector<T> x(n);
      for (T& v : x) v = (engine() & 1) != 0 ? T(1) : low;
      std::vector<std::uint64_t> bits((n + 63) / 64, ~std::uint64_t(0));
      BOOST_TEST(bits_of_row<T>(x, low, T(1), bits));
      BOOST_TEST(are_bits_of<T>(bits, x, T(1)), n << " values from " << low);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_other_value_is_noticed_anywhere, T, Types) {
  using Limits = std::numeric_limits<T>;
  for (const std::size_t n : {1u, 63u, 64u, 65u, 200u})
    for (const std::size_t at : {std::size_t(0), n / 2, n - 1})
      for (const T other : {T(0.5), Limits::quiet_NaN(), Limits::infinity(), Limits::denorm_min(),
                            std::nextafter(T(1), T(0)), T(-1)}) {
        std::vector<T> x(n, T(1));
        x[at] = other;
        std::vector<std::uint64_t> bits((n + 63) / 64);
        BOOST_TEST(!bits_of_row<T>(x, T(0), T(1), bits), other << " at " << at << " of " << n);
        BOOST_TEST(are_bits_of<T>(bits, x, T(1)));
      }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(both_zeros_are_low, T, Types) {
  const std::vector<T> x{T(0), -T(0), T(1)};
  std::vector<std::uint64_t> bits(1);
  BOOST_TEST(bits_of_row<T>(x, T(0), T(1), bits));
  BOOST_TEST(bits[0] == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
