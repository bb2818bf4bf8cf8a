// Feed-forward nets for classifying with features and for fine-tuning unrolled machines: an encoder and its
// mirror image (Hinton & Salakhutdinov 2006), or a deep Boltzmann machine whose mean-field posterior stands
// beside the data as further inputs (Salakhutdinov & Hinton 2009, section 3.3).
#pragma once
#include <cstdint>

#include "ebm/core/parallel.hpp"
#include "ebm/core/parameters.hpp"

namespace ebm {

enum class Activation : std::uint8_t { sigmoid, softmax, linear, relu };

struct Layer {
  std::size_t size = 0;
  Activation activation = Activation::sigmoid;
};

/// Layer l maps a to f(a W_l + bias_l); parameters `W1, bias1, W2, …`, W_l [size before, size], all 0 at
/// first. The last activation chooses the loss of a row, in nats, with targets of the outputs' shape:
///   softmax  cross-entropy −Σ t log y; the targets of a row are probabilities, one-hot for labels
///   sigmoid  cross-entropy −Σ t log y + (1 − t) log(1 − y), t in [0, 1]
///   linear   ½ Σ (y − t)²
/// Each is computed from the natural parameters, so that saturated units have a finite loss. Results do not
/// depend on the number of threads. Calls from several threads are safe while nobody changes the parameters.
template <std::floating_point T> class FeedForward {
 public:
  /// Throws InputError where there is no layer, a size is 0, or relu stands last.
  FeedForward(std::size_t inputs, std::vector<Layer> layers);

  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }

  /// Sets `out` to the last layer's values [rows, its size]: inputs [rows, input_size].
  void outputs(const Batch<T>& inputs, Batch<T>& out) const;

  /// The summed loss of the rows.
  double loss(const Batch<T>& inputs, const Batch<T>& targets) const;

  /// g += weight · Σ_rows ∂loss/∂parameters; returns the summed loss. The calling thread keeps memory for
  /// all layers' values of the whole batch.
  double add_loss_gradient(const Batch<T>& inputs, const Batch<T>& targets, double weight,
                           Parameters<T>& g) const;

 private:
  struct Item;
  struct Whole;
  // Layers count from 1; layer 0 is the inputs.
  const Layer& layer(std::size_t l) const { return layers_[l - 1]; }
  const Batch<T>& W(std::size_t l) const { return parameters_[2 * l - 2].value; }
  const Batch<T>& bias(std::size_t l) const { return parameters_[2 * l - 1].value; }
  void forward(const Batch<T>& inputs, parallel::Range rows, Item& item) const;
  double output_loss(const Batch<T>& targets, parallel::Range rows, Item& item) const;
  void backward(parallel::Range rows, Item& item, Whole& whole) const;
  void prepare(std::size_t rows, double weight, Whole& whole) const;
  template <class F>
  double summed_loss(const Batch<T>& inputs, const Batch<T>& targets, Whole& whole, F after_loss) const;

  std::size_t inputs_;
  std::vector<Layer> layers_;
  Parameters<T> parameters_;
};

/// Sets `targets` to [labels, classes], 1 in the column of the row's label. Throws InputError for a label
/// that is not below `classes`.
template <std::floating_point T>
void one_hot(std::span<const std::uint32_t> labels, std::size_t classes, Batch<T>& targets);

/// The column of each row's largest value, the first of equals.
template <std::floating_point T> std::vector<std::uint32_t> largest_columns(const Batch<T>& outputs);

/// Number of rows whose largest output is not that of their label.
template <std::floating_point T>
std::size_t classification_errors(const Batch<T>& outputs, std::span<const std::uint32_t> labels);

extern template class FeedForward<float>;
extern template class FeedForward<double>;

} // namespace ebm
