#include "ebm/core/units/panel_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <xsimd/xsimd.hpp>

#include "ebm/core/binary/transpose.hpp"
#include "ebm/core/lanes.hpp"

namespace ebm {
namespace {

/// Vectors of the compiler's own types: integer arithmetic on the bits is then the same lines for every
/// instruction set.
template <class T> struct Lanes {
  static constexpr std::size_t width = xsimd::batch<T>::size;
  using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  using V = binary::Register<T>;
  using U [[gnu::vector_size(width * sizeof(T))]] = Word;
};
template <class T> using Vector = typename Lanes<T>::V;

// A sub-panel of `step` sites is drawn for `groups` vectors of chains at once. Their fields stay in registers
// (16 of the 32 that AVX-512 has), each coupling read from memory serves `groups` multiplications, and two
// chains of comparisons hide each other's latency.
constexpr std::size_t groups = 2, step = 8;

template <class T> Vector<T> load(const T* p) {
  Vector<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T> void store(T* p, Vector<T> v) {
  std::memcpy(p, &v, sizeof v);
}

/// log u − log(1 − u) for 0 < u < 1 (both normal numbers), within 2 ulp.
///
/// With v = 1 − u and 2^k near u / v, it is k log 2 + 2 artanh(s), s = (u 2^-k − v) / (u 2^-k + v). The bits
/// of a float are nearly linear in its logarithm, so k comes from the difference of the bits, and |s| < 0.21.
template <class T> Vector<T> logit(Vector<T> u) {
  using V = Vector<T>;
  using U = typename Lanes<T>::U;
  using Word = typename Lanes<T>::Word;
  constexpr int mantissa = std::numeric_limits<T>::digits - 1;
  constexpr Word one = std::bit_cast<Word>(T(1)), fraction = (Word(1) << mantissa) - 1;
  constexpr T big = T(Word(1) << mantissa), bias = T(one >> mantissa);
  const V v = T(1) - u;
  const U t = std::bit_cast<U>(u) - std::bit_cast<U>(v) + (one + (fraction + 1) / 2);
  const V k = std::bit_cast<V>((t >> mantissa) | std::bit_cast<Word>(big)) - (big + bias);
  const V scaled = std::bit_cast<V>(std::bit_cast<U>(u) - (t & ~fraction) + one);
  const V s = (scaled - v) / (scaled + v), z = s * s;
  constexpr int terms = sizeof(T) == 4 ? 4 : 11; // the first term left out is below half an ulp
  V series = V{} + T(1) / T(2 * terms + 1);
  unrolled<terms - 1>([&](auto i) { series = series * z + T(1) / T(2 * (terms - i) - 1); });
  constexpr T log_2 = T(0.693147180559945309417232121458);
  return k * log_2 + (s + s * (z * series)) * T(2);
}

/// width × width values: rows `stride` apart, in a matrix or in a copy of its corner.
template <class T> struct Square {
  T* first;
  std::size_t stride;
};
template <class T> using Corner = std::array<T, Lanes<T>::width * Lanes<T>::width>;

/// The square of m that begins at position `at`, its rows running over the ends of m's rows; through a copy
/// with zeros where it would run over the end of m.
template <class T> Square<const T> square(const Batch<T>& m, std::size_t at, Corner<T>& corner) {
  constexpr std::size_t w = Lanes<T>::width;
  const std::size_t stride = m.shape(1);
  if (at + (w - 1) * stride + w <= m.size()) [[likely]]
    return {m.data() + at, stride};
  corner.fill(T(0));
  for (std::size_t l = 0; l < w && at + l * stride < m.size(); ++l)
    std::copy_n(m.data() + at + l * stride, std::min(w, m.size() - at - l * stride), &corner[l * w]);
  return {corner.data(), w};
}

/// One call's work: fields and changes site-major, chains along the lanes, `groups` vectors in a run. Sites
/// are padded with whatever lies behind them: what a padding site draws reaches no real site and is dropped.
template <class T> class PanelScan {
  using V = Vector<T>;
  static constexpr std::size_t width = Lanes<T>::width;

 public:
  PanelScan(const Batch<T>& J, std::size_t first, std::size_t sites, const TwoValuedUnit<T>& unit)
      : first_(first), sites_(sites), padded_((sites + unit_of_sites - 1) / unit_of_sites * unit_of_sites),
        temperature_(T(1) / unit.log_odds), high_(V{} + unit.high), low_(V{} + unit.low) {
    for (std::size_t i = 0; i < padded_; i += width)
      for (std::size_t r = i; r < padded_; r += width) {
        Corner<T> corner;
        const Square<const T> from = square(J, (first + i) * J.shape(1) + first + r, corner);
        for (std::size_t l = 0; l < width; ++l) store(&J_[i + l][r], load(from.first + l * from.stride));
      }
  }

  /// Draws the panel in all chains.
  void run(const Batch<T>& eta, const Batch<T>& uniform, Batch<T>& x) {
    for (std::size_t chain = 0; chain < x.shape(0);)
      if (x.shape(0) - chain > width) {
        run<groups>(eta, uniform, chain, x);
        chain += groups * width;
      } else {
        run<1>(eta, uniform, chain, x);
        chain += width;
      }
  }

 private:
  static constexpr std::size_t unit_of_sites = std::max(width, step);
  static_assert(panel_sites % unit_of_sites == 0 && unit_of_sites % width == 0 && unit_of_sites % step == 0);

  /// Draws the panel in `vectors` vectors of chains from `chain` on.
  template <std::size_t vectors>
  void run(const Batch<T>& eta, const Batch<T>& uniform, std::size_t chain, Batch<T>& x) {
    for (std::size_t g = 0; g < vectors; ++g)
      for (std::size_t site = 0; site < padded_; site += width) {
        gather_fields(eta, uniform, chain + g * width, site, g);
        gather_old_values(x, chain + g * width, site, g);
      }
    for (std::size_t site = 0; site < padded_; site += step) draw<vectors>(site);
    for (std::size_t g = 0; g < vectors; ++g)
      for (std::size_t site = 0; site < sites_; site += width) scatter(x, chain + g * width, site, g);
  }

  [[gnu::flatten]] void gather_fields(const Batch<T>& eta, const Batch<T>& uniform, std::size_t chain,
                                      std::size_t site, std::size_t g) {
    Corner<T> corner_e, corner_u;
    const Square<const T> e = square(eta, chain * sites_ + site, corner_e),
                          u = square(uniform, chain * uniform.shape(1) + first_ + site, corner_u);
    std::array<V, width> rows;
    unrolled<width>([&](auto l) {
      rows[l] = load(e.first + l * e.stride) - temperature_ * logit<T>(load(u.first + l * u.stride));
    });
    binary::transpose<T>(rows);
    unrolled<width>([&](auto i) { store(field_[site + i][g], rows[i]); });
  }

  [[gnu::flatten]] void gather_old_values(const Batch<T>& x, std::size_t chain, std::size_t site,
                                          std::size_t g) {
    Corner<T> corner;
    const Square<const T> old = square(x, chain * x.shape(1) + first_ + site, corner);
    std::array<V, width> rows;
    unrolled<width>([&](auto l) { rows[l] = load(old.first + l * old.stride); });
    binary::transpose<T>(rows);
    unrolled<width>([&](auto i) { store(change_[site + i][g], rows[i]); });
  }

  [[gnu::flatten]] void scatter(Batch<T>& x, std::size_t chain, std::size_t site, std::size_t g) const {
    const std::size_t chains = std::min(width, x.shape(0) - chain), sites = std::min(width, sites_ - site),
                      stride = x.shape(1);
    const bool whole = chains == width && sites == width;
    T* const to = x.data() + chain * stride + first_ + site;
    Corner<T> corner;
    std::array<V, width> rows;
    unrolled<width>([&](auto i) { rows[i] = load(field_[site + i][g]); });
    binary::transpose<T>(rows);
    T* const direct = whole ? to : corner.data();
    const std::size_t direct_stride = whole ? stride : width;
    unrolled<width>([&](auto l) { store(direct + l * direct_stride, rows[l]); });
    if (whole) return;
    for (std::size_t l = 0; l < chains; ++l)
      for (std::size_t i = 0; i < sites; ++i) to[l * stride + i] = corner[l * width + i];
  }

  /// The sub-panel from `site` on: the changes of all earlier sites first, then its own sites one by one.
  template <std::size_t vectors> [[gnu::flatten]] void draw(std::size_t site) {
    V f[step][vectors], d[vectors];
    unrolled<step>([&](auto s) { unrolled<vectors>([&](auto g) { f[s][g] = load(field_[site + s][g]); }); });
    for (std::size_t i = 0; i < site; ++i) {
      unrolled<vectors>([&](auto g) { d[g] = load(change_[i][g]); });
      unrolled<step>([&](auto s) { unrolled<vectors>([&](auto g) { f[s][g] += d[g] * J_[i][site + s]; }); });
    }
    unrolled<step>([&](auto s) {
      unrolled<vectors>([&](auto g) {
        // The second comparison keeps a NaN a NaN.
        const V v = f[s][g], drawn = v > T(0) ? high_ : (v <= T(0) ? low_ : v);
        d[g] = drawn - load(change_[site + s][g]);
        store(field_[site + s][g], drawn);
        store(change_[site + s][g], d[g]);
      });
      unrolled<step - 1 - s>([&](auto k) {
        constexpr std::size_t r = s + 1 + k;
        unrolled<vectors>([&](auto g) { f[r][g] += d[g] * J_[site + s][site + r]; });
      });
    });
  }

  std::size_t first_, sites_, padded_;
  T temperature_;
  V high_, low_;
  // eta − logit(u) / log_odds: the site is drawn `high` when it is positive. Then the value drawn.
  alignas(64) T field_[panel_sites][groups][width];
  // Old values; once a site is drawn, new − old.
  alignas(64) T change_[panel_sites][groups][width];
  alignas(64) T J_[panel_sites][panel_sites]; // what lies well below the diagonal is left unset
};

} // namespace

template <std::floating_point T>
void scan_panel(const Batch<T>& eta, const Batch<T>& uniform, const Batch<T>& J, std::size_t first,
                const TwoValuedUnit<T>& unit, Batch<T>& x) {
  const std::size_t sites = eta.shape(1);
  assert(sites >= 1 && sites <= panel_sites && first + sites <= x.shape(1) && unit.log_odds > T(0));
  assert(x.shape(0) == eta.shape(0) && uniform.shape(0) == eta.shape(0) && uniform.shape(1) == x.shape(1));
  assert(J.shape(0) == x.shape(1) && J.shape(1) == x.shape(1));
  PanelScan<T>(J, first, sites, unit).run(eta, uniform, x);
}

template void scan_panel<float>(const Batch<float>&, const Batch<float>&, const Batch<float>&, std::size_t,
                                const TwoValuedUnit<float>&, Batch<float>&);
template void scan_panel<double>(const Batch<double>&, const Batch<double>&, const Batch<double>&,
                                 std::size_t, const TwoValuedUnit<double>&, Batch<double>&);

} // namespace ebm
