// The best parameters so far, and how long ago they were.
#pragma once
#include "ebm/core/numerics.hpp"
#include "ebm/core/parameters.hpp"

namespace ebm {

/// What early stopping remembers from one evaluation to the next. Smaller values are better.
template <std::floating_point T> struct EarlyStopping {
  double best = infinity;        ///< smallest value so far
  std::uint64_t best_update = 0; ///< updates made when it was seen
  std::uint64_t since_best = 0;  ///< evaluations after it
  Parameters<T> best_parameters; ///< those that had it; before any evaluation, those given to the constructor

  explicit EarlyStopping(const Parameters<T>& theta) : best_parameters(theta) {}

  /// Takes note of an evaluation after `update` updates. A value that only equals the best, or is NaN, is
  /// no improvement.
  void see(double value, std::uint64_t update, const Parameters<T>& theta) {
    ++since_best;
    if (!(value < best)) return;
    best = value;
    best_update = update;
    since_best = 0;
    for (std::size_t k = 0; k < theta.size(); ++k)
      std::ranges::copy(all(theta[k].value), all(best_parameters[k].value).begin());
  }
  /// Whether the last `patience` evaluations, at least 1, brought nothing better.
  bool exhausted(std::uint64_t patience) const { return since_best >= patience; }

  void archive(Archive& a) {
    a("best", best);
    a("best_update", best_update);
    a("since_best", since_best);
    a.group("best_parameters", [&] { best_parameters.archive(a); });
  }
};

} // namespace ebm
