#pragma once
#include "ebm/concepts/derive.hpp"

namespace ebm {

/// Independent units with natural parameters of their own: E(x) = −eta·x, plus ½ gamma x² of units with a
/// precision. The base of an annealing path.
template <std::floating_point T> class IndependentUnits {
 public:
  using real_type = T;
  /// eta[b] is [1, natural columns of block b].
  IndependentUnits(StateSpace space, std::vector<Batch<T>> eta)
      : space_(std::move(space)), eta_(std::move(eta)) {}
  const StateSpace& space() const { return space_; }
  const Batch<T>& naturals(BlockId b) const { return eta_[b]; }
  void energy(const State<T>& x, std::span<double> out) const {
    std::ranges::fill(out, 0.0);
    const Scratch<Batch<T>> eta;
    for (BlockId b = 0; b < space_.size(); ++b) {
      reshape(*eta, x.chains(), eta_[b].shape(1));
      block_natural(x, b, *eta);
      add_linear(space_[b], *eta, x[b], out);
    }
    for (double& v : out) v = -v;
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
    for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(eta_[b], 0), row(eta, c).begin());
  }
  double log_partition() const {
    std::vector<double> a(1, 0.0);
    for (BlockId b = 0; b < space_.size(); ++b) add_log_normalisers<T>(space_[b], eta_[b], a);
    return a[0];
  }

 private:
  StateSpace space_;
  std::vector<Batch<T>> eta_;
};

/// (1 − beta) · base + beta · target: natural parameters are mixed linearly, so that conditionals stay those
/// of the unit kinds. Owns neither; both must outlive it.
template <Energy E> class Annealed {
 public:
  using real_type = real_t<E>;
  using T = real_type;

  Annealed(const IndependentUnits<T>& base, const E& target, double beta)
      : base_(&base), target_(&target), beta_(beta), couplings_(target.space().size()) {
    if constexpr (HasSelfCoupling<E>)
      for (BlockId b = 0; b < target.space().size(); ++b)
        couplings_[b] = ScaledCoupling<T>(target.self_coupling(b), beta);
  }
  const StateSpace& space() const { return target_->space(); }
  bool supports(Capability c, BlockId b) const {
    constexpr Capabilities kept =
        Capability::block_natural | Capability::self_coupling | Capability::site_natural;
    return kept.contains(c) && ebm::supports(*target_, c, b);
  }
  void energy(const State<T>& x, std::span<double> out) const {
    std::vector<double> base(out.size());
    base_->energy(x, base);
    target_->energy(x, out);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = (1 - beta_) * base[c] + beta_ * out[c];
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const requires HasBlockNatural<E> {
    target_->block_natural(x, b, eta);
    mix(eta, row(base_->naturals(b), 0));
  }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const requires HasSiteNatural<E> {
    target_->site_natural(x, b, j, eta);
    mix(eta, row(base_->naturals(b), 0).subspan(j * eta.shape(1), eta.shape(1)));
  }
  bool coupled(BlockId a, BlockId b) const { return ebm::coupled(*target_, a, b); }
  SelfCoupling<T> self_coupling(BlockId b) const requires HasSelfCoupling<E> {
    return couplings_[b].coupling();
  }

 private:
  void mix(Batch<T>& eta, std::span<const T> base) const {
    for (std::size_t c = 0; c < eta.shape(0); ++c)
      for (std::size_t i = 0; i < base.size(); ++i) eta(c, i) = T(1 - beta_) * base[i] + T(beta_) * eta(c, i);
  }
  const IndependentUnits<T>* base_;
  const E* target_;
  double beta_;
  std::vector<ScaledCoupling<T>> couplings_;
};

} // namespace ebm
