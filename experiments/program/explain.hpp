// What the registry says of itself, for people.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "experiments/report/text_table.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {

/// Names and one line of documentation of a family ("models", …), or of all when it is empty; of "arrays",
/// list_arrays(). Throws InputError.
std::string list_registered(const std::string& family);

/// The options of a section, a type or a single key: "model.rbm", "sampler.gibbs.scan", "evaluation". Throws
/// InputError with the nearest topics.
std::string explain(const std::string& topic);

/// The trials of an experiment with what an exact evaluation of each would sum.
TextTable plan_table(const Experiment& experiment, Session& session);

/// Words in lines of at most `width` characters after `indent` spaces.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = 96);

/// Numbers with 17 significant digits.
std::string json_17_digits(const nlohmann::ordered_json& json);
/// For reading: numbers short, long lists cut.
std::string readable(const nlohmann::ordered_json& json);

} // namespace ebm::experiments
