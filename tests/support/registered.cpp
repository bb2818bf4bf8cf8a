#include "tests/laws/registered.hpp"

#include "ebm/learning/initialise.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/yaml/reader.hpp"
#include "models/register.hpp"
#include "samplers/register.hpp"

namespace ebm::tests {

using namespace experiments;

void register_everything() {
  register_models();
  register_samplers();
}

namespace {

template <class Entries>
std::vector<Variant> with_examples(const Entries& entries, std::vector<Variant> more) {
  std::vector<Variant> all;
  for (const auto& [name, entry] : entries) all.push_back({name, entry.example});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// RBMs of every pair of unit kinds, with sigma learned or fixed and in each of its forms.
std::vector<Variant> rbms_of_all_units() {
  struct Side {
    std::string units;
    std::size_t sites;
  };
  const std::vector<Side> sides{{"units: bernoulli", 2},
                                {"units: spin", 2},
                                {"units: categorical, q: 3", 1},
                                {"units: binomial, n: 2", 2},
                                {"units: gaussian", 2},
                                {"units: gaussian, sigma: learned, form: deviation", 2},
                                {"units: gaussian, sigma: learned, form: natural", 1},
                                {"units: rectified, sigma: learned", 2},
                                {"units: noisy_relu", 2}};
  std::vector<Variant> all;
  for (const Side& v : sides)
    for (const Side& h : sides)
      all.push_back({"rbm", "visible: {size: " + std::to_string(v.sites) + ", " + v.units +
                                "}, hidden: {size: " + std::to_string(h.sites) + ", " + h.units + "}"});
  return all;
}

std::any read_options(const std::function<std::any(OptionVisitor&)>& read, const std::string& text) {
  Diagnostics diagnostics;
  const Node section = read_yaml("{" + text + "}\n", "variant", diagnostics);
  OptionReader reader(&section, "variant", "variant", diagnostics);
  std::any options = read(reader);
  reader.finish();
  if (!diagnostics.empty()) throw InputError(diagnostics.text());
  return options;
}

} // namespace

const std::vector<Variant>& model_variants() {
  register_everything();
  static const std::vector<Variant> all = [] {
    std::vector<Variant> more = rbms_of_all_units();
    const std::vector<Variant> others{
        {"boltzmann_machine", "visible: 3"},
        {"boltzmann_machine", "visible: 3, units: spin"},
        {"boltzmann_machine", "visible: {size: 2, units: categorical, q: 3}"},
        {"boltzmann_machine", "hidden: 2, couplings: [vh]"},
        {"boltzmann_machine", "hidden: 2, couplings: [vv, vh]"},
        {"boltzmann_machine", "hidden: 2, couplings: [vh, hh], units: spin"},
        {"boltzmann_machine", "hidden: 2, couplings: [vv, hh]"},
        {"boltzmann_machine", "visible: {size: 2, units: binomial, n: 2}"},
        {"boltzmann_machine", "visible: 3, edges: [0, 1, 1, 2]"},
        {"boltzmann_machine", "visible: 2, hidden: 3, edges: [0, 1], hidden_edges: [0, 2]"},
        {"boltzmann_machine", "visible: {size: 2, units: categorical, q: 3}, edges: [0, 1]"},
        {"classification_rbm", "visible: 1, classes: 3, hidden: 2, units: spin"},
        {"classification_rbm", "visible: {size: 2, units: gaussian, sigma: learned}, classes: 2, hidden: 2"},
        {"dbm", "hidden: [1, 2, 1]"},
        {"dbm", "hidden: [2, 1], units: spin"},
        {"dbm", "visible: {size: 2, units: gaussian, sigma: learned}, hidden: [2, 1]"},
        {"dbn", "hidden: [2, 1, 2]"},
        {"dbn", "visible: {size: 1, units: categorical, q: 3}, hidden: [2, 1]"},
        {"dbn", "visible: {size: 2, units: gaussian}, hidden: [2, 1]"},
        {"ising", "size: [2, 2], periodic: false"},
        {"potts", "size: [2], q: 3"},
        {"gaussian_mixture", "components: 3, dimension: 1, sigma_per_component: true"},
        {"quadratic", "dimension: 3, correlation: 0.6, mean: 1.0, sigma: 2.0"}};
    more.insert(more.end(), others.begin(), others.end());
    return with_examples(models().entries(), std::move(more));
  }();
  return all;
}

const std::vector<Variant>& sampler_variants() {
  register_everything();
  static const std::vector<Variant> all =
      with_examples(samplers().entries(), {{"gibbs", "scan: random"},
                                           {"metropolis", "scan: systematic"},
                                           {"langevin", "adjusted: true, step_size: 0.5"}});
  return all;
}

AnyEnergy<double> build_model(const Variant& v, std::size_t columns) {
  register_everything();
  const auto* entry = models().find(v.type);
  // A model that brings its own size ignores the data's.
  const bool sized = v.options.find("visible") != std::string::npos ||
                     v.options.find("dimension") != std::string::npos || v.type == "ising" ||
                     v.type == "potts";
  AnyEnergy<double> e =
      entry->build<double>(read_options(entry->read, v.options), ModelContext{sized ? 0 : columns});
  if (supports(e, Capability::parameters))
    initialise<double>(e,
                       {{"weights", {InitialiserKind::normal, 0.6}},
                        {"biases", {InitialiserKind::normal, 0.6}},
                        {"scales", {InitialiserKind::constant, 0.8}}},
                       nullptr, random::Draws({7}));
  return e;
}

AnySampler<double> build_sampler(const Variant& v) {
  register_everything();
  const auto* entry = samplers().find(v.type);
  return entry->build<double>(read_options(entry->read, v.options), SamplerContext{});
}

std::vector<NamedEstimator> estimators(const Variant& sampler, std::size_t chains) {
  const PositivePhase<double> positive({}, build_sampler({"gibbs", ""}));
  std::vector<NamedEstimator> all;
  for (const Start start : {Start::data, Start::chains})
    for (const std::size_t sweeps : {1u, 3u})
      all.push_back(
          {(start == Start::data ? "cd-" : "pcd-") + std::to_string(sweeps) + "/" + sampler.name(),
           AnyEstimator<double>(Contrastive<double>(start, build_sampler(sampler), sweeps, chains, positive)),
           false});
  PositiveOptions samples;
  samples.statistics = LatentStatistics::samples;
  for (const Start start : {Start::data, Start::chains})
    all.push_back({(start == Start::data ? "cd-1 samples/" : "pcd-1 samples/") + sampler.name(),
                   AnyEstimator<double>(
                       Contrastive<double>(start, build_sampler(sampler), 1, chains,
                                           PositivePhase<double>(samples, build_sampler({"gibbs", ""})))),
                   false});
  all.push_back({"hybrid/" + sampler.name(),
                 AnyEstimator<double>(Hybrid<double>(
                     Discriminative<double>(),
                     Contrastive<double>(Start::data, build_sampler(sampler), 1, chains, positive), 0.5)),
                 false});
  if (sampler.name() != sampler_variants()[0].name()) return all;
  // Draws nothing, but is no gradient of whole rows' likelihood; its mean is 0 where the rows are the
  // model's.
  all.push_back({"discriminative", AnyEstimator<double>(Discriminative<double>()), false});
  all.push_back({"exact", AnyEstimator<double>(ExactGradient<double>(positive)), true});
  return all;
}

} // namespace ebm::tests
