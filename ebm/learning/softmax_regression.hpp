// Multinomial logistic regression: how well a straight line through features tells classes apart.
#pragma once
#include "ebm/learning/feed_forward.hpp"

namespace ebm {

struct SoftmaxRegressionOptions {
  double C = 1; ///< inverse strength of the penalty, above 0; infinity for none
  /// Stops when the gradient's norm is at most this times what it is at parameters 0; above 0. Below about
  /// 1e-8 rounding of the objective may end the search before.
  double tolerance = 1e-6;
  int evaluations = 10000; ///< no line search begins after so many; above 0
};

struct SoftmaxRegression {
  FeedForward<double> net;      ///< one softmax layer: `W1` [features, classes], `bias1`
  double objective = 0;         ///< at the solution
  double relative_gradient = 0; ///< norm there, relative to that at parameters 0
  int evaluations = 0;          ///< of objective and gradient; L-BFGS needs one or two an iteration
  bool converged = false;       ///< whether the relative gradient came down to the tolerance

  /// The most probable class of each row [rows, features].
  std::vector<std::uint32_t> predict(const Batch<double>& rows) const;
  /// Fraction of the rows whose most probable class is their label.
  double accuracy(const Batch<double>& rows, std::span<const std::uint32_t> labels) const;
};

/// Minimises Σ_rows −log p(label | row) + |W|² / 2C, which is scikit-learn's objective divided by C; biases
/// are free. L-BFGS (NLopt's) in double precision, from 0: the result depends on nothing but the arguments.
/// Features are taken as they are. Throws InputError for options out of range, numbers of rows and labels
/// that differ, no rows, labels not below `classes`, and rows that are not finite.
SoftmaxRegression fit_softmax_regression(const Batch<double>& rows, std::span<const std::uint32_t> labels,
                                         std::size_t classes, const SoftmaxRegressionOptions& options = {});

} // namespace ebm
