// The Sampler concept.
//
// Syntax     below.
// Semantics  a const object; all that changes is in the state, all that is random comes from `draws` and is a
//            pure function of (key, stream, sweep, chain, site). `step` makes one sweep: visible blocks
//            first, latent ones last, clamped ones not at all. Positions: the present configurations. `init`
//            takes over x0 (latent values included) with chain numbers from first_chain and sweep numbers
//            from first_sweep. `archive` writes all of the state that a later step depends on, or sets it in
//            a state that `init` made for as many chains; scratch is no part of it. A sampler is `exact`
//            (leaves exp(−E) invariant) or `biased`.
// Edges      check(energy) says in words why a sampler does not fit (unit kinds included), or nothing.
// Threads    a state is used by one thread; different states of one sampler by many.
// Laws       5–9 of ebm/laws/.
#pragma once
#include <any>
#include <memory>
#include <optional>
#include <string>

#include "ebm/concepts/any_energy.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// What only diagnostics need: proposals made and accepted in a step, over all chains.
struct StepInfo {
  double proposed = 0, accepted = 0;
  StepInfo& operator+=(const StepInfo& o) {
    proposed += o.proposed;
    accepted += o.accepted;
    return *this;
  }
  /// NaN when the sampler proposes nothing.
  double acceptance_rate() const { return accepted / proposed; }
};

enum class Exactness : std::uint8_t { exact, biased };

/// The conditional means that a block was last drawn from: a by-product of Gibbs sweeps that estimators ask
/// for.
template <std::floating_point T> struct DrawnMeans {
  std::optional<BlockId> block; ///< set by who wants them
  bool known = false;           ///< set by a sweep that drew this block last of all
  Batch<T> values;              ///< [chains, columns]
};

/// The state that most samplers need: configurations, the number of their first chain and of the next sweep.
template <std::floating_point T> struct ChainState {
  State<T> x;
  std::uint32_t first_chain = 0;
  std::uint64_t sweep = 0;
  DrawnMeans<T> means; ///< no part of a checkpoint
  void archive(Archive& a) {
    x.archive(a);
    a("first_chain", first_chain);
    a("sweep", sweep);
  }
};

template <class S, class E>
concept Sampler = Energy<E> &&
    requires(const S& s, const E& e, State<real_t<E>> x, typename S::state_type& state,
             const typename S::state_type& const_state, std::uint32_t chain, std::uint64_t sweep,
             const random::Draws& draws, Archive& archive) {
  { s.required() } -> std::same_as<Capabilities>;
  { s.exactness() } -> std::same_as<Exactness>;
  { s.check(e) } -> std::same_as<std::optional<std::string>>;
  { s.init(e, std::move(x), chain, sweep) } -> std::same_as<typename S::state_type>;
  { s.step(e, state, draws) } -> std::same_as<StepInfo>;
  { s.chains(const_state) } -> std::same_as<const ChainState<real_t<E>>&>;
  { s.chains(state) } -> std::same_as<ChainState<real_t<E>>&>;
  { s.archive(state, archive) } -> std::same_as<void>;
};

/// Any sampler of AnyEnergy<T>, itself a Sampler.
template <std::floating_point T> class AnySampler {
 public:
  using state_type = std::any; ///< holds the inner sampler's state

  template <class S>
    requires(!std::same_as<S, AnySampler> && Sampler<S, AnyEnergy<T>>)
  explicit AnySampler(S sampler) : inner_(std::make_shared<const Model<S>>(std::move(sampler))) {}

  Capabilities required() const { return inner_->required(); }
  Exactness exactness() const { return inner_->exactness(); }
  std::optional<std::string> check(const AnyEnergy<T>& e) const { return inner_->check(e); }
  state_type init(const AnyEnergy<T>& e, State<T> x, std::uint32_t first_chain,
                  std::uint64_t first_sweep) const {
    return inner_->init(e, std::move(x), first_chain, first_sweep);
  }
  StepInfo step(const AnyEnergy<T>& e, state_type& s, const random::Draws& draws) const {
    return inner_->step(e, s, draws);
  }
  const ChainState<T>& chains(const state_type& s) const {
    return inner_->chains(const_cast<state_type&>(s));
  }
  ChainState<T>& chains(state_type& s) const { return inner_->chains(s); }
  void archive(state_type& s, Archive& a) const { inner_->archive(s, a); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Capabilities required() const = 0;
    virtual Exactness exactness() const = 0;
    virtual std::optional<std::string> check(const AnyEnergy<T>&) const = 0;
    virtual std::any init(const AnyEnergy<T>&, State<T>, std::uint32_t, std::uint64_t) const = 0;
    virtual StepInfo step(const AnyEnergy<T>&, std::any&, const random::Draws&) const = 0;
    virtual ChainState<T>& chains(std::any&) const = 0;
    virtual void archive(std::any&, Archive&) const = 0;
  };
  template <class S> struct Model final : Base {
    explicit Model(S s) : sampler(std::move(s)) {}
    static typename S::state_type& own(std::any& s) { return std::any_cast<typename S::state_type&>(s); }
    Capabilities required() const override { return sampler.required(); }
    Exactness exactness() const override { return sampler.exactness(); }
    std::optional<std::string> check(const AnyEnergy<T>& e) const override { return sampler.check(e); }
    std::any init(const AnyEnergy<T>& e, State<T> x, std::uint32_t chain,
                  std::uint64_t sweep) const override {
      return sampler.init(e, std::move(x), chain, sweep);
    }
    StepInfo step(const AnyEnergy<T>& e, std::any& s, const random::Draws& draws) const override {
      return sampler.step(e, own(s), draws);
    }
    ChainState<T>& chains(std::any& s) const override { return sampler.chains(own(s)); }
    void archive(std::any& s, Archive& a) const override { sampler.archive(own(s), a); }
    S sampler;
  };
  std::shared_ptr<const Base> inner_;
};

} // namespace ebm
