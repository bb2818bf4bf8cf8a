// A first experiment with a model, for people who have none yet.
#pragma once
#include <string>

namespace ebm::experiments {

/// A commented experiment file with this registered model: the first of several plans (data that need no
/// files, trainers, samplers, metrics) in which check_setting finds no problem and whose exact evaluation is
/// cheap. Throws InputError for an unknown model, with the nearest name.
std::string starter_text(const std::string& model);

/// Writes it to `file`, and the schema beside it if that is not there; to stdout when `file` is empty. Throws
/// InputError if the file exists.
void write_starter(const std::string& model, const std::string& file);

} // namespace ebm::experiments
