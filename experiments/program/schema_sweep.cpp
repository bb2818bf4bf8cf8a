#include "experiments/program/schema_sweep.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "ebm/learning/initialise.hpp"
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {
namespace {

constexpr double largest_integer = 9007199254740992; // 2^53: every integer up to here is a double

/// Names of a model's arrays are not known before it is built.
const std::string array_key = "^(?:data\\.)?model\\.init\\.[^.]+",
                  decay_key = "^trainer\\.optimizer\\.decay\\.[^.]+$";

/// A mapping of dotted keys; `value` makes the schema of what stands at a key out of that of its values.
template <class F> Schema keyed(const DottedKeys& keys, F value) {
  Schema s{{"type", "object"}, {"properties", Schema::object()}};
  for (const auto& [key, schema] : keys) s["properties"][key] = value(schema, reference(key));
  s["patternProperties"][array_key + "$"] = value(Schema::object(), reference("initialiser"));
  s["patternProperties"][array_key + "\\.[^.]+$"] = value(real_schema({}), reference("number"));
  s["patternProperties"][decay_key] = value(real_schema(at_least(0)), reference("number_from_0"));
  s["additionalProperties"] = false;
  return s;
}

Schema two(const Schema& first, const Schema& second) {
  return {{"type", "array"}, {"items", Schema::array({first, second})}, {"minItems", 2}, {"maxItems", 2}};
}

Schema list_of(const Schema& items) {
  return {{"type", "array"}, {"items", items}, {"minItems", 1}};
}

/// Whether values of this kind may be of that type of number.
bool may_be(const Schema& s, const std::string& type) {
  if (s.contains("anyOf"))
    return std::ranges::any_of(s["anyOf"], [&](const Schema& part) { return may_be(part, type); });
  return s.contains("patternErrorMessage") && s["type"].is_array() &&
         std::ranges::find(s["type"], Schema(type)) != s["type"].end();
}

/// `{name: arguments}` for the distributions that can draw values of this kind.
Schema distribution(const Schema& kind, const Schema& value) {
  Schema all = Schema::object();
  if (may_be(kind, "number"))
    all = {{"uniform", reference("two_numbers")},
           {"log_uniform", reference("two_positive_numbers")},
           {"normal", reference("mean_and_deviation")}};
  if (may_be(kind, "number") || may_be(kind, "integer")) {
    all["int_uniform"] = reference("two_integers");
    all["log_int_uniform"] = reference("two_positive_integers");
  }
  all["choice"] = list_of(value);
  return {{"type", "object"},
          {"properties", all},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

Schema described(Schema s, const char* doc) {
  s["description"] = doc;
  return s;
}

Schema random_schema() {
  return {{"type", "object"},
          {"description", "random settings"},
          {"properties",
           {{"draws", described(integer_schema(between(1, double(largest_plan))),
                                "number of draws (default 1); draws that repeat another are left out")},
            {"seed", described(integer_schema(between(0, largest_integer)),
                               "seed of the draws (default: the experiment's)")},
            {"params", reference("distributions")}}},
          {"required", Schema::array({"params"})},
          {"additionalProperties", false}};
}

Schema block_schema() {
  const Schema variants{{"type", "object"},
                        {"description", "named settings: {CD-1: {trainer.method: cd}}"},
                        {"additionalProperties", reference("values")},
                        {"minProperties", 1}};
  return {{"type", "object"},
          {"properties",
           {{"name", described(text_schema(), "what the variants are called in tables")},
            {"variants", variants},
            {"grid", reference("grid")},
            {"zip", reference("zip")},
            {"random", random_schema()},
            {"exclude",
             {{"type", "array"},
              {"description", "settings of the block to leave out: [{method: exact}]"},
              {"items", reference("partial")}}}}},
          {"additionalProperties", false}};
}

/// Coordinates of settings: dotted keys, or the name of a block with variants.
Schema partial_schema(const DottedKeys& keys) {
  Schema names = Schema::array();
  for (const auto& [key, schema] : keys) names.push_back(key);
  Schema legal{
      {"anyOf", Schema::array({{{"enum", names}}, {{"pattern", array_key}}, {{"pattern", decay_key}}})}};
  return {{"type", "object"},
          {"minProperties", 1},
          {"propertyNames",
           {{"if", {{"pattern", "^(?:data|model|sampler|trainer|evaluation)\\."}}}, {"then", legal}}}};
}

Schema seeds_schema() {
  Schema list = list_of(integer_schema(at_least(0)));
  list["uniqueItems"] = true;
  return {{"description", "replicates of each setting: their number (seeds 1, 2, …), or their seeds"},
          {"default", 1},
          {"anyOf", Schema::array({integer_schema(between(1, double(largest_plan))), list})}};
}

/// Initial values beyond this would give energies that are not finite.
Schema initialiser_schema() {
  std::vector<Tag> tags(Initialiser::tags().begin(), Initialiser::tags().end());
  for (Tag& t : tags) {
    t.limits.low = std::max(t.limits.low, -largest_initial_value);
    t.limits.high = std::min(t.limits.high, largest_initial_value);
  }
  return tagged_schema(tags);
}

} // namespace

Schema sweep_definitions(const DottedKeys& keys) {
  Schema all = Schema::object();
  for (const auto& [key, schema] : keys) all[key] = schema;
  all["initialiser"] = initialiser_schema();
  all["number"] = real_schema({});
  all["number_from_0"] = real_schema(at_least(0));
  all["two_numbers"] = two(real_schema({}), real_schema({}));
  all["two_positive_numbers"] = two(real_schema(above(0)), real_schema(above(0)));
  all["mean_and_deviation"] = two(real_schema({}), real_schema(at_least(0)));
  for (const auto& [name, low] :
       {std::pair("two_integers", -largest_integer), {"two_positive_integers", 1.0}}) {
    const Schema integer = integer_schema(between(low, largest_integer));
    all[name] = two(integer, integer);
  }
  all["values"] = keyed(keys, [](const Schema&, const Schema& value) { return value; });
  all["values"]["type"] = {"object", "null"};
  all["zip"] = described(keyed(keys, [](const Schema&, const Schema& value) { return list_of(value); }),
                         "lists of one length by dotted key, walked together");
  all["zip"]["minProperties"] = 1;
  all["grid"] = described(keyed(keys,
                                [](const Schema&, const Schema& value) {
                                  Schema list = list_of(value);
                                  list["uniqueItems"] = true;
                                  return list;
                                }),
                          "lists by dotted key: every combination of the values");
  all["distributions"] = described(keyed(keys, distribution), "distributions by dotted key");
  all["distributions"]["minProperties"] = 1;
  all["partial"] = partial_schema(keys);
  all["sweep"] = {{"type", {"array", "null"}},
                  {"description", "blocks, whose settings stand one after the other; in a block: variants x "
                                  "grid x zip x random, less exclude"},
                  {"items", block_schema()},
                  {"minItems", 1}};
  all["seeds"] = seeds_schema();
  return all;
}

Schema in_every_swept_key(const Schema& demand) {
  const Schema names{{"propertyNames", demand}};
  const Schema block{{"properties",
                      {{"variants", {{"additionalProperties", names}}},
                       {"grid", names},
                       {"zip", names},
                       {"random", {{"properties", {{"params", names}}}}}}}};
  return {{"properties", {{"sweep", {{"items", block}}}}}};
}

} // namespace ebm::experiments
