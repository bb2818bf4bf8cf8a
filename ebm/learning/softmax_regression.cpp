#include "ebm/learning/softmax_regression.hpp"

#include <memory>
#include <nlopt.h>

#include "ebm/core/error.hpp"
#include "ebm/core/numerics.hpp"

namespace ebm {
namespace {

double norm(std::span<const double> x) {
  return std::sqrt(numerics::dot<double>(x, x));
}

/// The objective as a function of all parameters in one vector.
class Objective {
 public:
  Objective(const Batch<double>& rows, std::span<const std::uint32_t> labels, std::size_t classes, double C,
            FeedForward<double>& net)
      : rows_(rows), penalty_(1 / C), net_(net), gradient_(net.parameters()) {
    one_hot(labels, classes, targets_);
  }

  std::size_t size() const {
    std::size_t n = 0;
    for (const auto& array : net_.parameters()) n += array.value.size();
    return n;
  }

  /// Leaves the net with the parameters x.
  double operator()(std::span<const double> x, std::span<double> gradient) {
    ++evaluations_;
    for (auto& array : net_.parameters()) {
      std::ranges::copy(x.first(array.value.size()), array.value.data());
      x = x.subspan(array.value.size());
    }
    gradient_.fill(0);
    const double loss = net_.add_loss_gradient(rows_, targets_, 1, gradient_);
    const std::span<const double> W = all(std::as_const(net_).parameters()[0].value);
    const std::span<double> W_gradient = all(gradient_[0].value);
    for (std::size_t i = 0; i < W.size(); ++i) W_gradient[i] += penalty_ * W[i];
    for (const auto& array : gradient_) {
      std::ranges::copy(all(array.value), gradient.begin());
      gradient = gradient.subspan(array.value.size());
    }
    return loss + 0.5 * penalty_ * numerics::dot<double>(W, W);
  }
  int evaluations() const { return evaluations_; }

 private:
  const Batch<double>& rows_;
  double penalty_;
  FeedForward<double>& net_;
  Parameters<double> gradient_;
  Batch<double> targets_;
  int evaluations_ = 0;
};

/// Moves x to where the gradient's norm is at most `small`, unless `evaluations` do not suffice or rounding
/// stops the line search before.
void minimise(Objective& objective, double small, int evaluations, std::vector<double>& x) {
  struct Destroy {
    void operator()(nlopt_opt o) const { nlopt_destroy(o); }
  };
  const std::unique_ptr<nlopt_opt_s, Destroy> optimizer(nlopt_create(NLOPT_LD_LBFGS, unsigned(x.size())));
  if (!optimizer) throw std::bad_alloc();
  struct Context {
    Objective& objective;
    double small;
    nlopt_opt optimizer;
  } context{objective, small, optimizer.get()};
  const nlopt_func f = [](unsigned n, const double* at, double* gradient, void* data) {
    const Context& c = *static_cast<const Context*>(data);
    const double value = c.objective({at, n}, {gradient, n});
    if (norm({gradient, n}) <= c.small) nlopt_force_stop(c.optimizer);
    return value;
  };
  constexpr unsigned remembered_steps = 10;
  nlopt_set_vector_storage(optimizer.get(), remembered_steps);
  nlopt_set_maxeval(optimizer.get(), evaluations);
  nlopt_set_min_objective(optimizer.get(), f, &context);
  double value = 0;
  // It stops at the end of a line search; where that is, its gradient tells.
  nlopt_optimize(optimizer.get(), x.data(), &value);
}

void check(const Batch<double>& rows, std::span<const std::uint32_t> labels,
           const SoftmaxRegressionOptions& options) {
  if (!(options.C > 0)) throw InputError("C of softmax regression must be above 0");
  if (!(options.tolerance > 0)) throw InputError("the tolerance of softmax regression must be above 0");
  if (options.evaluations < 1) throw InputError("softmax regression needs at least 1 evaluation");
  if (labels.empty()) throw InputError("softmax regression needs at least one row");
  if (labels.size() != rows.shape(0))
    throw InputError("softmax regression needs a label for each of the " + std::to_string(rows.shape(0)) +
                     " rows, found " + std::to_string(labels.size()));
  if (!std::ranges::all_of(all(rows), [](double x) { return std::isfinite(x); }))
    throw InputError("the rows of a softmax regression hold a value that is not finite");
}

} // namespace

SoftmaxRegression fit_softmax_regression(const Batch<double>& rows, std::span<const std::uint32_t> labels,
                                         std::size_t classes, const SoftmaxRegressionOptions& options) {
  check(rows, labels, options);
  SoftmaxRegression r{FeedForward<double>(rows.shape(1), {{classes, Activation::softmax}})};
  Objective objective(rows, labels, classes, options.C, r.net);
  std::vector<double> x(objective.size(), 0.0), gradient(x.size());
  objective(x, gradient);
  const double at_zero = norm(gradient), small = options.tolerance * at_zero;
  if (at_zero > 0) minimise(objective, small, options.evaluations, x);
  r.objective = objective(x, gradient);
  r.evaluations = objective.evaluations();
  r.converged = norm(gradient) <= small;
  r.relative_gradient = at_zero > 0 ? norm(gradient) / at_zero : 0;
  return r;
}

std::vector<std::uint32_t> SoftmaxRegression::predict(const Batch<double>& rows) const {
  Batch<double> probabilities;
  net.outputs(rows, probabilities);
  return largest_columns(probabilities);
}

double SoftmaxRegression::accuracy(const Batch<double>& rows, std::span<const std::uint32_t> labels) const {
  Batch<double> probabilities;
  net.outputs(rows, probabilities);
  return 1 - double(classification_errors(probabilities, labels)) / double(labels.size());
}

} // namespace ebm
