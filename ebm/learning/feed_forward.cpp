#include "ebm/learning/feed_forward.hpp"

#include <cassert>

#include "ebm/core/error.hpp"
#include "ebm/core/linalg.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/core/scratch.hpp"
#include "ebm/core/units/categorical.hpp"

namespace ebm {

using linalg::Transpose;

/// Of some rows, by layer; it only grows, since nets take turns with it.
template <std::floating_point T> struct FeedForward<T>::Item {
  std::vector<Batch<T>> values; ///< natural parameters in the last layer
  std::vector<Batch<T>> deltas; ///< ∂loss/∂(natural parameters); none in layer 0
};

/// Of all rows, by layer.
template <std::floating_point T> struct FeedForward<T>::Whole {
  std::vector<Batch<T>> values; ///< of hidden layers only
  std::vector<Batch<T>> deltas;
  std::vector<double> weights; ///< of the rows
  std::vector<double> losses;  ///< of the work items
};

namespace {

template <class T> void make_room(std::vector<Batch<T>>& batches, std::size_t n) {
  if (batches.size() < n) batches.resize(n);
}

units::Categorical categories(std::size_t n) {
  return {std::uint32_t(n)};
}

/// out = f(eta) [rows, size]; out may be eta.
template <class T> void activate(Activation f, const Batch<T>& eta, Batch<T>& out) {
  switch (f) {
  case Activation::sigmoid:
    return numerics::sigmoid<T>(all(eta), T(1), all(out));
  case Activation::softmax:
    for (std::size_t c = 0; c < eta.shape(0); ++c)
      categories(eta.shape(1)).mean(row(eta, c).data(), row(out, c).data());
    return;
  case Activation::relu:
    std::ranges::transform(all(eta), all(out).begin(), [](T x) { return std::max(x, T(0)); });
    return;
  case Activation::linear:
    std::ranges::copy(all(eta), all(out).begin());
  }
}

/// delta ← deltaᵀ ∂values/∂eta, row by row, where values = f(eta).
template <class T> void times_derivative(Activation f, const Batch<T>& values, Batch<T>& delta) {
  const T* a = values.data();
  T* d = delta.data();
  const std::size_t size = delta.size(), n = delta.shape(1);
  switch (f) {
  case Activation::sigmoid:
    for (std::size_t i = 0; i < size; ++i) d[i] *= a[i] * (T(1) - a[i]);
    return;
  case Activation::softmax:
    for (std::size_t c = 0; c < delta.shape(0); ++c) {
      const T mean = T(numerics::dot<T>(row(values, c), row(delta, c)));
      for (std::size_t i = c * n; i < (c + 1) * n; ++i) d[i] = a[i] * (d[i] - mean);
    }
    return;
  case Activation::relu:
    for (std::size_t i = 0; i < size; ++i) d[i] = a[i] > T(0) ? d[i] : T(0);
    return;
  case Activation::linear:
    return;
  }
}

/// delta = sigmoid(eta) − targets; returns Σ log(1 + e^−|eta|) + |eta| · (the target's distance from the side
/// that eta is on), in which nothing cancels. eta is spoilt.
template <class T> double sigmoid_loss(Batch<T>& eta, const T* targets, Batch<T>& delta) {
  activate(Activation::sigmoid, eta, delta);
  double wrong_side = 0;
  for (std::size_t i = 0; i < eta.size(); ++i) {
    T& x = eta.data()[i];
    const double t = double(targets[i]);
    delta.data()[i] -= targets[i];
    wrong_side += std::abs(double(x)) * (x >= T(0) ? 1 - t : t);
    x = -std::abs(x);
  }
  return wrong_side + numerics::softplus_sum<T>(all(eta), T(1));
}

template <class T> double softmax_loss(const Batch<T>& eta, const T* targets, Batch<T>& delta) {
  const std::size_t n = eta.shape(1);
  double loss = 0;
  for (std::size_t c = 0; c < eta.shape(0); ++c) {
    const double z = categories(n).log_normaliser(row(eta, c).data());
    for (std::size_t k = 0; k < n; ++k) {
      const double log_probability = double(eta(c, k)) - z;
      const T t = targets[c * n + k];
      loss -= double(t) * log_probability;
      delta(c, k) = T(std::exp(log_probability)) - t;
    }
  }
  return loss;
}

template <class T> double squared_loss(const Batch<T>& eta, const T* targets, Batch<T>& delta) {
  for (std::size_t i = 0; i < eta.size(); ++i) delta.data()[i] = eta.data()[i] - targets[i];
  return 0.5 * numerics::dot<T>(all(delta), all(delta));
}

/// Puts the item's rows, from `first` on, where they belong among all rows.
template <class T> void copy_rows(const Batch<T>& item, std::size_t first, Batch<T>& whole) {
  std::ranges::copy(all(item), whole.data() + first * whole.shape(1));
}

} // namespace

template <std::floating_point T>
FeedForward<T>::FeedForward(std::size_t inputs, std::vector<Layer> layers)
    : inputs_(inputs), layers_(std::move(layers)) {
  if (layers_.empty()) throw InputError("a feed-forward net needs at least one layer");
  if (layers_.back().activation == Activation::relu)
    throw InputError("the last layer of a feed-forward net is relu, which has no loss; it may be sigmoid, "
                     "softmax or linear");
  std::size_t before = inputs_;
  for (std::size_t l = 1; l <= layers_.size(); ++l) {
    if (before == 0 || layer(l).size == 0)
      throw InputError("a layer of a feed-forward net has no units; it needs at least 1");
    const std::string number = std::to_string(l);
    parameters_.add("W" + number, ParameterRole::weight, {before, layer(l).size});
    parameters_.add("bias" + number, ParameterRole::bias, {layer(l).size});
    before = layer(l).size;
  }
}

template <std::floating_point T>
void FeedForward<T>::forward(const Batch<T>& inputs, parallel::Range rows, Item& item) const {
  make_room(item.values, layers_.size() + 1);
  reshape(item.values[0], rows.count, inputs_);
  std::copy_n(inputs.data() + rows.first * inputs_, item.values[0].size(), item.values[0].data());
  for (std::size_t l = 1; l <= layers_.size(); ++l) {
    Batch<T>& eta = item.values[l];
    reshape(eta, rows.count, layer(l).size);
    for (std::size_t c = 0; c < rows.count; ++c) std::ranges::copy(row(bias(l), 0), row(eta, c).begin());
    linalg::add_product<T>(item.values[l - 1], W(l), Transpose::no, eta);
    if (l < layers_.size()) activate(layer(l).activation, eta, eta);
  }
}

template <std::floating_point T>
double FeedForward<T>::output_loss(const Batch<T>& targets, parallel::Range rows, Item& item) const {
  const std::size_t last = layers_.size();
  make_room(item.deltas, last + 1);
  Batch<T>&eta = item.values[last], &delta = item.deltas[last];
  reshape(delta, rows.count, layers_.back().size);
  const T* wanted = targets.data() + rows.first * layers_.back().size;
  switch (layers_.back().activation) {
  case Activation::sigmoid:
    return sigmoid_loss(eta, wanted, delta);
  case Activation::softmax:
    return softmax_loss(eta, wanted, delta);
  default:
    return squared_loss(eta, wanted, delta);
  }
}

template <std::floating_point T>
void FeedForward<T>::backward(parallel::Range rows, Item& item, Whole& whole) const {
  for (std::size_t l = layers_.size(); l > 1; --l) {
    copy_rows(item.deltas[l], rows.first, whole.deltas[l]);
    copy_rows(item.values[l - 1], rows.first, whole.values[l - 1]);
    Batch<T>& delta = item.deltas[l - 1];
    reshape(delta, rows.count, layer(l - 1).size);
    delta.fill(T(0));
    linalg::add_product<T>(item.deltas[l], W(l), Transpose::yes, delta);
    times_derivative(layer(l - 1).activation, item.values[l - 1], delta);
  }
  copy_rows(item.deltas[1], rows.first, whole.deltas[1]);
}

template <std::floating_point T>
void FeedForward<T>::prepare(std::size_t rows, double weight, Whole& whole) const {
  const std::size_t last = layers_.size();
  make_room(whole.values, last);
  make_room(whole.deltas, last + 1);
  for (std::size_t l = 1; l <= last; ++l) {
    if (l < last) reshape(whole.values[l], rows, layer(l).size);
    reshape(whole.deltas[l], rows, layer(l).size);
  }
  whole.weights.assign(rows, weight);
}

template <std::floating_point T> void FeedForward<T>::outputs(const Batch<T>& inputs, Batch<T>& out) const {
  assert(inputs.shape(1) == inputs_ && &inputs != &out);
  reshape(out, inputs.shape(0), layers_.back().size);
  const parallel::WorkItems items(inputs.shape(0));
  parallel::for_each(items.size(), [&](std::size_t i) {
    const Scratch<Item> item;
    forward(inputs, items[i], *item);
    Batch<T>& eta = item->values[layers_.size()];
    activate(layers_.back().activation, eta, eta);
    copy_rows(eta, items[i].first, out);
  });
}

template <std::floating_point T>
template <class F>
double FeedForward<T>::summed_loss(const Batch<T>& inputs, const Batch<T>& targets, Whole& whole,
                                   F after_loss) const {
  assert(inputs.shape(1) == inputs_ && targets.shape(1) == layers_.back().size &&
         targets.shape(0) == inputs.shape(0));
  const parallel::WorkItems items(inputs.shape(0));
  whole.losses.resize(items.size());
  parallel::for_each(items.size(), [&](std::size_t i) {
    const Scratch<Item> item;
    forward(inputs, items[i], *item);
    whole.losses[i] = output_loss(targets, items[i], *item);
    after_loss(items[i], *item);
  });
  double sum = 0;
  for (const double x : whole.losses) sum += x;
  return sum;
}

template <std::floating_point T>
double FeedForward<T>::loss(const Batch<T>& inputs, const Batch<T>& targets) const {
  const Scratch<Whole> whole;
  return summed_loss(inputs, targets, *whole, [](parallel::Range, Item&) {});
}

template <std::floating_point T>
double FeedForward<T>::add_loss_gradient(const Batch<T>& inputs, const Batch<T>& targets, double weight,
                                         Parameters<T>& g) const {
  const Scratch<Whole> whole;
  prepare(inputs.shape(0), weight, *whole);
  const double loss = summed_loss(inputs, targets, *whole,
                                  [&](parallel::Range rows, Item& item) { backward(rows, item, *whole); });
  for (std::size_t l = 1; l <= layers_.size(); ++l) {
    const Batch<T>& delta = whole->deltas[l];
    linalg::add_outer<T>(l == 1 ? inputs : whole->values[l - 1], delta, whole->weights, g[2 * l - 2].value);
    linalg::add_weighted_rows<T>(delta, whole->weights, 1.0, row(g[2 * l - 1].value, 0));
  }
  return loss;
}

template <std::floating_point T>
void one_hot(std::span<const std::uint32_t> labels, std::size_t classes, Batch<T>& targets) {
  reshape(targets, labels.size(), classes);
  targets.fill(T(0));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes)
      throw InputError("row " + std::to_string(i) + " has the label " + std::to_string(labels[i]) +
                       "; with " + std::to_string(classes) + " classes a label is below " +
                       std::to_string(classes));
    targets(i, labels[i]) = T(1);
  }
}

template <std::floating_point T> std::vector<std::uint32_t> largest_columns(const Batch<T>& outputs) {
  std::vector<std::uint32_t> columns(outputs.shape(0));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::span<const T> values = row(outputs, i);
    columns[i] = std::uint32_t(std::ranges::max_element(values) - values.begin());
  }
  return columns;
}

template <std::floating_point T>
std::size_t classification_errors(const Batch<T>& outputs, std::span<const std::uint32_t> labels) {
  assert(outputs.shape(0) == labels.size());
  const std::vector<std::uint32_t> found = largest_columns(outputs);
  std::size_t errors = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) errors += found[i] != labels[i];
  return errors;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template class FeedForward<T>;                                                                             \
  template void one_hot<T>(std::span<const std::uint32_t>, std::size_t, Batch<T>&);                          \
  template std::vector<std::uint32_t> largest_columns<T>(const Batch<T>&);                                   \
  template std::size_t classification_errors<T>(const Batch<T>&, std::span<const std::uint32_t>);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
