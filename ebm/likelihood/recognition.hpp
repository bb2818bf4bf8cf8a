// The recognition law of models with directed layers, which greedy training leaves behind: layer after layer,
// each given the one below (Hinton, Osindero & Teh 2006, section 3).
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// The lowest `layers` of the stack one after the other, from the visible values of x up: set(b, eta) sets
/// block b from its natural parameters [chains, columns] given the block below.
template <std::floating_point T, class F>
void recognise(const Stack<T>& stack, std::size_t layers, State<T>& x, Batch<T>& eta, F set) {
  for (std::size_t l = 0; l < layers; ++l) {
    const BlockId b = BlockId(l + 1);
    reshape(eta, x.chains(), stack.layers[l].W.shape(1));
    for (std::size_t c = 0; c < x.chains(); ++c)
      std::ranges::copy(row(stack.layers[l].upper_bias, 0), row(eta, c).begin());
    linalg::add_product(x.factor(b - 1), stack.layers[l].W, linalg::Transpose::no, eta);
    set(b, std::as_const(eta));
  }
}

/// Draws the latent units given the visible values of x. `at` is the address without the block.
template <std::floating_point T>
void draw_recognised(const AnyEnergy<T>& e, random::Address at, const random::Draws& draws, State<T>& x);

/// For each row a lower bound on −F(visible); less log Z it is one on log p. From one draw of the law: an
/// unbiased estimate of −E_q[E] + H(q), with the highest latents summed out. Base measures are included.
/// `sweep` numbers the draws.
template <std::floating_point T>
std::vector<double> recognition_bounds(const AnyEnergy<T>& e, const Rows<T>& data, const random::Draws& draws,
                                       std::uint64_t sweep);

} // namespace ebm
