// Shell patterns on the command line that choose settings and trials: `method=PCD*`.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

/// Whether the text is the pattern itself, or fits it as file names fit a shell's pattern.
bool matches_pattern(const std::string& text, const std::string& pattern);

/// Whether the pattern fits the setting's whole name ("method=PCD-1 lr=0.1") or one of its values, with the
/// axis in full ("trainer.optimizer.lr=0.1") or by its last part ("lr=0.1").
bool names_setting(const std::string& pattern, std::span<const Label> labels);

} // namespace ebm::experiments
