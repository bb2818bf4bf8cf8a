#pragma once
#include <cmath>

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
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8; ///< adam (Kingma & Ba 2015, algorithm 1)
  double l1 = 0, l2 = 0;                             ///< decay of weights: g += l2 theta + l1 sign(theta)
};

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
    Parameters<T> first, second; ///< momentum, or Adam's moments
    std::uint64_t updates = 0;
  };
  explicit Optimizer(OptimizerOptions options) : options_(options) {}

  state_type init(const Parameters<T>& theta) const {
    state_type s{theta, {}, 0};
    s.first.fill(T(0));
    if (options_.kind == OptimizerKind::adam) s.second = s.first;
    return s;
  }

  /// One update with gradient g, which is overwritten by the decayed gradient.
  void update(Parameters<T>& theta, Parameters<T>& g, double lr, state_type& s) const {
    ++s.updates;
    for (std::size_t k = 0; k < theta.size(); ++k) {
      const std::span<T> x = all(theta[k].value), grad = all(g[k].value), m = all(s.first[k].value);
      if (theta[k].role == ParameterRole::weight) decay(x, grad);
      if (options_.kind == OptimizerKind::sgd)
        for (std::size_t i = 0; i < x.size(); ++i) {
          m[i] = T(options_.momentum) * m[i] + grad[i];
          x[i] -= T(lr) * m[i];
        }
      else
        adam(x, grad, m, all(s.second[k].value), lr, s.updates);
    }
  }

 private:
  void decay(std::span<const T> x, std::span<T> g) const {
    if (options_.l2 != 0)
      for (std::size_t i = 0; i < x.size(); ++i) g[i] += T(options_.l2) * x[i];
    if (options_.l1 != 0)
      for (std::size_t i = 0; i < x.size(); ++i) g[i] += T(options_.l1) * T((x[i] > T(0)) - (x[i] < T(0)));
  }
  void adam(std::span<T> x, std::span<const T> g, std::span<T> m, std::span<T> v, double lr,
            std::uint64_t t) const {
    const T b1 = T(options_.beta1), b2 = T(options_.beta2), epsilon = T(options_.epsilon);
    const T step = T(lr / (1 - std::pow(options_.beta1, double(t))));
    const T correction = T(1 / (1 - std::pow(options_.beta2, double(t))));
    for (std::size_t i = 0; i < x.size(); ++i) {
      m[i] = b1 * m[i] + (1 - b1) * g[i];
      v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
      x[i] -= step * m[i] / (std::sqrt(v[i] * correction) + epsilon);
    }
  }
  OptimizerOptions options_;
};

} // namespace ebm
