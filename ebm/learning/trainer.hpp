// The learning loop: minibatches, estimator, optimiser. All that changes is in TrainerState.
#pragma once
#include <functional>

#include "ebm/learning/centering.hpp"
#include "ebm/learning/optimizer.hpp"
#include "ebm/learning/sparsity.hpp"

namespace ebm {

struct TrainerOptions {
  std::uint64_t updates = 0; ///< total number of updates
  std::size_t batch = 0;     ///< rows an update; 0 is all rows
  OptimizerOptions optimizer;
  CenteringOptions centering{};
  std::optional<SparsityOptions> sparsity{};
};

template <std::floating_point T> struct TrainerState {
  std::uint64_t update = 0; ///< updates made
  std::uint64_t epoch = 0;  ///< the epoch that `order` belongs to
  std::vector<std::uint32_t> order;
  typename AnyEstimator<T>::state_type estimator;
  typename Optimizer<T>::state_type optimizer;
  typename Centering<T>::state_type centering;
  typename Sparsity<T>::state_type sparsity;
  PhaseMeans means;       ///< of the last update, where they are needed
  Parameters<T> gradient; ///< of the last update
  StepInfo info;          ///< acceptance since it was last cleared
};

/// Updates that one pass over the rows takes; batch 0 is all rows, and the last batch may be short.
inline std::uint64_t updates_per_epoch(std::size_t rows, std::size_t batch) {
  return batch == 0 ? 1 : (rows + batch - 1) / batch;
}

template <std::floating_point T> class Trainer {
 public:
  /// `data(epoch)` gives the training rows [rows, visible columns] of an epoch (they change only when values
  /// are binarised afresh); the reference must stay valid until the next call.
  using Data = std::function<const Batch<T>&(std::uint64_t epoch)>;

  Trainer(AnyEstimator<T> estimator, TrainerOptions options, std::size_t rows, Data data)
      : estimator_(std::move(estimator)), options_(options), optimizer_(options.optimizer),
        centering_(options.centering), rows_(rows),
        batch_(options.batch == 0 ? rows : std::min(options.batch, rows)), data_(std::move(data)) {
    if (options.sparsity) sparsity_.emplace(*options.sparsity);
  }

  TrainerState<T> init(const AnyEnergy<T>& e, const random::Draws& draws) const {
    TrainerState<T> s;
    s.estimator = estimator_.init(e, Rows<T>{&data_(0), {}}, draws);
    s.optimizer = optimizer_.init(e.parameters());
    s.centering = centering_.init(e);
    if (sparsity_) s.sparsity = sparsity_->init(e);
    s.gradient = e.parameters();
    return s;
  }

  /// One update of the energy's parameters. Throws DivergenceError when the gradient or a parameter is not
  /// finite; parameters and state are spoilt then.
  void step(AnyEnergy<T>& e, TrainerState<T>& s, const random::Draws& draws) const {
    const std::uint64_t per_epoch = updates_per_epoch(rows_, batch_), epoch = s.update / per_epoch;
    const std::size_t first = std::size_t(s.update % per_epoch) * batch_;
    const Batch<T>& values = data_(epoch);
    Rows<T> batch{&values, {}};
    if (batch_ < rows_) {
      if (s.order.empty() || s.epoch != epoch) {
        s.order.resize(rows_);
        random::permutation(draws, {random::Stream::minibatch, epoch, 0, 0}, s.order);
        s.epoch = epoch;
      }
      batch.index = std::span<const std::uint32_t>(s.order).subspan(first, std::min(batch_, rows_ - first));
    }
    find_gradient(e, batch, s, draws);
    optimizer_.update(e.parameters(), s.gradient,
                      learning_rate(options_.optimizer, s.update, options_.updates), s.optimizer, epoch);
    ++s.update;
  }

  /// Parameters and state: all that the next step depends on.
  void archive(AnyEnergy<T>& e, TrainerState<T>& s, Archive& a) const {
    a("update", s.update);
    a("proposed", s.info.proposed);
    a("accepted", s.info.accepted);
    a.group("parameters", [&] { e.parameters().archive(a); });
    a.group("optimizer", [&] { s.optimizer.archive(a); });
    a.group("centering", [&] { centering_.archive(s.centering, a); });
    if (sparsity_) a.group("sparsity", [&] { sparsity_->archive(s.sparsity, a); });
    a.group("estimator", [&] { estimator_.archive(s.estimator, a); });
    if (a.reads()) s.order.clear(); // a function of the epoch
  }

 private:
  /// The sparsity term is a part of what is descended on, and so comes before the change of coordinates.
  void find_gradient(const AnyEnergy<T>& e, const Rows<T>& batch, TrainerState<T>& s,
                     const random::Draws& draws) const {
    const bool with_means = sparsity_.has_value() || centering_.active();
    s.gradient.fill(T(0));
    s.info += estimator_.estimate(e, batch, s.estimator, draws, s.gradient, with_means ? &s.means : nullptr);
    if (with_means && s.means.data.empty())
      throw CapabilityError("sparsity targets and centred gradients need the means of the data's side, and "
                            "this estimator tells none");
    if (sparsity_) sparsity_->add_to(s.gradient, e, s.means.data, s.sparsity);
    if (!centering_.active()) return;
    centering_.move_offsets(s.means, s.centering);
    centering_.transform(e.parameters(), s.centering, s.gradient);
  }

  AnyEstimator<T> estimator_;
  TrainerOptions options_;
  Optimizer<T> optimizer_;
  Centering<T> centering_;
  std::optional<Sparsity<T>> sparsity_;
  std::size_t rows_, batch_;
  Data data_;
};

} // namespace ebm
