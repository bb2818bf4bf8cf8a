#include "experiments/spec/evaluation_spec.hpp"

#include <array>

namespace ebm::experiments {
namespace {

constexpr std::array<std::string_view, 19> metrics{"log_likelihood",
                                                   "pseudo_likelihood",
                                                   "stochastic_pseudo_likelihood",
                                                   "reconstruction_error",
                                                   "free_energy",
                                                   "free_energy_gap",
                                                   "elbo",
                                                   "log_partition",
                                                   "mean_energy",
                                                   "entropy",
                                                   "mean",
                                                   "pair_mean",
                                                   "gradient",
                                                   "classification_error",
                                                   "conditional_log_likelihood",
                                                   "recall",
                                                   "flip_pseudo_likelihood",
                                                   "probe_accuracy",
                                                   "label_probabilities"};
constexpr std::array<std::string_view, 3> estimators{"auto", "exact", "ais"};
constexpr std::array<std::string_view, 2> ais_bases{"data", "uniform"}, probe_features{"hidden", "visible"};

} // namespace

std::span<const std::string_view> metric_names() {
  return metrics;
}

void RecallSpec::visit(OptionVisitor& v) {
  v("corruption", corruption, "fraction of the units of a row that are turned round at the start",
    Limits{0, 1, false, false});
  v("sweeps", sweeps, "most sweeps at zero temperature; fewer where nothing changes any more",
    between(1, 1e9));
}

void MeanFieldSpec::visit(OptionVisitor& v) {
  v("sweeps", sweeps, "sweeps over the latent blocks", between(1, 1e6));
}

void ProbeSpec::visit(OptionVisitor& v) {
  v("features", features,
    "hidden: the means of all latent units; visible: the rows themselves, to compare with", probe_features);
  v("C", C, "inverse strength of the penalty: the sum over rows of -log p(label), plus |W|^2 / 2C", above(0));
  v("tolerance", tolerance, "the fit ends when the gradient's norm is so small a part of that at W = 0",
    above(0));
  v("evaluations", evaluations, "or after so many evaluations of the sum over all rows", between(1, 1e9));
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
  v("mean_field", e.mean_field, "of elbo, the lower bound on the log-likelihood");
  v("recall", e.recall, "how training rows with errors are recalled");
  v("probe_accuracy", e.probe_accuracy, "the softmax regression that is fitted");
}

} // namespace ebm::experiments
