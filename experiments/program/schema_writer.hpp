// Options as JSON Schema (draft-07), for editors: what `visit` tells, in their language.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "ebm/registry/options.hpp"

namespace ebm::experiments {

using Schema = nlohmann::ordered_json;

/// What a section must hold by itself, as a sweep may bring the rest.
enum class Form : std::uint8_t {
  complete, ///< no sweep touches the section: all that must be given is there
  swept,    ///< a sweep sets keys of the section, but no choice that other keys depend on
  open      ///< a sweep makes such a choice: the keys of all alternatives are possible
};

struct SchemaContext {
  Form form = Form::complete;
  std::set<std::string> selectors{}; ///< choices that other keys depend on: "trainer.optimizer.type"
};

/// The mapping at the dotted place `path` that `visit` reads. It is closed; keys that come with a choice
/// (momentum with sgd) are conditions, found by visiting with every choice. An option whose default is
/// outside its own limits must be given.
Schema mapping_schema(const std::string& path, SchemaContext& context,
                      const std::function<void(OptionVisitor&)>& visit);

/// A finite number. Text stands for one where some YAML reader takes it for text: 1e-4 (YAML 1.1), 1_000
/// (1.2).
Schema real_schema(Limits limits);
/// The same for integers, of which 1e6 is one.
Schema integer_schema(Limits limits);
/// `{tag: number}`, or `tag` alone where the tag has no value.
Schema tagged_schema(std::span<const Tag> tags);
/// A scalar of any kind.
Schema text_schema();
/// One of these words.
Schema words_schema(std::span<const std::string_view> words);

/// "#/definitions/name"
Schema reference(const std::string& name);
/// What takes all that either of them takes.
Schema either(const Schema& a, const Schema& b);

/// What every schema above refers to.
Schema number_definitions();

} // namespace ebm::experiments
