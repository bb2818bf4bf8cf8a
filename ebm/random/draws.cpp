#include "ebm/random/draws.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "ebm/core/units/kernels.hpp"
#include "ebm/random/philox.hpp"

namespace ebm::random {
namespace {

// A group is 64 columns: 16 counters side by side, word k of counter i belonging to column 16 k + i, so that
// a vector of counters yields vectors of neighbouring columns without a shuffle.
constexpr std::size_t lanes = 16, group_columns = 4 * lanes;
using Words = std::array<std::uint32_t, group_columns>;

std::uint32_t high_word(const Address& a, std::uint32_t kind) {
  assert(a.sweep < (std::uint64_t(1) << 46));
  return std::uint32_t(a.stream) << 24 | std::uint32_t(a.block) << 16 | kind << 14 |
         std::uint32_t(a.sweep >> 32);
}

void philox_group(Key key, std::uint32_t first_counter, std::uint32_t chain, std::uint32_t sweep,
                  std::uint32_t high, Words& out) {
  std::uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
  for (std::uint32_t i = 0; i < lanes; ++i) {
    c0[i] = first_counter + i;
    c1[i] = chain;
    c2[i] = sweep;
    c3[i] = high;
  }
  std::uint32_t k0 = std::uint32_t(key.value), k1 = std::uint32_t(key.value >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
#pragma omp simd
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t p0 = std::uint64_t(0xD2511F53u) * c0[i];
      const std::uint64_t p1 = std::uint64_t(0xCD9E8D57u) * c2[i];
      c0[i] = std::uint32_t(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = std::uint32_t(p1);
      c2[i] = std::uint32_t(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = std::uint32_t(p0);
    }
  }
  for (std::size_t i = 0; i < lanes; ++i) {
    out[i] = c0[i];
    out[lanes + i] = c1[i];
    out[2 * lanes + i] = c2[i];
    out[3 * lanes + i] = c3[i];
  }
}

/// (0, 1), never 0 or 1. Float keeps 23 bits: with more, the sum would round to 1.
template <class T> T unit_interval(std::uint32_t bits) {
  if constexpr (std::same_as<T, float>)
    return (float(std::int32_t(bits >> 9)) + 0.5f) * 0x1p-23f;
  else
    return (double(bits) + 0.5) * 0x1p-32;
}

std::uint32_t word(Key key, const Address& a, std::uint32_t row, std::uint32_t column, std::uint32_t kind) {
  const std::uint32_t counter =
      column / std::uint32_t(group_columns) * std::uint32_t(lanes) + column % std::uint32_t(lanes);
  const auto words = philox({counter, a.first_chain + row, std::uint32_t(a.sweep), high_word(a, kind)},
                            {std::uint32_t(key.value), std::uint32_t(key.value >> 32)});
  return words[column % group_columns / lanes];
}

// Box-Muller takes a radius and an angle; each has a kind of its own, so that no uniform is used twice.
constexpr std::uint32_t kind_uniform = 0, kind_radius = 1, kind_angle = 2;
double box_muller(double radius, double angle) {
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

template <class T> void fill(Key key, const Address& a, std::uint32_t kind, Batch<T>& out) {
  Words words;
  for (std::size_t c = 0; c < out.shape(0); ++c) {
    const std::span<T> r = row(out, c);
    for (std::size_t g = 0; g < r.size(); g += group_columns) {
      philox_group(key, std::uint32_t(g / 4), a.first_chain + std::uint32_t(c), std::uint32_t(a.sweep),
                   high_word(a, kind), words);
      const std::size_t n = std::min(group_columns, r.size() - g);
      for (std::size_t i = 0; i < n; ++i) r[g + i] = unit_interval<T>(words[i]);
    }
  }
}

} // namespace

Key derive(Key parent, std::uint64_t number) {
  const auto w = philox({std::uint32_t(number), std::uint32_t(number >> 32), 0x6b657973u, 0},
                        {std::uint32_t(parent.value), std::uint32_t(parent.value >> 32)});
  return {std::uint64_t(w[1]) << 32 | w[0]};
}

template <std::floating_point T> void Draws::uniforms(const Address& a, Batch<T>& out) const {
  note(a, Kind::uniform, out.shape(0), 0, out.shape(1));
  fill(key_, a, kind_uniform, out);
}

template <std::floating_point T> void Draws::normals(const Address& a, Batch<T>& out) const {
  note(a, Kind::normal, out.shape(0), 0, out.shape(1));
  thread_local Batch<double> radius, angle;
  reshape(radius, out.shape(0), out.shape(1));
  reshape(angle, out.shape(0), out.shape(1));
  fill(key_, a, kind_radius, radius);
  fill(key_, a, kind_angle, angle);
  for (std::size_t i = 0; i < out.size(); ++i)
    out.data()[i] = T(box_muller(radius.data()[i], angle.data()[i]));
}

double Draws::uniform(const Address& a, std::uint32_t column) const {
  note(a, Kind::uniform, 1, column, 1);
  return unit_interval<double>(word(key_, a, 0, column, kind_uniform));
}

double Draws::normal(const Address& a, std::uint32_t column) const {
  note(a, Kind::normal, 1, column, 1);
  return box_muller(unit_interval<double>(word(key_, a, 0, column, kind_radius)),
                    unit_interval<double>(word(key_, a, 0, column, kind_angle)));
}

std::uint32_t Draws::choice(const Address& a, std::uint32_t column, std::uint32_t n) const {
  std::uint32_t chosen = 0;
  choices(a, column, n, {&chosen, 1});
  return chosen;
}

void Draws::choices(const Address& a, std::uint32_t column, std::uint32_t n,
                    std::span<std::uint32_t> out) const {
  note(a, Kind::uniform, out.size(), column, 1);
  if (decides()) {
    const std::vector<double> fair(n, 1.0 / n);
    for (auto& v : out) v = std::uint32_t(probe_->decide(fair));
    return;
  }
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = std::uint32_t(std::uint64_t(word(key_, a, std::uint32_t(c), column, kind_uniform)) * n >> 32);
}

void Draws::accept(const Address& a, std::uint32_t column, std::span<const double> log_ratio,
                   std::span<std::uint8_t> accepted) const {
  note(a, Kind::uniform, log_ratio.size(), column, 1);
  for (std::size_t c = 0; c < log_ratio.size(); ++c) {
    const double r = log_ratio[c], p = r >= 0 ? 1 : r < 0 ? std::exp(r) : 0; // a NaN is refused
    if (decides())
      accepted[c] = probe_->decide(std::array{1 - p, p}) == 1;
    else
      accepted[c] = unit_interval<double>(word(key_, a, std::uint32_t(c), column, kind_uniform)) < p;
  }
}

template <std::floating_point T>
void Draws::decide_site(const Block& block, const Batch<T>& eta, std::size_t eta_offset, std::size_t c,
                        SiteId j, Batch<T>& x) const {
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::discrete) {
          const T* e = row(eta, c).data() + eta_offset;
          T* v = row(x, c).data() + j * unit.width();
          const double z = unit.log_normaliser(e);
          std::vector<double> p(unit.levels());
          for (std::uint32_t k = 0; k < unit.levels(); ++k) {
            unit.set_level(k, v);
            p[k] = std::exp(unit.log_base_and_linear(e, v) - z);
          }
          unit.set_level(std::uint32_t(probe_->decide(p)), v);
        }
      },
      block.unit);
}

template <std::floating_point T>
void Draws::units(const Address& a, const Block& block, const Batch<T>& eta, Batch<T>& noise,
                  Batch<T>& x) const {
  site_noise(a, block, eta.shape(0), noise);
  if (decides()) {
    for (std::size_t c = 0; c < eta.shape(0); ++c)
      for (SiteId j = 0; j < block.sites; ++j) decide_site(block, eta, j * block.natural_width(), c, j, x);
  } else {
    draw_units(block, eta, noise, x);
  }
}

template <std::floating_point T>
void Draws::site_noise(const Address& a, const Block& block, std::size_t chains, Batch<T>& noise) const {
  reshape(noise, chains, block.sites);
  if (std::visit([](const auto& u) { return u.normal_noise; }, block.unit))
    normals(a, noise);
  else
    uniforms(a, noise);
}

template <std::floating_point T>
void Draws::site(const Block& block, const Batch<T>& eta, const Batch<T>& noise, std::size_t t,
                 std::span<const SiteId> sites, Batch<T>& x) const {
  if (decides())
    for (std::size_t c = 0; c < eta.shape(0); ++c) decide_site(block, eta, 0, c, sites[c], x);
  else
    draw_sites(block, eta, noise, t, sites, x);
}

void permutation(const Draws& draws, const Address& a, std::span<std::uint32_t> out) {
  std::iota(out.begin(), out.end(), 0u);
  for (std::size_t i = out.size(); i > 1; --i)
    std::swap(out[i - 1], out[draws.choice(a, std::uint32_t(i - 1), std::uint32_t(i))]);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void Draws::uniforms<T>(const Address&, Batch<T>&) const;                                         \
  template void Draws::normals<T>(const Address&, Batch<T>&) const;                                          \
  template void Draws::units<T>(const Address&, const Block&, const Batch<T>&, Batch<T>&, Batch<T>&) const;  \
  template void Draws::site_noise<T>(const Address&, const Block&, std::size_t, Batch<T>&) const;            \
  template void Draws::site<T>(const Block&, const Batch<T>&, const Batch<T>&, std::size_t,                  \
                               std::span<const SiteId>, Batch<T>&) const;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::random
