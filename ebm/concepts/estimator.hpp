// The GradientEstimator concept: estimates of ∂(−mean log p)/∂θ.
//
// Syntax     below. Semantics: `estimate` adds the estimate for the given rows to `g`. All that is random
// comes from
//            `draws`; the state owns the sweep counter, which never restarts within a trial, so that chains
//            that are started anew never meet the same random numbers again.
// Edges      check(energy) says in words why an estimator does not fit, or nothing.
// Threads    a state is used by one caller at a time; inside, fixed work items may run on several threads.
// Laws       9 and 10 of ebm/laws/.
#pragma once
#include <memory>

#include "ebm/concepts/sampler.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

template <class G, class E>
concept GradientEstimator = Parametric<E> &&
    requires(const G& g, const E& e, const Rows<real_t<E>>& rows, typename G::state_type& state,
             const random::Draws& draws, Parameters<real_t<E>>& gradient) {
  { g.required() } -> std::same_as<Capabilities>;
  { g.check(e) } -> std::same_as<std::optional<std::string>>;
  { g.init(e, rows, draws) } -> std::same_as<typename G::state_type>;
  { g.estimate(e, rows, state, draws, gradient) } -> std::same_as<StepInfo>;
};

/// Any estimator for AnyEnergy<T>, itself a GradientEstimator.
template <std::floating_point T> class AnyEstimator {
  struct StateBase {
    virtual ~StateBase() = default;
    virtual std::unique_ptr<StateBase> clone() const = 0;
  };
  template <class S> struct StateModel final : StateBase {
    explicit StateModel(S s) : state(std::move(s)) {}
    std::unique_ptr<StateBase> clone() const override { return std::make_unique<StateModel>(state); }
    S state;
  };

 public:
  /// A value: copies share nothing.
  class state_type {
   public:
    state_type() = default;
    state_type(const state_type& o) : inner_(o.inner_ ? o.inner_->clone() : nullptr) {}
    state_type(state_type&&) noexcept = default;
    state_type& operator=(state_type o) noexcept {
      inner_ = std::move(o.inner_);
      return *this;
    }

   private:
    friend class AnyEstimator;
    explicit state_type(std::unique_ptr<StateBase> p) : inner_(std::move(p)) {}
    std::unique_ptr<StateBase> inner_;
  };

  template <class G>
    requires(!std::same_as<G, AnyEstimator> && GradientEstimator<G, AnyEnergy<T>>)
  explicit AnyEstimator(G estimator) : inner_(std::make_shared<const Model<G>>(std::move(estimator))) {}

  Capabilities required() const { return inner_->required(); }
  std::optional<std::string> check(const AnyEnergy<T>& e) const { return inner_->check(e); }
  /// `rows` are all training rows; persistent chains start at some of them.
  state_type init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const {
    return state_type(inner_->init(e, rows, draws));
  }
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g) const {
    return inner_->estimate(e, batch, *state.inner_, draws, g);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Capabilities required() const = 0;
    virtual std::optional<std::string> check(const AnyEnergy<T>&) const = 0;
    virtual std::unique_ptr<StateBase> init(const AnyEnergy<T>&, const Rows<T>&,
                                            const random::Draws&) const = 0;
    virtual StepInfo estimate(const AnyEnergy<T>&, const Rows<T>&, StateBase&, const random::Draws&,
                              Parameters<T>&) const = 0;
  };
  template <class G> struct Model final : Base {
    using Inner = StateModel<typename G::state_type>;
    explicit Model(G g) : estimator(std::move(g)) {}
    Capabilities required() const override { return estimator.required(); }
    std::optional<std::string> check(const AnyEnergy<T>& e) const override { return estimator.check(e); }
    std::unique_ptr<StateBase> init(const AnyEnergy<T>& e, const Rows<T>& rows,
                                    const random::Draws& draws) const override {
      return std::make_unique<Inner>(estimator.init(e, rows, draws));
    }
    StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, StateBase& s, const random::Draws& draws,
                      Parameters<T>& g) const override {
      return estimator.estimate(e, batch, static_cast<Inner&>(s).state, draws, g);
    }
    G estimator;
  };
  std::shared_ptr<const Base> inner_;
};

} // namespace ebm
