// The Energy concept and its optional capabilities.
//
// Syntax     below. Every method handles a batch of chains; `out` spans have one entry a chain.
// Semantics  p(x) ∝ exp(−E(x)), natural logarithms. Methods other than `energy` are refinements: a missing
// one
//            is derived where mathematics allows (derive.hpp), and the derived one is the oracle that the
//            refinement is tested against.
//              block_natural(x, b, eta)  eta [chains, sites · natural width] of block b given all other
//              blocks.
//                                        The field of a self-coupled block's own values, x_b J, is not in
//                                        it: derive::naturals adds that.
//              site_natural(x, b, j, eta) the same for site j alone, given everything else.
//              self_coupling(b)          J, symmetric, zero within a site: raising x_i by d raises eta_j by
//                                        J_ij d. Dense or on a graph; empty for a block without.
//              state_gradient(x, b, g)   g [chains, columns] = ∂E/∂x_b.
//              block_free_energy(x, blocks, out)  −log Σ exp(−E) over the values of blocks that are not
//                                        coupled with each other; these blocks of x are not read.
//              free_energy(x, out)       latents of x are not read.
//              parameters(), add_parameter_gradient(x, w, g)   g += Σ_c w_c ∂E/∂θ(x_c).
//              log_partition(), add_model_gradient(scale, g)   closed forms; g += scale · E_model[∂E/∂θ].
//              coupled(a, b)             false where E has no term with values of both blocks; where it is
//                                        missing, all blocks count as coupled.
//              linear_in(b)              whether ∂E/∂θ is linear in the values of a continuous block, so that
//                                        conditional means may stand there; where it is missing, no.
//              add_variance_gradient(x, b, w, g)  for a continuous block b at its conditional means:
//                                        g += Σ_c w_c (E[∂E/∂θ | the other blocks] − ∂E/∂θ(x_c)).
//              stack(), layer(l), set_layer(l, learned)  deep models: W and biases of every layer; the
//              machine
//                                        of two blocks that greedy training learns in place of layer l, whose
//                                        visible block is the lower one (binomial units of n copies stand for
//                                        a layer that is entered n times); what it has learned, from the
//                                        bottom up.
//              top(), descent_natural(x, b, eta)  an energy over the last blocks with the same log Z; natural
//                                        parameters of one of the other blocks, which are generated from it
//                                        downwards, given the block above alone.
//            E must be linear in the values of a discrete block that has block_natural, so that an
//            expectation over the block is the value at its means. A base measure (binomial coefficients) is
//            no part of E: p(x) ∝ base(x) exp(−E(x)).
// Validity   a method that exists may still not hold for this value (a machine with hidden–hidden couplings
// has no
//            closed free energy). `supports(capability, block)`, where present, says so.
// Cost       O(one matrix product) a call is expected. Thread safety: const methods may run on many threads.
// Laws       1–4 of ebm/laws/energy_laws.hpp.
#pragma once
#include <span>
#include <type_traits>

#include "ebm/concepts/capabilities.hpp"
#include "ebm/core/error.hpp"
#include "ebm/core/parameters.hpp"
#include "ebm/core/space.hpp"

namespace ebm {

template <class E> using real_t = typename std::remove_cvref_t<E>::real_type;

template <class E>
concept Energy = std::floating_point<real_t<E>> &&
    requires(const E& e, const State<real_t<E>>& x, std::span<double> out) {
  { e.space() } -> std::same_as<const StateSpace&>;
  { e.energy(x, out) } -> std::same_as<void>;
};

template <class E>
concept HasStateGradient = Energy<E> &&
    requires(const E& e, const State<real_t<E>>& x, BlockId b, Batch<real_t<E>>& g) {
  { e.state_gradient(x, b, g) } -> std::same_as<void>;
};
template <class E>
concept HasBlockNatural = Energy<E> &&
    requires(const E& e, const State<real_t<E>>& x, BlockId b, Batch<real_t<E>>& eta) {
  { e.block_natural(x, b, eta) } -> std::same_as<void>;
};
template <class E>
concept HasSiteNatural = Energy<E> &&
    requires(const E& e, const State<real_t<E>>& x, BlockId b, SiteId j, Batch<real_t<E>>& eta) {
  { e.site_natural(x, b, j, eta) } -> std::same_as<void>;
};
template <class E>
concept HasSelfCoupling = HasBlockNatural<E> && requires(const E& e, BlockId b) {
  { e.self_coupling(b) } -> std::same_as<SelfCoupling<real_t<E>>>;
};
template <class E>
concept HasFreeEnergy = Energy<E> && requires(const E& e, const State<real_t<E>>& x, std::span<double> out) {
  { e.free_energy(x, out) } -> std::same_as<void>;
};
template <class E>
concept HasBlockFreeEnergy = Energy<E> &&
    requires(const E& e, const State<real_t<E>>& x, std::span<const BlockId> blocks, std::span<double> out) {
  { e.block_free_energy(x, blocks, out) } -> std::same_as<void>;
};
template <class E>
concept Parametric = Energy<E> && requires(E& e, const E& c, const State<real_t<E>>& x,
                                           std::span<const double> w, Parameters<real_t<E>>& g) {
  { e.parameters() } -> std::same_as<Parameters<real_t<E>>&>;
  { c.parameters() } -> std::same_as<const Parameters<real_t<E>>&>;
  { c.add_parameter_gradient(x, w, g) } -> std::same_as<void>;
};
template <class E>
concept HasLogPartition = Energy<E> && requires(const E& e) {
  { e.log_partition() } -> std::same_as<double>;
};
template <class E>
concept HasModelGradient = Parametric<E> && requires(const E& e, double scale, Parameters<real_t<E>>& g) {
  { e.add_model_gradient(scale, g) } -> std::same_as<void>;
};

template <class E>
concept HasVarianceGradient = Parametric<E> && requires(const E& e, const State<real_t<E>>& x, BlockId b,
                                                        std::span<const double> w, Parameters<real_t<E>>& g) {
  { e.add_variance_gradient(x, b, w, g) } -> std::same_as<void>;
};

/// The layers of a deep model, from the bottom.
template <std::floating_point T> struct Stack {
  struct Layer {
    Batch<T> W;          ///< [lower, upper]
    Batch<T> upper_bias; ///< [1, upper], on the way up
    Batch<T> lower_bias; ///< [1, lower], on the way down
  };
  std::vector<Layer> layers;
  /// Whether units get input from above as well, so that a way up through W alone would miss half of it.
  bool two_sided = false;
};
template <class E>
concept HasLayers = Parametric<E> &&
    requires(E& e, const E& c, std::size_t l, const Parameters<real_t<E>>& learned) {
  { c.stack() } -> std::same_as<Stack<real_t<E>>>;
  requires Energy<std::remove_cvref_t<decltype(c.layer(l))>>;
  { e.set_layer(l, learned) } -> std::same_as<void>;
};
template <class E>
concept HasTop = Energy<E> &&
    requires(const E& e, const State<real_t<E>>& x, BlockId b, Batch<real_t<E>>& eta) {
  requires Energy<std::remove_cvref_t<decltype(e.top())>>;
  { e.descent_natural(x, b, eta) } -> std::same_as<void>;
};

/// What the type could do; the upper bound of what its value can.
template <Energy E> consteval Capabilities possible_capabilities() {
  Capabilities c;
  if constexpr (HasStateGradient<E>) c = c | Capability::state_gradient;
  if constexpr (HasBlockNatural<E>) c = c | Capability::block_natural;
  if constexpr (HasSiteNatural<E>) c = c | Capability::site_natural;
  if constexpr (HasSelfCoupling<E>) c = c | Capability::self_coupling;
  if constexpr (HasFreeEnergy<E>) c = c | Capability::free_energy;
  if constexpr (HasBlockFreeEnergy<E>) c = c | Capability::block_free_energy;
  if constexpr (Parametric<E>) c = c | Capability::parameters;
  if constexpr (HasLogPartition<E>) c = c | Capability::log_partition;
  if constexpr (HasModelGradient<E>) c = c | Capability::model_gradient;
  if constexpr (HasLayers<E>) c = c | Capability::layers;
  if constexpr (HasTop<E>) c = c | Capability::top;
  if constexpr (HasVarianceGradient<E>) c = c | Capability::variance_gradient;
  return c;
}

/// Whether the energy itself offers the capability, for this value and this block.
template <Energy E> bool supports(const E& e, Capability c, BlockId b = 0) {
  if (!possible_capabilities<E>().contains(c)) return false;
  if constexpr (requires {
                  { e.supports(c, b) } -> std::same_as<bool>;
                })
    return e.supports(c, b);
  else if constexpr (HasSelfCoupling<E>) {
    if (c == Capability::block_natural) return !e.self_coupling(b);
    if (c == Capability::self_coupling) return bool(e.self_coupling(b));
  }
  return true;
}

/// Whether E may have terms with values of both blocks.
template <Energy E> bool coupled(const E& e, BlockId a, BlockId b) {
  if constexpr (requires {
                  { e.coupled(a, b) } -> std::same_as<bool>;
                })
    return e.coupled(a, b);
  else
    return a != b;
}

/// Whether conditional means of a block that is independent given the rest may stand for its values in
/// ∂E/∂θ.
template <Energy E> bool linear_in(const E& e, BlockId b) {
  if (!supports(e, Capability::block_natural, b)) return false;
  if constexpr (requires {
                  { e.linear_in(b) } -> std::same_as<bool>;
                })
    return e.linear_in(b);
  else
    return e.space()[b].discrete();
}

} // namespace ebm
