// An unrolled deep model as a feed-forward net, trained further by back-propagation: a classifier with a
// softmax on top, or an autoencoder that mirrors the layers (Hinton & Salakhutdinov 2006; Salakhutdinov &
// Hinton 2009, section 3.3).
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/learning/early_stopping.hpp"
#include "ebm/learning/feed_forward.hpp"
#include "ebm/learning/optimizer.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/data/preparation.hpp"
#include "experiments/spec/spec.hpp"

namespace ebm::experiments {

/// Names of the columns that fine-tuning adds to metrics.csv: loss in nats a row, error the share of rows put
/// into a wrong class, or the mean squared difference of a column.
std::vector<std::string> finetuning_columns(bool has_validation, bool has_test);

/// Why the energy cannot be fine-tuned with these data, or nothing.
template <std::floating_point T>
std::optional<std::string> check_finetuning(const FinetuningSpec& spec, const AnyEnergy<T>& e,
                                            const Dataset<T>* data);

template <std::floating_point T> class Finetuning {
 public:
  /// Unrolls the energy. Keeps a reference to the data.
  Finetuning(const FinetuningSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data, random::Draws draws);

  std::uint64_t update() const { return update_; }
  std::uint64_t per_epoch() const { return per_epoch_; }
  bool done() const { return done_; }
  void step();
  /// At the end of an epoch: takes note of the validation rows, and stops where patience ends. At the end the
  /// best parameters are taken back.
  void end_epoch();
  /// Values of finetuning_columns, for the present parameters.
  std::vector<double> evaluate() const;
  const FeedForward<T>& net() const { return net_; }
  void archive(Archive& a);

 private:
  struct Part {
    Batch<T> inputs;
    Batch<T> targets; ///< of reconstruction: the rows without the inputs that mean field adds
    std::vector<std::uint32_t> labels;
  };
  Part part(const AnyEnergy<T>& e, const Batch<T>& rows, const std::vector<double>& labels) const;
  std::pair<double, double> loss_and_error(const Part& part) const;
  void targets_of(const Part& part, std::span<const std::uint32_t> rows, Batch<T>& targets) const;

  FinetuningSpec spec_;
  random::Draws draws_;
  std::size_t classes_ = 0;
  Part train_, validation_, test_;
  FeedForward<T> net_;
  Optimizer<T> optimizer_;
  typename Optimizer<T>::state_type optimizer_state_;
  EarlyStopping<T> stopping_;
  Parameters<T> gradient_;
  std::uint64_t per_epoch_, updates_, update_ = 0;
  bool done_ = false;
  std::vector<std::uint32_t> order_;
  Batch<T> inputs_, targets_; // of the minibatch
};

/// Updates that fine-tuning makes at most.
std::uint64_t finetuning_updates(const FinetuningSpec& spec, std::size_t rows);

} // namespace ebm::experiments
