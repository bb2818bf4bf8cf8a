#include <fmt/format.h>

#include "ebm/learning/trainer.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/run/figures.hpp"
#include "experiments/run/work.hpp"

namespace ebm::experiments {
namespace {

/// Rows an update; 0 is all of them.
std::size_t batch_rows(const TrainerSpec& t) {
  return std::size_t(t.batch.value_or(0));
}

/// Length of a training over `rows` rows, in updates.
std::uint64_t planned_updates(const TrainerSpec& t, std::size_t rows) {
  return t.updates ? std::uint64_t(*t.updates)
                   : std::uint64_t(*t.epochs) * updates_per_epoch(rows, batch_rows(t));
}

template <class T> class Training final : public TrialWork {
 public:
  Training(const TrialSpec& spec, std::int64_t replicate, Session& session)
      : setup_(spec, replicate, session), pictured_(replicate == session.pictured_replicate),
        rows_(setup_.data->train.shape(0)), per_epoch_(updates_per_epoch(rows_, batch_rows(spec.trainer))),
        updates_(planned_updates(spec.trainer, rows_)),
        trainer_(build_estimator<T>(spec), {updates_, batch_rows(spec.trainer), spec.trainer.optimizer},
                 rows_, [this](std::uint64_t epoch) -> const Batch<T>& { return rows_of_epoch(epoch); }),
        state_(trainer_.init(setup_.energy, setup_.draws)) {}

  void archive(Archive& a) override {
    trainer_.archive(setup_.energy, state_, a);
    a("next_row", next_row_);
    a("train_seconds", train_seconds_);
  }
  std::uint64_t step() const override { return state_.update; }
  std::vector<std::string> results() const override { return {"metrics.csv", "params.npz"}; }

  void run(TrialFiles& files, Progress::Trial& progress, RunControl& control) override {
    MetricsLog log(files, setup_.evaluator.columns());
    for (;;) {
      if (due(state_.update) && state_.update >= next_row_) evaluate(log);
      if (state_.update == updates_) break;
      make_step();
      after_step(files, progress, control);
    }
    save_parameters(setup_.energy, files.folder() / "params.npz");
    if (pictured_) write_figures(setup_.spec, setup_.energy, *setup_.data, setup_.draws, files.folder());
  }

 private:
  const Batch<T>& rows_of_epoch(std::uint64_t epoch) {
    if (!setup_.data->fresh) return setup_.data->train;
    if (drawn_epoch_ != epoch) {
      if (drawn_.size() == 0) drawn_ = setup_.data->train;
      // Epoch 0 is that of values drawn once.
      binarize_rows(setup_.data->train, setup_.draws, epoch + 1, drawn_);
      drawn_epoch_ = epoch;
    }
    return drawn_;
  }

  bool due(std::uint64_t update) const {
    const EvaluationSpec& e = setup_.spec.evaluation;
    if (update == updates_ || std::ranges::find(e.at, std::int64_t(update)) != e.at.end()) return true;
    if (e.every) return update % std::uint64_t(*e.every) == 0;
    return e.every_epochs && update % (std::uint64_t(*e.every_epochs) * per_epoch_) == 0;
  }

  void evaluate(MetricsLog& log) {
    const std::vector<std::string> cells = setup_.evaluator.evaluate(setup_.energy, state_.update);
    log.row(state_.update, state_.update / per_epoch_, state_.info.acceptance_rate(), cells, train_seconds_);
    state_.info = {};
    next_row_ = state_.update + 1;
  }

  void make_step() {
    const auto start = std::chrono::steady_clock::now();
    try {
      trainer_.step(setup_.energy, state_, setup_.draws);
    } catch (const DivergenceError& e) {
      throw DivergenceError(fmt::format("update {}: {}", state_.update + 1, e.what()));
    }
    train_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  TrialSetup<T> setup_;
  bool pictured_;
  Batch<T> drawn_; ///< rows of the present epoch, where values are binarised afresh
  std::uint64_t drawn_epoch_ = ~std::uint64_t(0);
  std::size_t rows_;
  std::uint64_t per_epoch_, updates_;
  Trainer<T> trainer_;
  TrainerState<T> state_;
  std::uint64_t next_row_ = 0; ///< rows of metrics.csv before this update are written
  double train_seconds_ = 0;
};

} // namespace

template <std::floating_point T>
std::unique_ptr<TrialWork> make_training(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  return std::make_unique<Training<T>>(spec, replicate, session);
}
template std::unique_ptr<TrialWork> make_training<float>(const TrialSpec&, std::int64_t, Session&);
template std::unique_ptr<TrialWork> make_training<double>(const TrialSpec&, std::int64_t, Session&);

std::uint64_t planned_steps(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  const TrainerSpec& t = spec.trainer;
  if (t.method == Method::none) return std::uint64_t(t.burn_in + t.draws * t.thin) * spec.sampler.sweeps;
  if (t.updates) return planned_updates(t, 0); // without a look at the data
  return planned_updates(t, spec.precision == Precision::float_
                                ? load_data<float>(spec, replicate, session)->train.shape(0)
                                : load_data<double>(spec, replicate, session)->train.shape(0));
}

} // namespace ebm::experiments
