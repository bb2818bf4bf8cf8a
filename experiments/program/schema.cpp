#include "experiments/program/schema.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "experiments/program/schema_sweep.hpp"
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {
namespace {

/// No key that a sweep sets is the section or lies below it.
Schema untouched(const std::string& section) {
  return in_every_swept_key({{"not", {{"pattern", "^" + section + "(?:\\.|$)"}}}});
}

/// No key that a sweep sets is one of these choices, or holds one.
Schema unselected(const std::set<std::string>& selectors) {
  std::set<std::string> keys;
  for (std::string key : selectors)
    for (;;) {
      keys.insert(key);
      const std::size_t dot = key.rfind('.');
      if (dot == std::string::npos) break;
      key.erase(dot);
    }
  return in_every_swept_key({{"not", {{"enum", keys}}}});
}

Schema all_of(std::initializer_list<Schema> parts) {
  return {{"allOf", std::vector<Schema>(parts)}};
}

/// The section is there and its type is one of these; also where it has none, for the type by default.
Schema type_is(const Section& section, const std::vector<std::string>& types) {
  Schema inside{{"properties", {{section.key, {{"enum", types}}}}}}, s;
  if (std::ranges::find(types, section.fallback) == types.end()) {
    inside["required"] = Schema::array({section.key});
    s["required"] = Schema::array({section.path});
  }
  s["properties"][section.path] = std::move(inside);
  return s;
}

Schema section_is(const std::string& section, const std::string& definition) {
  return {{"properties", {{section, reference(definition)}}}};
}

/// Lets properties that stand in several places refer to one definition, which makes the schema a third as
/// long.
class Sharing {
 public:
  void share(Schema& root) {
    for (const auto& [name, s] : root["definitions"].items()) names_.emplace(s.dump(), name);
    count(root);
    replace(root);
    root["definitions"].update(added_);
  }

 private:
  static bool worth_it(const Schema& s) {
    return s.is_object() && !s.contains("$ref") && s.dump().size() > 100;
  }
  void count(const Schema& s) {
    if (s.is_object() && s.contains("properties"))
      for (const Schema& property : s["properties"])
        if (worth_it(property)) ++times_[property.dump()];
    for (const Schema& part : s)
      if (part.is_structured()) count(part);
  }
  void replace(Schema& s) {
    if (s.is_object() && s.contains("properties"))
      for (const auto& [key, property] : s["properties"].items())
        if (worth_it(property)) property = shared(key, property);
    for (Schema& part : s)
      if (part.is_structured()) replace(part);
  }
  Schema shared(const std::string& key, Schema s) {
    const std::string text = s.dump();
    const auto known = names_.find(text);
    if (known != names_.end()) return reference(known->second);
    if (times_[text] < 2) return s;
    const std::string name = fmt::format("{}_{}", key, ++numbers_[key]);
    names_.emplace(text, name);
    replace(s);
    added_[name] = std::move(s);
    return reference(name);
  }

  std::map<std::string, std::string> names_; ///< of definitions, by their text
  std::map<std::string, std::size_t> times_, numbers_;
  Schema added_ = Schema::object();
};

/// Sections with all that is known of them.
class SchemaMaker {
 public:
  Schema make() {
    for (const Section& s : sections_)
      for (const Form form : {Form::complete, Form::swept, Form::open}) add_section(s, form);
    for (const Form form : {Form::complete, Form::swept})
      definitions_[definition(form, "evaluation")] = evaluation_schema(form);
    for (const std::string& key : std::set(selectors_["model"])) selectors_["data"].insert("data." + key);
    add_keys();
    definitions_.update(sweep_definitions(keys_));
    definitions_.update(number_definitions());
    Schema root{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"$id", "ebm-1.schema.json"},
                {"title", "Experiment of ebm, format 1"},
                {"description",
                 "An experiment with energy-based models. Written by `ebm schema`; `ebm explain` "
                 "tells more of each key, and `ebm check` finds what no schema can see."},
                {"type", "object"},
                {"properties", properties()},
                {"required", {"ebm", "name"}},
                {"additionalProperties", false},
                {"allOf", conditions()},
                {"definitions", definitions_}};
    Sharing().share(root);
    return root;
  }

 private:
  void add_section(const Section& s, Form form) {
    SchemaContext context{form};
    definitions_[definition(form, s.path)] = section_schema(s, context);
    selectors_[s.path].merge(context.selectors);
  }

  /// The dotted keys of a sweep and the values that they take.
  void add_keys() {
    common_ = mapping_schema("", whole_, [](OptionVisitor& v) {
      TrialSpec spec;
      visit_common(spec, v);
    })["properties"];
    for (const char* key : {"seed", "precision"}) keys_[key] = common_[key];
    for (const Section& s : sections_)
      add_dotted_keys(s.path, definitions_[definition(Form::open, s.path)], keys_);
    DottedKeys below_model;
    add_dotted_keys("data.model", definitions_[definition(Form::open, "model")], below_model);
    keys_.merge(below_model);
    keys_["data.model"] = reference(definition(Form::swept, "model"));
    add_dotted_keys("evaluation", definitions_[definition(Form::swept, "evaluation")], keys_);
    for (const char* s : {"data", "model", "sampler", "trainer", "evaluation"})
      keys_[s] = reference(definition(Form::swept, s));
  }

  Schema properties() {
    Schema all{{"ebm", {{"const", 1}, {"description", "version of the file format"}}}};
    all.update(common_);
    for (const char* s : {"data", "model", "sampler", "trainer", "evaluation"})
      all[s] = {{"description", definitions_[definition(Form::complete, s)]["description"]}};
    all["sweep"] = reference("sweep");
    all["seeds"] = reference("seeds");
    all["report"] = mapping_schema("report", whole_, [](OptionVisitor& v) {
      ReportSpec r;
      visit_report(r, v);
    });
    all["report"]["properties"]["baseline"] = reference("partial");
    all["report"]["description"] = "what the tables and figures compare";
    all["output"] = mapping_schema("output", whole_, [](OptionVisitor& v) {
      OutputSpec o;
      visit_output(o, v);
    });
    all["output"]["description"] = "where the run's folder is made";
    for (const char* s : {"report", "output"}) all[s]["type"] = {"object", "null"};
    return all;
  }

  /// Which form of a section applies, and what one section demands of another.
  Schema conditions() {
    Schema all = Schema::array();
    for (const Section& s : sections_) {
      Schema fixed{{"if", untouched(s.path)},
                   {"then", section_is(s.path, definition(Form::complete, s.path))},
                   {"else", section_is(s.path, definition(Form::swept, s.path))},
                   {"allOf", keys_of_other_types(s)}};
      all.push_back({{"if", unselected(selectors_[s.path])},
                     {"then", std::move(fixed)},
                     {"else", section_is(s.path, definition(Form::open, s.path))}});
    }
    all.push_back({{"if", untouched("evaluation")},
                   {"then", section_is("evaluation", definition(Form::complete, "evaluation"))},
                   {"else", section_is("evaluation", definition(Form::swept, "evaluation"))}});
    for (Schema& s : demands()) all.push_back(std::move(s));
    return all;
  }

  /// With a fixed type, a sweep sets no key that comes with another.
  Schema keys_of_other_types(const Section& s) {
    Schema all = Schema::array();
    DottedKeys every;
    std::map<std::string, DottedKeys> of;
    for (const Alternative& a : s.alternatives) {
      of[a.name] = keys_of(s, a);
      every.insert(of[a.name].begin(), of[a.name].end());
    }
    for (const Alternative& a : s.alternatives) {
      Schema others = Schema::array();
      for (const auto& [key, schema] : every)
        if (!of[a.name].contains(key)) others.push_back(key);
      if (!others.empty())
        all.push_back(
            {{"if", type_is(s, {a.name})}, {"then", in_every_swept_key({{"not", {{"enum", others}}}})}});
    }
    return all;
  }

  std::vector<Schema> demands() {
    const Section &model = sections_[1], &trainer = sections_[3];
    std::vector<std::string> learning, fixed;
    for (const Alternative& a : trainer.alternatives)
      if (a.name != method_names()[std::size_t(Method::none)]) learning.push_back(a.name);
    for (const Alternative& a : model.alternatives)
      if (!a.learnable) fixed.push_back(a.name);
    const Schema learns = all_of({unselected({"trainer.method"}), type_is(trainer, learning)});
    // `ebm evaluate` needs no trainer, but parameters to evaluate, or a model without any.
    const Schema evaluated{{"anyOf", Schema::array({section_has("model", "parameters"),
                                                    section_has("model", "init"), type_is(model, fixed)})}};
    return {
        {{"if", untouched("model")}, {"then", {{"required", Schema::array({"model"})}}}},
        {{"if", all_of({untouched("trainer"), untouched("model"), {{"not", evaluated}}})},
         {"then", {{"required", Schema::array({"trainer"})}}}},
        {{"if", all_of({untouched("data"), learns})}, {"then", {{"required", Schema::array({"data"})}}}},
        {{"if", all_of({unselected({"model.type"}), learns})}, {"then", {{"not", type_is(model, fixed)}}}}};
  }
  static Schema section_has(const std::string& section, const std::string& key) {
    return {{"properties", {{section, {{"type", "object"}, {"required", Schema::array({key})}}}}},
            {"required", Schema::array({section})}};
  }

  const std::vector<Section> sections_ = typed_sections();
  SchemaContext whole_; ///< of what no sweep can touch
  Schema definitions_ = Schema::object(), common_;
  std::map<std::string, std::set<std::string>> selectors_; ///< by section
  DottedKeys keys_;
};

} // namespace

std::string schema_text() {
  return SchemaMaker().make().dump(2) + "\n";
}

} // namespace ebm::experiments
