#pragma once
#include <array>
#include <atomic>
#include <cmath>
#include <map>

#include "ebm/core/numerics.hpp"
#include "ebm/core/parameters.hpp"

namespace ebm {

enum class OptimizerKind : std::uint8_t { sgd, adam };
enum class Schedule : std::uint8_t { constant, linear, exponential };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::sgd;
  double lr = 0.01;                                  ///< learning rate at the start
  Schedule schedule = Schedule::constant;            ///< how it reaches `final_lr`
  double final_lr = 0;                               ///< learning rate at the end of training
  double momentum = 0;                               ///< sgd: m ← momentum m + g, theta ← theta − lr m
  std::optional<double> final_momentum;              ///< takes the place of momentum …
  std::optional<std::int64_t> momentum_switch;       ///< … after so many epochs; given with it
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8; ///< adam (Kingma & Ba 2015, algorithm 1)
  double l1 = 0, l2 = 0;                             ///< decay of weights: g += l2 theta + l1 sign(theta)
  std::map<std::string, double> decay;               ///< l2 of single arrays, by name; biases too
  std::optional<double> clip;     ///< largest norm of the whole gradient, decay not counted; more is scaled
  std::optional<double> max_norm; ///< largest norm of the weights into a unit; more is scaled
};

/// Weights whose columns lead from elsewhere into the units of a block: those that max_norm is about.
template <std::floating_point T> bool leads_into_units(const ParameterArray<T>& a) {
  return a.role == ParameterRole::weight && a.column_block && a.row_block != a.column_block;
}

/// Momentum in an epoch, counted from 0: low at first, while gradients are large (Hinton 2010, section 9).
inline double momentum_in(const OptimizerOptions& o, std::uint64_t epoch) {
  return o.final_momentum && epoch >= std::uint64_t(o.momentum_switch.value_or(0)) ? *o.final_momentum
                                                                                   : o.momentum;
}

/// Learning rate of update t of `total`, both counted from 0.
inline double learning_rate(const OptimizerOptions& o, std::uint64_t t, std::uint64_t total) {
  const double done = total == 0 ? 0 : double(t) / double(total);
  switch (o.schedule) {
  case Schedule::linear:
    return o.lr + (o.final_lr - o.lr) * done;
  case Schedule::exponential:
    return o.lr * std::pow(o.final_lr / o.lr, done);
  case Schedule::constant:
    break;
  }
  return o.lr;
}

/// Gradient descent on −mean log p. All that changes between updates is in `state_type`.
template <std::floating_point T> class Optimizer {
 public:
  struct state_type {
    Parameters<T> first, second; ///< momentum, or Adam's moments; empty where there are none
    std::uint64_t updates = 0;
    std::vector<double> norms; ///< scratch
    void archive(Archive& a) {
      a("updates", updates);
      a.group("first", [&] { first.archive(a); });
      a.group("second", [&] { second.archive(a); });
    }
  };
  explicit Optimizer(OptimizerOptions options) : options_(options) {}

  state_type init(const Parameters<T>& theta) const {
    state_type s;
    if (options_.kind == OptimizerKind::adam || options_.momentum != 0 || options_.final_momentum) {
      s.first = theta;
      s.first.fill(T(0));
    }
    if (options_.kind == OptimizerKind::adam) s.second = s.first;
    return s;
  }

  /// One update of an epoch with gradient g, in one pass over the arrays. Throws DivergenceError naming the
  /// first array whose gradient or value is not finite; theta and the state are spoilt then.
  void update(Parameters<T>& theta, const Parameters<T>& g, double lr, state_type& s,
              std::uint64_t epoch = 0) const {
    ++s.updates;
    Step step{lr, momentum_in(options_, epoch), T(clipping(g))};
    for (std::size_t k = 0; k < theta.size(); ++k) {
      const std::span<T> x = all(theta[k].value);
      const std::span<const T> grad = all(g[k].value);
      set_decay(theta[k], step);
      std::atomic<bool> finite_gradient = true, finite_value = true;
      const auto move_part = [&](std::size_t first, std::size_t count) {
        const auto part = [&](Parameters<T>& p) {
          return p.size() == 0 ? std::span<T>() : all(p[k].value).subspan(first, count);
        };
        const std::span<T> to = x.subspan(first, count);
        const std::span<const T> from = grad.subspan(first, count);
        if (!finite(from)) finite_gradient = false;
        move(to, from, part(s.first), part(s.second), step, s.updates);
        if (!finite(std::span<const T>(to))) finite_value = false;
      };
      parallel::for_each_piece(x.size(), [&](std::size_t first, std::size_t count) {
        constexpr std::size_t cached = 2048; // what is looked at three times stays in the first-level cache
        for (std::size_t i = 0; i < count; i += cached) move_part(first + i, std::min(cached, count - i));
      });
      if (!finite_gradient) throw DivergenceError("the gradient of '" + theta[k].name + "' is not finite");
      if (!finite_value) throw DivergenceError("the parameter array '" + theta[k].name + "' is not finite");
      if (options_.max_norm && leads_into_units(theta[k])) limit_norms(theta[k].value, s.norms);
    }
  }

 private:
  struct Step {
    double lr, momentum;
    T scale; ///< of the gradient
    T l1 = 0, l2 = 0;
  };

  /// Decay of weights, and of arrays by their names.
  void set_decay(const ParameterArray<T>& a, Step& step) const {
    const bool weights = a.role == ParameterRole::weight && !a.fixed;
    const auto own = options_.decay.find(a.name);
    step.l1 = T(weights ? options_.l1 : 0);
    step.l2 = T(own != options_.decay.end() && !a.fixed ? own->second : weights ? options_.l2 : 0);
  }

  /// Factor that brings the gradient to the norm `clip`, both entries of a pair counted once. A gradient that
  /// is not a number is left for `update` to name.
  double clipping(const Parameters<T>& g) const {
    if (!options_.clip) return 1;
    double squares = 0;
    for (const auto& a : g) squares += numerics::dot<T>(all(a.value), all(a.value)) / (a.symmetric ? 2 : 1);
    const double norm = std::sqrt(squares);
    return norm > *options_.clip ? *options_.clip / norm : 1;
  }

  /// Scales the columns of W that are longer than max_norm.
  void limit_norms(Batch<T>& W, std::vector<double>& norms) const {
    norms.assign(W.shape(1), 0.0);
    for (std::size_t i = 0; i < W.shape(0); ++i)
      for (std::size_t j = 0; j < norms.size(); ++j) norms[j] += double(W(i, j)) * double(W(i, j));
    for (double& v : norms)
      v = v > *options_.max_norm * *options_.max_norm ? *options_.max_norm / std::sqrt(v) : 1;
    for (std::size_t i = 0; i < W.shape(0); ++i)
      for (std::size_t j = 0; j < norms.size(); ++j) W(i, j) *= T(norms[j]);
  }

  /// One NaN or infinity makes the sum of x · 0 a NaN; the loop has no branch to hold it up.
  static bool finite(std::span<const T> x) {
    std::array<T, 16> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= x.size(); i += sums.size())
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += x[i + k] * T(0);
    for (; i < x.size(); ++i) sums[0] += x[i] * T(0);
    return std::ranges::all_of(sums, [](T v) { return v == T(0); });
  }
  void move(std::span<T> x, std::span<const T> g, std::span<T> m, std::span<T> v, const Step& step,
            std::uint64_t updates) const {
    const T l1 = step.l1, l2 = step.l2, scale = step.scale, lr = T(step.lr), mu = T(step.momentum);
    const auto decayed = [=](T value, T gradient) {
      return scale * gradient + l2 * value + l1 * T((value > T(0)) - (value < T(0)));
    };
    if (options_.kind == OptimizerKind::adam)
      adam(x, g, m, v, decayed, step.lr, updates);
    else if (!m.empty())
      for (std::size_t i = 0; i < x.size(); ++i) {
        m[i] = mu * m[i] + decayed(x[i], g[i]);
        x[i] -= lr * m[i];
      }
    else
      for (std::size_t i = 0; i < x.size(); ++i) x[i] -= lr * decayed(x[i], g[i]);
  }
  template <class Decayed>
  void adam(std::span<T> x, std::span<const T> g, std::span<T> m, std::span<T> v, Decayed decayed, double lr,
            std::uint64_t t) const {
    const T b1 = T(options_.beta1), b2 = T(options_.beta2), epsilon = T(options_.epsilon);
    const T step = T(lr / (1 - std::pow(options_.beta1, double(t))));
    const T correction = T(1 / (1 - std::pow(options_.beta2, double(t))));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T d = decayed(x[i], g[i]);
      m[i] = b1 * m[i] + (1 - b1) * d;
      v[i] = b2 * v[i] + (1 - b2) * d * d;
      x[i] -= step * m[i] / (std::sqrt(v[i] * correction) + epsilon);
    }
  }
  OptimizerOptions options_;
};

} // namespace ebm
