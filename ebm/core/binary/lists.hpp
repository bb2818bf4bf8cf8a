// Sums of listed vectors: the inner loop of every product with a two-valued operand.
#pragma once
#include <algorithm>
#include <cassert>
#include <limits>
#include <span>
#include <vector>

#include "ebm/core/binary/vectors.hpp"
#include "ebm/core/line_allocator.hpp"

namespace ebm::binary {

/// Bytes of the vectors that one pass chooses from; with the sums they stay in a first-level cache of 48 KiB.
inline constexpr std::size_t source_bytes = 32768;

/// For every pass and row, which vectors of the pass's source to add, as byte offsets. Lists are filled up to
/// whole turns of the loop that adds them with a vector of zeros behind the source.
class Lists {
 public:
  static constexpr std::size_t turn = 4; ///< vectors added in a turn of the loop
  static constexpr auto zeros = std::uint16_t(source_bytes);
  static constexpr std::size_t longest = source_bytes / line_bytes; ///< offsets of a row in a pass at most
  static_assert(source_bytes <= std::numeric_limits<std::uint16_t>::max(), "offsets have 16 bits");
  static_assert(longest % turn == 0);

  void start(std::size_t rows) {
    rows_ = rows;
    entries_.clear();
    used_ = 0;
  }
  /// Room for `n` offsets of the next row; the caller writes them, then calls `finish_row` with their number.
  /// Rows come in order, pass after pass.
  std::uint16_t* room(std::size_t n) {
    if (offsets_.size() < used_ + n + turn) offsets_.resize(2 * (used_ + n + turn));
    return offsets_.data() + used_;
  }
  void finish_row(std::size_t n) {
    for (; n % turn != 0; ++n) offsets_[used_ + n] = zeros;
    assert(n <= longest);
    entries_.push_back({used_, std::uint32_t(entries_.size() % rows_), std::uint16_t(n)});
    used_ += n;
  }
  /// Puts the rows of each pass in the order of their lengths: a branch that leaves a loop after the same
  /// number of turns as last time is foreseen by the processor. Call once, when all rows are there.
  void sort_by_length() {
    for (auto first = entries_.begin(); first != entries_.end(); first += std::ptrdiff_t(rows_)) {
      ends_.assign(longest + 2, 0);
      for (auto e = first; e != first + std::ptrdiff_t(rows_); ++e) ++ends_[e->length + 1u];
      for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
      sorted_.resize(rows_);
      for (auto e = first; e != first + std::ptrdiff_t(rows_); ++e) sorted_[ends_[e->length]++] = *e;
      std::ranges::copy(sorted_, first);
    }
  }
  std::size_t passes() const { return rows_ == 0 ? 0 : entries_.size() / rows_; }

  /// sums[row] += the listed vectors of `source`, for one pass; rows of source and sums are one panel wide.
  template <class T, std::size_t Lines> void add(std::size_t pass, const T* source, T* sums) const {
    const char* base = reinterpret_cast<const char*>(source);
    const auto at = [base](std::uint16_t offset) { return reinterpret_cast<const T*>(base + offset); };
    for (const Entry& entry : std::span(entries_).subspan(pass * rows_, rows_)) {
      if (entry.length == 0) continue;
      const std::uint16_t* o = offsets_.data() + entry.begin;
      T* sum = sums + entry.row * panel_columns<T, Lines>;
      PanelRow<T, Lines> a, b;
      a.load(sum);
      b.clear();
      for (const std::uint16_t* const end = o + entry.length; o != end; o += turn) {
        a.add(at(o[0]));
        b.add(at(o[1]));
        a.add(at(o[2]));
        b.add(at(o[3]));
      }
      a.add(b);
      a.store(sum);
    }
  }

 private:
  struct Entry {
    std::size_t begin;
    std::uint32_t row;
    std::uint16_t length;
  };
  std::size_t rows_ = 0, used_ = 0;
  std::vector<Entry> entries_, sorted_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint16_t> offsets_;
};

/// y(m, first … first + columns) += Σ over passes of the listed vectors that `build(pass, first, columns,
/// source)` makes.
template <class T, std::size_t Lines, class Build>
void add_listed_panel(const Lists& lists, std::size_t first, Build build, const View<T>& y) {
  constexpr std::size_t width = panel_columns<T, Lines>;
  alignas(line_bytes) T source[source_bytes / sizeof(T) + width];
  std::fill_n(source + source_bytes / sizeof(T), width, T(0));
  thread_local LineVector<T> sums;
  const std::size_t columns = std::min(width, y.columns - first);
  if (sums.size() < y.rows * width) sums.resize(y.rows * width);
  std::fill_n(sums.begin(), y.rows * width, T(0));
  for (std::size_t pass = 0; pass < lists.passes(); ++pass) {
    build(pass, first, columns, source);
    lists.add<T, Lines>(pass, source, sums.data());
  }
  for (std::size_t m = 0; m < y.rows; ++m) {
    T* to = y.data + m * y.stride + first;
    for (std::size_t n = 0; n < columns; ++n) to[n] += sums[m * width + n];
  }
}

} // namespace ebm::binary
