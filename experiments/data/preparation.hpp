// From raw rows to the matrices that training and evaluation see.
#pragma once
#include "ebm/core/tensor.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/data/dataset.hpp"

#include <array>
#include <span>

namespace ebm::experiments {

/// How rows become 0 and 1: exactly one of the two.
struct Binarize {
  enum class Stochastic { fixed, fresh };
  static constexpr std::array<std::string_view, 2> stochastic_names{"fixed", "fresh"};
  std::optional<double> threshold;
  std::optional<Stochastic> stochastic;
  void visit(OptionVisitor& v) {
    v("threshold", threshold, "1 where the raw value, before 'scale', is greater, else 0");
    v("stochastic", stochastic,
      "scaled values are probabilities of 1: drawn once (fixed), or for every epoch, test rows once (fresh)",
      std::span<const std::string_view>(stochastic_names));
  }
};

/// Test rows taken out of the training rows.
struct Split {
  double test = 0.2;
  std::string seed = "1";
  void visit(OptionVisitor& v) {
    v("test", test, "fraction of the rows that become test rows; at least one row is on either side",
      Limits{0, 1, true, true});
    v("seed", seed, "a whole number, or 'replicate' for another split in every replicate");
  }
};

struct Preparation {
  std::optional<Binarize> binarize;
  std::optional<double> scale;
  std::optional<std::size_t> subset, test_subset;
  std::optional<Split> split;
  void visit(OptionVisitor& v) {
    v("binarize", binarize, "make the values 0 and 1");
    v("scale", scale, "factor on the raw values; thresholded values stay 0 and 1", above(0));
    v("subset", subset, "keep the first rows only, this many; after the split", at_least(1));
    v("test_subset", test_subset, "keep the first test rows only, this many; after the split", at_least(1));
    v("split", split, "take test rows out of a data set that brings none");
  }

  /// What is wrong between options that are legal one by one.
  std::optional<std::string> problem() const;

  /// The number that fixes the split: the option, or the replicate's key where the option says so. Only for
  /// options without a problem.
  std::uint64_t split_seed(random::Key replicate) const;
};

template <std::floating_point T> struct Dataset {
  Batch<T> train, test; ///< test has no rows when there is none
  std::vector<double> train_labels, test_labels;
  std::optional<ImageSize> image;
  bool fresh = false;     ///< train holds probabilities, and every epoch binarises them anew
  std::uint64_t hash = 0; ///< XXH3 of all of the above but the image: part of a trial's identity
};

/// Split, subset, scale, binarise, in this order; both sides keep the order of the rows. `key` is for
/// stochastic binarisation.
template <std::floating_point T>
Dataset<T> prepare(const RawData&, const Preparation&, std::uint64_t split_seed, random::Key key);

/// Bernoulli draws with these probabilities; a pure function of the key, the epoch and the row. Draws that
/// prepare makes are those of epoch 0.
template <std::floating_point T>
void binarize_rows(const Batch<T>& probabilities, const random::Draws&, std::uint64_t epoch, Batch<T>& out);

} // namespace ebm::experiments
