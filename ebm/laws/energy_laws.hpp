// Laws 1–5: what every energy must satisfy, checked without Monte Carlo. For double precision; states are
// drawn with `key`. Any energy out of this tree can be put through them.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/laws/report.hpp"
#include "ebm/random/draws.hpp"

namespace ebm::laws {

using Energy64 = AnyEnergy<double>;

/// Random configurations: fair discrete values, standard normals.
State<double> random_state(const StateSpace& space, std::size_t chains, random::Key key);

/// Law 1: E(x) + log p(x_B | rest) does not change with x_B, for whole blocks and for sites. Finds errors of
/// sign, factor and transposition.
Report conditional_energy_identity(const Energy64& e, random::Key key);

/// Law 2: refinements agree with what derive.hpp makes of the plain energy.
Report fast_equals_derived(const Energy64& e, random::Key key);

/// Law 3: state, parameter and model gradients are central differences of energies and of log Z. A symmetric
/// array is moved at both entries.
Report gradients_are_differences(const Energy64& e, random::Key key);

/// Law 4: the free energy is −log Σ exp(−βE)/… over the enumerated latents, at β = 1 and tempered.
Report free_energy_is_log_sum(const Energy64& e, random::Key key);

/// Energies and gradients at conditional means of a discrete block are conditional expectations.
Report linear_in_block(const Energy64& e, random::Key key);

/// Law 5: a batch split in two gives the same values within a few ulp.
Report splitting_changes_nothing(const Energy64& e, random::Key key);

} // namespace ebm::laws
