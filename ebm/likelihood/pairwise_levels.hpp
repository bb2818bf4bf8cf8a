// The bits of a state in three levels, so that what a state costs is shared: low bits are tabulated, middle
// ones run over a table as well, and only a high state starts from the couplings.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/pairwise_sum.hpp"

namespace ebm::pairwise {

/// Row s is the sum of rows[first + i] over the bits i set in s: [2^count, columns].
Batch<double> subset_sums(const Batch<double>& rows, std::size_t first, std::size_t count);

/// to[s] = start + Σ over the bits i set in s of terms[i], for all 2^terms.size() subsets s.
inline void set_subset_sums(double start, std::span<const double> terms, std::span<double> to) {
  to[0] = start;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::size_t half = std::size_t(1) << i;
    for (std::size_t s = 0; s < half; ++s) to[half + s] = to[s] + terms[i];
  }
}

/// All states that share their high bits: one entry a middle state.
struct Slice {
  std::vector<double> log_weight; ///< [2^middle] c·h + ½ hᵀJh with the low bits 0
  Batch<double> field;            ///< [2^middle, low] Σ_k h_k J_ki on the low units i
  std::vector<double> sum;        ///< [2^middle] Σ over the low states, relative to exp(log_weight)
  /// log Σ over the slice's states.
  double log_sum() const;
};

/// The part c·h + ½ hᵀJh of the log-weights, level by level.
class Levels {
 public:
  /// The lowest `low` units are the low level and the next `middle` ones the middle level, as far as there
  /// are any. Does not own the form, which must outlive it.
  Levels(const PairwiseForm& form, std::size_t low, std::size_t middle);

  std::size_t low() const { return low_; }
  std::size_t middle() const { return middle_; }
  std::size_t high() const { return form_->c.size() - low_ - middle_; }
  /// [2^low] log-weights of the low states alone.
  std::span<const double> low_log_weight() const { return low_log_weight_; }
  Slice make_slice() const;
  /// Sets log_weight and field of the slice.
  void fill(std::uint64_t high_state, Slice& slice) const;
  /// x[k] += what the units set in high_state add by their rows of `couplings` [n, columns ≥ x.size()].
  void add_high_rows(std::uint64_t high_state, const Batch<double>& couplings, std::span<double> x) const;

 private:
  std::vector<double> log_weights(std::size_t first, std::size_t count) const;

  const PairwiseForm* form_;
  std::size_t low_, middle_;
  std::vector<double> low_log_weight_;    // [2^low]
  std::vector<double> middle_log_weight_; // [2^middle]
  Batch<double> middle_field_;            // [2^middle, low] of middle units on low ones
};

/// log Z from sum(high_state, slice, scratch), which turns each entry of the slice into the pair of a
/// log-weight and a sum relative to it. One scratch = sum.make_scratch() a work item.
template <class Sum> double log_sum_of_slices(const Levels& levels, const Sum& sum) {
  const std::uint64_t states = std::uint64_t(1) << levels.high();
  constexpr std::uint64_t largest_item_count = 64;
  const auto items = std::size_t(std::min(states, largest_item_count));
  std::vector<LogSum> parts(items);
  parallel::for_each(items, [&](std::size_t item) {
    Slice slice = levels.make_slice();
    auto scratch = sum.make_scratch();
    for (std::uint64_t s = states * item / items; s < states * (item + 1) / items; ++s) {
      levels.fill(s, slice);
      sum(s, slice, scratch);
      parts[item].add(slice.log_sum());
    }
  });
  LogSum total;
  for (const LogSum& part : parts) total.add(part);
  return total.value();
}

} // namespace ebm::pairwise
