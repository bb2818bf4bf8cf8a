// A target for the mean activity of latent units.
#pragma once
#include "ebm/concepts/estimator.hpp"
#include "ebm/learning/block_arrays.hpp"
#include "ebm/registry/options.hpp"

namespace ebm {

struct SparsityOptions {
  double target = 0.1; ///< mean value of a latent unit over the data
  double cost = 0.1;   ///< of a unit's distance from it
  double decay = 0.9; ///< of the moving average: q ← decay · q + (1 − decay) · mean of the update's rows
  void visit(OptionVisitor& v) {
    v("target", target, "mean value that a latent unit should have over the data");
    v("cost", cost, "factor of the difference, added to the gradient of biases and of visible-latent weights",
      above(0));
    v("decay", decay, "of the moving average: q ← decay · q + (1 − decay) · mean of the update's rows",
      Limits{0, 1, false, true});
  }
};

/// Adds cost · (q − target) to the gradient of each latent bias, q the moving average of the unit's mean over
/// the data's side (Lee, Ekanadham & Ng 2007), and the same times the visible unit's mean over the update's
/// rows to the gradient of couplings with visible units (Hinton 2010, section 11: the derivative of the cross
/// entropy of target and q, for biases and incoming weights). Couplings among latent units stay as they are.
/// q starts at the means of the first update.
template <std::floating_point T> class Sparsity {
 public:
  struct state_type {
    std::uint64_t started = 0; ///< whether q has had its first values
    BlockMeans activity;       ///< q of latent blocks
    std::vector<BlockArrays> arrays;
    std::vector<double> push; ///< of the block at work; scratch
  };

  explicit Sparsity(SparsityOptions options) : options_(options) {}

  /// Why the target does not fit the model's latent units, or nothing.
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  state_type init(const AnyEnergy<T>& e) const;
  /// `data` are the means over the data's side of the estimate g at the parameters of e.
  void add_to(Parameters<T>& g, const AnyEnergy<T>& e, const BlockMeans& data, state_type& s) const;
  void archive(state_type& s, Archive& a) const;

 private:
  SparsityOptions options_;
};

extern template class Sparsity<float>;
extern template class Sparsity<double>;

} // namespace ebm
