// Whole-block forms of the unit functions: one dispatch on the unit kind a block, loops over rows inside.
#pragma once
#include <span>

#include "ebm/core/space.hpp"

namespace ebm {

/// The factor that turns a two-valued unit's eta into the log-odds of its upper value; 0 for other units.
double log_odds_scale(const Block& block);

/// Conditional means [chains, columns] of a block with natural parameters eta [chains, natural columns].
template <std::floating_point T> void unit_means(const Block& block, const Batch<T>& eta, Batch<T>& out);

/// out[c] += sum over the sites of the log-normaliser A(eta). Not for units without an exact law.
template <std::floating_point T>
void add_log_normalisers(const Block& block, const Batch<T>& eta, std::span<double> out);

/// The logarithm of a unit's base measure at x: 0 but for the binomial coefficients.
template <class U, class T> double log_base_of(const U& unit, const T* x) {
  if constexpr (requires { unit.log_base(x); })
    return unit.log_base(x);
  else
    return 0;
}

/// out[c] += sum over the sites of the logarithm of the base measure at x.
template <std::floating_point T>
void add_log_bases(const Block& block, const Batch<T>& x, std::span<double> out);

/// out[c] −= the same over these blocks, or over all: turns energies into −log(base measure · exp(−E)).
template <std::floating_point T>
void subtract_log_bases(const StateSpace& space, std::span<const BlockId> blocks, const State<T>& x,
                        std::span<double> out) {
  for (double& v : out) v = -v;
  for (const BlockId b : blocks) add_log_bases(space[b], x[b], out);
  for (double& v : out) v = -v;
}

template <std::floating_point T>
void subtract_log_bases(const StateSpace& space, const State<T>& x, std::span<double> out) {
  BlockList every;
  for (BlockId b = 0; b < space.size(); ++b) every.add(b);
  subtract_log_bases<T>(space, every, x, out);
}

/// out[c] += sum over the sites of the part of log p(x | eta) that depends on both: eta·x, less ½ gamma x²
/// where eta is (theta, gamma); x may hold means.
template <std::floating_point T>
void add_linear(const Block& block, const Batch<T>& eta, const Batch<T>& x, std::span<double> out);

/// out[c] += sum over the sites of the mean of log base(x) given eta: of binomial units, 0 for all others.
template <std::floating_point T>
void add_mean_log_bases(const Block& block, const Batch<T>& eta, std::span<double> out);

/// out[c] += sum over the sites of the entropy of the law with these means, plus the mean of the logarithm of
/// its base measure; for discrete units.
template <std::floating_point T>
void add_entropies(const Block& block, const Batch<T>& means, std::span<double> out);

/// out[c] += sum over the sites of log p(x | eta), base measure included; x may hold means, the value is then
/// linear in them. Not for units without an exact law.
template <std::floating_point T>
void add_log_densities(const Block& block, const Batch<T>& eta, const Batch<T>& x, std::span<double> out);

/// Conditional variances [chains, sites] of a block of units with one column.
template <std::floating_point T>
void unit_variances(const Block& block, const Batch<T>& eta, Batch<double>& out);

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
