// From raw rows to the matrices that training and evaluation see.
#pragma once
#include "ebm/core/tensor.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/data/dataset.hpp"

#include <array>
#include <span>

namespace ebm::experiments {

/// Labels that are classes are whole numbers from 0 to this.
inline constexpr double largest_label = 65535;

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
  std::optional<double> scale, validation;
  std::optional<std::size_t> subset, test_subset;
  std::optional<Split> split;
  std::optional<bool> shifts, standardize, append_labels; ///< none is false
  void visit(OptionVisitor& v) {
    v("binarize", binarize, "make the values 0 and 1");
    v("scale", scale, "factor on the raw values; thresholded values stay 0 and 1", above(0));
    v("subset", subset, "keep the first rows only, this many; after the split", at_least(1));
    v("test_subset", test_subset, "keep the first test rows only, this many; after the split", at_least(1));
    v("split", split, "take test rows out of a data set that brings none");
    v("shifts", shifts,
      "images only: add each one moved by a pixel up, down, left and right, with 0 where nothing moves in, "
      "as "
      "further rows before the split; training rows only where the data set brings its own test rows");
    v("validation", validation,
      "fraction of the training rows, after split and subset, that become validation rows; at least one row "
      "is on either side, and split.seed (1 where there is no split) decides which",
      Limits{0, 1, true, true});
    v("standardize", standardize,
      "each column minus its mean, over its standard deviation, both of the training rows that remain; "
      "likelihoods are those of the standardised values, draws and pictures are in the original units");
    v("append_labels", append_labels,
      "add the labels, whole numbers from 0, as one-hot columns after all others, for a block of label "
      "units");
  }

  /// What is wrong between options that are legal one by one.
  std::optional<std::string> problem() const;

  /// The number that fixes the split and the validation rows: the option, or the replicate's key where the
  /// option says so. Only for options without a problem.
  std::uint64_t split_seed(random::Key replicate) const;
};

template <std::floating_point T> struct Dataset {
  Batch<T> train, test, validation; ///< test and validation have no rows where there are none
  std::vector<double> train_labels, test_labels, validation_labels;
  std::optional<ImageSize> image; ///< of the columns before the labels
  bool fresh = false;             ///< train holds probabilities, and every epoch binarises them anew
  std::size_t label_columns = 0;  ///< the last columns, one-hot labels
  /// Mean and standard deviation that standardisation took away, [columns before the labels]; empty without.
  std::vector<double> location, spread;
  std::uint64_t hash = 0; ///< XXH3 of all of the above but the image: part of a trial's identity

  /// Undoes the standardisation of a row, or of rows, with the columns of `train`; labels stay.
  void to_original(std::span<T> values) const;
  void to_original(Batch<T>& rows) const;
};

/// Shift, split, subset, take out validation rows, scale, binarise or standardise, append labels, in this
/// order; all parts keep the order of the rows. `key` is for stochastic binarisation.
template <std::floating_point T>
Dataset<T> prepare(RawData, const Preparation&, std::uint64_t split_seed, random::Key key);

/// Bernoulli draws with these probabilities, which leave 0 and 1 alone; a pure function of the key, the epoch
/// and the row. Draws that prepare makes are those of epoch 0.
template <std::floating_point T>
void binarize_rows(const Batch<T>& probabilities, const random::Draws&, std::uint64_t epoch, Batch<T>& out);

} // namespace ebm::experiments
