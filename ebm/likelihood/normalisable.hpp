#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/random/draws.hpp"

namespace ebm {

/// Whether the energy is seen to fall without bound: real-valued units that are coupled with each other too
/// strongly, so that exp(−E) has no finite integral. Coordinate descent on the quadratic part of E, block by
/// block, grows in the end along such a direction and shrinks where there is none. Missed are couplings that
/// are hardly too strong (by 1e-4 at best), and of rectified units machines in which no start finds the
/// direction.
template <std::floating_point T> bool falls_without_bound(const AnyEnergy<T>& e);

} // namespace ebm
