// resolved.yaml: all that an experiment says, defaults included, each value with its origin; and what
// differs between two of them.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

/// Reading it with the same -S sweeps gives the same trials. In sections that the sweep changes, defaults are
/// comments: a setting of another type may not have their keys.
std::string resolved_yaml(const Experiment& experiment);

/// What the experiment says otherwise than a stored resolved.yaml, as indented lines, one a value:
/// "trainer.updates: 20 there, 26 here (argument 'trainer.updates=26')".
std::string differences(const std::string& stored, const Experiment& experiment);

} // namespace ebm::experiments
