// The part of a standard normal law beyond a cut.
#pragma once

namespace ebm::numerics {

/// φ(x).
double normal_density(double x);
/// Φ(x), the probability of values below x.
double normal_below(double x);

/// log P(Z > a) of a standard normal Z, to about 1e-13 relative, for any a.
double log_normal_tail(double a);

/// E[Z − a | Z > a].
double normal_tail_excess(double a);

/// Var[Z | Z > a].
double normal_tail_variance(double a);

/// The x ≥ 0 with P(Z − a > x | Z > a) = share, 0 < share < 1. For a cut beyond 1e4 the digits that a needs
/// are lost: about 1e-16 a² of x, relatively.
double normal_tail_quantile(double a, double share);

} // namespace ebm::numerics
