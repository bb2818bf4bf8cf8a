#include "experiments/spec/topics.hpp"

#include <array>

#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/spec/experiment.hpp"
#include "experiments/spec/option_reader.hpp"

namespace ebm::experiments {
namespace {

constexpr std::array<std::string_view, 9> of_methods{
    "Contrastive divergence: chains start at the data of each update.",
    "Persistent contrastive divergence: chains are kept from update to update.",
    "The exact gradient, by enumeration or closed-form expectations.",
    "The exact gradient of log p(label | the other visible units), for models with a block of label units.",
    "That of discriminative plus generative_weight times that of cd (Larochelle & Bengio 2008).",
    "Layer after layer alone, as pretraining says; then finetuning, if there is one.",
    "Stores the rows in the couplings of spins, J = sum of their outer products / n (Hopfield 1982).",
    "Stores linearly independent rows so that all are fixed points (Personnaz, Guyon & Dreyfus 1986).",
    "No learning: samples from the model with its given parameters."};

constexpr std::array<std::string_view, 19> of_metrics{
    "Mean of log p(v) over rows, in nats: -F(v) - log Z, and the log of C(n, v) for binomial units.",
    "Mean over rows of the sum over i of log p(v_i | the others), in nats.",
    "The same from one random site a row: unbiased, and cheap for wide data.",
    "Mean squared difference of a row and its mean reconstruction from one hidden draw.",
    "Mean of F(v) over rows, the latents summed out.",
    "Mean free energy of the test rows less that of the training rows: grows with overfitting.",
    "Mean over rows of a lower bound on log p(v): mean field, or the recognition law of a dbn.",
    "log Z, in nats, with its standard error and the estimator (exact or ais).",
    "E[E(x)] under the model; exact, up to 2^25 states.",
    "Entropy of the model's law, in nats: -E[log p(x)]; exact, up to 2^25 states.",
    "E[v] under the model, a list; exact; for `ebm evaluate` only.",
    "E[v_i v_j] under the model, a matrix; exact; for `ebm evaluate` only.",
    "Exact gradient of the mean log-likelihood, an array a parameter; for `ebm evaluate` only.",
    "Part of the rows whose most probable label is not their own, by the exact p(label | the others).",
    "Mean over rows of log p(label | the other visible units), in nats; exact.",
    "Training rows from corrupted copies: mean overlap at the end, and the fraction that is stable.",
    "The stochastic one by flipping a site: the same on rows of two values, scikit-learn's score on grey "
    "ones.",
    "Share of rows whose label a softmax regression on the means of the latents tells; see probe_accuracy.",
    "p(label | the other visible units) of every row and label, a matrix; exact; for `ebm evaluate` only."};

OptionDescription described(std::string name, std::string type, std::string doc) {
  return {std::move(name), std::move(type), "", "", std::move(doc), "", true};
}

/// Options of `visit`, called on defaults; `more` stands around them.
template <class F> std::vector<OptionDescription> options_of(F visit) {
  Describer d;
  visit(d);
  return d.options();
}

std::vector<OptionDescription> operator+(std::vector<OptionDescription> a,
                                         const std::vector<OptionDescription>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Topic top_level() {
  OptionDescription version = described("ebm", "1", "version of the file format");
  version.optional = false;
  OptionDescription seeds = described(
      "seeds", "integer or list of integers",
      "replicates of each setting: their number (seeds 1, 2, …), or their seeds. The same seed gives "
      "all settings the same split, initial values and batches; replicates are averaged in tables");
  seeds.fallback = "1";
  return {
      "",
      "",
      "",
      "The keys of an experiment file.",
      "",
      std::vector{version} + options_of([](OptionVisitor& v) {
        TrialSpec s;
        visit_common(s, v);
      }) +
          std::vector{described("data", "mapping", "the data set and how it is prepared"),
                      described("model", "mapping", "the energy, its size and its initial parameters"),
                      described("sampler", "mapping", "the chains of the negative phase, or of method none"),
                      described("trainer", "mapping", "how the model learns, and how long"),
                      described("evaluation", "mapping", "what is measured, and when"),
                      described("sweep", "list of blocks", "which settings the experiment compares"), seeds,
                      described("report", "mapping", "what the tables and figures compare"),
                      described("output", "mapping", "where the run's folder is made")}};
}

std::string words(const std::vector<std::string>& names) {
  return join(std::vector<std::string_view>(names.begin(), names.end()), " | ");
}

template <class Entries>
void add_types(std::vector<Topic>& out, const std::string& section, const Entries& entries) {
  for (const auto& [name, entry] : entries)
    out.push_back({section, "type", name, entry.doc, entry.example,
                   options_of([&](OptionVisitor& v) { entry.read(v); })});
}

void add_data(std::vector<Topic>& out) {
  out.push_back({"data", "", "", "Keys that every type of data takes.", "",
                 std::vector{described("type", words(data_names()), "the type of data")} +
                     options_of([](OptionVisitor& v) { Preparation{}.visit(v); })});
  add_types(out, "data", data_types());
  out.push_back(
      {"data", "type", "teacher", std::string(teacher_doc), std::string(teacher_example),
       options_of([](OptionVisitor& v) {
         TeacherSpec t;
         visit_teacher(t, v);
       }) + std::vector{described("model", "mapping", "the teacher: a model with the keys of `model`")}});
}

void add_model(std::vector<Topic>& out) {
  out.push_back({"model", "", "", "Keys that every type of model takes.", "",
                 std::vector{described("type", words(model_names()), "the type of model"),
                             described("parameters", "text",
                                       "npz file with all parameters; they are not initialised then"),
                             described("init", "mapping", "initial values: see `ebm explain model.init`")}});
  add_types(out, "model", models().entries());
}

void add_trainer(std::vector<Topic>& out) {
  out.push_back({"trainer",
                 "",
                 "",
                 "How the model learns. The other keys come with the method.",
                 "",
                 {described("method", join(method_names(), " | "), "how to learn")}});
  for (std::size_t i = 0; i < method_names().size(); ++i)
    out.push_back({"trainer", "method", std::string(method_names()[i]), std::string(of_methods[i]), "",
                   options_of([&](OptionVisitor& v) {
                     TrainerSpec t;
                     visit_method(Method(i), t, v);
                   })});
}

Topic sweep() {
  const auto of = [](const char* name, const char* type, const char* doc) {
    return described(name, type, doc);
  };
  return {
      "sweep",
      "",
      "",
      "A list of blocks, whose settings stand one after the other. In a block: variants x grid x zip x "
      "random, less exclude. Its keys are dotted: trainer.optimizer.lr.",
      "sweep: [{grid: {model.hidden: [8, 16], trainer.optimizer.lr: [0.01, 0.1]}}]",
      {of("name", "text", "what the variants are called in tables (variant, if it is not given)"),
       of("variants", "mapping of names to {dotted key: value}",
          "named settings: CD-1: {trainer.method: cd}"),
       of("grid", "mapping of dotted keys to lists", "every combination of the values"),
       of("zip", "mapping of dotted keys to lists", "lists of one length, walked together"),
       of("random", "mapping", "random settings"),
       of("random.draws", "integer", "number of draws (default 1); draws that repeat another are left out"),
       of("random.seed", "integer",
          "seed of the draws (default: the experiment's). More draws or more keys "
          "leave the others as they were"),
       of("random.params", "mapping of dotted keys to distributions",
          "{uniform: [low, high]}, {log_uniform: …}, {int_uniform: …}, {log_int_uniform: …}, both ends "
          "included; {normal: [mean, standard deviation]}; {choice: [values]}"),
       of("exclude", "list of partial settings", "settings of the block to leave out: {method: exact}")}};
}

Topic initial_values() {
  Topic t{"model.init",
          "",
          "",
          "Initial values, by array (W, visible_bias, …) or by group: weights (by default normal with 0.01), "
          "biases (0), scales (1). Each takes one of:",
          "init: {weights: {normal: 0.01}, visible_bias: data_mean}",
          {}};
  for (const Tag& tag : Initialiser::tags())
    t.options.push_back({tag.has_value ? "{" + std::string(tag.name) + ": number}" : std::string(tag.name),
                         "", "", tag.limits.text(), std::string(tag.doc), "", false});
  return t;
}

std::vector<Topic> all_topics() {
  std::vector<Topic> all{top_level()};
  add_data(all);
  add_model(all);
  all.push_back(initial_values());
  all.push_back({"sampler", "", "", "Keys that every sampler takes.", "",
                 std::vector{described("type", words(sampler_names()), "the sampler; by default gibbs")} +
                     options_of([](OptionVisitor& v) {
                       SamplerSpec s;
                       visit_sampler(s, v);
                     })});
  add_types(all, "sampler", samplers().entries());
  add_trainer(all);
  all.push_back({"evaluation", "", "", "What is measured, and when.", "", options_of([](OptionVisitor& v) {
                   EvaluationSpec e;
                   visit_evaluation(e, v);
                 })});
  for (OptionDescription& o : all.back().options)
    if (o.name == "metrics") o.type = "list of metrics: see `ebm list metrics`"; // too many for a line
  all.push_back(sweep());
  all.push_back({"report", "", "", "What tables and figures compare.",
                 "report: {primary: {metric: test.log_likelihood}, baseline: {method: CD-1}}",
                 options_of([](OptionVisitor& v) {
                   ReportSpec r;
                   visit_report(r, v);
                 }) + std::vector{described("baseline", "partial setting of the sweep",
                                            "selects the one setting that the others are compared with, "
                                            "seed by seed: {method: exact, trainer.optimizer.lr: 0.05}")}});
  all.push_back({"output", "", "", "Where results go.", "", options_of([](OptionVisitor& v) {
                   OutputSpec o;
                   visit_output(o, v);
                 })});
  return all;
}

} // namespace

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = all_topics();
  return all;
}
std::span<const std::string_view> method_docs() {
  return of_methods;
}
std::span<const std::string_view> metric_docs() {
  return of_metrics;
}

} // namespace ebm::experiments
