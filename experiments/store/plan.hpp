// plan.jsonl: written once, when a run starts; later processes follow it.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

/// Puts the experiment's trials into the order of the run's plan, with its numbers and folders; trials that
/// the plan does not have (more seeds, more settings) follow its last one. Without a plan nothing changes.
/// Throws InputError, with the differences, when the plan has trials that the experiment has not.
void follow_plan(Experiment& experiment, const std::filesystem::path& run);

} // namespace ebm::experiments
