#pragma once
#include "ebm/concepts/sampler.hpp"

namespace ebm {

/// Langevin sampling of continuous blocks: x' = x − (ε²/2) ∂F/∂x + ε ξ, where F is the energy with its
/// discrete latent block summed out. Unadjusted it is biased (on a unit Gaussian its variance is 1/(1 −
/// ε²/4)); adjusted by a Metropolis step it is exact (MALA: Roberts & Tweedie 1996). The latent block is
/// drawn from its conditional at the end of a sweep, so that the state belongs together.
template <std::floating_point T> class Langevin {
 public:
  struct state_type : ChainState<T> {
    // scratch
    State<T> from;
    std::vector<Batch<T>> gradient, from_gradient;
    Batch<T> noise, eta;
    std::vector<double> now, then, log_ratio;
    std::vector<std::uint8_t> accepted;
  };
  explicit Langevin(double step_size = 0.1, bool adjusted = false)
      : step_size_(step_size), adjusted_(adjusted) {}

  Capabilities required() const { return Capability::state_gradient; }
  Exactness exactness() const { return adjusted_ ? Exactness::exact : Exactness::biased; }

  template <Energy E> std::optional<std::string> check(const E& e) const {
    bool any = false;
    for (BlockId b = 0; b < e.space().size(); ++b) {
      const Block& block = e.space()[b];
      if (block.clamped) continue;
      if (!block.discrete()) {
        any = true;
        if (!supports(e, Capability::state_gradient, b))
          return "langevin needs the state gradient of block '" + block.name +
                 "', which this energy lacks: use metropolis";
        if (std::holds_alternative<units::Rectified>(block.unit) || !block.exact_law())
          return "langevin moves units on the whole real line, and block '" + block.name + "' holds " +
                 std::string(block.unit_name()) + " units: use gibbs";
        if (block.latent()) return "langevin cannot sum out the continuous latent block '" + block.name + "'";
      } else if (!block.latent()) {
        return "langevin moves continuous units, and block '" + block.name + "' holds " +
               std::string(block.unit_name()) + " units: use gibbs or metropolis";
      } else if (!derive::summable_latent(e)) {
        return "langevin needs latent units that are independent given the visible ones (block '" +
               block.name + "')";
      }
    }
    if (!any && e.space().latent_blocks().empty()) return "langevin finds no continuous units to move";
    return std::nullopt;
  }

  template <Energy E>
  state_type init(const E& e, State<T> x, std::uint32_t first_chain, std::uint64_t first_sweep) const {
    state_type s;
    static_cast<ChainState<T>&>(s) = {std::move(x), first_chain, first_sweep, {}};
    const std::size_t n = s.x.chains();
    for (const Block& b : e.space().blocks()) {
      s.gradient.push_back(make_batch<T>(n, moves(b) ? b.columns() : 0));
      s.from_gradient.push_back(s.gradient.back());
    }
    for (auto* v : {&s.now, &s.then, &s.log_ratio}) v->resize(n);
    s.accepted.assign(n, 1);
    return s;
  }
  ChainState<T>& chains(state_type& s) const { return s; }
  const ChainState<T>& chains(const state_type& s) const { return s; }
  void archive(state_type& s, Archive& a) const { s.archive(a); }

  template <HasStateGradient E> StepInfo step(const E& e, state_type& s, const random::Draws& draws) const {
    StepInfo info;
    const StateSpace& space = e.space();
    if (std::ranges::any_of(space.blocks(), moves)) move(e, s, draws, info);
    if constexpr (HasBlockNatural<E>)
      if (const auto latent = summed_latent(e)) {
        reshape(s.eta, s.x.chains(), space[*latent].natural_columns());
        e.block_natural(s.x, *latent, s.eta);
        draws.units({random::Stream::gibbs, s.sweep, s.first_chain, std::uint8_t(*latent)}, space[*latent],
                    s.eta, s.noise, s.x, *latent);
      }
    ++s.sweep;
    return info;
  }

 private:
  static bool moves(const Block& b) { return !b.clamped && !b.discrete(); }

  /// The latent block that F sums out; a clamped one is a constant like any other.
  template <class E> static std::optional<BlockId> summed_latent(const E& e) {
    const auto latent = derive::summable_latent(e);
    return latent && !e.space()[*latent].clamped ? latent : std::nullopt;
  }

  template <class E> static void free_energy(const E& e, const State<T>& x, std::span<double> out) {
    if constexpr (HasBlockNatural<E>)
      if (const auto latent = summed_latent(e))
        return derive::block_free_energy(e, x, std::array{*latent}, out);
    e.energy(x, out);
  }

  /// ∂F/∂x of every moving block: the gradient at the conditional means of the latents.
  template <class E> void free_energy_gradient(const E& e, state_type& s, std::vector<Batch<T>>& g) const {
    if constexpr (HasBlockNatural<E>)
      if (const auto latent = summed_latent(e)) derive::set_means(e, *latent, s.x, s.eta);
    for (BlockId b = 0; b < e.space().size(); ++b)
      if (moves(e.space()[b])) e.state_gradient(s.x, b, g[b]);
  }

  template <class E> void move(const E& e, state_type& s, const random::Draws& draws, StepInfo& info) const {
    const StateSpace& space = e.space();
    const T drift = T(step_size_ * step_size_ / 2);
    if (adjusted_) {
      free_energy(e, s.x, s.now);
      s.from = s.x;
    }
    free_energy_gradient(e, s, s.gradient);
    std::ranges::fill(s.log_ratio, 0.0);
    for (BlockId b = 0; b < space.size(); ++b) {
      if (!moves(space[b])) continue;
      reshape(s.noise, s.x.chains(), space[b].columns());
      draws.normals({random::Stream::noise, s.sweep, s.first_chain, std::uint8_t(b)}, s.noise);
      T* x = s.x.values(b).data();
      for (std::size_t i = 0; i < s.noise.size(); ++i)
        x[i] += T(step_size_) * s.noise.data()[i] - drift * s.gradient[b].data()[i];
    }
    if (adjusted_) adjust(e, s, draws, info);
  }

  /// log q(x | x') − log q(x' | x) + F(x) − F(x'), with q normal around x − (ε²/2)∂F of variance ε².
  template <class E>
  void adjust(const E& e, state_type& s, const random::Draws& draws, StepInfo& info) const {
    const StateSpace& space = e.space();
    const double drift = step_size_ * step_size_ / 2, scale = 1 / (2 * step_size_ * step_size_);
    free_energy(e, s.x, s.then);
    std::swap(s.gradient, s.from_gradient);
    free_energy_gradient(e, s, s.gradient);
    for (std::size_t c = 0; c < s.x.chains(); ++c) {
      double forward = 0, backward = 0;
      for (BlockId b = 0; b < space.size(); ++b) {
        if (!moves(space[b])) continue;
        for (std::size_t i = 0; i < space[b].columns(); ++i) {
          const double d = double(s.x[b](c, i)) - double(s.from[b](c, i));
          const double f = d + drift * double(s.from_gradient[b](c, i)),
                       r = -d + drift * double(s.gradient[b](c, i));
          forward += f * f;
          backward += r * r;
        }
      }
      s.log_ratio[c] = s.now[c] - s.then[c] + scale * (forward - backward);
    }
    draws.accept({random::Stream::accept, s.sweep, s.first_chain, 0}, 0, s.log_ratio, s.accepted);
    for (std::size_t c = 0; c < s.x.chains(); ++c) {
      info.accepted += s.accepted[c];
      if (s.accepted[c]) continue;
      for (BlockId b = 0; b < space.size(); ++b)
        if (moves(space[b])) std::ranges::copy(row(s.from[b], c), row(s.x.values(b), c).begin());
    }
    info.proposed += double(s.x.chains());
  }

  double step_size_;
  bool adjusted_;
};

} // namespace ebm
