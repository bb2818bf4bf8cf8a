#include "ebm/core/product_sums.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <xsimd/xsimd.hpp>

#include "ebm/core/lanes.hpp"

namespace ebm::numerics {
namespace {

/// Combines the neighbours in each of `rows` equal rows until one is left, and puts those first.
template <std::size_t rows, std::size_t n, class X, class F> void fold_rows(std::array<X, n>& x, F f) {
  if constexpr (n > rows) {
    std::array<X, n / 2> half;
    for (std::size_t i = 0; i < n / 2; ++i) half[i] = f(x[2 * i], x[2 * i + 1]);
    fold_rows<rows>(half, f);
    std::copy_n(half.begin(), rows, x.begin());
  }
}

template <class T> struct Tile {
  using Lanes = xsimd::batch<T>;
  using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  using Words = xsimd::batch<Word>;
  static constexpr std::size_t lanes = Lanes::size;
  // AVX-512 has 32 registers, the narrower ones 16.
  static constexpr std::size_t a_rows = sizeof(T) * lanes == 64 ? 4 : 2, b_rows = 4,
                               products = a_rows * b_rows;
  static_assert(products <= largest_factor_tile);
};

} // namespace

template <std::floating_point T> void exponentials(std::span<const double> from, std::span<T> to) {
  using V = xsimd::batch<double>;
  constexpr double smallest = double(std::numeric_limits<T>::min());
  const std::size_t n = from.size();
  if (n < V::size) {
    for (std::size_t k = 0; k < n; ++k) to[k] = std::exp(from[k]) < smallest ? T(0) : T(std::exp(from[k]));
    return;
  }
  for (std::size_t k = 0; k < n; k += V::size) {
    const std::size_t first = std::min(k, n - V::size); // the last vector overlaps the one before
    std::array<double, V::size> x;
    const V y = xsimd::exp(V::load_unaligned(&from[first]));
    xsimd::select(y < V(smallest), V(0.0), y).store_unaligned(x.data());
    for (std::size_t i = 0; i < V::size; ++i) to[first + i] = T(x[i]);
  }
}

std::pair<double, double> sum_of_exponentials(std::span<const double> y, std::span<const double> scale) {
  using V = xsimd::batch<double>;
  double largest = -std::numeric_limits<double>::infinity();
  for (const double v : y) largest = std::max(largest, v);
  std::size_t k = 0;
  V sums(0.0);
  for (; k + V::size <= y.size(); k += V::size) {
    const V term = xsimd::exp(V::load_unaligned(&y[k]) - V(largest));
    sums += scale.empty() ? term : V::load_unaligned(&scale[k]) * term;
  }
  double sum = xsimd::hadd(sums);
  for (; k < y.size(); ++k) sum += (scale.empty() ? 1.0 : scale[k]) * std::exp(y[k] - largest);
  return {largest, sum};
}

double sum_of_subset_products(std::span<const double, subset_size> x,
                              std::span<const double, std::size_t(1) << subset_size> weight,
                              std::span<double> scratch) {
  using V = xsimd::batch<double>;
  std::array<double, subset_size> factor;
  exponentials<double>(x, factor);
  // Products over all but the two highest members; those multiply the sums over the quarters of the weights.
  constexpr std::size_t quarter = std::size_t(1) << (subset_size - 2);
  double* t = scratch.data();
  t[0] = 1;
  unrolled<subset_size - 2>([&](auto i) {
    constexpr std::size_t half = std::size_t(1) << i;
    for (std::size_t s = 0; s < half; ++s) t[half + s] = t[s] * factor[i];
  });
  std::array<V, 4> sum{V(0.0), V(0.0), V(0.0), V(0.0)};
  for (std::size_t s = 0; s < quarter; s += V::size) {
    const V p = V::load_unaligned(t + s);
    unrolled<4>([&](auto q) { sum[q] = xsimd::fma(p, V::load_unaligned(&weight[s + q * quarter]), sum[q]); });
  }
  const V a(factor[subset_size - 2]), b(factor[subset_size - 1]);
  return xsimd::hadd(xsimd::fma(b, xsimd::fma(a, sum[3], sum[2]), xsimd::fma(a, sum[1], sum[0])));
}

template <std::floating_point T> FactorTile factor_tile() {
  return {Tile<T>::lanes, Tile<T>::a_rows, Tile<T>::b_rows};
}

template <std::floating_point T>
LineVector<T> tiled_exponentials(const Batch<double>& x, std::size_t tile_rows) {
  constexpr std::size_t lanes = Tile<T>::lanes;
  const std::size_t rows = x.shape(0), columns = x.shape(1), tiles = (rows + tile_rows - 1) / tile_rows;
  LineVector<T> values(columns), tiled(tiles * tile_rows * columns, T(0));
  for (std::size_t s = 0; s < rows; ++s) {
    exponentials<T>(row(x, s), values);
    T* to = tiled.data() + s / tile_rows * tile_rows * columns + s % tile_rows * lanes;
    for (std::size_t k = 0; k < columns; k += lanes, to += tile_rows * lanes)
      std::copy_n(&values[k], lanes, to);
  }
  return tiled;
}

template <std::floating_point T> void scale_tile(std::span<const T> common, const T* tile, std::span<T> a) {
  using V = typename Tile<T>::Lanes;
  constexpr std::size_t lanes = Tile<T>::lanes;
  T* to = a.data();
  for (std::size_t k = 0; k < common.size(); k += lanes) {
    const V c = V::load_aligned(&common[k]);
    for (std::size_t r = 0; r < Tile<T>::a_rows; ++r, to += lanes, tile += lanes)
      (c * V::load_aligned(tile)).store_aligned(to);
  }
}

template <std::floating_point T>
void factor_products(const T* a, const T* b, std::span<const std::size_t> run_ends, double* mantissa,
                     double* exponent) {
  using K = Tile<T>;
  using V = typename K::Lanes;
  using Word = typename K::Word;
  using Words = typename K::Words;
  constexpr int mantissa_bits = std::numeric_limits<T>::digits - 1;
  constexpr Word bias = Word(std::numeric_limits<T>::max_exponent - 1);
  std::array<V, K::products> p;
  std::array<Words, K::products> e;
  p.fill(V(T(1)));
  e.fill(Words(Word(0)));
  std::size_t group = 0;
  for (const std::size_t end : run_ends) {
    for (; group < end; ++group, a += K::a_rows * K::lanes, b += K::b_rows * K::lanes) {
      std::array<V, K::b_rows> bs;
      unrolled<K::b_rows>([&](auto s) { bs[s] = V::load_aligned(b + s * K::lanes); });
      unrolled<K::a_rows>([&](auto r) {
        const V ar = V::load_aligned(a + r * K::lanes);
        unrolled<K::b_rows>([&](auto s) { p[r * K::b_rows + s] *= xsimd::fma(ar, bs[s], V(T(1))); });
      });
    }
    // A product is at least 1: its bits are a biased exponent and a mantissa, which becomes one in [1, 2).
    unrolled<K::products>([&](auto i) {
      const Words bits = xsimd::bitwise_cast<Words>(p[i]);
      e[i] += bits >> mantissa_bits;
      p[i] = xsimd::bitwise_cast<V>((bits & Words((Word(1) << mantissa_bits) - 1)) |
                                    Words(bias << mantissa_bits));
    });
  }
  std::array<T, K::products * K::lanes> mantissas;
  std::array<Word, K::products * K::lanes> exponents;
  unrolled<K::products>([&](auto i) {
    p[i].store_unaligned(&mantissas[i * K::lanes]);
    e[i].store_unaligned(&exponents[i * K::lanes]);
  });
  fold_rows<K::products>(mantissas, std::multiplies{});
  fold_rows<K::products>(exponents, std::plus{});
  for (std::size_t i = 0; i < K::products; ++i) {
    mantissa[i] = double(mantissas[i]);
    exponent[i] = double(exponents[i]) - double(bias * K::lanes * run_ends.size());
  }
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void exponentials<T>(std::span<const double>, std::span<T>);                                      \
  template FactorTile factor_tile<T>();                                                                      \
  template LineVector<T> tiled_exponentials<T>(const Batch<double>&, std::size_t);                           \
  template void scale_tile<T>(std::span<const T>, const T*, std::span<T>);                                   \
  template void factor_products<T>(const T*, const T*, std::span<const std::size_t>, double*, double*);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::numerics
