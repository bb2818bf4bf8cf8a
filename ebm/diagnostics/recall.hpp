// How well an energy remembers its data: rows with errors relax at zero temperature.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

struct RecallOptions {
  double corruption = 0.1;    ///< fraction of the units of a row that are turned round
  std::uint64_t sweeps = 100; ///< at most
};

struct Recall {
  double overlap = 0; ///< mean over rows of (1/n) Σ_i s_i ξ_i, both as −1 and 1, at the end of the dynamics
  double stable = 0; ///< fraction of the rows, without errors, that the dynamics leaves as they are
};

/// Why there is no recall of these rows in this energy, in words, or nothing.
template <std::floating_point T>
std::optional<std::string> check_recall(const AnyEnergy<T>& e, const Rows<T>& data);

/// Starts at each row [rows, n] with round(corruption · n) units turned round, chosen at random. Then, sweep
/// after sweep and in another random order each time, every unit takes the value of lower energy given the
/// others, and keeps its own where both are the same: until nothing changes, or for `sweeps`. A pure function
/// of the arguments, which have passed check_recall.
template <std::floating_point T>
Recall recall(const AnyEnergy<T>& e, const Rows<T>& data, const RecallOptions& options,
              const random::Draws& draws);

} // namespace ebm
