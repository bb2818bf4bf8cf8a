// The sweep and what else names dotted keys, as JSON Schema.
#pragma once
#include "experiments/program/schema_sections.hpp"

namespace ebm::experiments {

/// Definitions of values, lists and distributions by dotted key, and of "initialiser", "sweep", "seeds" and
/// "partial" (some of a setting's coordinates).
Schema sweep_definitions(const DottedKeys& keys);

/// Demands something of every key that a sweep sets; of the whole file, which passes without a sweep.
Schema in_every_swept_key(const Schema& demand);

} // namespace ebm::experiments
