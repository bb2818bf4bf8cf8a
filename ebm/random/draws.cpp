#include "ebm/random/draws.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "ebm/core/units/kernels.hpp"
#include "ebm/random/philox_group.hpp"
#include "ebm/random/two_valued.hpp"

namespace ebm::random {
namespace {

std::uint32_t word(Key key, const Address& a, std::uint32_t row, std::uint32_t column, std::uint32_t kind) {
  const std::uint32_t counter = column / std::uint32_t(group_columns) * std::uint32_t(group_lanes) +
                                column % std::uint32_t(group_lanes);
  const auto words = philox({counter, a.first_chain + row, std::uint32_t(a.sweep), high_word(a, kind)},
                            {std::uint32_t(key.value), std::uint32_t(key.value >> 32)});
  return words[column % group_columns / group_lanes];
}

// Box-Muller takes a radius and an angle; each has a kind of its own, so that no uniform is used twice.
constexpr std::uint32_t kind_uniform = 0, kind_radius = 1, kind_angle = 2;
double box_muller(double radius, double angle) {
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

template <class T> void fill(Key key, const Address& a, std::uint32_t kind, Batch<T>& out) {
  alignas(64) std::array<std::uint32_t, group_columns> words;
  for (std::size_t c = 0; c < out.shape(0); ++c) {
    const std::span<T> r = row(out, c);
    for (std::size_t g = 0; g < r.size(); g += group_columns) {
      philox_group(key, a, std::uint32_t(c), g / group_columns, kind, words.data());
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
            p[k] = std::exp(unit.linear(e, v) + log_base_of(unit, v) - z);
          }
          unit.set_level(std::uint32_t(probe_->decide(p)), v);
        }
      },
      block.unit);
}

template <std::floating_point T>
void Draws::units(const Address& a, const Block& block, const Batch<T>& eta, Batch<T>& noise, State<T>& x,
                  BlockId b, Batch<T>* means) const {
  if (means != nullptr) reshape(*means, eta.shape(0), block.columns());
  if (x.two_valued(b) && !decides()) {
    note(a, Kind::uniform, eta.shape(0), 0, block.sites);
    if (!draw_two_valued<T>(key_, a, eta, T(log_odds_scale(block)), x.write_both(b), means)) x.values(b);
    return;
  }
  site_noise(a, block, eta.shape(0), noise);
  if (decides()) {
    for (std::size_t c = 0; c < eta.shape(0); ++c)
      for (SiteId j = 0; j < block.sites; ++j)
        decide_site(block, eta, j * block.natural_width(), c, j, x.values(b));
    x.find_bits(b);
  } else {
    draw_units(block, eta, noise, x.values(b));
  }
  if (means != nullptr) unit_means(block, eta, *means);
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
  template void Draws::units<T>(const Address&, const Block&, const Batch<T>&, Batch<T>&, State<T>&,         \
                                BlockId, Batch<T>*) const;                                                   \
  template void Draws::site_noise<T>(const Address&, const Block&, std::size_t, Batch<T>&) const;            \
  template void Draws::site<T>(const Block&, const Batch<T>&, const Batch<T>&, std::size_t,                  \
                               std::span<const SiteId>, Batch<T>&) const;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::random
