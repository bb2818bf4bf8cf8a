// A softmax regression on what a model makes of rows: how well a straight line tells their classes apart.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/learning/softmax_regression.hpp"
#include "experiments/data/preparation.hpp"
#include "experiments/spec/spec.hpp"

namespace ebm::experiments {

/// Why there is no such regression for these data and this model, or nothing.
template <std::floating_point T>
std::optional<std::string> check_probe(const ProbeSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data);

template <std::floating_point T> class Probe {
 public:
  /// Fits on `train` and the labels of training rows. `e` must outlive it.
  Probe(const ProbeSpec& spec, const AnyEnergy<T>& e, const Batch<T>& train, const Dataset<T>& data);

  /// Share of the rows whose most probable class is their label.
  double accuracy(const Batch<T>& rows, std::span<const double> labels) const;

 private:
  Batch<double> features(const Batch<T>& rows) const;

  ProbeSpec spec_;
  const AnyEnergy<T>& e_;
  SoftmaxRegression regression_;
};

} // namespace ebm::experiments
