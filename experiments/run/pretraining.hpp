// Greedy training of the layers of a deep model, one after the other (Hinton, Osindero & Teh 2006).
#pragma once
#include "ebm/learning/trainer.hpp"
#include "experiments/spec/spec.hpp"

namespace ebm::experiments {

/// Each layer's machine learns by contrastive divergence from the conditional means of the one below it;
/// the lowest one from the rows. What it has learned goes into the energy when it is done.
template <std::floating_point T> class Pretraining {
 public:
  /// Keeps references to the energy and the rows. Throws InputError where the energy has no layers to train.
  Pretraining(const PretrainingSpec& spec, AnyEnergy<T>& energy, const Batch<T>& rows, random::Draws draws);

  std::uint64_t updates() const { return layers_ * per_layer_; }
  std::uint64_t update() const { return layer_ * per_layer_ + (trainer_ ? state_.update : 0); }
  bool done() const { return update() == updates(); }
  /// One update; the last one of a layer hands it over.
  void step();
  void archive(Archive& a);

 private:
  void begin_layer();
  void finish_layer();
  /// The rows of the next layer, from those of the machine of layer l.
  void climb(std::size_t l, const AnyEnergy<T>& machine);

  PretrainingSpec spec_;
  AnyEnergy<T>& energy_;
  const Batch<T>& data_;
  random::Draws draws_;
  std::size_t layers_;
  std::uint64_t per_layer_;
  std::uint64_t layer_ = 0;
  std::vector<AnyEnergy<T>> learned_; ///< machines of the layers that are done
  Batch<T> means_; ///< [rows, lower units] of the present layer, probabilities of bernoulli units
  Batch<T> rows_;  ///< the same times the copies that the machine's visible units count
  std::optional<AnyEnergy<T>> machine_;
  std::optional<Trainer<T>> trainer_;
  TrainerState<T> state_;
};

/// Updates that pretraining makes in all.
std::uint64_t pretraining_updates(const PretrainingSpec& spec, std::size_t layers, std::size_t rows);

} // namespace ebm::experiments
