#pragma once
#include "ebm/concepts/estimator.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/learning/positive_phase.hpp"

namespace ebm {

/// Where the chains of the negative phase start.
enum class Start : std::uint8_t { data, chains };

/// Contrastive estimation with any sampler: `data` is contrastive divergence (Hinton 2002), `chains` its
/// persistent form (Tieleman 2008). An update makes `sweeps` sweeps of the sampler; latents that are
/// independent given the rest enter both phases by their conditional means, others as samples; visibles are
/// always samples. Each phase is averaged over its own rows.
template <std::floating_point T> class Contrastive {
 public:
  struct Item {
    State<T> data;
    typename AnySampler<T>::state_type chain;
    typename PositivePhase<T>::Scratch scratch;
    Batch<T> latents;
    std::vector<double> weights;
    Parameters<T> gradient;
    StepInfo info;
    bool has_chain = false;
  };
  struct state_type {
    std::uint64_t sweep = 0; ///< next free sweep number; never restarts
    std::vector<Item>
        items; ///< chains of the work items (persistent ones are the estimator's memory) and scratch
  };

  Contrastive(Start start, AnySampler<T> sampler, std::size_t sweeps, std::size_t chains,
              PositivePhase<T> positive)
      : start_(start), sampler_(std::move(sampler)), sweeps_(sweeps), chains_(chains),
        positive_(std::move(positive)) {}

  Capabilities required() const { return sampler_.required() | Capability::parameters; }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const;
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g) const;
  LatentTreatment treatment(const AnyEnergy<T>& e) const { return positive_.treatment(e); }

 private:
  void positive(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows, Item& item,
                std::uint64_t sweep, const random::Draws& draws) const;
  void negative(const AnyEnergy<T>& e, std::size_t rows, Item& item, const random::Draws& draws) const;

  Start start_;
  AnySampler<T> sampler_;
  std::size_t sweeps_, chains_;
  PositivePhase<T> positive_;
};

/// The gradient itself: positive phase in closed form or by enumeration, negative phase by enumeration or the
/// model's closed-form expectations. Never another algorithm.
template <std::floating_point T> class ExactGradient {
 public:
  struct state_type {
    std::vector<State<T>> data;
    std::vector<typename PositivePhase<T>::Scratch> scratch;
    std::vector<Parameters<T>> gradients;
  };
  explicit ExactGradient(PositivePhase<T> positive) : positive_(std::move(positive)) {}

  Capabilities required() const { return Capability::parameters; }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>&, const Rows<T>&, const random::Draws&) const { return {}; }
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g) const;

 private:
  PositivePhase<T> positive_;
};

extern template class Contrastive<float>;
extern template class Contrastive<double>;
extern template class ExactGradient<float>;
extern template class ExactGradient<double>;

} // namespace ebm
