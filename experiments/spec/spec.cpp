#include "experiments/spec/spec.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {
namespace {

constexpr std::array<std::string_view, 9> methods{
    "cd", "pcd", "exact", "discriminative", "hybrid", "layerwise", "hebbian", "pseudo_inverse", "none"};
constexpr std::array<std::string_view, 2> finetuning_tasks{"classification", "reconstruction"};
constexpr std::array<std::string_view, 2> precisions{"float", "double"}, optimizers{"sgd", "adam"},
    positives{"gibbs", "mean_field"}, latent_statistics{"means", "samples"};
constexpr std::array<std::string_view, 3> schedules{"constant", "linear", "exponential"},
    gradients{"ordinary", "centred", "enhanced"};

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
  const bool no_mapping = section != nullptr && section->kind() != Node::Kind::map;
  if (no_mapping && section->kind() != Node::Kind::null) return nullptr; // the reader has said so
  Origin origin = type != nullptr ? type->origin() : section != nullptr ? section->origin() : root->origin();
  // yaml-cpp puts a missing value after it, often into the next line.
  for (const Node::Entry& e : root->entries())
    if (no_mapping && e.key == path) origin = e.key_origin;
  if (type == nullptr || type->kind() == Node::Kind::null)
    diagnostics.error(origin, fmt::format("{}.{} is missing: one of {}", path, key, fmt::join(names, ", ")));
  else
    diagnostics.error(origin,
                      fmt::format("{}.{} must be one of {}, got {}{}", path, key, fmt::join(names, ", "),
                                  describe(*type), did_you_mean(word, names)),
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
    if (std::abs(init.value) > largest_initial_value)
      reader.error_at(entry.key,
                      fmt::format("{}.init.{} is too large: energies would not be finite", path, entry.key));
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

void read_teacher(OptionReader& reader, DataSpec& spec, const Node* section, Diagnostics& diagnostics) {
  spec.teacher = std::make_shared<TeacherSpec>();
  visit_teacher(*spec.teacher, reader);
  Node resolved;
  spec.teacher->model = read_model(reader.take("model"), "data.model", section, diagnostics, resolved);
  reader.resolve("model", resolved);
}

DataSpec read_data(const Node* section, const Node* root, Diagnostics& diagnostics, OptionReader& parent) {
  DataSpec spec;
  if (section == nullptr) return spec;
  spec.given = true;
  OptionReader reader(section, "data", "data", diagnostics);
  static const std::map<std::string, DataType, std::less<>> types = [] {
    auto all = data_types();
    all["teacher"] = DataType{"teacher", std::string(teacher_doc), std::string(teacher_example), {}, {}};
    return all;
  }();
  const auto* entry = read_type(reader, section, "data", "type", types, root, "", diagnostics);
  if (entry == nullptr) return spec;
  spec.type = entry->name;
  if (spec.type == "teacher")
    read_teacher(reader, spec, section, diagnostics);
  else
    spec.options = entry->read(reader);
  spec.preparation.visit(reader);
  if (const auto problem = spec.preparation.problem())
    reader.error_at(problem->substr(0, problem->find_first_of(" :")), "data." + *problem);
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

void check_training_length(const TrainerSpec& spec, OptionReader& reader) {
  const Method m = spec.method;
  if (m == Method::none || m == Method::layerwise || stores(m)) return;
  if (spec.updates && spec.epochs) reader.error_at("epochs", "trainer: give updates or epochs, not both");
  const auto left_out = [&](const char* key) { // a length that was given but is wrong has had its error
    const Node* node = reader.take(key);
    return node == nullptr || node->kind() == Node::Kind::null;
  };
  if (left_out("updates") && left_out("epochs"))
    reader.error_at("", "trainer: updates or epochs is missing (how long to train)");
}

/// What two keys of an optimiser ask of each other; `stage` is where it stands in the section.
void check_optimizer(const OptimizerOptions& o, const std::string& stage, OptionReader& reader) {
  const std::string place = stage + "optimizer";
  if (o.schedule == Schedule::exponential && o.final_lr <= 0)
    reader.error_at(place, "trainer." + place + ".final_lr must be given, > 0, for the exponential schedule");
  if (o.final_momentum.has_value() != o.momentum_switch.has_value())
    reader.error_at(place + (o.final_momentum ? ".final_momentum" : ".momentum_switch"),
                    "trainer." + place + ": final_momentum and momentum_switch come together");
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
  check_training_length(spec, reader);
  if (spec.method == Method::layerwise && !spec.pretraining)
    reader.error_at("method", "trainer: layerwise needs pretraining (how long each layer learns)");
  check_optimizer(spec.optimizer, "", reader);
  if (spec.pretraining) check_optimizer(spec.pretraining->optimizer, "pretraining.", reader);
  if (spec.finetuning) check_optimizer(spec.finetuning->optimizer, "finetuning.", reader);
  if (spec.centering && spec.gradient != GradientKind::centred)
    reader.error_at("centering", "trainer.centering comes with trainer.gradient: centred");
  parent.resolve("trainer", reader.resolved());
  return spec;
}

} // namespace

TrainerOptions TrainerSpec::options(std::uint64_t updates_in_all) const {
  CenteringOptions offsets = centering.value_or(CenteringOptions{});
  offsets.kind = gradient.value_or(GradientKind::ordinary);
  return {updates_in_all, std::size_t(batch.value_or(0)), optimizer, offsets, sparsity};
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

void visit_sampler(SamplerSpec& s, OptionVisitor& v) {
  v("chains", s.chains, "number of chains (of pcd and of method none; cd has one a row)", between(1, 1e7));
  v("sweeps", s.sweeps, "sweeps an update: the k of CD-k", between(1, 1e9));
}

namespace {

void visit_momentum(OptimizerOptions& o, OptionVisitor& v) {
  const Limits limits{0, 1, false, true};
  v("momentum", o.momentum, "mu in m ← mu m + g, theta ← theta − lr m (sgd)", limits);
  v("final_momentum", o.final_momentum, "mu after momentum_switch epochs (sgd)", limits);
  v("momentum_switch", o.momentum_switch,
    "epochs, passes over the training rows, before final_momentum takes the place of momentum (sgd)",
    between(0, 1e9));
}

} // namespace

void visit_optimizer(OptimizerOptions& o, OptionVisitor& v) {
  v("type", o.kind, "sgd with momentum, or adam", optimizers);
  v("lr", o.lr, "learning rate", above(0));
  v("schedule", o.schedule, "how the learning rate goes from lr to final_lr over the training", schedules);
  if (o.schedule != Schedule::constant || v.describes())
    v("final_lr", o.final_lr, "learning rate at the end (linear and exponential schedules)",
      o.schedule == Schedule::exponential ? above(0) : at_least(0));
  if (o.kind == OptimizerKind::sgd || v.describes()) visit_momentum(o, v);
  if (o.kind == OptimizerKind::adam || v.describes()) {
    v("beta1", o.beta1, "decay of the first moment (adam)", Limits{0, 1, false, true});
    v("beta2", o.beta2, "decay of the second moment (adam)", Limits{0, 1, false, true});
    v("epsilon", o.epsilon, "added to the root of the second moment (adam)", above(0));
  }
  v("l1", o.l1, "L1 decay of weights: adds l1 · sign(theta) to the gradient", at_least(0));
  v("l2", o.l2, "L2 decay of weights: adds l2 · theta to the gradient", at_least(0));
  v("clip", o.clip,
    "largest norm of the gradient, all arrays together and before decay is added; a longer one is scaled",
    above(0));
}

void PretrainingSpec::visit(OptionVisitor& v) {
  v("epochs", epochs, "passes over the rows for each layer; 0 leaves all as they were initialised",
    between(0, 1e9));
  v("sweeps", sweeps, "the k of CD-k", between(1, 1e9));
  v.integer_or_word("batch", batch, "all", "rows an update", between(1, 1e9));
  Visited how{[&](OptionVisitor& w) { visit_optimizer(optimizer, w); }};
  v("optimizer", how, "how the gradient moves the parameters");
}

void FinetuningSpec::visit(OptionVisitor& v) {
  v("task", task, "a softmax on top of the layers, or their mirror image: an autoencoder", finetuning_tasks);
  v("epochs", epochs, "most passes over the rows; 0 leaves the unrolled net as it is", between(0, 1e9));
  v("patience", patience,
    "stops when so many epochs brought no smaller error of the validation rows; 0 goes on to the end. Where "
    "there are validation rows, the parameters that were best on them are kept, and the last row of metrics "
    "is theirs",
    between(0, 1e9));
  v.integer_or_word("batch", batch, "all", "rows an update", between(1, 1e9));
  Visited how{[&](OptionVisitor& w) { visit_optimizer(optimizer, w); }};
  v("optimizer", how, "how the gradient moves the parameters");
}

namespace {

/// What refers to the arrays of the whole model.
void visit_array_rules(OptimizerOptions& o, OptionVisitor& v) {
  v("decay", o.decay, "l2 of single arrays by their names, biases too, in place of the common one: {J: 0.0}",
    at_least(0));
  v("max_norm", o.max_norm,
    "largest norm of the weights into a unit, by array and from another block; longer ones are scaled after "
    "each update",
    above(0));
}

void visit_stages(TrainerSpec& t, OptionVisitor& v) {
  v("pretraining", t.pretraining, "before all else, train the layers of an rbm, dbn or dbm one by one by CD");
  v("finetuning", t.finetuning, "at the end, unroll the layers into a net and train it by back-propagation");
}

} // namespace

void visit_method(Method method, TrainerSpec& t, OptionVisitor& v) {
  if (method == Method::none) {
    v("burn_in", t.burn_in, "sweeps before the first recorded draw", between(0, 1e12));
    v("draws", t.draws, "recorded draws a chain", between(1, 1e9));
    v("thin", t.thin, "sweeps between recorded draws", between(1, 1e9));
    return;
  }
  if (method == Method::layerwise) return visit_stages(t, v);
  if (stores(method)) return;
  v("updates", t.updates, "number of updates", between(0, 1e12));
  v("epochs", t.epochs, "number of passes over the training rows", between(0, 1e9));
  v.integer_or_word("batch", t.batch, "all", "rows an update, drawn without replacement by epoch",
                    between(1, 1e9));
  Visited optimizer{[&](OptionVisitor& w) {
    visit_optimizer(t.optimizer, w);
    visit_array_rules(t.optimizer, w);
  }};
  v("optimizer", optimizer, "how the gradient moves the parameters");
  if (method == Method::discriminative) return visit_stages(t, v);
  if (method == Method::hybrid)
    v("generative_weight", t.generative_weight,
      "factor on the gradient of cd, which is added to that of log p(label | the other visible units)",
      at_least(0));
  if (method != Method::hybrid) {
    v("gradient", t.gradient,
      "ordinary (the default); centred: that of the machine whose couplings see deviations from offsets, for "
      "the same parameters; enhanced: centred at the means of data and model of the present update",
      std::span<const std::string_view>(gradients));
    v("centering", t.centering, "the offsets of the centred gradient");
    v("sparsity", t.sparsity, "a target for the mean values of latent units");
  }
  Visited positive{[&](OptionVisitor& w) {
    w("method", t.positive.method,
      "how latents are treated that are neither independent nor at most 2^12 settings", positives);
    w("sweeps", t.positive.sweeps, "clamped Gibbs sweeps, or mean-field iterations, of each update",
      between(1, 1e6));
  }};
  v("positive", positive,
    "the data's side of the gradient, where it has no closed form (exact always enumerates)");
  v("latents", t.positive.statistics,
    "what latents that are independent given the visible ones contribute to the gradient: their conditional "
    "means, or the samples that the chains go on from, which are noisier (exact always takes means)",
    latent_statistics);
  visit_stages(t, v);
}

void visit_teacher(TeacherSpec& t, OptionVisitor& v) {
  v("rows", t.rows, "training rows to draw", between(1, 1e9));
  v("test_rows", t.test_rows, "test rows to draw", between(0, 1e9));
  v("seed", t.seed, "seed of the teacher's parameters and of the draws", at_least(0));
}

void visit_common(TrialSpec& s, OptionVisitor& v) {
  v("name", s.name, "name of the run: a folder of that name is made in output.dir");
  v("description", s.description, "what the experiment is for");
  v("seed", s.seed, "seed of all random numbers", at_least(0));
  v("precision", s.precision, "of parameters and states; likelihoods are accumulated in double", precisions);
}

namespace {

void check_version(const Node& tree, OptionReader& reader, Diagnostics& diagnostics) {
  std::string why;
  const Node* version = reader.take("ebm");
  if (version == nullptr)
    return diagnostics.error(tree.origin(), "ebm is missing: write ebm: 1 (the file-format version)");
  const auto number = parse_integer(*version, why);
  if (number != 1)
    reader.error_at("ebm", number ? fmt::format("this program reads files of format ebm: 1, got {}", *number)
                                  : "ebm: " + why + ": write ebm: 1 (the file-format version)");
  reader.resolve("ebm", number ? *version : default_scalar("1"));
}

/// The name becomes a folder, and stands in messages and on command lines.
void check_name(const std::string& name, OptionReader& reader) {
  constexpr std::size_t longest_name = 100;
  const Node* node = reader.take("name");
  if (node == nullptr || (node->kind() == Node::Kind::scalar && name.empty()))
    return reader.error_at("name", "name is missing (the run's folder takes it)");
  const bool control = std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  const auto at_end = [&](char c) { return name.front() == c || name.back() == c; };
  if (!name.empty() && (control || name.find_first_of("/\\") != std::string::npos || at_end(' ') ||
                        name.front() == '.' || name.front() == '-'))
    reader.error_at("name",
                    "name must not contain '/', '\\' or control characters, begin with '.' or '-', or "
                    "begin or end with a space: it becomes a folder");
  if (name.size() > longest_name)
    reader.error_at("name",
                    fmt::format("name must have at most {} bytes, got {}", longest_name, name.size()));
}

} // namespace

TrialSpec read_trial(const Node& tree, Diagnostics& diagnostics) {
  TrialSpec spec;
  OptionReader reader(&tree, "", "the experiment", diagnostics);
  check_version(tree, reader, diagnostics);
  visit_common(spec, reader);
  check_name(spec.name, reader);
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
    reader.error_at("evaluation.every_epochs", "evaluation: give every or every_epochs, not both");
  for (const std::string_view key : {"sweep", "seeds", "report", "output"}) reader.take(key);
  reader.finish();
  spec.resolved = reader.resolved();
  return spec;
}

} // namespace ebm::experiments
