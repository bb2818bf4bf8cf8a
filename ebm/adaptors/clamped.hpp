#pragma once
#include "ebm/concepts/derive.hpp"

namespace ebm {

/// The same energy with some blocks held fixed: `space` is the energy's own, with `clamped` set on those. The
/// law is then the conditional one, so closed forms of the joint law are not offered. Does not own the
/// energy, which must outlive it.
template <Energy E> class Clamped {
 public:
  using real_type = real_t<E>;
  using T = real_type;

  Clamped(const E& energy, StateSpace space) : energy_(&energy), space_(std::move(space)) {}
  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId b) const {
    constexpr Capabilities kept = Capability::state_gradient | Capability::block_natural |
                                  Capability::site_natural | Capability::self_coupling;
    return kept.contains(c) && ebm::supports(*energy_, c, b);
  }
  void energy(const State<T>& x, std::span<double> out) const { energy_->energy(x, out); }
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const requires HasStateGradient<E> {
    energy_->state_gradient(x, b, g);
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const requires HasBlockNatural<E> {
    energy_->block_natural(x, b, eta);
  }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const requires HasSiteNatural<E> {
    energy_->site_natural(x, b, j, eta);
  }
  bool coupled(BlockId a, BlockId b) const { return ebm::coupled(*energy_, a, b); }
  SelfCoupling<T> self_coupling(BlockId b) const requires HasSelfCoupling<E> {
    return energy_->self_coupling(b);
  }

 private:
  const E* energy_;
  StateSpace space_;
};

} // namespace ebm
