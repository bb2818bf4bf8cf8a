// What is measured of a model, exactly where it is small enough.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "ebm/concepts/any_energy.hpp"
#include "ebm/diagnostics/recall.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/data/preparation.hpp"
#include "experiments/run/probe.hpp"
#include "experiments/spec/spec.hpp"

namespace ebm::experiments {

/// Why metrics asked for are not available, one message each.
template <std::floating_point T>
std::vector<std::string> check_evaluation(const TrialSpec& spec, const AnyEnergy<T>& e,
                                          const Dataset<T>* data, bool training);

/// The metrics of a setting as columns of metrics.csv; mean, pair_mean, gradient and values of single rows
/// are for `json` only. Thread-safe: what is random is a function of the update.
template <std::floating_point T> class Evaluator {
 public:
  Evaluator(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data, random::Draws draws);

  /// "train.log_likelihood", "test.log_likelihood", "validation.log_likelihood", "log_partition", …; fixed
  /// before the first row.
  const std::vector<std::string>& columns() const { return columns_; }
  /// One cell a column, numbers with 17 digits. Throws Stopped soon after `stopping` says so.
  std::vector<std::string> evaluate(const AnyEnergy<T>& e, std::uint64_t update,
                                    const std::function<bool()>& stopping) const;
  /// Everything, per row values included, on the training rows.
  nlohmann::ordered_json json(const AnyEnergy<T>& e) const;

 private:
  struct Partition {
    double value = 0, standard_error = 0;
    bool exact = true;
  };
  Partition partition(const AnyEnergy<T>& model, std::uint64_t update,
                      const std::function<bool()>& stopping = {}) const;
  Partition partition_of(const AnyEnergy<T>& e, const Batch<T>* rows, std::uint64_t update,
                         const std::function<bool()>& stopping) const;
  /// Rows that metrics of rows are evaluated on, each with random numbers of its own.
  struct Part {
    std::string_view name;
    const Batch<T>* rows;
    std::span<const double> labels;
    std::uint64_t first_key;
  };
  std::vector<Part> parts() const;
  const Batch<T>* train() const;
  bool wants(Metric m) const;
  Recall recalled(const AnyEnergy<T>& e, const Batch<T>& rows) const;
  std::vector<double> row_values(Metric m, const AnyEnergy<T>& e, const Part& part, std::uint64_t update,
                                 double log_z) const;
  Probe<T> probe(const AnyEnergy<T>& e) const;
  double free_energy_gap(const AnyEnergy<T>& e) const;

  EvaluationSpec spec_;
  random::Draws draws_;
  const Dataset<T>* data_;
  Batch<T> drawn_train_; ///< training rows of freshly binarised data, drawn once for evaluation
  bool exact_;
  std::vector<std::string> columns_;
};

} // namespace ebm::experiments
