// The GradientEstimator concept: estimates of ∂(−mean log p)/∂θ.
//
// Syntax     below. Semantics: `estimate` adds the estimate for the given rows to `g`. All that is random
// comes from
//            `draws`; the state owns the sweep counter, which never restarts within a trial, so that chains
//            that are started anew never meet the same random numbers again. `archive` writes all of the
//            state that a later estimate depends on, or sets it in a state that `init` made. With `means`,
//            the mean values of every block over both sides of the estimate go there: over the data's side
//            latents by what enters the gradient, conditional means or samples. They stay empty
//            where an estimate tells none (`model` of a mixture's exact gradient, both of a conditional law).
// Edges      check(energy) says in words why an estimator does not fit, or nothing.
// Threads    a state is used by one caller at a time; inside, fixed work items may run on several threads.
// Laws       9 and 10 of ebm/laws/.
#pragma once
#include <any>
#include <memory>

#include "ebm/concepts/sampler.hpp"
#include "ebm/likelihood/block_means.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

/// Mean values of every block on the two sides of an estimate.
struct PhaseMeans {
  BlockMeans data, model;
};

template <class G, class E>
concept GradientEstimator = Parametric<E> &&
    requires(const G& g, const E& e, const Rows<real_t<E>>& rows, typename G::state_type& state,
             const random::Draws& draws, Parameters<real_t<E>>& gradient, PhaseMeans* means,
             Archive& archive) {
  { g.required() } -> std::same_as<Capabilities>;
  { g.check(e) } -> std::same_as<std::optional<std::string>>;
  { g.init(e, rows, draws) } -> std::same_as<typename G::state_type>;
  { g.estimate(e, rows, state, draws, gradient, means) } -> std::same_as<StepInfo>;
  { g.archive(state, archive) } -> std::same_as<void>;
};

/// Any estimator for AnyEnergy<T>, itself a GradientEstimator.
template <std::floating_point T> class AnyEstimator {
 public:
  using state_type = std::any; ///< holds the inner estimator's state

  template <class G>
    requires(!std::same_as<G, AnyEstimator> && GradientEstimator<G, AnyEnergy<T>>)
  explicit AnyEstimator(G estimator) : inner_(std::make_shared<const Model<G>>(std::move(estimator))) {}

  Capabilities required() const { return inner_->required(); }
  std::optional<std::string> check(const AnyEnergy<T>& e) const { return inner_->check(e); }
  /// `rows` are all training rows; persistent chains start at some of them.
  state_type init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const {
    return inner_->init(e, rows, draws);
  }
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means = nullptr) const {
    return inner_->estimate(e, batch, state, draws, g, means);
  }
  void archive(state_type& state, Archive& a) const { inner_->archive(state, a); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Capabilities required() const = 0;
    virtual std::optional<std::string> check(const AnyEnergy<T>&) const = 0;
    virtual std::any init(const AnyEnergy<T>&, const Rows<T>&, const random::Draws&) const = 0;
    virtual StepInfo estimate(const AnyEnergy<T>&, const Rows<T>&, std::any&, const random::Draws&,
                              Parameters<T>&, PhaseMeans*) const = 0;
    virtual void archive(std::any&, Archive&) const = 0;
  };
  template <class G> struct Model final : Base {
    explicit Model(G g) : estimator(std::move(g)) {}
    Capabilities required() const override { return estimator.required(); }
    std::optional<std::string> check(const AnyEnergy<T>& e) const override { return estimator.check(e); }
    std::any init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const override {
      return estimator.init(e, rows, draws);
    }
    StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, std::any& s, const random::Draws& draws,
                      Parameters<T>& g, PhaseMeans* means) const override {
      return estimator.estimate(e, batch, own(s), draws, g, means);
    }
    void archive(std::any& s, Archive& a) const override { estimator.archive(own(s), a); }
    static typename G::state_type& own(std::any& s) { return std::any_cast<typename G::state_type&>(s); }
    G estimator;
  };
  std::shared_ptr<const Base> inner_;
};

} // namespace ebm
