#pragma once
#include "ebm/concepts/derive.hpp"

namespace ebm {

/// beta · E. The whole energy is scaled, quadratic terms too; free energies temper the joint energy first and
/// sum the latents then, which is why the inner closed form is not forwarded: derive.hpp works it out from
/// the scaled natural parameters. Does not own the energy, which must outlive it. beta > 0 with unbounded
/// units.
template <Energy E> class Tempered {
 public:
  using real_type = real_t<E>;
  using T = real_type;

  Tempered(const E& energy, double beta) : energy_(&energy), beta_(beta) {
    for (const Block& b : energy.space().blocks())
      if (!(beta > 0) && !b.discrete())
        throw InputError("beta must be > 0 with unbounded units: at 0 the law of block '" + b.name +
                         "' has no density");
    couplings_.resize(energy.space().size());
    if constexpr (HasSelfCoupling<E>)
      for (BlockId b = 0; b < energy.space().size(); ++b)
        couplings_[b] = ScaledCoupling<T>(energy.self_coupling(b), beta);
  }
  const StateSpace& space() const { return energy_->space(); }
  bool supports(Capability c, BlockId b) const {
    constexpr Capabilities kept = Capability::state_gradient | Capability::block_natural |
                                  Capability::site_natural | Capability::self_coupling;
    return kept.contains(c) && ebm::supports(*energy_, c, b);
  }
  void energy(const State<T>& x, std::span<double> out) const {
    energy_->energy(x, out);
    for (double& v : out) v *= beta_;
  }
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const requires HasStateGradient<E> {
    energy_->state_gradient(x, b, g);
    scale(g);
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const requires HasBlockNatural<E> {
    energy_->block_natural(x, b, eta);
    scale(eta);
  }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const requires HasSiteNatural<E> {
    energy_->site_natural(x, b, j, eta);
    scale(eta);
  }
  bool coupled(BlockId a, BlockId b) const { return ebm::coupled(*energy_, a, b); }
  SelfCoupling<T> self_coupling(BlockId b) const requires HasSelfCoupling<E> {
    return couplings_[b].coupling();
  }

 private:
  void scale(Batch<T>& m) const {
    for (T& v : all(m)) v *= T(beta_);
  }
  const E* energy_;
  double beta_;
  std::vector<ScaledCoupling<T>> couplings_;
};

} // namespace ebm
