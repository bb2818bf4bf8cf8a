#include "ebm/core/numerics.hpp"

#include <array>
#include <xsimd/xsimd.hpp>

namespace ebm::numerics {
namespace {

/// Calls f(batches...) on whole vectors; the tail goes through padded copies, so that an element's value
/// depends on its inputs alone and not on where in the row it stands.
template <class T, class F> void map2(std::span<const T> a, std::span<const T> b, std::span<T> out, F f) {
  using V = xsimd::batch<T>;
  constexpr std::size_t width = V::size;
  const std::size_t n = out.size(), whole = n - n % width;
  for (std::size_t i = 0; i < whole; i += width)
    f(V::load_unaligned(&a[i]), V::load_unaligned(&b[i])).store_unaligned(&out[i]);
  if (whole == n) return;
  std::array<T, width> pa{}, pb{}, po{};
  std::copy(a.begin() + std::ptrdiff_t(whole), a.end(), pa.begin());
  std::copy(b.begin() + std::ptrdiff_t(whole), b.end(), pb.begin());
  f(V::load_unaligned(pa.data()), V::load_unaligned(pb.data())).store_unaligned(po.data());
  std::copy_n(po.begin(), n - whole, out.begin() + std::ptrdiff_t(whole));
}

template <class V> V sigmoid_of(V x) {
  const V e = xsimd::exp(-xsimd::abs(x));
  return xsimd::select(x >= V(0), V(1), e) / (V(1) + e);
}

} // namespace

template <std::floating_point T> void sigmoid(std::span<const T> eta, T scale, std::span<T> out) {
  using V = xsimd::batch<T>;
  map2<T>(eta, eta, out, [s = V(scale)](V x, V) { return sigmoid_of(s * x); });
}

template <std::floating_point T> double softplus_sum(std::span<const T> eta, T scale) {
  using V = xsimd::batch<T>;
  constexpr std::size_t width = V::size;
  const std::size_t n = eta.size(), whole = n - n % width;
  double sum = 0;
  V positive(T(0)), product(T(1));
  auto flush = [&] {
    std::array<T, width> p, m;
    product.store_unaligned(p.data());
    positive.store_unaligned(m.data());
    for (std::size_t k = 0; k < width; ++k) sum += double(m[k]) + std::log(double(p[k]));
    product = V(T(1));
    positive = V(T(0));
  };
  std::size_t pending = 0;
  for (std::size_t i = 0; i < whole; i += width) {
    const V x = V(scale) * V::load_unaligned(&eta[i]);
    positive += xsimd::max(x, V(T(0)));
    product *= V(T(1)) + xsimd::exp(-xsimd::abs(x));
    if (++pending == 64) {
      flush();
      pending = 0;
    }
  }
  if (pending != 0) flush();
  for (std::size_t i = whole; i < n; ++i) sum += ebm::softplus(double(scale * eta[i]));
  return sum;
}

template <std::floating_point T> double dot(std::span<const T> a, std::span<const T> b) {
  constexpr std::size_t lanes = 16;
  std::array<double, lanes> s{};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) s[k] += double(a[i + k]) * double(b[i + k]);
  double sum = 0;
  for (; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  for (double v : s) sum += v;
  return sum;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void sigmoid<T>(std::span<const T>, T, std::span<T>);                                             \
  template double softplus_sum<T>(std::span<const T>, T);                                                    \
  template double dot<T>(std::span<const T>, std::span<const T>);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::numerics
