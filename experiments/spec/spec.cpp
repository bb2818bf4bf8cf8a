#include "experiments/spec/spec.hpp"

#include <array>
#include <fmt/format.h>

#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/spec/option_reader.hpp"

namespace ebm::experiments {
namespace {

constexpr std::array<std::string_view, 4> methods{"cd", "pcd", "exact", "none"};
constexpr std::array<std::string_view, 12> metrics{"log_likelihood",
                                                   "pseudo_likelihood",
                                                   "stochastic_pseudo_likelihood",
                                                   "reconstruction_error",
                                                   "free_energy",
                                                   "free_energy_gap",
                                                   "log_partition",
                                                   "mean_energy",
                                                   "entropy",
                                                   "mean",
                                                   "pair_mean",
                                                   "gradient"};
constexpr std::array<std::string_view, 2> precisions{"float", "double"}, optimizers{"sgd", "adam"},
    positives{"gibbs", "mean_field"}, ais_bases{"data", "uniform"};
constexpr std::array<std::string_view, 3> schedules{"constant", "linear", "exponential"},
    estimators{"auto", "exact", "ais"};

template <class Map> std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : map) names.push_back(name);
  return names;
}

/// Reads `type` and looks it up; null and an error when it is missing or unknown.
template <class Map>
const typename Map::mapped_type* read_type(OptionReader& reader, const Node* section, std::string_view path,
                                           std::string_view key, const Map& entries, const Node* root,
                                           std::string_view fallback, Diagnostics& diagnostics) {
  const std::vector<std::string> names = keys_of(entries);
  const Node* type = reader.take(key);
  const std::string word = type != nullptr ? type->scalar() : std::string(fallback);
  if (const auto it = entries.find(word); it != entries.end()) {
    reader.resolve(key, type != nullptr ? *type : default_scalar(word));
    reader.set_what(fmt::format("{} ({} {})", path, key, word));
    return &it->second;
  }
  const Origin origin = type != nullptr      ? type->origin()
                        : section != nullptr ? section->origin()
                                             : root->origin();
  if (word.empty())
    diagnostics.error(origin, fmt::format("{}.{} is missing: one of {}", path, key, fmt::join(names, ", ")));
  else
    diagnostics.error(origin,
                      fmt::format("{}.{} must be one of {}, got '{}'{}", path, key, fmt::join(names, ", "),
                                  word, did_you_mean(word, names)),
                      word);
  return nullptr;
}

std::map<std::string, Initialiser> read_initialisers(const Node* section, const std::string& path,
                                                     OptionReader& parent, Diagnostics& diagnostics) {
  std::map<std::string, Initialiser> chosen;
  if (section == nullptr) return chosen;
  OptionReader reader(section, path + ".init", path + ".init", diagnostics);
  for (const Node::Entry& entry : section->entries()) {
    Initialiser init;
    auto tag = std::size_t(init.kind);
    reader.tagged(entry.key, tag, init.value, "", Initialiser::tags());
    init.kind = InitialiserKind(tag);
    chosen[entry.key] = init;
  }
  parent.resolve("init", reader.resolved());
  return chosen;
}

ModelSpec read_model(const Node* section, const std::string& path, const Node* root, Diagnostics& diagnostics,
                     Node& resolved) {
  ModelSpec spec;
  OptionReader reader(section, path, path, diagnostics);
  const auto* entry = read_type(reader, section, path, "type", models().entries(), root, "", diagnostics);
  if (entry == nullptr) return spec; // without the type, no key can be judged
  spec.type = entry->name;
  spec.options = entry->read(reader);
  reader("parameters", spec.parameters, "npz file with the parameters");
  spec.init = read_initialisers(reader.take("init"), path, reader, diagnostics);
  reader.finish();
  resolved = reader.resolved();
  return spec;
}

void read_teacher(OptionReader& reader, DataSpec& spec, const Node* root, Diagnostics& diagnostics) {
  spec.teacher = std::make_shared<TeacherSpec>();
  reader("rows", spec.teacher->rows, "training rows to draw", between(1, 1e9));
  reader("test_rows", spec.teacher->test_rows, "test rows to draw", between(0, 1e9));
  reader("seed", spec.teacher->seed, "seed of the teacher's parameters and of the draws");
  Node resolved;
  spec.teacher->model = read_model(reader.take("model"), "data.model", root, diagnostics, resolved);
  reader.resolve("model", resolved);
}

DataSpec read_data(const Node* section, const Node* root, Diagnostics& diagnostics, OptionReader& parent) {
  DataSpec spec;
  if (section == nullptr) return spec;
  spec.given = true;
  OptionReader reader(section, "data", "data", diagnostics);
  static const std::map<std::string, DataType, std::less<>> types = [] {
    auto all = data_types();
    all["teacher"] = DataType{"teacher",
                              "Rows drawn exactly from a small model, random or given.",
                              "model: {type: rbm, visible: 3, hidden: 2}",
                              {},
                              {}};
    return all;
  }();
  const auto* entry = read_type(reader, section, "data", "type", types, root, "", diagnostics);
  if (entry == nullptr) return spec;
  spec.type = entry->name;
  if (spec.type == "teacher")
    read_teacher(reader, spec, root, diagnostics);
  else
    spec.options = entry->read(reader);
  spec.preparation.visit(reader);
  if (const auto problem = spec.preparation.problem())
    diagnostics.error(section->origin(), "data: " + *problem);
  reader.finish();
  spec.identity = reader.resolved().flow();
  parent.resolve("data", reader.resolved());
  return spec;
}

SamplerSpec read_sampler(const Node* section, const Node* root, Diagnostics& diagnostics,
                         OptionReader& parent) {
  SamplerSpec spec;
  OptionReader reader(section, "sampler", "sampler", diagnostics);
  const auto* entry =
      read_type(reader, section, "sampler", "type", samplers().entries(), root, "gibbs", diagnostics);
  if (entry == nullptr) return spec;
  spec.type = entry->name;
  visit_sampler(spec, reader);
  spec.options = entry->read(reader);
  reader.finish();
  parent.resolve("sampler", reader.resolved());
  return spec;
}

void check_training_length(const TrainerSpec& spec, const Node* section, const Node* root,
                           Diagnostics& diagnostics) {
  if (spec.method == Method::none) return;
  const Origin& origin = section != nullptr ? section->origin() : root->origin();
  if (spec.updates && spec.epochs) diagnostics.error(origin, "trainer: give updates or epochs, not both");
  if (!spec.updates && !spec.epochs)
    diagnostics.error(origin, "trainer: updates or epochs is missing (how long to train)");
}

TrainerSpec read_trainer(const Node* section, const Node* root, Diagnostics& diagnostics,
                         OptionReader& parent) {
  TrainerSpec spec;
  OptionReader reader(section, "trainer", "trainer", diagnostics);
  std::map<std::string, Method, std::less<>> by_name;
  for (std::size_t i = 0; i < methods.size(); ++i) by_name[std::string(methods[i])] = Method(i);
  const Method* method = read_type(reader, section, "trainer", "method", by_name, root, "", diagnostics);
  if (method == nullptr) return spec;
  spec.method = *method;
  visit_method(spec.method, spec, reader);
  reader.finish();
  check_training_length(spec, section, root, diagnostics);
  parent.resolve("trainer", reader.resolved());
  return spec;
}

} // namespace

std::span<const std::string_view> metric_names() {
  return metrics;
}
std::span<const std::string_view> method_names() {
  return methods;
}
std::vector<std::string> model_names() {
  return keys_of(models().entries());
}
std::vector<std::string> sampler_names() {
  return keys_of(samplers().entries());
}
std::vector<std::string> data_names() {
  std::vector<std::string> names = keys_of(data_types());
  names.push_back("teacher");
  return names;
}

namespace {

/// An options struct made of a function, for OptionVisitor's groups.
template <class F> struct Visited {
  F f;
  void visit(OptionVisitor& v) { f(v); }
};
template <class F> Visited(F) -> Visited<F>;

} // namespace

void visit_sampler(SamplerSpec& s, OptionVisitor& v) {
  v("chains", s.chains, "number of chains (of pcd and of method none; cd has one a row)", between(1, 1e7));
  v("sweeps", s.sweeps, "sweeps an update: the k of CD-k", between(1, 1e9));
}

void visit_optimizer(OptimizerOptions& o, OptionVisitor& v) {
  v("type", o.kind, "sgd with momentum, or adam", optimizers);
  v("lr", o.lr, "learning rate", above(0));
  v("schedule", o.schedule, "how the learning rate goes from lr to final_lr over the training", schedules);
  if (o.schedule != Schedule::constant || v.describes())
    v("final_lr", o.final_lr, "learning rate at the end (linear and exponential schedules)",
      o.schedule == Schedule::exponential ? above(0) : at_least(0));
  if (o.kind == OptimizerKind::sgd || v.describes())
    v("momentum", o.momentum, "mu in m ← mu m + g, theta ← theta − lr m (sgd)", Limits{0, 1, false, true});
  if (o.kind == OptimizerKind::adam || v.describes()) {
    v("beta1", o.beta1, "decay of the first moment (adam)", Limits{0, 1, false, true});
    v("beta2", o.beta2, "decay of the second moment (adam)", Limits{0, 1, false, true});
    v("epsilon", o.epsilon, "added to the root of the second moment (adam)", above(0));
  }
  v("l1", o.l1, "L1 decay of weights: adds l1 · sign(theta) to the gradient", at_least(0));
  v("l2", o.l2, "L2 decay of weights: adds l2 · theta to the gradient", at_least(0));
}

void visit_method(Method method, TrainerSpec& t, OptionVisitor& v) {
  if (method == Method::none) {
    v("burn_in", t.burn_in, "sweeps before the first recorded draw", between(0, 1e12));
    v("draws", t.draws, "recorded draws a chain", between(1, 1e9));
    v("thin", t.thin, "sweeps between recorded draws", between(1, 1e9));
    return;
  }
  v("updates", t.updates, "number of updates", between(0, 1e12));
  v("epochs", t.epochs, "number of passes over the training rows", between(0, 1e9));
  v.integer_or_word("batch", t.batch, "all", "rows an update, drawn without replacement by epoch",
                    between(1, 1e9));
  Visited optimizer{[&](OptionVisitor& w) { visit_optimizer(t.optimizer, w); }};
  v("optimizer", optimizer, "how the gradient moves the parameters");
  if (method == Method::exact) return;
  Visited positive{[&](OptionVisitor& w) {
    w("method", t.positive.method,
      "how latents are treated that are neither independent nor at most 2^12 settings", positives);
    w("sweeps", t.positive.sweeps, "clamped Gibbs sweeps, or mean-field iterations, of each update",
      between(1, 1e6));
  }};
  v("positive", positive, "the data's side of the gradient, where it has no closed form");
}

void visit_evaluation(EvaluationSpec& e, OptionVisitor& v) {
  v("every", e.every, "evaluate each time so many updates are made, and before the first", between(1, 1e12));
  v("every_epochs", e.every_epochs, "the same, counted in epochs", between(1, 1e9));
  v("at", e.at, "evaluate after these numbers of updates too; the end is always evaluated", between(0, 1e12));
  v("metrics", e.metrics, "what is evaluated", std::span<const std::string_view>(metrics));
  Visited likelihood{[&](OptionVisitor& w) {
    w("estimator", e.estimator, "of log Z: exact up to 2^25 states, else ais", estimators);
  }};
  v("log_likelihood", likelihood, "how log-likelihoods are computed");
  Visited ais{[&](OptionVisitor& w) {
    w("chains", e.ais_chains, "independent annealing runs", between(2, 1e7));
    w("temperatures", e.ais_temperatures, "intermediate laws on the linear ladder", between(1, 1e9));
    w("sweeps", e.ais_sweeps, "sweeps at each", between(1, 1e6));
    w("base", e.ais_base, "independent units with the data's means, or uniform ones", ais_bases);
  }};
  v("ais", ais, "annealed importance sampling");
}

TrialSpec read_trial(const Node& tree, Diagnostics& diagnostics) {
  TrialSpec spec;
  OptionReader reader(&tree, "", "the experiment", diagnostics);
  std::int64_t version = 0;
  if (tree.find("ebm") == nullptr)
    diagnostics.error(tree.origin(), "the first line must be 'ebm: 1' (the file-format version)");
  else
    reader("ebm", version, "file-format version", between(1, 1));
  reader("name", spec.name, "name of the run: a folder of that name is made");
  if (spec.name.empty() || spec.name.find_first_of("/\\") != std::string::npos || spec.name.front() == '.')
    reader.error_at("name", spec.name.empty() ? "name is missing (the run's folder takes it)"
                                              : "name must not contain '/' or '\\' or begin with '.'");
  reader("description", spec.description, "what the experiment is for");
  reader("seed", spec.seed, "seed of all random numbers");
  reader("precision", spec.precision, "of parameters and states; likelihoods are accumulated in double",
         precisions);
  spec.data = read_data(reader.take("data"), &tree, diagnostics, reader);
  Node model;
  spec.model = read_model(reader.take("model"), "model", &tree, diagnostics, model);
  reader.resolve("model", model);
  spec.sampler = read_sampler(reader.take("sampler"), &tree, diagnostics, reader);
  if (const Node* trainer = reader.take("trainer"))
    spec.trainer = read_trainer(trainer, &tree, diagnostics, reader);
  Visited evaluation{[&](OptionVisitor& w) { visit_evaluation(spec.evaluation, w); }};
  reader("evaluation", evaluation, "what is measured, and when");
  if (spec.evaluation.every && spec.evaluation.every_epochs)
    reader.error_at("evaluation", "evaluation: give every or every_epochs, not both");
  for (const std::string_view key : {"sweep", "seeds", "report", "output"}) reader.take(key);
  reader.finish();
  spec.resolved = reader.resolved();
  return spec;
}

} // namespace ebm::experiments
