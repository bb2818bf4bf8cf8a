#include "experiments/program/schema_sections.hpp"

#include <algorithm>

#include "ebm/core/error.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/spec/spec.hpp"
#include "experiments/spec/topics.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

/// A registered example: the smallest section without its type.
Node example_section(const std::string& example) {
  Diagnostics ignored;
  return read_yaml("{" + example + "}\n", "example", ignored);
}

/// Texts of the example that have no default: a file's path, the name of an array.
template <class Read> std::vector<std::string> needed_texts(const std::string& example, const Read& read) {
  std::vector<std::string> keys;
  SchemaContext context;
  const Schema all = mapping_schema("", context, [&](OptionVisitor& v) { read(v); })["properties"];
  const Node section = example_section(example);
  for (const Node::Entry& e : section.entries())
    if (all.contains(e.key) && all[e.key].contains("type") && all[e.key]["type"] == text_schema()["type"] &&
        !all[e.key].contains("default"))
      keys.push_back(e.key);
  return keys;
}

/// Whether the example of a model has parameters; models that need more than their example are taken to.
bool has_parameters(const ModelRegistry::Entry& entry) {
  constexpr std::size_t some_columns = 4;
  const Node section = example_section(entry.example);
  Diagnostics ignored;
  OptionReader reader(&section, "model", "model", ignored);
  try {
    return supports(entry.build<float>(entry.read(reader), ModelContext{some_columns}),
                    Capability::parameters);
  } catch (const InputError&) {
    return true;
  }
}

/// Initial values by array or by group; which arrays there are shows when the model is built.
Schema init_schema() {
  const Schema value = reference("initialiser");
  Schema groups = Schema::object();
  for (const char* group : {"weights", "biases", "scales"}) groups[group] = value;
  return {{"type", {"object", "null"}},
          {"description", "initial values, by array (W, visible_bias, …) or by group"},
          {"properties", groups},
          {"additionalProperties", value}};
}

std::vector<Alternative> model_types() {
  std::vector<Alternative> all;
  for (const auto& [name, entry] : models().entries()) {
    Alternative a{name, entry.doc, entry.read, needed_texts(entry.example, entry.read)};
    a.learnable = has_parameters(entry);
    if (a.learnable)
      a.further = [](Form) {
        Schema file = text_schema();
        file["description"] = "npz file with all parameters; they are not initialised then";
        return Schema{{"parameters", file}, {"init", init_schema()}};
      };
    all.push_back(std::move(a));
  }
  return all;
}

std::vector<Alternative> data_alternatives() {
  std::vector<Alternative> all;
  const auto prepared = [](const auto& visit) {
    return [visit](OptionVisitor& v) {
      visit(v);
      Preparation{}.visit(v);
    };
  };
  for (const auto& [name, type] : data_types())
    all.push_back({name, type.doc, prepared(type.read), needed_texts(type.example, type.read)});
  const auto teacher = [](OptionVisitor& v) {
    TeacherSpec t;
    visit_teacher(t, v);
  };
  all.push_back({"teacher", std::string(teacher_doc), prepared(teacher), {"model"}, [](Form form) {
                   return Schema{{"model",
                                  {{"description", "the teacher: a model with the keys of `model`"},
                                   {"allOf", Schema::array({reference(definition(form, "model"))})}}}};
                 }});
  return all;
}

std::vector<Alternative> sampler_types() {
  std::vector<Alternative> all;
  for (const auto& [name, entry] : samplers().entries())
    all.push_back({name, entry.doc, [&entry = entry](OptionVisitor& v) {
                     SamplerSpec s;
                     visit_sampler(s, v);
                     entry.read(v);
                   }});
  return all;
}

std::vector<Alternative> methods() {
  std::vector<Alternative> all;
  for (std::size_t i = 0; i < method_names().size(); ++i)
    all.push_back({std::string(method_names()[i]), std::string(method_docs()[i]), [i](OptionVisitor& v) {
                     TrainerSpec t;
                     visit_method(Method(i), t, v);
                   }});
  return all;
}

/// The keys of one type.
Schema alternative_schema(const Section& section, const Alternative& a, SchemaContext& context) {
  Schema s = mapping_schema(section.path, context, a.visit);
  Schema properties{{section.key, {{"const", a.name}, {"description", a.doc}}}};
  properties.update(s["properties"]);
  if (a.further) properties.update(a.further(context.form));
  s["properties"] = std::move(properties);
  if (context.form == Form::complete)
    for (const std::string& key : a.needed) s["required"].push_back(key);
  return s;
}

/// The names of the types, with what they are.
Schema type_schema(const Section& section) {
  Schema names = Schema::array(), docs = Schema::array();
  for (const Alternative& a : section.alternatives) names.push_back(a.name), docs.push_back(a.doc);
  Schema s{{"enum", names}, {"enumDescriptions", docs}};
  if (!section.fallback.empty()) s["default"] = section.fallback;
  return s;
}

/// The keys of all types at once.
Schema open_schema(const Section& section, SchemaContext& context) {
  Schema properties = Schema::object();
  for (const Alternative& a : section.alternatives) {
    const Schema s = alternative_schema(section, a, context);
    for (const auto& [key, schema] : s["properties"].items())
      properties[key] = properties.contains(key) ? either(properties[key], schema) : schema;
  }
  properties[section.key] = type_schema(section);
  return {{"title", section.path},
          {"description", section.doc},
          {"type", {"object", "null"}},
          {"properties", properties},
          {"additionalProperties", false}};
}

} // namespace

std::vector<Section> typed_sections() {
  return {
      {"data", "type", "", "the data set and how it is prepared", data_alternatives()},
      {"model", "type", "", "the energy, its size and its initial parameters", model_types()},
      {"sampler", "type", "gibbs", "the chains of the negative phase, or of method none", sampler_types()},
      {"trainer", "method", "", "how the model learns, and how long", methods()}};
}

Schema section_schema(const Section& section, SchemaContext& context) {
  context.selectors.insert(section.path + "." + section.key);
  if (context.form == Form::open) return open_schema(section, context);
  const bool needed = context.form == Form::complete && section.fallback.empty();
  Schema s{{"title", section.path}, {"description", section.doc}, {"type", {"object", "null"}}};
  if (needed) s["type"] = "object", s["required"] = Schema::array({section.key});
  s["properties"][section.key] = type_schema(section);
  for (const Alternative& a : section.alternatives) {
    Schema chosen{{"type", "object"}, {"properties", {{section.key, {{"const", a.name}}}}}};
    if (a.name != section.fallback) chosen["required"] = Schema::array({section.key});
    s["allOf"].push_back({{"if", chosen}, {"then", alternative_schema(section, a, context)}});
  }
  return s;
}

Schema evaluation_schema(Form form) {
  SchemaContext context{form};
  Schema s = mapping_schema("evaluation", context, [](OptionVisitor& v) {
    EvaluationSpec e;
    visit_evaluation(e, v);
  });
  Schema docs = Schema::array();
  for (const std::string_view doc : metric_docs()) docs.push_back(doc);
  s["properties"]["metrics"]["items"]["enumDescriptions"] = docs;
  s["type"] = {"object", "null"};
  s["description"] = "what is measured, and when";
  return s;
}

std::string definition(Form form, const std::string& section) {
  return (form == Form::complete ? "complete_" : form == Form::swept ? "swept_" : "open_") + section;
}

void add_dotted_keys(const std::string& place, const Schema& s, DottedKeys& keys) {
  if (s.contains("anyOf"))
    for (const Schema& part : s["anyOf"]) add_dotted_keys(place, part, keys);
  const bool one_of_tags = s.contains("maxProperties"); // {fixed: 0.5} is a value, not a place
  if (!s.contains("properties") || one_of_tags || place.ends_with(".init")) return;
  for (const auto& [name, value] : s["properties"].items()) {
    const std::string key = place + "." + name;
    const auto [at, fresh] = keys.try_emplace(key, value);
    if (!fresh) at->second = either(at->second, value);
    add_dotted_keys(key, value, keys);
  }
}

DottedKeys keys_of(const Section& section, const Alternative& a) {
  SchemaContext context{Form::open};
  DottedKeys keys;
  add_dotted_keys(section.path, alternative_schema(section, a, context), keys);
  return keys;
}

} // namespace ebm::experiments
