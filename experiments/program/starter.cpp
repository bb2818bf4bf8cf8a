#include "experiments/program/starter.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/io/files.hpp"
#include "experiments/program/schema.hpp"
#include "experiments/run/setup.hpp"
#include "experiments/spec/topics.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

/// What a starter is made of. Sections are lines "key: value", in the order of the file.
using Lines = std::vector<std::pair<std::string, std::string>>;
struct Plan {
  Lines data, model, sampler, trainer, evaluation;
  std::string sweep, explained; ///< "key: [a, b]", and a key to ask `ebm explain` for
};

/// The keys of a place, from the topics: "model.rbm", "evaluation".
const Topic& topic_of(const std::string& place) {
  return *std::ranges::find(topics(), place, &Topic::place);
}
const OptionDescription* option_of(const Topic& t, const std::string& name) {
  const auto it = std::ranges::find(t.options, name, &OptionDescription::name);
  return it == t.options.end() ? nullptr : &*it;
}

Lines example_of(const Topic& t) {
  Diagnostics ignored;
  const Node section = read_yaml("{" + t.example + "}\n", "example", ignored);
  Lines lines;
  for (const Node::Entry& e : section.entries()) lines.emplace_back(e.key, e.value.flow());
  return lines;
}

/// A text as YAML, in quotes where it would be something else.
std::string yaml_text(const std::string& text) {
  return Node::make_scalar(text, {}).flow();
}

/// A type with its options: `chosen` ones, and those that have a default or a place in the example. With
/// `small`, the example's values go before defaults.
Lines typed(const Topic& t, bool small, const Lines& chosen = {}) {
  Lines lines{{t.type_key, t.type}};
  const Lines example = example_of(t);
  const auto value_in = [](const Lines& all, const std::string& key) {
    const auto it = std::ranges::find(all, key, &Lines::value_type::first);
    return it == all.end() ? std::string() : it->second;
  };
  for (const OptionDescription& o : t.options) {
    if (o.name.find('.') != std::string::npos) continue;
    const OptionDescription* alone =
        o.shorthand.empty() ? &o : option_of(t, o.name + "." + o.shorthand); // `hidden: 16`
    std::string value = value_in(chosen, o.name), shown = value_in(example, o.name);
    if (value.empty() && alone != nullptr && !alone->optional && alone->fallback != "0")
      value = alone->fallback;
    if (!value.empty() && alone->type == "text") value = yaml_text(value);
    if ((value.empty() || small) && !shown.empty()) value = shown;
    if (!value.empty()) lines.emplace_back(o.name, value);
  }
  return lines;
}

std::string flow(const Lines& lines) {
  std::string s;
  for (const auto& [key, value] : lines) s += (s.empty() ? "" : ", ") + key + ": " + value;
  return "{" + s + "}";
}

constexpr std::string_view modeline = "# yaml-language-server: $schema=./";

/// The first clause of a documentation: what fits behind a key.
std::string comment_of(const std::string& doc) {
  std::size_t end = 0;
  for (int depth = 0; end < doc.size(); ++end) {
    if (doc[end] == '(') ++depth;
    if (doc[end] == ')') --depth;
    const bool last = end + 1 == doc.size() || doc[end + 1] == ' ';
    if (depth == 0 && (doc[end] == ';' || doc[end] == '.') && last) break;
  }
  return doc.substr(0, end);
}

/// A section: each key with its comment.
std::string section_text(const std::string& name, const Lines& lines, const Topic& common, const Topic& own) {
  constexpr std::size_t column = 30;
  if (lines.empty()) return "";
  std::string out = "\n" + name + ":\n";
  for (const auto& [key, value] : lines) {
    const OptionDescription* o = option_of(own, key);
    if (o == nullptr) o = option_of(common, key);
    const std::string doc = key == own.type_key ? own.doc : o != nullptr ? o->doc : "";
    const std::string line = fmt::format("  {}: {}", key, value);
    out += line.size() < column ? fmt::format("{:<{}}# {}\n", line, column, comment_of(doc))
                                : fmt::format("  # {}\n{}\n", comment_of(doc), line);
  }
  return out;
}

std::string type_in(const Lines& lines) {
  return lines.empty() ? "" : lines[0].second;
}

/// The lines of the top level, with their comments.
std::string top_text(const std::string& model) {
  const Topic& top = topic_of("");
  std::string out;
  for (const auto& [key, value] : Lines{{"ebm", "1"}, {"name", yaml_text(model)}, {"seed", "1"}})
    out += fmt::format("{:<30}# {}\n", key + ": " + value, comment_of(option_of(top, key)->doc));
  return out;
}

std::string text_of(const std::string& model, const Plan& p) {
  const std::string data = type_in(p.data), method = type_in(p.trainer);
  std::string out = fmt::format("{}{}\n# A first experiment with {}. {}\n", modeline, schema_file, model,
                                topic_of("model." + model).doc);
  out += fmt::format("# `ebm check` finds errors, `ebm run` runs it, `ebm explain {}` tells more of a key.\n",
                     p.explained);
  out += top_text(model);
  if (!data.empty()) out += section_text("data", p.data, topic_of("data"), topic_of("data." + data));
  out += section_text("model", p.model, topic_of("model"), topic_of("model." + model));
  if (!p.sampler.empty())
    out += section_text("sampler", p.sampler, topic_of("sampler"), topic_of("sampler." + type_in(p.sampler)));
  out += section_text("trainer", p.trainer, topic_of("trainer"), topic_of("trainer." + method));
  out += section_text("evaluation", p.evaluation, topic_of("evaluation"), topic_of("evaluation"));
  out += fmt::format("\n# {}\nsweep:\n  - grid: {{{}}}\n", comment_of(topic_of("sweep").doc), p.sweep);
  out += fmt::format("\n# {}\nseeds: 2\n", comment_of(option_of(topic_of(""), "seeds")->doc));
  out += section_text("output", {{"dir", "runs"}}, topic_of("output"), topic_of("output"));
  return out;
}

template <class T> bool cheap(const TrialSpec& spec, Session& session) {
  constexpr double most_bits = 16;
  if (stores(spec.trainer.method)) return true;
  const auto data = load_data<T>(spec, 1, session);
  const AnyEnergy<T> e = build_energy<T>(spec.model, data.get(), session.base, replicate_key(spec, 1));
  if (supports(e, Capability::log_partition)) return true;
  const double bits = cheapest_enumeration(e).log2_states;
  return std::isinf(bits) || bits <= most_bits;
}

/// Whether a plan is without errors, and quick to run.
bool works(const std::string& text, Session& session) {
  Diagnostics diagnostics;
  const Node tree = read_yaml(text, "starter", diagnostics);
  const TrialSpec spec = read_trial(tree, diagnostics);
  return diagnostics.empty() && check_setting(spec, 1, session, true).empty() && cheap<float>(spec, session);
}

/// Data that need no file; with a teacher, rows of the model itself.
std::vector<Lines> data_plans(const std::string& model) {
  Lines small = typed(topic_of("model." + model), true);
  std::vector<Lines> all{typed(topic_of("data.bars_and_stripes"), false, {{"size", "3"}}),
                         typed(topic_of("data.labeled_shifter_ensemble"), false, {{"size", "2"}})};
  for (const char* init : {"{weights: {normal: 1.0}}", ""}) {
    Lines teacher = small;
    if (*init != '\0') teacher.emplace_back("init", init);
    all.push_back({{"type", "teacher"}, {"rows", "200"}, {"model", flow(teacher)}});
  }
  return all;
}

/// The samplers, those that fit most models first.
std::vector<std::string> sampler_order() {
  std::vector<std::string> names{"gibbs", "metropolis"};
  for (const std::string& name : sampler_names())
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

/// Without learning, it is thin that says how many sweeps there are.
std::vector<Lines> sampler_plans(bool learns) {
  std::vector<Lines> all;
  for (const std::string& name : sampler_order()) {
    Lines lines = typed(topic_of("sampler." + name), false);
    if (learns) lines.insert(lines.begin() + 1, {"sweeps", "1"});
    lines.insert(lines.begin() + 1, {"chains", "100"});
    all.push_back(std::move(lines));
  }
  return all;
}

/// What a model may be for. Of each list the first choice that works is taken.
struct Purpose {
  Lines chosen, trainer; ///< options of the model, where it is not the one of its example; the trainer
  std::vector<Lines> data, samplers, evaluations;
  std::string sweep, explained;
};

Purpose learning(const std::string& model) {
  return {{},
          {{"method", "cd"}, {"updates", "1000"}, {"batch", "all"}, {"optimizer", "{type: sgd, lr: 0.05}"}},
          data_plans(model),
          sampler_plans(true),
          {{{"every", "100"}, {"metrics", "[log_likelihood, reconstruction_error]"}},
           {{"every", "100"}, {"metrics", "[log_likelihood]"}},
           {{"every", "100"}, {"metrics", "[pseudo_likelihood]"}},
           {}},
          "trainer.optimizer.lr: [0.02, 0.1]",
          "trainer.optimizer"};
}

Purpose sampling(const Lines& chosen) {
  return {chosen,
          {{"method", "none"}, {"burn_in", "100"}, {"draws", "500"}, {"thin", "1"}},
          {{}},
          sampler_plans(false),
          {{{"metrics", "[log_partition, mean_energy, entropy]"}}, {{"metrics", "[log_partition]"}}, {}},
          "trainer.thin: [1, 5]",
          "sampler.chains"};
}

/// Patterns below and above the capacity of the Hebbian rule, 0.138 of the number of spins.
Purpose storing() {
  return {{{"visible", "100"}},
          {{"method", "hebbian"}},
          {{{"type", "random_patterns"}, {"rows", "5"}, {"columns", "100"}, {"seed", "replicate"}}},
          {{}},
          {{{"metrics", "[recall]"}}},
          "data.rows: [5, 20]",
          "evaluation.recall"};
}

Purpose stacking(const std::string& model) {
  return {
      {},
      {{"method", "layerwise"}, {"pretraining", "{epochs: 200, batch: 4, optimizer: {type: sgd, lr: 0.05}}"}},
      data_plans(model),
      {{{"type", "ancestral"}}},
      {{{"metrics", "[elbo]"}}},
      "trainer.pretraining.optimizer.lr: [0.02, 0.1]",
      "trainer.pretraining"};
}

/// What the model is for first; any other one can learn, or else be sampled.
std::vector<Purpose> purposes_of(const std::string& model) {
  std::vector<Purpose> all;
  if (model == "hopfield") all.push_back(storing());
  if (model == "dbn") all.push_back(stacking(model));
  if (model == "ising" || model == "potts") all.push_back(sampling({{"size", "[3, 3]"}}));
  all.push_back(learning(model));
  all.push_back(sampling({}));
  return all;
}

std::string first_that_works(const std::string& model) {
  Session session;
  for (const Purpose& p : purposes_of(model))
    for (const bool small : {false, true})
      for (const Lines& data : p.data)
        for (const Lines& sampler : p.samplers)
          for (const Lines& evaluation : p.evaluations) {
            const Plan plan{data,       typed(topic_of("model." + model), small, p.chosen),
                            sampler,    p.trainer,
                            evaluation, p.sweep,
                            p.explained};
            std::string text = text_of(model, plan);
            if (works(text, session)) return text;
          }
  throw InputError(fmt::format("no experiment with {} was found that 'ebm check' takes: the model may need "
                               "data of its own; see 'ebm explain model.{}'",
                               model, model));
}

} // namespace

std::string starter_text(const std::string& model) {
  if (models().find(model) == nullptr)
    throw InputError(fmt::format("'{}' is no model: one of {}{}", model, fmt::join(model_names(), ", "),
                                 did_you_mean(model, model_names())));
  return first_that_works(model);
}

void write_starter(const std::string& model, const std::string& file) {
  const std::string text = starter_text(model);
  if (file.empty()) {
    fmt::print("{}", text);
    return;
  }
  // Made exclusively, so that a file which appears in between is not lost either.
  if (const Descriptor made(::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
      made.number() < 0)
    throw InputError(fmt::format("{}: {}", file,
                                 errno == EEXIST ? "exists, and is not overwritten" : std::strerror(errno)));
  write_atomically(file, text);
  const std::filesystem::path schema = std::filesystem::path(file).parent_path() / schema_file;
  const bool there = std::filesystem::exists(schema);
  if (!there) write_atomically(schema, schema_text());
  fmt::print("{}\n", file);
}

} // namespace ebm::experiments
