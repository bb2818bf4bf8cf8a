#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// Whether the energy is seen to fall without bound: real-valued units that are coupled with each other too
/// strongly, so that exp(−E) has no finite integral. Coordinate descent on E far from 0, where its quadratic
/// part rules, runs away along such a direction and shrinks where there is none. A start must lie on the
/// right side: of rectified units a few such machines may be missed, and couplings that are less than a
/// percent too strong.
template <std::floating_point T> bool falls_without_bound(const AnyEnergy<T>& e);

} // namespace ebm
