// All that may stand in an experiment file, in words: for `ebm explain`, `ebm list` and the hints of errors.
#pragma once
#include <span>

#include "experiments/program/describer.hpp"

namespace ebm::experiments {

/// The keys of one section, or those that come with one type of it.
struct Topic {
  std::string section;        ///< "trainer"; empty for the top level
  std::string type_key, type; ///< "method", "cd"; empty for keys that every type has
  std::string doc, example;
  std::vector<OptionDescription> options;
  /// "trainer.cd"
  std::string place() const { return type.empty() ? section : section + "." + type; }
  /// "optimizer.lr" -> "trainer.optimizer.lr", as in a sweep and on the command line.
  std::string dotted(const std::string& option) const {
    return section.empty() ? option : section + "." + option;
  }
};

/// In the order of the file. Call it once the models and samplers are registered.
const std::vector<Topic>& topics();

/// One line for each of method_names() and metric_names().
std::span<const std::string_view> method_docs();
std::span<const std::string_view> metric_docs();

} // namespace ebm::experiments
