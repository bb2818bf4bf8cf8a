#include "experiments/program/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/program/arrays.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/spec/topics.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

/// "lr: number, > 0 (default 0.01)" and its documentation, nested keys further to the right.
std::string text_of(const OptionDescription& o, const std::string& name) {
  const auto depth = std::size_t(std::ranges::count(name, '.'));
  std::string head = name.substr(name.rfind('.') + 1);
  if (!o.type.empty()) head += ": " + o.type;
  if (!o.limits.empty()) head += ", " + o.limits;
  if (!o.fallback.empty()) head += fmt::format(" (default {})", o.fallback);
  return wrapped(head, 2 + 4 * depth) + wrapped(o.doc, 6 + 4 * depth);
}

std::string text_of(const Topic& t) {
  std::string out = t.place().empty() ? "file\n" : t.place() + "\n";
  out += wrapped(t.doc, 2);
  if (!t.example.empty() || t.type_key == "type") {
    const std::string example = t.type.empty() ? t.example
                                               : fmt::format("{}: {{type: {}{}{}}}", t.section, t.type,
                                                             t.example.empty() ? "" : ", ", t.example);
    out += wrapped("e.g. " + example, 2);
  }
  for (const OptionDescription& o : t.options) out += text_of(o, o.name);
  if (t.section == "evaluation" || t.type.empty()) return out;
  for (const Topic& common : topics())
    if (common.section == t.section && common.type.empty() && common.options.size() > 1)
      out += fmt::format("  and the keys of every {}: ebm explain {}\n", t.section, t.section);
  return out;
}

std::string metrics_text(const std::string& only) {
  std::string out;
  for (std::size_t i = 0; i < metric_names().size(); ++i)
    if (only.empty() || only == metric_names()[i])
      out += fmt::format("  {}\n{}", metric_names()[i], wrapped(std::string(metric_docs()[i]), 6));
  return out;
}

/// A section: its own keys, then its types by name.
std::string section_text(const std::string& section) {
  std::string out, types;
  for (const Topic& t : topics()) {
    if (t.section != section) continue;
    if (t.type.empty())
      out += text_of(t);
    else
      types += fmt::format("  {:<26} {}\n", t.place(), t.doc);
  }
  if (!types.empty()) out += "types, each with keys of its own (ebm explain " + section + ".NAME):\n" + types;
  if (section == "evaluation") out += "metrics:\n" + metrics_text("");
  return out;
}

/// What a key that chooses a type may be: "trainer.method".
std::string choices_text(const std::string& key) {
  std::string out, section;
  for (const Topic& t : topics())
    if (!t.type.empty() && t.dotted(t.type_key) == key) {
      section = t.section;
      out += fmt::format("  {}\n{}", t.type, wrapped(t.doc, 6));
    }
  return out.empty() ? out : out + fmt::format("  the keys of each: ebm explain {}.NAME\n", section);
}

/// The options at or below a dotted key, grouped by what they come with; types with the same ones together.
std::string key_text(const std::string& key) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Topic& t : topics()) {
    std::string text;
    for (const OptionDescription& o : t.options) {
      const std::string dotted = t.dotted(o.name), typed = t.place() + "." + o.name;
      for (const std::string& full : {dotted, typed})
        if (full == key || full.starts_with(key + ".")) {
          text += text_of(o, full.substr(key.rfind('.') + 1));
          break;
        }
    }
    if (text.empty()) continue;
    const auto same = std::ranges::find(groups, text, &decltype(groups)::value_type::first);
    if (same == groups.end())
      groups.push_back({text, {t.place()}});
    else
      same->second.push_back(t.place());
  }
  std::string out;
  for (const auto& [text, places] : groups) {
    const bool typed = places != std::vector{key.substr(0, places[0].size())} || key == places[0];
    out += (typed ? fmt::format("{} ({})", key, fmt::join(places, ", ")) : key) + "\n" + text;
  }
  if (!out.empty() && key == "evaluation.metrics") out += metrics_text("");
  return out + choices_text(key);
}

/// Every place where a key of that name stands: `lr` for trainer.optimizer.lr.
std::string leaf_text(const std::string& leaf) {
  std::set<std::string> keys;
  for (const Topic& t : topics())
    for (const OptionDescription& o : t.options)
      if (o.name == leaf || o.name.ends_with("." + leaf)) keys.insert(t.dotted(o.name));
  std::string out;
  for (const std::string& key : keys) out += key_text(key);
  return out;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names(metric_names().begin(), metric_names().end());
  for (const Topic& t : topics()) {
    names.push_back(t.place());
    for (const OptionDescription& o : t.options) names.push_back(t.dotted(o.name));
  }
  return names;
}

/// How the trial gets log Z; a dash where no metric needs it.
template <class T> std::string cost(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  const auto needs = [](Metric m) {
    return m == Metric::log_likelihood || m == Metric::log_partition || m == Metric::elbo;
  };
  if (std::ranges::none_of(spec.evaluation.metrics, needs)) return "–";
  if (spec.evaluation.estimator == PartitionEstimator::ais) return "AIS";
  const auto data = load_data<T>(spec, replicate, session);
  const AnyEnergy<T> model =
      build_energy<T>(spec.model, data.get(), session.base, replicate_key(spec, replicate));
  const AnyEnergy<T> e = supports(model, Capability::top) ? model.top() : model;
  if (supports(e, Capability::log_partition)) return "closed form";
  const Enumeration plan = cheapest_enumeration(e);
  if (std::isinf(plan.log2_states)) return "AIS";
  return plan.log2_states <= enumeration_limit_bits ? fmt::format("2^{:.0f} states", plan.log2_states)
                                                    : fmt::format("AIS (2^{:.0f} states)", plan.log2_states);
}

/// How long a trial works, stage by stage: "10 epochs a layer + 20 epochs of the net".
std::string work_of(const TrainerSpec& trainer) {
  std::vector<std::string> stages;
  if (trainer.pretraining) stages.push_back(fmt::format("{} epochs a layer", trainer.pretraining->epochs));
  if (trainer.updates) stages.push_back(std::to_string(*trainer.updates));
  if (trainer.epochs) stages.push_back(fmt::format("{} epochs", *trainer.epochs));
  if (stores(trainer.method)) stages.emplace_back("1");
  if (trainer.method == Method::none) stages.push_back(fmt::format("{} draws", trainer.draws));
  if (trainer.finetuning) stages.push_back(fmt::format("{} epochs of the net", trainer.finetuning->epochs));
  return fmt::format("{}", fmt::join(stages, " + "));
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

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string out, line;
  std::istringstream words(text);
  const auto flush = [&] { out += std::string(indent, ' ') + line + '\n'; };
  for (std::string word; words >> word; line += (line.empty() ? "" : " ") + word)
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush(), line.clear();
  if (!line.empty()) flush();
  return out;
}

std::string list_registered(const std::string& family) {
  if (family == "arrays") return list_arrays();
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
  data.emplace_back("teacher", teacher_doc);
  for (std::size_t i = 0; i < method_names().size(); ++i)
    methods.emplace_back(method_names()[i], method_docs()[i]);
  for (std::size_t i = 0; i < metric_names().size(); ++i)
    metrics.emplace_back(metric_names()[i], metric_docs()[i]);
  section("models", of(models().entries()));
  section("samplers", of(samplers().entries()));
  section("trainers", methods);
  section("data", data);
  section("metrics", metrics);
  const std::vector<std::string> families{"models", "samplers", "trainers", "data", "metrics", "arrays"};
  if (out.empty())
    throw InputError(fmt::format("'{}' is no family: one of {}{}", family, fmt::join(families, ", "),
                                 did_you_mean(family, families)));
  return out;
}

std::string explain(const std::string& topic) {
  std::string out;
  for (const Topic& t : topics()) {
    if (t.type.empty() && t.section == (topic == "file" ? "" : topic)) return section_text(t.section);
    if (t.place() == topic || t.type == topic) out += text_of(t); // `rbm` for model.rbm
  }
  if (out.empty()) out = key_text(topic);
  if (out.empty() && topic.find(".init.") != std::string::npos) out = section_text("model.init");
  if (const std::string metric = metrics_text(topic); !topic.empty() && !metric.empty())
    out = "metric\n" + metric + out;
  if (out.empty()) out = leaf_text(topic);
  if (!out.empty()) return out;
  const std::vector<std::string> names = all_names();
  std::vector<std::string> places{"file"};
  for (const Topic& t : topics())
    if (!t.section.empty() && t.type.empty()) places.push_back(t.place());
  throw InputError(fmt::format("nothing is known of '{}'{}\ntopics: {}; a type of these (model.rbm), a key "
                               "(trainer.optimizer.lr) or a metric",
                               topic, did_you_mean(topic, names), fmt::join(places, ", ")));
}

TextTable plan_table(const Experiment& x, Session& session) {
  TextTable t;
  t.header = {"trial", "setting", "seed", "updates", "log Z"};
  t.right_aligned = {true, false, true, true, false};
  std::vector<std::string> costs;
  for (const Setting& s : x.settings)
    costs.push_back(s.spec.precision == Precision::float_ ? cost<float>(s.spec, x.replicates[0], session)
                                                          : cost<double>(s.spec, x.replicates[0], session));
  for (const Trial& trial : x.trials) {
    const Setting& setting = x.settings[trial.setting];
    t.rows.push_back({std::to_string(trial.index), setting.name(), std::to_string(trial.replicate),
                      work_of(setting.spec.trainer), costs[trial.setting]});
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
