// log Z of machines of two-valued units with pairwise couplings, as a sum of products: one multiplication a
// unit and state where the general sum takes an exponential and a logarithm.
#pragma once
#include <optional>
#include <vector>

#include "ebm/likelihood/enumerate.hpp"

namespace ebm {

/// The law of n units h in {0, 1} after m more have been summed out:
///   log-weight of h = constant + c·h + ½ hᵀJh + Σ_j log(1 + exp(b_j + Σ_i h_i W_ij)).
/// Spins s in {−1, 1} are written as s = 2h − 1, which is exact.
struct PairwiseForm {
  double constant = 0;
  std::vector<double> c; ///< [n]
  Batch<double> J;       ///< [n, n], symmetric, zero diagonal
  std::vector<double> b; ///< [m]
  Batch<double> W;       ///< [n, m]: what unit i adds to the log-odds of the units summed out
};

/// The pairwise form of an energy whose space is one or two blocks of bernoulli or spin units, each with
/// block_natural or self_coupling; `plan` says which units are enumerated and which are summed out.
///
/// Such an energy is a quadratic form. Over two-valued units it is a polynomial that is linear in each unit.
/// Its products of two or more units of one block are none where the block has block_natural (E is linear in
/// the block's values), and those of J alone where it has self_coupling (raising x_i moves eta_j by the
/// constant J_ij, whatever the other block holds). What is left is at most one unit from each block.
///
/// It is read off at the values 0 (for a spin a mean, at which E has the same polynomial): single units
/// raised to 1 give the linear terms in energies, cross-couplings are differences of eta with the block's own
/// values the same, and J is self_coupling. No large terms cancel there, so parameters of T = float come out
/// exact, or to the rounding of eta. The result is compared with energies of proper states: nothing is
/// answered where it does not reproduce them, nor where a parameter is not finite.
/// Cost: n + 1 states of energy and of block_natural.
template <std::floating_point T>
std::optional<PairwiseForm> pairwise_form(const AnyEnergy<T>& e, const Enumeration& plan);

/// log Σ_h exp(log-weight of h) over all 2^n states, for any finite parameters; NaN when one is not finite.
/// The work is cut by n alone: the same bits for any number of threads.
///
/// Lane is the arithmetic of the factors 1 + exp(b_j + …); sums over states are double. With float each
/// factor is off by at most a few 2^-24, which leaves about 1e-7 of log Z. Parameters too large for float
/// factors are summed with double ones, and those too large for double ones through logarithms, about ten
/// times slower.
template <std::floating_point Lane = double> double log_partition(const PairwiseForm& form);

} // namespace ebm
