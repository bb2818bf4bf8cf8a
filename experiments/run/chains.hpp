// Configurations of chains: where they start, and what is shown of them.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/random/draws.hpp"

namespace ebm::experiments {

/// Fair discrete values and standard normals, for the chains of this range.
template <std::floating_point T>
State<T> random_start(const StateSpace& space, parallel::Range range, const random::Draws& draws);

/// Sets visible blocks to their conditional means given all other blocks, where the energy gives them.
template <std::floating_point T> void set_visible_means(const AnyEnergy<T>& e, State<T>& x);

/// What the columns of discrete units reach: n of binomial units, else 1.
inline double highest_value(const Block& block) {
  return block.width() == 1 ? double(block.levels()) - 1 : 1;
}

/// Writes the visible values of a chain to `to`, all visible blocks side by side.
template <std::floating_point T>
void copy_visible(const StateSpace& space, const State<T>& x, std::size_t chain, T* to) {
  for (BlockId b = 0; b < space.size(); ++b)
    if (!space[b].latent()) to = std::ranges::copy(row(x[b], chain), to).out;
}

} // namespace ebm::experiments
