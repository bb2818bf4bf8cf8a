// The sections of an experiment file as JSON Schema: what the registries hold, type by type.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "experiments/program/schema_writer.hpp"

namespace ebm::experiments {

/// One type of a section, with the keys that come with it.
struct Alternative {
  std::string name, doc;
  std::function<void(OptionVisitor&)> visit;
  std::vector<std::string> needed{};     ///< keys without a usable default
  std::function<Schema(Form)> further{}; ///< properties that are no options
  bool learnable = true;                 ///< of a model: whether it has parameters
};

/// A section whose keys depend on one of them.
struct Section {
  std::string path, key; ///< "trainer", "method"
  std::string fallback;  ///< the type where none is given; empty when it must be
  std::string doc;
  std::vector<Alternative> alternatives;
};

/// data, model, sampler, trainer.
std::vector<Section> typed_sections();

Schema section_schema(const Section& section, SchemaContext& context);
Schema evaluation_schema(Form form);

/// "swept_model": the name under which a section's schema is found.
std::string definition(Form form, const std::string& section);

/// Every key below a mapping, dotted, with the schema of its value.
using DottedKeys = std::map<std::string, Schema>;
void add_dotted_keys(const std::string& place, const Schema& mapping, DottedKeys& keys);

/// The keys that come with one type of a section.
DottedKeys keys_of(const Section& section, const Alternative& alternative);

} // namespace ebm::experiments
