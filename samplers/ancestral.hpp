#pragma once
#include "samplers/gibbs.hpp"

namespace ebm {

/// Sampling of a model with directed layers below an energy (a deep belief net): Gibbs sweeps of that top
/// energy, then every other block from the one above, downwards (Hinton, Osindero & Teh 2006). Leaves the
/// joint law invariant, since the top's marginal law is that of the top energy.
template <std::floating_point T> class Ancestral {
 public:
  struct state_type : ChainState<T> {
    // scratch
    typename Gibbs<T>::state_type top;
    Batch<T> eta, noise;
  };

  Capabilities required() const { return Capability::top; }
  Exactness exactness() const { return Exactness::exact; }

  template <Energy E> std::optional<std::string> check(const E& e) const {
    if (!supports(e, Capability::top))
      return "ancestral is for models whose lower layers are generated from a top energy (dbn): use gibbs";
    for (const Block& b : e.space().blocks())
      if (b.clamped) return "ancestral draws all units, and block '" + b.name + "' is held fixed: use gibbs";
    return std::nullopt;
  }

  template <HasTop E>
  state_type init(const E& e, State<T> x, std::uint32_t first_chain, std::uint64_t first_sweep) const {
    state_type s;
    const auto top = e.top();
    s.top = gibbs_.init(top, State<T>(top.space(), x.chains()), first_chain, first_sweep);
    static_cast<ChainState<T>&>(s) = {std::move(x), first_chain, first_sweep, {}};
    return s;
  }
  ChainState<T>& chains(state_type& s) const { return s; }
  const ChainState<T>& chains(const state_type& s) const { return s; }
  void archive(state_type& s, Archive& a) const { s.archive(a); }

  template <HasTop E> StepInfo step(const E& e, state_type& s, const random::Draws& draws) const {
    const auto top = e.top();
    const BlockId offset = generated(e, top);
    for (BlockId b = 0; b < top.space().size(); ++b) {
      s.top.x.values(b) = s.x[offset + b];
      s.top.x.find_bits(b);
    }
    s.top.first_chain = s.first_chain;
    s.top.sweep = s.sweep;
    gibbs_.step(top, s.top, draws);
    for (BlockId b = 0; b < top.space().size(); ++b) {
      s.x.values(offset + b) = s.top.x[b];
      s.x.find_bits(offset + b);
    }
    for (BlockId b = offset; b-- > 0;) {
      const Block& block = e.space()[b];
      reshape(s.eta, s.x.chains(), block.natural_columns());
      e.descent_natural(s.x, b, s.eta);
      // Blocks of the top have the low numbers.
      draws.units({random::Stream::gibbs, s.sweep, s.first_chain, std::uint8_t(most_blocks + b)}, block,
                  s.eta, s.noise, s.x, b);
    }
    ++s.sweep;
    return {};
  }

 private:
  template <class E, class Top> static BlockId generated(const E& e, const Top& top) {
    return e.space().size() - top.space().size();
  }
  Gibbs<T> gibbs_;
};

} // namespace ebm
