// Exact sums over every state of a small model.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/block_means.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// The largest sum that is attempted: 2^25 states.
inline constexpr double enumeration_limit_bits = 25;

using derive::Enumeration;

/// The enumeration of all blocks with the fewest states: an RBM enumerates its smaller side, a DBM its odd or
/// its even layers.
template <std::floating_point T> Enumeration cheapest_enumeration(const AnyEnergy<T>& e);

/// Whether log Z is available exactly, in closed form or by at most 2^25 states.
template <std::floating_point T> bool has_exact_partition(const AnyEnergy<T>& e);

/// log Σ_x base(x) exp(−E(x)): in closed form, by products where the energy is a pairwise form
/// (pairwise_sum.hpp), or by enumerated_log_partition. Throws CapabilityError beyond 2^25 states.
template <std::floating_point T> double exact_log_partition(const AnyEnergy<T>& e);

/// The same from the energies of all states, for any energy: the oracle of the faster ways.
template <std::floating_point T> double enumerated_log_partition(const AnyEnergy<T>& e);

/// Whether expectations under the model can be summed exactly.
template <std::floating_point T> bool has_exact_expectations(const AnyEnergy<T>& e);

/// g += scale · E_model[∂E/∂θ]: in closed form or by enumeration, which also gives the `means` of all blocks
/// under the model, unless that is null; the closed form leaves them empty.
template <std::floating_point T>
void add_exact_model_gradient(const AnyEnergy<T>& e, double scale, Parameters<T>& g,
                              BlockMeans* means = nullptr);

/// Expectations under the model. Columns are the visible ones, all visible blocks side by side.
struct ExactMoments {
  double log_partition = 0;
  double mean_energy = 0;
  double mean_log_base = 0; ///< E[log base(x)], of binomial units
  std::vector<double> mean; ///< [visible columns]
  Batch<double> pair_mean;  ///< [visible columns, visible columns], E[x_i x_j]
  double entropy() const { return log_partition + mean_energy - mean_log_base; }
};
template <std::floating_point T> ExactMoments exact_moments(const AnyEnergy<T>& e);

/// Every state of the enumerated blocks once, in batches, on several threads: f(item, first, x,
/// free_energies), where `first` is the number of the batch's first state, the summed blocks of x are
/// unspecified and free_energies[c] = −log base(enumerated) − log Σ_summed base(summed) exp(−E). Batches of
/// one item come in order and on one thread; there are `items(e)` of them, a number that depends on the
/// model's size alone.
template <std::floating_point T> class StateSum {
 public:
  explicit StateSum(const AnyEnergy<T>& e);
  std::size_t items() const { return items_; }
  const Enumeration& plan() const { return plan_; }
  using Visit = std::function<void(std::size_t item, std::uint64_t first, State<T>& x,
                                   std::span<const double> free_energies)>;
  void for_each(const Visit& f) const;
  std::uint64_t states() const { return states_; }
  /// Writes the states numbers[0], numbers[1], … into the enumerated blocks of x.
  void write(std::span<const std::uint64_t> numbers, State<T>& x) const;

 private:
  const AnyEnergy<T>& energy_;
  Enumeration plan_;
  std::uint64_t states_ = 0;
  std::size_t items_ = 0;
};

/// n independent draws from the model, for at most 2^22 states of the cheapest enumeration; the summed blocks
/// are drawn from their conditionals. Chains are numbered from 0 in `stream`.
template <std::floating_point T>
State<T> exact_samples(const AnyEnergy<T>& e, std::size_t n, random::Stream stream,
                       const random::Draws& draws);
inline constexpr double exact_sample_bits = 22;

} // namespace ebm
