// What `ebm sample --clamp` says: which units keep which values.
#pragma once
#include "ebm/adaptors/conditioned.hpp"
#include "experiments/data/dataset.hpp"

namespace ebm::experiments {

struct Clamp {
  FixedSites fixed;
  /// By block: the values of all its columns, where they were given; others come from rows of data.
  std::vector<std::vector<double>> values;
  std::vector<bool> columns; ///< by visible column: whether it is clamped

  /// Whether all units are free.
  bool empty() const;
  /// Whether rows of data have to bring values.
  bool needs_rows(const StateSpace& space) const;
  /// Turns given visible values from original units into those of standardised data, whose columns come
  /// first.
  void standardize(const StateSpace& space, std::span<const double> location, std::span<const double> spread);
  /// Writes given values into all chains.
  template <std::floating_point T> void write_values(State<T>& x) const;
};

/// Each text is one of:
///   columns=0-391 or columns=3,7,10-20   visible columns, from 0, all visible blocks side by side
///   rows=0-13                            rows of the image, from 0; where the columns are an image's pixels
///   BLOCK or BLOCK=v1,v2,…               all of a block, with values of the row or with these
/// Throws InputError: unknown blocks, what is out of range, part of a categorical unit, latent blocks without
/// values, values that the units do not take, a block with values twice, and when no visible column is free.
Clamp read_clamp(std::span<const std::string> texts, const StateSpace& space, std::optional<ImageSize> image);

} // namespace ebm::experiments
