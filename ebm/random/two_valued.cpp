#include "ebm/random/two_valued.hpp"

#include "ebm/core/lanes.hpp"
#include "ebm/random/philox_group.hpp"

namespace ebm::random {
namespace {

/// The uniforms of a group of 64 columns.
template <class T> void group_uniforms(const std::uint32_t* words, T* uniforms) {
  for (std::size_t i = 0; i < group_columns; ++i) uniforms[i] = unit_interval<T>(words[i]);
}

struct GroupResult {
  std::uint64_t ones, nans;
};

/// 64 columns.
template <bool with_means, class T>
GroupResult draw_group(const T* eta, const T* uniforms, T scale, T low, T high, T* x, T* means) {
  using V = xsimd::batch<T>;
  const V minus_scale(-scale), one(T(1)), lower(low), upper(high), rise(high - low);
  GroupResult result{0, 0};
  for (std::size_t i = 0; i < group_columns; i += V::size) {
    const V e = V::load_unaligned(eta + i);
    // u < 1 / (1 + exp(-x)) without the division.
    const V inverse = one + xsimd::exp(minus_scale * e);
    const auto hit = V::load_aligned(uniforms + i) * inverse < one;
    xsimd::select(hit, upper, lower).store_unaligned(x + i);
    if constexpr (with_means) (lower + rise / inverse).store_unaligned(means + i);
    result.ones |= bits_of<T>(hit) << i;
    result.nans |= bits_of<T>(xsimd::isnan(e)) << i;
  }
  return result;
}

/// Copies NaN of eta to x and means.
template <class T> void spread_nans(std::uint64_t nans, const T* eta, std::size_t columns, T* x, T* means) {
  for (std::size_t i = 0; i < columns; ++i)
    if ((nans >> i & 1) != 0) {
      x[i] = eta[i];
      if (means != nullptr) means[i] = eta[i];
    }
}

/// See draw_two_valued; `means` is null without means. The last group of a row goes through padded copies.
template <bool with_means, class T>
bool draw_rows(Key key, const Address& address, const Batch<T>& eta, T scale, const ValuesAndBits<T>& x,
               T* means) {
  alignas(64) std::array<std::uint32_t, group_columns> words;
  alignas(64) std::array<T, group_columns> uniforms, eta_tail{}, x_tail, means_tail;
  const std::size_t columns = eta.shape(1);
  bool clean = true;
  for (std::size_t c = 0; c < eta.shape(0); ++c)
    for (std::size_t g = 0; g * group_columns < columns; ++g) {
      const std::size_t first = c * columns + g * group_columns,
                        n = std::min(group_columns, columns - g * group_columns);
      const bool tail = n < group_columns;
      const T* from = eta.data() + first;
      T *to = x.values.data() + first, *to_means = with_means ? means + first : nullptr;
      if (tail) std::copy_n(from, n, eta_tail.begin());
      philox_group(key, address, std::uint32_t(c), g, 0, words.data());
      group_uniforms<T>(words.data(), uniforms.data());
      GroupResult result =
          draw_group<with_means, T>(tail ? eta_tail.data() : from, uniforms.data(), scale, x.low, x.high,
                                    tail ? x_tail.data() : to, tail ? means_tail.data() : to_means);
      if (tail) {
        std::copy_n(x_tail.begin(), n, to);
        if constexpr (with_means) std::copy_n(means_tail.begin(), n, to_means);
        result.ones &= (std::uint64_t(1) << n) - 1;
        result.nans &= (std::uint64_t(1) << n) - 1;
      }
      x.ones.row(c)[g] = result.ones;
      if (result.nans != 0) {
        clean = false;
        spread_nans(result.nans, from, n, to, to_means);
      }
    }
  return clean;
}

} // namespace

template <std::floating_point T>
bool draw_two_valued(Key key, const Address& address, const Batch<T>& eta, T scale, const ValuesAndBits<T>& x,
                     Batch<T>* means) {
  return means != nullptr ? draw_rows<true, T>(key, address, eta, scale, x, means->data())
                          : draw_rows<false, T>(key, address, eta, scale, x, nullptr);
}

template bool draw_two_valued<float>(Key, const Address&, const Batch<float>&, float,
                                     const ValuesAndBits<float>&, Batch<float>*);
template bool draw_two_valued<double>(Key, const Address&, const Batch<double>&, double,
                                      const ValuesAndBits<double>&, Batch<double>*);

} // namespace ebm::random
