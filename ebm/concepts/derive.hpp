// What follows from a capability that an energy has to one that it lacks. Slow and simple: these are the
// oracles of the fast versions as well.
#pragma once
#include <vector>

#include "ebm/concepts/energy.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/core/scratch.hpp"
#include "ebm/core/units/kernels.hpp"

namespace ebm::derive {

/// Natural parameters of site sites[c] of chain c of a discrete block from energies alone: eta_k = −E(x_j =
/// k), up to the constant that two-valued units fix by their convention. Changes the sites on the way and
/// puts them back.
template <Energy E>
void site_natural_from_energies(const E& e, State<real_t<E>>& x, BlockId b, std::span<const SiteId> sites,
                                Batch<real_t<E>>& eta, std::vector<double>& energies) {
  using T = real_t<E>;
  const Block& block = e.space()[b];
  const std::size_t n = x.chains(), levels = block.levels();
  energies.resize(n * (levels + 1));
  Batch<T>& values = x.values(b);
  for (std::size_t c = 0; c < n; ++c) energies[n * levels + c] = level_of(block, values, c, sites[c]);
  for (std::uint32_t k = 0; k < levels; ++k) {
    for (std::size_t c = 0; c < n; ++c) set_level(block, values, c, sites[c], k);
    e.energy(x, {energies.data() + n * k, n});
  }
  for (std::size_t c = 0; c < n; ++c) {
    set_level(block, values, c, sites[c], std::uint32_t(energies[n * levels + c]));
    if (block.natural_width() == 1) {
      // bernoulli: eta = E(0) − E(1); spin: 2 eta = E(−1) − E(1).
      const double odds = energies[c] - energies[n + c];
      eta(c, 0) = T(std::holds_alternative<units::Spin>(block.unit) ? odds / 2 : odds);
    } else {
      for (std::size_t k = 0; k < levels; ++k) eta(c, k) = T(energies[c] - energies[n * k + c]);
    }
  }
}

/// Natural parameters of every site of block b given everything else, one by one: block_natural, and for a
/// self-coupled block the field of its own present values.
template <HasBlockNatural E>
void naturals(const E& e, const State<real_t<E>>& x, BlockId b, Batch<real_t<E>>& eta) {
  e.block_natural(x, b, eta);
  if constexpr (HasSelfCoupling<E>)
    if (const auto* J = e.self_coupling(b)) linalg::add_product(x.factor(b), *J, linalg::Transpose::no, eta);
}

/// The latent block that can be summed out in closed form, if the latents are exactly one block that is
/// independent given the visible ones.
template <Energy E> std::optional<BlockId> summable_latent(const E& e) {
  const std::vector<BlockId>& latents = e.space().latent_blocks();
  if (latents.size() == 1 && supports(e, Capability::block_natural, latents[0])) return latents[0];
  return std::nullopt;
}

/// −log Σ_x_b exp(−E) for a block that is independent given the rest: E(x) + log p(x_b | rest) has the same
/// value whatever x_b is, so any x_b will do.
template <HasBlockNatural E>
void sum_out(const E& e, const State<real_t<E>>& x, BlockId b, std::span<double> out) {
  const Scratch<Batch<real_t<E>>> eta;
  e.energy(x, out);
  reshape(*eta, x.chains(), e.space()[b].natural_columns());
  e.block_natural(x, b, *eta);
  add_log_densities(e.space()[b], *eta, x[b], out);
}

/// The energy's own closed form of the sum over block b, else the one through its conditional.
template <HasBlockNatural E>
void block_free_energy(const E& e, const State<real_t<E>>& x, BlockId b, std::span<double> out) {
  if constexpr (HasBlockFreeEnergy<E>)
    if (supports(e, Capability::block_free_energy, b)) return e.block_free_energy(x, b, out);
  sum_out(e, x, b, out);
}

/// Largest number of latent settings, as a power of two, that is summed for each row.
inline constexpr double row_enumeration_bits = 12;

/// Whether `free_energy` below can answer.
template <Energy E> bool has_free_energy(const E& e) {
  return supports(e, Capability::free_energy) || e.space().latent_blocks().empty() || summable_latent(e) ||
         e.space().log2_states(true) <= row_enumeration_bits;
}

/// f(latent setting written into all chains of x): every joint level of the latent blocks, in a fixed order.
template <std::floating_point T, class F>
void for_each_latent_setting(const StateSpace& space, State<T>& x, F f) {
  const std::vector<BlockId>& latents = space.latent_blocks();
  const auto settings = std::uint64_t(std::llround(std::exp2(space.log2_states(true))));
  for (std::uint64_t code = 0; code < settings; ++code) {
    std::uint64_t left = code;
    for (const BlockId b : latents)
      for (SiteId j = 0; j < space[b].sites; ++j, left /= space[b].levels())
        for (std::size_t c = 0; c < x.chains(); ++c)
          set_level(space[b], x.values(b), c, j, std::uint32_t(left % space[b].levels()));
    f();
  }
}

/// −log Σ_latent exp(−E): the energy's own closed form, else one independent latent block summed through its
/// conditional, else enumeration up to 2^12 settings a row.
template <Energy E> void free_energy(const E& e, const State<real_t<E>>& x, std::span<double> out) {
  if constexpr (HasFreeEnergy<E>)
    if (supports(e, Capability::free_energy)) return e.free_energy(x, out);
  if (e.space().latent_blocks().empty()) return e.energy(x, out);
  if constexpr (HasBlockNatural<E>)
    if (const auto latent = summable_latent(e)) return block_free_energy(e, x, *latent, out);
  if (!has_free_energy(e))
    throw CapabilityError(
        "the latent units of this model are neither independent given the visible ones nor few "
        "enough to enumerate (2^12 settings)");
  const Scratch<State<real_t<E>>> y;
  const Scratch<std::vector<LogSum>> sums;
  *y = x;
  sums->assign(x.chains(), LogSum());
  for_each_latent_setting(e.space(), *y, [&] {
    e.energy(*y, out);
    for (std::size_t c = 0; c < out.size(); ++c) (*sums)[c].add(-out[c]);
  });
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = -(*sums)[c].value();
}

/// Means [chains, columns] of a block that is independent given the rest. `eta` is scratch; `means` may be
/// the block's own values.
template <HasBlockNatural E>
void conditional_means(const E& e, const State<real_t<E>>& x, BlockId b, Batch<real_t<E>>& eta,
                       Batch<real_t<E>>& means) {
  reshape(eta, x.chains(), e.space()[b].natural_columns());
  reshape(means, x.chains(), e.space()[b].columns());
  e.block_natural(x, b, eta);
  unit_means(e.space()[b], eta, means);
}

/// Sets the latent block to its conditional means: expectations that are linear in the latents become values.
template <HasBlockNatural E>
void set_latent_means(const E& e, BlockId latent, State<real_t<E>>& x, Batch<real_t<E>>& eta) {
  conditional_means(e, x, latent, eta, x.values(latent));
}

} // namespace ebm::derive
