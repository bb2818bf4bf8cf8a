#pragma once
#include "ebm/concepts/sampler.hpp"
#include "samplers/scan.hpp"

namespace ebm {

/// Metropolis sampling on any energy, by energy differences (and the base measure) alone (Metropolis et al.
/// 1953). A sweep makes as many single-site proposals as there are discrete sites, each another value of the
/// site, and moves each continuous block by a Gaussian random walk of standard deviation `step_size`. A
/// systematic scan accepts with the heat-bath probability 1/(1 + e^ΔE): with min(1, e^−ΔE) it would flip
/// every site of a flat energy in every sweep, a chain of period two.
template <std::floating_point T> class Metropolis {
 public:
  struct state_type : ChainState<T> {
    // scratch
    std::vector<double> now, then, log_ratio;
    std::vector<std::uint8_t> accepted;
    std::vector<std::uint32_t> sites, shifts, levels;
    Batch<T> before, noise;
  };
  explicit Metropolis(Scan scan = Scan::random, double step_size = 0.5)
      : scan_(scan), step_size_(step_size) {}

  Capabilities required() const { return {}; }
  Exactness exactness() const { return Exactness::exact; }
  template <Energy E> std::optional<std::string> check(const E& e) const {
    for (const Block& block : e.space().blocks())
      if (!block.exact_law())
        return "metropolis leaves a law invariant, and block '" + block.name + "' holds " +
               std::string(block.unit_name()) + " units, which have a sampling rule only: use gibbs";
    return std::nullopt;
  }

  template <Energy E>
  state_type init(const E&, State<T> x, std::uint32_t first_chain, std::uint64_t first_sweep) const {
    state_type s;
    static_cast<ChainState<T>&>(s) = {std::move(x), first_chain, first_sweep, {}};
    const std::size_t n = s.x.chains();
    for (auto* v : {&s.now, &s.then, &s.log_ratio}) v->resize(n);
    for (auto* v : {&s.sites, &s.shifts, &s.levels}) v->resize(n);
    s.accepted.resize(n);
    return s;
  }
  ChainState<T>& chains(state_type& s) const { return s; }
  const ChainState<T>& chains(const state_type& s) const { return s; }
  void archive(state_type& s, Archive& a) const { s.archive(a); }

  template <Energy E> StepInfo step(const E& e, state_type& s, const random::Draws& draws) const {
    StepInfo info;
    harden(e.space(), s.x);
    // Never kept from one step to the next: learning changes the parameters between steps.
    potential(e, s.x, s.now);
    std::uint32_t discrete_sites = 0;
    for (const Block& b : e.space().blocks())
      if (!b.clamped && b.discrete()) discrete_sites += std::uint32_t(b.sites);
    for (std::uint32_t t = 0; t < discrete_sites; ++t) propose_level(e, s, draws, t, discrete_sites, info);
    for (BlockId b = 0; b < e.space().size(); ++b)
      if (!e.space()[b].clamped && !e.space()[b].discrete()) propose_walk(e, b, s, draws, info);
    ++s.sweep;
    return info;
  }

 private:
  /// −log of base measure times exp(−E).
  template <Energy E> static void potential(const E& e, const State<T>& x, std::span<double> out) {
    e.energy(x, out);
    subtract_log_bases(e.space(), x, out);
  }

  /// Means of discrete sites (grey data) become values: single-site moves know levels only.
  static void harden(const StateSpace& space, State<T>& x) {
    for (BlockId b = 0; b < space.size(); ++b)
      if (space[b].discrete() && !space[b].clamped)
        for (std::size_t c = 0; c < x.chains(); ++c)
          for (SiteId j = 0; j < space[b].sites; ++j)
            set_level(space[b], x.values(b), c, j, level_of(space[b], x[b], c, j));
  }

  /// Block and site of the i-th discrete site that is not clamped.
  static std::pair<BlockId, SiteId> locate(const StateSpace& space, std::uint32_t i) {
    BlockId b = 0;
    for (;; ++b) {
      if (space[b].clamped || !space[b].discrete()) continue;
      if (i < space[b].sites) return {b, i};
      i -= std::uint32_t(space[b].sites);
    }
  }

  template <Energy E>
  void propose_level(const E& e, state_type& s, const random::Draws& draws, std::uint32_t t,
                     std::uint32_t discrete_sites, StepInfo& info) const {
    const StateSpace& space = e.space();
    const random::Address where{random::Stream::proposal, s.sweep, s.first_chain, 0};
    if (scan_ == Scan::random)
      draws.choices(where, t, discrete_sites + 1, s.sites);
    else
      std::ranges::fill(s.sites, t);
    draw_shifts(space, s, draws, t, discrete_sites);
    const auto move = [&](std::size_t c, bool undo) {
      if (s.sites[c] == discrete_sites) return;
      const auto [b, j] = locate(space, s.sites[c]);
      if (!undo) s.levels[c] = level_of(space[b], s.x[b], c, j);
      const std::uint32_t level = undo ? s.levels[c] : (s.levels[c] + 1 + s.shifts[c]) % space[b].levels();
      set_level(space[b], s.x.values(b), c, j, level);
    };
    for (std::size_t c = 0; c < s.x.chains(); ++c) move(c, false);
    decide(e, s, draws, t, 0, scan_ == Scan::systematic, info);
    for (std::size_t c = 0; c < s.x.chains(); ++c) {
      if (!s.accepted[c]) move(c, true);
      if (s.sites[c] == discrete_sites)
        info += StepInfo{-1, s.accepted[c] ? -1.0 : 0.0}; // nothing was proposed
    }
  }

  /// Which of the other levels is proposed, counted upwards from the present one: a choice only beyond two
  /// levels.
  void draw_shifts(const StateSpace& space, state_type& s, const random::Draws& draws, std::uint32_t t,
                   std::uint32_t discrete_sites) const {
    for (std::size_t c = 0; c < s.sites.size(); ++c) {
      const std::uint32_t levels =
          s.sites[c] == discrete_sites ? 2 : space[locate(space, s.sites[c]).first].levels();
      const random::Address where{random::Stream::proposal, s.sweep, s.first_chain + std::uint32_t(c), 1};
      s.shifts[c] = levels == 2 ? 0 : draws.choice(where, t, levels - 1);
    }
  }

  template <Energy E>
  void propose_walk(const E& e, BlockId b, state_type& s, const random::Draws& draws, StepInfo& info) const {
    const std::size_t n = s.x.chains();
    Batch<T>& x = s.x.values(b);
    s.before = x;
    reshape(s.noise, n, x.shape(1));
    draws.normals({random::Stream::noise, s.sweep, s.first_chain, std::uint8_t(b)}, s.noise);
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] += T(step_size_) * s.noise.data()[i];
    decide(e, s, draws, 0, std::uint8_t(b + 1), false, info);
    for (std::size_t c = 0; c < n; ++c)
      if (!s.accepted[c]) std::ranges::copy(row(std::as_const(s.before), c), row(x, c).begin());
  }

  /// Accepts or refuses the proposal that stands in s.x; a NaN energy refuses.
  template <Energy E>
  void decide(const E& e, state_type& s, const random::Draws& draws, std::uint32_t column, std::uint8_t block,
              bool heat_bath, StepInfo& info) const {
    potential(e, s.x, s.then);
    for (std::size_t c = 0; c < s.now.size(); ++c) {
      const double rise = s.then[c] - s.now[c];
      s.log_ratio[c] = heat_bath ? -softplus(rise) : -rise;
    }
    draws.accept({random::Stream::accept, s.sweep, s.first_chain, block}, column, s.log_ratio, s.accepted);
    for (std::size_t c = 0; c < s.now.size(); ++c)
      if (s.accepted[c]) {
        s.now[c] = s.then[c];
        info.accepted += 1;
      }
    info.proposed += double(s.now.size());
  }

  Scan scan_;
  double step_size_;
};

} // namespace ebm
