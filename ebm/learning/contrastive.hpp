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
  /// What one work item keeps: some rows of data, some chains, and scratch.
  struct Item {
    State<T> data;
    typename AnySampler<T>::state_type chain; ///< of PCD
    RestartedChains<T> restarted;             ///< of CD: its chains start at the data
    typename PositivePhase<T>::Scratch scratch;
    typename PositivePhase<T>::Enumerated enumerated;
    StepInfo info;
  };
  struct state_type {
    std::uint64_t sweep = 0; ///< next free sweep number; never restarts
    std::vector<Item> items; ///< the persistent chains are the estimator's memory
    State<T> statistics;     ///< scratch: configurations of both phases, one batch for the gradient
    std::vector<double> weights;
  };

  Contrastive(Start start, AnySampler<T> sampler, std::size_t sweeps, std::size_t chains,
              PositivePhase<T> positive)
      : start_(start), sampler_(std::move(sampler)), sweeps_(sweeps), chains_(chains),
        positive_(std::move(positive)) {}

  Capabilities required() const { return sampler_.required() | Capability::parameters; }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const;
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means = nullptr) const;
  void archive(state_type& state, Archive& a) const;

 private:
  /// Rows of `statistics`: those of the data, unless they are enumerated, then the chains.
  struct Plan {
    std::size_t data_rows, chains;
    bool enumerated;              ///< the data's side comes from the items' own gradients
    std::optional<BlockId> means; ///< latents that stand in the chains' rows by their means
    std::size_t first_chain_row() const { return enumerated ? 0 : data_rows; }
    std::size_t rows() const { return first_chain_row() + chains; }
  };
  Plan plan(const AnyEnergy<T>& e, std::size_t rows) const;
  void prepare(const AnyEnergy<T>& e, const Plan& plan, bool with_means, state_type& state) const;
  void positive(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows, const Plan& plan,
                std::size_t item, state_type& state, const random::Draws& draws) const;
  void negative(const AnyEnergy<T>& e, parallel::Range chains, const Plan& plan, std::size_t item,
                state_type& state, const random::Draws& draws) const;
  void find_means(const AnyEnergy<T>& e, const Plan& plan, const state_type& state, PhaseMeans& means) const;

  Start start_;
  AnySampler<T> sampler_;
  std::size_t sweeps_, chains_;
  PositivePhase<T> positive_;
};

/// The gradient itself: positive phase in closed form or by enumeration, negative phase by enumeration or the
/// model's closed-form expectations. Never another algorithm.
template <std::floating_point T> class ExactGradient {
 public:
  struct Item {
    State<T> data;
    typename PositivePhase<T>::Scratch scratch;
    typename PositivePhase<T>::Enumerated side; ///< the data's side of these rows, by either way
  };
  struct state_type {
    std::vector<Item> items;
  };
  explicit ExactGradient(PositivePhase<T> positive) : positive_(std::move(positive)) {}

  Capabilities required() const { return Capability::parameters; }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>&, const Rows<T>&, const random::Draws&) const { return {}; }
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means = nullptr) const;
  void archive(state_type&, Archive&) const {} // nothing stays from one update to the next

 private:
  PositivePhase<T> positive_;
};

extern template class Contrastive<float>;
extern template class Contrastive<double>;
extern template class ExactGradient<float>;
extern template class ExactGradient<double>;

} // namespace ebm
