// The inside of a panel of a self-coupled block's systematic scan.
#pragma once
#include "ebm/core/tensor.hpp"

namespace ebm {

/// Largest number of sites in a panel.
inline constexpr std::size_t panel_sites = 64;

/// What a two-valued unit draws: `high` with probability sigmoid(log_odds · eta), `low` otherwise.
template <std::floating_point T> struct TwoValuedUnit {
  T log_odds; ///< per natural parameter, > 0: 1 for bernoulli, 2 for spin
  T low, high;
};

/// Draws the sites first … first + sites - 1 of a self-coupled block one after another in every chain. For
/// i = 0 … sites - 1, with j = first + i:
///   x'_j = high where uniform_j < sigmoid(log_odds · eta_i), low elsewhere
///   eta_r += J(j, first + r) · (x'_j − x_j) for all later sites r > i
/// (the new eta are not given back). With eta the natural parameters at the chains' present values this is
/// the systematic Gibbs scan of these sites.
///
/// eta [chains, sites], 1 ≤ sites ≤ panel_sites; uniform [chains, n] strictly within (0, 1); J [n, n], of
/// which only the pairs of the panel with row < column matter; x [chains, n], of which the panel's columns
/// are read (any real values: means are fine) and overwritten.
///
/// The draw compares log-odds, log_odds · eta > log u − log(1 − u), so it can differ from a comparison of
/// probabilities where the two agree but for rounding. An eta that is NaN gives NaN in x at that site, and at
/// the later sites of that chain. A chain's result does not depend on the other chains. No allocation; any
/// number of threads may call it on chains of their own.
template <std::floating_point T>
void scan_panel(const Batch<T>& eta, const Batch<T>& uniform, const Batch<T>& J, std::size_t first,
                const TwoValuedUnit<T>& unit, Batch<T>& x);

} // namespace ebm
