// Configurations of chains: where they start, and what is shown of them.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/learning/positive_phase.hpp"
#include "ebm/random/draws.hpp"

namespace ebm::experiments {

/// Fair discrete values and standard normals, for the chains of this range.
template <std::floating_point T>
State<T> random_start(const StateSpace& space, parallel::Range range, const random::Draws& draws);

/// Draws the latent units of x given the visible ones, as where persistent chains start; for a model with
/// directed layers whose latents are too many to enumerate, by its recognition law. They stay as they are
/// where the energy does not give their law.
template <std::floating_point T>
void draw_latents(const AnyEnergy<T>& e, const PositiveOptions& options, std::uint32_t first_chain,
                  const random::Draws& draws, State<T>& x);

/// Sets visible blocks to their conditional means given all other blocks, where the energy gives them.
template <std::floating_point T> void set_visible_means(const AnyEnergy<T>& e, State<T>& x);

/// Writes the visible values of a chain to `to`, all visible blocks side by side.
template <std::floating_point T>
void copy_visible(const StateSpace& space, const State<T>& x, std::size_t chain, T* to) {
  for (BlockId b = 0; b < space.size(); ++b)
    if (!space[b].latent()) to = std::ranges::copy(row(x[b], chain), to).out;
}

} // namespace ebm::experiments
