// What is evaluated, when, and how.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ebm/registry/options.hpp"

namespace ebm::experiments {

enum class Metric : std::uint8_t {
  log_likelihood,
  pseudo_likelihood,
  stochastic_pseudo_likelihood,
  reconstruction_error,
  free_energy,
  free_energy_gap,
  elbo,
  log_partition,
  mean_energy,
  entropy,
  mean,
  pair_mean,
  gradient,
  classification_error,
  conditional_log_likelihood,
  recall,
  flip_pseudo_likelihood,
  probe_accuracy,
  label_probabilities
};
std::span<const std::string_view> metric_names();
enum class PartitionEstimator : std::uint8_t { automatic, exact, ais };
enum class AisBase : std::uint8_t { data, uniform };

struct RecallSpec {
  double corruption = 0.1;
  std::int64_t sweeps = 100;
  void visit(OptionVisitor& v);
};

/// Of elbo.
struct MeanFieldSpec {
  std::int64_t sweeps = 30;
  void visit(OptionVisitor& v);
};

enum class ProbeFeatures : std::uint8_t { hidden, visible };

/// Of probe_accuracy.
struct ProbeSpec {
  ProbeFeatures features = ProbeFeatures::hidden;
  double C = 1, tolerance = 1e-4;
  std::int64_t evaluations = 2000;
  void visit(OptionVisitor& v);
};

struct EvaluationSpec {
  std::optional<std::int64_t> every, every_epochs;
  std::vector<std::int64_t> at;
  std::vector<Metric> metrics;
  PartitionEstimator estimator = PartitionEstimator::automatic;
  std::int64_t ais_chains = 100, ais_temperatures = 1000, ais_sweeps = 1;
  AisBase ais_base = AisBase::data;
  std::optional<MeanFieldSpec> mean_field;
  std::optional<RecallSpec> recall;
  std::optional<ProbeSpec> probe_accuracy;
};

void visit_evaluation(EvaluationSpec& e, OptionVisitor& v);

} // namespace ebm::experiments
