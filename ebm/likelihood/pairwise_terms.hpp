// Sums over the states of a slice (pairwise_levels.hpp), in three ways. Each sets, for every middle state k,
// slice.log_weight[k] and slice.sum[k] so that exp(log_weight) · sum is the sum over the low states.
#pragma once
#include "ebm/core/product_sums.hpp"
#include "ebm/likelihood/pairwise_levels.hpp"

namespace ebm::pairwise {

/// Nothing summed out: Σ_l w_l Π_{i in l} exp(field_i) over the low states l, w_l from their own couplings.
/// Where that leaves the range of double, a sum of exponentials, about ten times slower.
class ProductSum {
 public:
  static constexpr std::size_t low_units = numerics::subset_size, middle_units = 5;
  explicit ProductSum(const Levels& levels);
  struct Scratch {
    std::vector<double> product, y; // [2^low]
  };
  Scratch make_scratch() const;
  void operator()(std::uint64_t high_state, Slice& slice, Scratch& scratch) const;

 private:
  /// The sum of products, or 0 where they may have left the range of double.
  double sum_within_range(std::span<const double> field, std::span<double> scratch) const;

  const Levels* levels_;
  double largest_ = 0;         // of the low states' log-weights
  std::vector<double> weight_; // [2^low] exp(log-weight − largest)
};

/// Units summed out through their factors 1 + exp(b_j + …): exponentials of the high, middle and low parts
/// are tables, so that a factor is one multiplication and addition in lanes of type T, and its place in the
/// product another multiplication.
template <std::floating_point T> class FactorSum {
 public:
  static constexpr std::size_t low_units = 6, middle_units = 5;
  /// Whether the factors stay within the range of T.
  static bool fits(const PairwiseForm& form);
  FactorSum(const PairwiseForm& form, const Levels& levels);
  struct Scratch {
    std::vector<double> x;           // [columns] log-odds of the high state
    LineVector<T> high, a;           // exp(x), and its products with a tile of middle rows
    std::vector<double> y, mantissa; // [middle tile, 2^low]
  };
  Scratch make_scratch() const;
  void operator()(std::uint64_t high_state, Slice& slice, Scratch& scratch) const;

 private:
  void set_order(const PairwiseForm& form);
  /// Log-odds that the subsets of `count` units from `first` on add, relative to the largest: [2^count,
  /// columns], not positive.
  Batch<double> relative_log_odds(std::size_t first, std::size_t count) const;
  /// Products of all factors for the tile of middle states in scratch and all low states.
  void multiply(Scratch& scratch) const;

  const Levels* levels_;
  const numerics::FactorTile tile_ = numerics::factor_tile<T>();
  std::vector<std::size_t> run_ends_; // of columns between which a lane's product stays within range
  Batch<double> W_;                   // [n, columns], units in falling order of their largest factor
  std::vector<double> x_;             // [columns] log-odds with the low and middle parts at their largest
  LineVector<T> low_, middle_;        // exponentials of the relative log-odds, in tiles
};

/// Units summed out in the log domain: right for any finite parameters, and slow.
class SoftplusSum {
 public:
  static constexpr std::size_t low_units = 6, middle_units = 5;
  SoftplusSum(const PairwiseForm& form, const Levels& levels);
  struct Scratch {
    std::vector<double> high, x; // [m]
    std::vector<double> y;       // [2^low]
  };
  Scratch make_scratch() const;
  void operator()(std::uint64_t high_state, Slice& slice, Scratch& scratch) const;

 private:
  const PairwiseForm* form_;
  const Levels* levels_;
  Batch<double> low_, middle_; // [2^low, m], [2^middle, m] log-odds
};

} // namespace ebm::pairwise
