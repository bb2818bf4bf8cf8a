#include "experiments/program/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/program/describer.hpp"
#include "experiments/run/evaluation.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

struct Topic {
  std::string place, doc;
  std::vector<OptionDescription> options;
};

/// Options of `visit`, called on defaults.
template <class F> std::vector<OptionDescription> describe_options(F visit) {
  Describer d;
  visit(d);
  return d.options();
}

template <class Entries>
void add_topics(std::vector<Topic>& out, const std::string& section, const Entries& entries) {
  for (const auto& [name, entry] : entries)
    out.push_back(
        {section + "." + name, entry.doc, describe_options([&](OptionVisitor& v) { entry.read(v); })});
}

constexpr std::array<std::string_view, 4> method_docs{
    "Contrastive divergence: chains start at the data of each update.",
    "Persistent contrastive divergence: chains are kept from update to update.",
    "The exact gradient, by enumeration or closed-form expectations.",
    "No learning: samples from the model with its given parameters."};

std::vector<Topic> topics() {
  std::vector<Topic> all;
  add_topics(all, "data", data_types());
  all.push_back({"data", "Keys that every data type takes.",
                 describe_options([](OptionVisitor& v) { Preparation{}.visit(v); })});
  add_topics(all, "model", models().entries());
  add_topics(all, "sampler", samplers().entries());
  all.push_back({"sampler", "Keys that every sampler takes.", describe_options([](OptionVisitor& v) {
                   SamplerSpec s;
                   visit_sampler(s, v);
                 })});
  for (std::size_t i = 0; i < method_names().size(); ++i)
    all.push_back({"trainer." + std::string(method_names()[i]), std::string(method_docs[i]),
                   describe_options([&](OptionVisitor& v) {
                     TrainerSpec t;
                     visit_method(Method(i), t, v);
                   })});
  all.push_back({"evaluation", "What is measured, and when.", describe_options([](OptionVisitor& v) {
                   EvaluationSpec e;
                   visit_evaluation(e, v);
                 })});
  Topic init{"model.init", "Initial parameters: for weights, biases, scales, or an array by its name.", {}};
  for (const Tag& t : Initialiser::tags())
    init.options.push_back(
        {std::string(t.name), t.has_value ? "number" : "word", "", t.limits.text(), std::string(t.doc)});
  all.push_back(std::move(init));
  return all;
}

std::string text_of(const Topic& t, const std::string& only) {
  std::string out = only.empty() ? t.place + "\n  " + t.doc + "\n" : "";
  for (const OptionDescription& o : t.options) {
    if (!only.empty() && o.name != only && !o.name.starts_with(only + ".")) continue;
    out += fmt::format("  {}: {}", o.name, o.type);
    if (!o.limits.empty()) out += ", " + o.limits;
    out += o.fallback.empty() ? "\n" : fmt::format(" (default {})\n", o.fallback);
    out += "      " + o.doc + "\n";
  }
  return out;
}

template <class T> std::string cost(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  const auto data = load_data<T>(spec, replicate, session);
  const AnyEnergy<T> e =
      build_energy<T>(spec.model, data.get(), session.base, replicate_key(spec, replicate));
  if (supports(e, Capability::log_partition)) return "closed form";
  const Enumeration plan = cheapest_enumeration(e);
  if (std::isinf(plan.log2_states)) return "none";
  return plan.log2_states <= enumeration_limit_bits ? fmt::format("2^{:.0f} states", plan.log2_states)
                                                    : fmt::format("AIS (2^{:.0f} states)", plan.log2_states);
}

std::string number_17(const Json& v) {
  return fmt::format("{:.17g}", v.get<double>());
}

void write_json(const Json& v, std::string& out) {
  if (v.is_number_float()) {
    out += number_17(v);
  } else if (v.is_object() || v.is_array()) {
    out += v.is_object() ? '{' : '[';
    bool first = true;
    for (const auto& [key, value] : v.items()) {
      if (!first) out += ", ";
      first = false;
      if (v.is_object()) out += Json(key).dump() + ": ";
      write_json(value, out);
    }
    out += v.is_object() ? '}' : ']';
  } else {
    out += v.dump();
  }
}

} // namespace

std::string list_registered(const std::string& family) {
  std::string out;
  const auto section = [&](const std::string& name, const auto& lines) {
    if (!family.empty() && family != name) return;
    out += name + "\n";
    for (const auto& [word, doc] : lines) out += fmt::format("  {:<28} {}\n", word, doc);
  };
  using Lines = std::vector<std::pair<std::string, std::string>>;
  const auto of = [](const auto& entries) {
    Lines lines;
    for (const auto& [name, entry] : entries) lines.emplace_back(name, entry.doc);
    return lines;
  };
  Lines data = of(data_types()), methods, metrics;
  data.emplace_back("teacher", "Rows drawn exactly from a small model, random or given.");
  for (std::size_t i = 0; i < method_names().size(); ++i)
    methods.emplace_back(method_names()[i], method_docs[i]);
  for (const std::string_view m : metric_names()) metrics.emplace_back(m, "");
  section("models", of(models().entries()));
  section("samplers", of(samplers().entries()));
  section("trainers", methods);
  section("data", data);
  section("metrics", metrics);
  const std::vector<std::string> families{"models", "samplers", "trainers", "data", "metrics"};
  if (out.empty())
    throw InputError(fmt::format("'{}' is no family: one of {}{}", family, fmt::join(families, ", "),
                                 did_you_mean(family, families)));
  return out;
}

std::string explain(const std::string& topic) {
  std::string out;
  std::vector<std::string> places;
  for (const Topic& t : topics()) {
    places.push_back(t.place);
    if (t.place == topic || t.place.starts_with(topic + "."))
      out += text_of(t, "");
    else if (topic.starts_with(t.place + "."))
      out += text_of(t, topic.substr(t.place.size() + 1));
  }
  if (out.empty())
    throw InputError(fmt::format("nothing is known of '{}'{}\ntopics: {}", topic, did_you_mean(topic, places),
                                 fmt::join(places, ", ")));
  return out;
}

TextTable plan_table(const Experiment& x, Session& session) {
  TextTable t;
  t.header = {"trial", "setting", "seed", "updates", "exact log Z"};
  t.right_aligned = {true, false, true, true, false};
  std::vector<std::string> costs;
  for (const Setting& s : x.settings)
    costs.push_back(s.spec.precision == Precision::float_ ? cost<float>(s.spec, x.replicates[0], session)
                                                          : cost<double>(s.spec, x.replicates[0], session));
  for (const Trial& trial : x.trials) {
    const TrainerSpec& trainer = x.settings[trial.setting].spec.trainer;
    t.rows.push_back({std::to_string(trial.index), x.settings[trial.setting].name(),
                      std::to_string(trial.replicate),
                      trainer.updates  ? std::to_string(*trainer.updates)
                      : trainer.epochs ? fmt::format("{} epochs", *trainer.epochs)
                                       : fmt::format("{} draws", trainer.draws),
                      costs[trial.setting]});
  }
  return t;
}

std::string json_17_digits(const Json& json) {
  std::string out;
  write_json(json, out);
  return out;
}

std::string readable(const Json& json) {
  std::string out;
  for (const auto& [key, value] : json.items()) {
    std::string text;
    if (value.is_object() && value.contains("mean")) {
      text = value["mean"].is_number() ? short_number(value["mean"].get<double>(), 10)
                                       : value["mean"].get<std::string>();
      text = fmt::format("{} (mean of {} rows)", text, value["values"].size());
    } else if (value.is_number()) {
      text = short_number(value.get<double>(), 10);
    } else {
      write_json(value, text);
    }
    out += fmt::format("{}: {}\n", key, text);
  }
  if (!out.empty()) out.pop_back();
  return out;
}

} // namespace ebm::experiments
