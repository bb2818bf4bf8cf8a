// From what is wrong with a setting, in words, back to the place in the file that says so.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

/// The value that a message of check_setting is about: the one it names ("evaluation.metrics: …"), the file
/// or array that it is about, or the choice whose requirement failed ("langevin moves …": sampler.type); else
/// its section; else the top of the file.
Origin blamed(const Experiment& x, const TrialSpec& spec, const std::string& why);

/// For messages that count states or bytes: "\n    model.hidden.size = 40 from exp.yaml:4:28", a line for
/// each size that was given; else nothing.
std::string sizes_behind(const TrialSpec& spec, const std::string& why);

/// Why a setting cannot fit into this machine's memory, before anything is allocated; a low estimate.
std::optional<std::string> too_large(const TrialSpec& spec, const std::filesystem::path& base);

/// Whether output.dir can be made and written; else an error at its place.
void check_output(const Experiment& x, Diagnostics& diagnostics);

/// An error when report.primary.metric is none of these columns.
void check_primary(const Experiment& x, const std::vector<std::string>& columns, Diagnostics& diagnostics);

} // namespace ebm::experiments
