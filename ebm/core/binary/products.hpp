// Products with one operand of two values. The bits of a row say which rows of the other operand to add: one
// by one (cost in proportion to the set bits), or by looking up tables of all partial sums of a few rows at a
// time (cost the same for every density; "the method of the four Russians", Arlazarov et al. 1970). The
// products with W run on the calling thread; the outer products split the columns of g over the threads.
#pragma once
#include "ebm/core/bits.hpp"
#include "ebm/core/tensor.hpp"

namespace ebm::binary {

/// Part of a row-major matrix: `columns` columns of `rows` rows, `stride` elements apart.
template <class T> struct View {
  T* data;
  std::size_t rows, columns, stride;
};

/// y += x W or x Wᵀ, where x [m, k] has `high` at the bits set and 0 elsewhere.
template <std::floating_point T>
void add_row_sums(const BitRows& ones, T high, const View<const T>& W, bool transposed, const View<T>& y);

/// The same with tables; x has `low` where the bits are not set.
template <std::floating_point T>
void add_table_sums(const BitRows& ones, T low, T high, const View<const T>& W, bool transposed,
                    const View<T>& y);

/// g += scale Σ_c weight_c x_c y_cᵀ by row sums; x [c, m] has `high` at the bits set and 0 elsewhere.
template <std::floating_point T>
void add_sum_outer(const BitRows& ones, T high, std::span<const double> weights, double scale,
                   const View<const T>& y, const View<T>& g);

/// The same with tables; x has `low` where the bits are not set.
template <std::floating_point T>
void add_table_outer(const BitRows& ones, T low, T high, std::span<const double> weights, double scale,
                     const View<const T>& y, const View<T>& g);

/// The end of the run of equal weights that begins at `first`; a NaN stands alone.
inline std::size_t end_of_run(std::span<const double> weights, std::size_t first) {
  std::size_t end = first + 1;
  while (end < weights.size() && weights[end] == weights[first]) ++end;
  return end;
}

/// The same where both operands have two values, by counting the chains that have both bits set: exact counts
/// for each run of equal weights.
template <std::floating_point T>
void add_count_outer(const BitRows& x, T x_low, T x_high, const BitRows& y, T y_low, T y_high,
                     std::span<const double> weights, double scale, const View<T>& g);

} // namespace ebm::binary
