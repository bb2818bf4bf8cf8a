// Whole-block forms of the unit functions: one dispatch on the unit kind a block, loops over rows inside.
#pragma once
#include <span>

#include "ebm/core/space.hpp"

namespace ebm {

/// The factor that turns a two-valued unit's eta into the log-odds of its upper value; 0 for other units.
double log_odds_scale(const Block& block);

/// Conditional means [chains, columns] of a block with natural parameters eta [chains, natural columns].
template <std::floating_point T> void unit_means(const Block& block, const Batch<T>& eta, Batch<T>& out);

/// out[c] += sum over the sites of the log-normaliser A(eta).
template <std::floating_point T>
void add_log_normalisers(const Block& block, const Batch<T>& eta, std::span<double> out);

/// out[c] += sum over the sites of log p(x | eta); x may hold means, the value is then linear in them.
template <std::floating_point T>
void add_log_densities(const Block& block, const Batch<T>& eta, const Batch<T>& x, std::span<double> out);

/// Draws every site from its conditional, one by one; noise [chains, sites] holds uniforms on (0, 1), or
/// standard normals where the unit says `normal_noise`.
template <std::floating_point T>
void draw_units(const Block& block, const Batch<T>& eta, const Batch<T>& noise, Batch<T>& x);

/// Draws one site a chain, sites[c] of chain c, with eta [chains, natural width] and column t of the noise.
template <std::floating_point T>
void draw_sites(const Block& block, const Batch<T>& eta, const Batch<T>& noise, std::size_t t,
                std::span<const SiteId> sites, Batch<T>& x);

/// Sets site j of chain c to its level (0 … levels - 1); for discrete units.
template <std::floating_point T>
void set_level(const Block& block, Batch<T>& x, std::size_t c, SiteId j, std::uint32_t level) {
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::discrete) unit.set_level(level, &x(c, j * unit.width()));
      },
      block.unit);
}

/// Level of site j of chain c; 0 for continuous units.
template <std::floating_point T>
std::uint32_t level_of(const Block& block, const Batch<T>& x, std::size_t c, SiteId j) {
  return std::visit(
      [&]<class U>(const U& unit) -> std::uint32_t {
        if constexpr (U::discrete)
          return unit.level(&x(c, j * unit.width()));
        else
          return 0;
      },
      block.unit);
}

} // namespace ebm
