// Learning to tell some visible blocks from the others: labels from images.
#pragma once
#include "ebm/learning/contrastive.hpp"
#include "ebm/likelihood/target_law.hpp"

namespace ebm {

/// Exact gradient of −mean log p(targets | the other visible blocks), any energy whose latents can be summed:
/// Σ_y ([y = target] − p(y | x)) E[∂E/∂θ | x, y] for each row, over at most 2^12 settings y of the targets
/// (Larochelle & Bengio 2008, section 4). Draws nothing, keeps nothing.
///
/// Where the targets only shift the latents' natural parameters (TargetLaw), ∂E/∂θ is affine in targets and
/// latents together for all arrays but those between the two, so that two configurations a row say it for all
/// settings: the row's own one, and the means of targets and latents under p(y, h | x). Arrays between
/// targets and latents do not see x, and take two configurations a setting.
template <std::floating_point T> class Discriminative {
 public:
  struct Item {
    State<T> data;
    typename TargetLaw<T>::Scratch scratch;
    Batch<double> log_p; ///< [rows, settings]
    Batch<T> means;
    std::vector<std::size_t> own; ///< setting of each row
    Batch<double> pair_sums;      ///< latents of `pairs`, summed over the item's rows
    std::vector<double> pair_weights;
    std::vector<double> whole, part, weights; ///< of rows whose settings are enumerated one by one
    Parameters<T> gradient;                   ///< of rows whose settings are enumerated one by one
  };
  struct state_type { ///< scratch alone
    std::optional<TargetLaw<T>> law;
    std::vector<Item> items;
    State<T> statistics; ///< the rows themselves, then their means
    State<T> pairs;      ///< each setting with the latents of its rows, then with those expected
    std::vector<double> weights;
    Parameters<T> pair_gradient;
    std::vector<Batch<T>> kept;
  };

  /// Names of the target blocks.
  explicit Discriminative(std::vector<std::string> targets = {"label"}) : targets_(std::move(targets)) {}

  Capabilities required() const { return Capability::parameters; }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>&, const Rows<T>&, const random::Draws&) const { return {}; }
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means = nullptr) const;
  void archive(state_type&, Archive&) const {} // nothing stays from one update to the next

  /// The same gradient with every setting of every row as a configuration of its own: the oracle of the
  /// faster way, and what other energies get.
  void add_enumerated(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state, Parameters<T>& g) const;

 private:
  BlockList blocks(const StateSpace& space) const;
  void begin(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows, const TargetLaw<T>& law,
             Item& item) const;
  /// That of the state, at the present parameters.
  const TargetLaw<T>& law_of(const AnyEnergy<T>& e, state_type& state) const;
  void add_by_means(const AnyEnergy<T>& e, const Rows<T>& batch, const TargetLaw<T>& law, state_type& state,
                    Parameters<T>& g) const;
  void sum_settings(const AnyEnergy<T>& e, parallel::Range rows, const TargetLaw<T>& law, Item& item,
                    state_type& state) const;
  void add_pairs(const AnyEnergy<T>& e, const TargetLaw<T>& law, state_type& state, Parameters<T>& g) const;

  std::vector<std::string> targets_;
};

/// Discriminative plus `generative_weight` times contrastive (Larochelle & Bengio 2008, equation 11): the
/// gradient of −mean [log p(targets | x) + weight · log p(x, targets)], the second term estimated.
template <std::floating_point T> class Hybrid {
 public:
  struct state_type {
    typename Discriminative<T>::state_type discriminative;
    typename Contrastive<T>::state_type generative;
    Parameters<T> gradient; ///< scratch: of the generative term
  };
  Hybrid(Discriminative<T> discriminative, Contrastive<T> generative, double generative_weight)
      : discriminative_(std::move(discriminative)), generative_(std::move(generative)),
        weight_(generative_weight) {}

  Capabilities required() const { return generative_.required(); }
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const;
  StepInfo estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means = nullptr) const;
  void archive(state_type& state, Archive& a) const { generative_.archive(state.generative, a); }

 private:
  Discriminative<T> discriminative_;
  Contrastive<T> generative_;
  double weight_;
};

extern template class Discriminative<float>;
extern template class Discriminative<double>;
extern template class Hybrid<float>;
extern template class Hybrid<double>;

} // namespace ebm
