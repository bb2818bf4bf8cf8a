#include "ebm/core/binary/products.hpp"

#include <cassert>

#include "ebm/core/binary/lists.hpp"
#include "ebm/core/parallel.hpp"

namespace ebm::binary {
namespace {

Lists& scratch_lists() {
  thread_local Lists lists;
  return lists;
}

/// Packs rows [first_row, first_row + rows) of W, or of its transpose, into a panel.
template <class T, std::size_t Lines>
void pack_operand(const View<const T>& W, bool transposed, std::size_t first_row, std::size_t rows,
                  std::size_t first_column, std::size_t columns, T* to) {
  if (transposed)
    pack_transposed<T, Lines>(W, first_row, rows, first_column, columns, to);
  else
    pack<T, Lines>(W, first_row, rows, first_column, columns, to);
}

/// All 2^Bits sums of `low` or `high` times each of Bits panel rows; entry e has `high` where bit b of e is
/// set.
template <class T, std::size_t Lines, std::size_t Bits>
void build_table(const T* rows, T low, T high, T* table) {
  constexpr std::size_t width = panel_columns<T, Lines>, size = std::size_t(1) << Bits;
  using V = xsimd::batch<T>;
  for (std::size_t i = 0; i < width; i += V::size) {
    V entries[size];
    entries[0] = V(T(0));
    if (low != T(0))
      for (std::size_t b = 0; b < Bits; ++b) entries[0] += V(low) * V::load_aligned(rows + b * width + i);
#pragma GCC unroll 8
    for (std::size_t b = 0; b < Bits; ++b) {
      const V step = V(high - low) * V::load_aligned(rows + b * width + i);
      const std::size_t half = std::size_t(1) << b;
      for (std::size_t e = 0; e < half; ++e) entries[half + e] = entries[e] + step;
    }
#pragma GCC unroll 64
    for (std::size_t e = 0; e < size; ++e) entries[e].store_aligned(table + e * width + i);
  }
}

/// The tables of a pass over `rows` rows, Bits at a time; `pack_rows(from, count, to)` packs some of them.
/// They go through a small buffer: the tables themselves fill most of the cache.
template <class T, std::size_t Lines, std::size_t Bits, class PackRows>
void build_tables(std::size_t rows, T low, T high, PackRows pack_rows, T* source) {
  constexpr std::size_t width = panel_columns<T, Lines>, chunk = 16;
  static_assert(chunk % Bits == 0);
  alignas(line_bytes) T packed[chunk * width];
  for (std::size_t from = 0; from < rows; from += chunk) {
    const std::size_t count = std::min(chunk, rows - from);
    pack_rows(from, count, packed);
    std::fill(packed + count * width, std::end(packed), T(0));
    for (std::size_t b = 0; b < count; b += Bits, source += width << Bits)
      build_table<T, Lines, Bits>(packed + b * width, low, high, source);
  }
}

/// For every byte the places of its set bits, in order.
struct BytePlaces {
  std::uint16_t places[256][8] = {};
  constexpr BytePlaces() {
    for (std::size_t byte = 0; byte < 256; ++byte)
      for (std::uint16_t bit = 0, n = 0; bit < 8; ++bit)
        if ((byte >> bit & 1) != 0) places[byte][n++] = bit;
  }
};
constexpr BytePlaces byte_places;

/// Writes the byte offsets of the rows from `first_row` on that the bits choose, eight at a time and some too
/// many; the end of what counts.
template <std::size_t RowBytes>
std::uint16_t* append_bits(std::uint64_t bits, std::size_t first_row, std::uint16_t* to) {
  for (; bits != 0; bits >>= 8, first_row += 8) {
    const auto& places = byte_places.places[bits & 255];
    for (std::size_t i = 0; i < 8; ++i) to[i] = std::uint16_t((first_row + places[i]) * RowBytes);
    to += std::popcount(bits & 255);
  }
  return to;
}

/// Lists of the set bits of each of the first `rows` rows, pass by pass; row m's bit k stands for source row
/// k.
template <std::size_t RowBytes> void list_bits(const BitRows& bits, std::size_t rows, Lists& lists) {
  constexpr std::size_t words = source_bytes / RowBytes / BitRows::word_bits;
  lists.start(rows);
  for (std::size_t first = 0; first < bits.words_per_row(); first += words)
    for (std::size_t m = 0; m < rows; ++m) {
      const auto row = bits.row(m);
      std::uint16_t* const begin = lists.room(words * BitRows::word_bits + 8);
      std::uint16_t* to = begin;
      for (std::size_t w = first; w < std::min(first + words, row.size()); ++w)
        to = append_bits<RowBytes>(row[w], (w - first) * BitRows::word_bits, to);
      lists.finish_row(std::size_t(to - begin));
    }
  lists.sort_by_length();
}

/// Lists of the table entries that each of the first `rows` rows looks up; a pass takes the tables of one
/// word.
template <std::size_t RowBytes, std::size_t Bits>
void list_entries(const BitRows& bits, std::size_t rows, Lists& lists) {
  constexpr std::size_t tables = BitRows::word_bits / Bits;
  static_assert((RowBytes << Bits) * tables <= source_bytes);
  const std::size_t all = (bits.columns() + Bits - 1) / Bits;
  lists.start(rows);
  for (std::size_t w = 0; w < bits.words_per_row(); ++w)
    for (std::size_t m = 0; m < rows; ++m) {
      const std::uint64_t word = bits.row(m)[w];
      std::uint16_t* const to = lists.room(tables);
      for (std::size_t t = 0; t < tables; ++t)
        to[t] = std::uint16_t((t << Bits | (word >> (t * Bits) & ((1u << Bits) - 1))) * RowBytes);
      lists.finish_row(std::min(tables, all - w * tables));
    }
}

constexpr std::size_t table_lines = 2, table_bits = 4; ///< panel and size of the tables

template <std::size_t Lines, class T>
void add_row_sums_by(const BitRows& ones, T high, const View<const T>& W, bool transposed, const View<T>& y) {
  constexpr std::size_t row_bytes = Lines * line_bytes, rows_a_pass = source_bytes / row_bytes;
  Lists& lists = scratch_lists();
  list_bits<row_bytes>(ones, y.rows, lists);
  const auto build = [&](std::size_t pass, std::size_t first, std::size_t columns, T* source) {
    const std::size_t from = pass * rows_a_pass, rows = std::min(rows_a_pass, ones.columns() - from);
    pack_operand<T, Lines>(W, transposed, from, rows, first, columns, source);
    if (high != T(1))
      for (std::size_t i = 0; i < rows * panel_columns<T, Lines>; ++i) source[i] *= high;
  };
  for (std::size_t first = 0; first < y.columns; first += panel_columns<T, Lines>)
    add_listed_panel<T, Lines>(lists, first, build, y);
}

} // namespace

template <std::floating_point T>
void add_row_sums(const BitRows& ones, T high, const View<const T>& W, bool transposed, const View<T>& y) {
  if (y.columns <= panel_columns<T, 1>)
    add_row_sums_by<1>(ones, high, W, transposed, y);
  else if (y.columns <= panel_columns<T, 2>)
    add_row_sums_by<2>(ones, high, W, transposed, y);
  else
    add_row_sums_by<4>(ones, high, W, transposed, y);
}

template <std::floating_point T>
void add_table_sums(const BitRows& ones, T low, T high, const View<const T>& W, bool transposed,
                    const View<T>& y) {
  constexpr std::size_t row_bytes = table_lines * line_bytes, rows_a_pass = BitRows::word_bits;
  Lists& lists = scratch_lists();
  list_entries<row_bytes, table_bits>(ones, y.rows, lists);
  const auto build = [&](std::size_t pass, std::size_t first, std::size_t columns, T* source) {
    const std::size_t begin = pass * rows_a_pass, rows = std::min(rows_a_pass, ones.columns() - begin);
    const auto pack_rows = [&](std::size_t from, std::size_t count, T* to) {
      pack_operand<T, table_lines>(W, transposed, begin + from, count, first, columns, to);
    };
    build_tables<T, table_lines, table_bits>(rows, low, high, pack_rows, source);
  };
  for (std::size_t first = 0; first < y.columns; first += panel_columns<T, table_lines>)
    add_listed_panel<T, table_lines>(lists, first, build, y);
}

namespace {

/// Rows [from, from + rows) of y, each times scale and its weight.
template <class T, std::size_t Lines>
void pack_weighted(const View<const T>& y, std::span<const double> weights, double scale, std::size_t from,
                   std::size_t rows, std::size_t first, std::size_t columns, T* to) {
  constexpr std::size_t width = panel_columns<T, Lines>;
  pack<T, Lines>(y, from, rows, first, columns, to);
  for (std::size_t c = 0; c < rows; ++c) {
    const T w = T(scale * weights[from + c]);
    for (std::size_t n = 0; n < width; ++n) to[c * width + n] *= w;
  }
}

/// The bits with chains along the words.
const BitRows& by_column(const BitRows& ones) {
  thread_local BitRows columns;
  transpose_bits(ones, 0, ones.rows(), columns);
  return columns;
}

/// f(first column) for every panel of g, on all threads.
template <class T, std::size_t Lines, class F> void for_each_panel(const View<T>& g, F f) {
  constexpr std::size_t width = panel_columns<T, Lines>;
  parallel::for_each((g.columns + width - 1) / width, [&](std::size_t i) { f(i * width); });
}

} // namespace

template <std::floating_point T>
void add_sum_outer(const BitRows& ones, T high, std::span<const double> weights, double scale,
                   const View<const T>& y, const View<T>& g) {
  constexpr std::size_t row_bytes = table_lines * line_bytes, rows_a_pass = source_bytes / row_bytes;
  Lists& lists = scratch_lists();
  list_bits<row_bytes>(by_column(ones), g.rows, lists);
  const auto build = [&](std::size_t pass, std::size_t first, std::size_t columns, T* source) {
    const std::size_t from = pass * rows_a_pass, rows = std::min(rows_a_pass, y.rows - from);
    pack_weighted<T, table_lines>(y, weights, scale * double(high), from, rows, first, columns, source);
  };
  for_each_panel<T, table_lines>(
      g, [&](std::size_t first) { add_listed_panel<T, table_lines>(lists, first, build, g); });
}

template <std::floating_point T>
void add_table_outer(const BitRows& ones, T low, T high, std::span<const double> weights, double scale,
                     const View<const T>& y, const View<T>& g) {
  constexpr std::size_t row_bytes = table_lines * line_bytes, rows_a_pass = BitRows::word_bits;
  Lists& lists = scratch_lists();
  list_entries<row_bytes, table_bits>(by_column(ones), g.rows, lists);
  const auto build = [&](std::size_t pass, std::size_t first, std::size_t columns, T* source) {
    const std::size_t begin = pass * rows_a_pass, rows = std::min(rows_a_pass, y.rows - begin);
    const auto pack_rows = [&](std::size_t from, std::size_t count, T* to) {
      pack_weighted<T, table_lines>(y, weights, scale, begin + from, count, first, columns, to);
    };
    build_tables<T, table_lines, table_bits>(rows, low, high, pack_rows, source);
  };
  for_each_panel<T, table_lines>(
      g, [&](std::size_t first) { add_listed_panel<T, table_lines>(lists, first, build, g); });
}

namespace {

/// scale · Σ (x_low + dx bit_x)(y_low + dy bit_y) over `chains` chains, from the numbers of chains with both
/// bits, x's and y's.
struct CountTerms {
  double scale, x_low, dx, y_low, dy, chains;
  double operator()(std::uint64_t both, std::uint64_t in_x, std::uint64_t in_y) const {
    return scale * (chains * x_low * y_low + x_low * dy * double(in_y) + y_low * dx * double(in_x) +
                    dx * dy * double(both));
  }
};

constexpr std::size_t count_columns = 64;

/// both[j] = number of chains with the bit of x and of column j set; y has its columns side by side:
/// [word][column].
void count_both(std::span<const std::uint64_t> x, const std::uint64_t* y, std::size_t stride,
                std::array<std::uint64_t, count_columns>& both) {
  both.fill(0);
  for (std::size_t w = 0; w < x.size(); ++w, y += stride) {
    const std::uint64_t bits = x[w];
    if (bits == 0) continue;
    for (std::size_t j = 0; j < count_columns; ++j) both[j] += std::uint64_t(std::popcount(bits & y[j]));
  }
}

} // namespace

template <std::floating_point T>
void add_count_outer(const BitRows& x, T x_low, T x_high, const BitRows& y, T y_low, T y_high,
                     std::span<const double> weights, double scale, const View<T>& g) {
  thread_local BitRows x_columns, y_columns;
  thread_local std::vector<std::uint64_t> y_words;
  BitRows &xc = x_columns, &yc = y_columns;
  std::vector<std::uint64_t>& yw = y_words;
  for (std::size_t first = 0, end = 0; first < weights.size(); first = end) {
    end = end_of_run(weights, first);
    transpose_bits(x, first, end - first, xc);
    transpose_bits(y, first, end - first, yc);
    const std::size_t words = yc.words_per_row(), stride = yc.rows();
    yw.resize(words * stride);
    for (std::size_t j = 0; j < stride; ++j)
      for (std::size_t w = 0; w < words; ++w) yw[w * stride + j] = yc.row(j)[w];
    const CountTerms terms{scale * weights[first], double(x_low),          double(x_high - x_low),
                           double(y_low),          double(y_high - y_low), double(end - first)};
    parallel::for_each((g.columns + count_columns - 1) / count_columns, [&](std::size_t panel) {
      const std::size_t from = panel * count_columns, columns = std::min(count_columns, g.columns - from);
      std::array<std::uint64_t, count_columns> both, in_y;
      for (std::size_t j = 0; j < count_columns; ++j) in_y[j] = count_bits(yc.row(from + j));
      for (std::size_t i = 0; i < g.rows; ++i) {
        count_both(xc.row(i), yw.data() + from, stride, both);
        const std::uint64_t in_x = count_bits(xc.row(i));
        T* to = g.data + i * g.stride + from;
        for (std::size_t j = 0; j < columns; ++j) to[j] += T(terms(both[j], in_x, in_y[j]));
      }
    });
  }
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void add_row_sums<T>(const BitRows&, T, const View<const T>&, bool, const View<T>&);              \
  template void add_table_sums<T>(const BitRows&, T, T, const View<const T>&, bool, const View<T>&);         \
  template void add_sum_outer<T>(const BitRows&, T, std::span<const double>, double, const View<const T>&,   \
                                 const View<T>&);                                                            \
  template void add_table_outer<T>(const BitRows&, T, T, std::span<const double>, double,                    \
                                   const View<const T>&, const View<T>&);                                    \
  template void add_count_outer<T>(const BitRows&, T, T, const BitRows&, T, T, std::span<const double>,      \
                                   double, const View<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::binary
