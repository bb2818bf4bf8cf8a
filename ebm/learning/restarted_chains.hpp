#pragma once
#include "ebm/concepts/sampler.hpp"

namespace ebm {

/// The state of a sampler whose chains start anew at every update. It is kept for its memory: the last batch
/// of an epoch may be short and the next one is not, so it holds states for two numbers of chains.
template <std::floating_point T> class RestartedChains {
 public:
  /// The state for as many chains as x has, with these numbers for the first chain and the next sweep. Its
  /// configurations are unspecified.
  typename AnySampler<T>::state_type& for_size_of(const State<T>& x, const AnySampler<T>& sampler,
                                                  const AnyEnergy<T>& e, std::uint32_t first_chain,
                                                  std::uint64_t sweep) {
    if (!fits(x, sampler)) std::swap(now_, other_);
    if (!fits(x, sampler)) now_ = sampler.init(e, x, first_chain, sweep);
    ChainState<T>& chains = sampler.chains(now_);
    chains.first_chain = first_chain;
    chains.sweep = sweep;
    return now_;
  }

 private:
  bool fits(const State<T>& x, const AnySampler<T>& sampler) {
    return now_.has_value() && sampler.chains(now_).x.chains() == x.chains();
  }
  typename AnySampler<T>::state_type now_, other_;
};

} // namespace ebm
