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
/// k), up to the constant that units with one natural parameter fix by their convention. Changes the sites on
/// the way and puts them back.
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
      // bernoulli, and binomial as E is linear: eta = E(0) − E(1); spin: 2 eta = E(−1) − E(1).
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
    if (const auto J = e.self_coupling(b)) J.add_field(x.factor(b), e.space()[b].width(), eta);
}

/// Blocks of which some are enumerated and the others summed in closed form, given those.
struct Enumeration {
  BlockList blocks, summed;
  double log2_states = infinity; ///< of the enumerated blocks; infinite if one of them is continuous
};

/// The split of `blocks` with the fewest states. Summed blocks are independent given the rest, with a law
/// that is exact, and not coupled with each other.
template <Energy E> Enumeration cheapest_enumeration(const E& e, std::span<const BlockId> blocks) {
  const StateSpace& space = e.space();
  Enumeration best;
  const auto summable = [&](BlockId b) {
    return supports(e, Capability::block_natural, b) && space[b].exact_law();
  };
  // Least log2 of the states of the blocks from i on: of two neighbours that are coupled, one is enumerated.
  std::array<double, most_blocks + 2> at_least{};
  for (std::size_t i = blocks.size(); i-- > 0;) {
    const auto bits = [&](std::size_t k) { return space.log2_states(std::array{blocks[k]}); };
    at_least[i] = at_least[i + 1] + (summable(blocks[i]) ? 0 : bits(i));
    if (i + 1 < blocks.size() && coupled(e, blocks[i], blocks[i + 1]))
      at_least[i] = std::max(at_least[i], at_least[i + 2] + std::min(bits(i), bits(i + 1)));
  }
  // All independent sets of the summable blocks that may be better than the best one so far, by extension.
  const auto extend = [&](const auto& self, Enumeration plan, std::size_t i) -> void {
    plan.log2_states = space.log2_states(plan.blocks);
    const bool found = best.blocks.size() + best.summed.size() == blocks.size();
    if (found && plan.log2_states + at_least[i] >= best.log2_states) return;
    if (i == blocks.size()) {
      best = plan;
      return;
    }
    Enumeration with = plan;
    plan.blocks.add(blocks[i]);
    self(self, plan, i + 1);
    if (!summable(blocks[i]) ||
        std::ranges::any_of(with.summed, [&](BlockId b) { return coupled(e, b, blocks[i]); }))
      return;
    with.summed.add(blocks[i]);
    self(self, with, i + 1);
  };
  extend(extend, {}, 0);
  return best;
}

/// Why there is no likelihood at all, or nothing: units that have a sampling rule but no law.
inline std::optional<std::string> why_no_law(const StateSpace& space) {
  for (const Block& b : space.blocks())
    if (!b.exact_law())
      return "block '" + b.name + "' holds " + std::string(b.unit_name()) +
             " units, which are a sampling rule (Nair & Hinton 2010) and no conditional law of an energy: "
             "such a model has no likelihood";
  return std::nullopt;
}

/// The latent block that is independent given the visible ones, if the latents are exactly one such block.
template <Energy E> std::optional<BlockId> independent_latent(const E& e) {
  const std::vector<BlockId>& latents = e.space().latent_blocks();
  if (latents.size() == 1 && supports(e, Capability::block_natural, latents[0])) return latents[0];
  return std::nullopt;
}

/// The same, if it can be summed out in closed form.
template <Energy E> std::optional<BlockId> summable_latent(const E& e) {
  const auto latent = independent_latent(e);
  return latent && e.space()[*latent].exact_law() ? latent : std::nullopt;
}

/// −log Σ exp(−E) over blocks that are independent given the rest and not coupled with each other: E(x) less
/// the terms of these blocks has the same value whatever theirs are. It is taken at 0, so that rounding does
/// not depend on what happens to stand there.
template <HasBlockNatural E>
void sum_out(const E& e, const State<real_t<E>>& state, std::span<const BlockId> blocks,
             std::span<double> out) {
  const Scratch<State<real_t<E>>> copy;
  const Scratch<Batch<real_t<E>>> eta;
  const Scratch<std::vector<double>> a;
  *copy = state;
  State<real_t<E>>& x = *copy;
  for (const BlockId b : blocks) x.values(b).fill(0);
  e.energy(x, out);
  for (const BlockId b : blocks) {
    const Block& block = e.space()[b];
    reshape(*eta, x.chains(), block.natural_columns());
    e.block_natural(x, b, *eta);
    add_linear(block, *eta, x[b], out);
    a->assign(out.size(), 0.0);
    add_log_normalisers<real_t<E>>(block, *eta, *a);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] -= (*a)[c];
  }
}

/// The energy's own closed form of the sum over the blocks, else the one through their conditionals.
template <Energy E>
void block_free_energy(const E& e, const State<real_t<E>>& x, std::span<const BlockId> blocks,
                       std::span<double> out) {
  if (blocks.empty()) return e.energy(x, out);
  if constexpr (HasBlockFreeEnergy<E>)
    if (std::ranges::all_of(blocks, [&](BlockId b) { return supports(e, Capability::block_free_energy, b); }))
      return e.block_free_energy(x, blocks, out);
  if constexpr (HasBlockNatural<E>) sum_out(e, x, blocks, out);
}

/// Largest number of settings of enumerated latents, as a power of two, that is summed for each row.
inline constexpr double row_enumeration_bits = 12;

/// How the latents are summed for given visible values.
template <Energy E> Enumeration latent_enumeration(const E& e) {
  return cheapest_enumeration(e, e.space().latent_blocks());
}

/// Whether `free_energy` below can answer.
template <Energy E> bool has_free_energy(const E& e) {
  return supports(e, Capability::free_energy) || latent_enumeration(e).log2_states <= row_enumeration_bits;
}

/// f(setting written into all chains of x): every joint level of these blocks, in a fixed order.
template <std::floating_point T, class F>
void for_each_setting(const StateSpace& space, std::span<const BlockId> blocks, State<T>& x, F f) {
  const auto settings = std::uint64_t(std::llround(std::exp2(space.log2_states(blocks))));
  for (std::uint64_t code = 0; code < settings; ++code) {
    std::uint64_t left = code;
    for (const BlockId b : blocks)
      for (SiteId j = 0; j < space[b].sites; ++j, left /= space[b].levels())
        for (std::size_t c = 0; c < x.chains(); ++c)
          set_level(space[b], x.values(b), c, j, std::uint32_t(left % space[b].levels()));
    f();
  }
}

/// −log Σ_latent exp(−E), base measures included: the energy's own closed form, else closed forms of blocks
/// that are independent and enumeration of the others, up to 2^12 settings a row.
template <Energy E> void free_energy(const E& e, const State<real_t<E>>& x, std::span<double> out) {
  if constexpr (HasFreeEnergy<E>)
    if (supports(e, Capability::free_energy)) return e.free_energy(x, out);
  if (e.space().latent_blocks().empty()) return e.energy(x, out);
  const Enumeration plan = latent_enumeration(e);
  if (plan.blocks.empty()) return block_free_energy(e, x, plan.summed, out);
  if (plan.log2_states > row_enumeration_bits)
    throw CapabilityError(
        "the latent units of this model are neither independent given the visible ones nor few "
        "enough to enumerate (2^12 settings)");
  const Scratch<State<real_t<E>>> y;
  const Scratch<std::vector<LogSum>> sums;
  *y = x;
  sums->assign(x.chains(), LogSum());
  for_each_setting(e.space(), plan.blocks, *y, [&] {
    block_free_energy(e, *y, plan.summed, out);
    subtract_log_bases(e.space(), plan.blocks, *y, out);
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

/// Sets a block to its conditional means: expectations that are linear in the block become values.
template <HasBlockNatural E>
void set_means(const E& e, BlockId b, State<real_t<E>>& x, Batch<real_t<E>>& eta) {
  conditional_means(e, x, b, eta, x.values(b));
}

/// Whether add_expected_gradient can take expectations over the block.
template <Energy E> bool has_expected_gradient(const E& e, BlockId b) {
  return linear_in(e, b) || supports(e, Capability::variance_gradient, b);
}

/// g += Σ_c w_c E[∂E/∂θ | the other blocks] over blocks that are independent given the rest and not coupled
/// with each other; x leaves with these blocks at their conditional means.
template <Parametric E>
void add_expected_gradient(const E& e, State<real_t<E>>& x, std::span<const BlockId> blocks,
                           std::span<const double> w, Parameters<real_t<E>>& g) {
  const Scratch<Batch<real_t<E>>> eta;
  if constexpr (HasBlockNatural<E>)
    for (const BlockId b : blocks) set_means(e, b, x, *eta);
  e.add_parameter_gradient(x, w, g);
  if constexpr (HasVarianceGradient<E>)
    for (const BlockId b : blocks)
      if (!linear_in(e, b)) e.add_variance_gradient(x, b, w, g);
}

} // namespace ebm::derive
