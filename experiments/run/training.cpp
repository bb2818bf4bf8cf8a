#include <fmt/format.h>

#include "ebm/learning/trainer.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/run/figures.hpp"
#include "experiments/run/finetuning.hpp"
#include "experiments/run/parameter_files.hpp"
#include "experiments/run/pretraining.hpp"
#include "experiments/run/work.hpp"

namespace ebm::experiments {
namespace {

/// Rows an update; 0 is all of them.
std::size_t batch_rows(const TrainerSpec& t) {
  return std::size_t(t.batch.value_or(0));
}

/// Length of a training over `rows` rows, in updates.
std::uint64_t planned_updates(const TrainerSpec& t, std::size_t rows) {
  if (t.method == Method::layerwise) return 0;
  return t.updates ? std::uint64_t(*t.updates)
                   : std::uint64_t(*t.epochs) * updates_per_epoch(rows, batch_rows(t));
}

/// Learning in up to three stages: layer by layer, all parameters at once, the unrolled net.
template <class T> class Training final : public TrialWork {
 public:
  Training(const TrialSpec& spec, std::int64_t replicate, Session& session)
      : setup_(spec, replicate, session), pictured_(replicate == session.pictured_replicate),
        rows_(setup_.data->train.shape(0)), per_epoch_(updates_per_epoch(rows_, batch_rows(spec.trainer))),
        updates_(planned_updates(spec.trainer, rows_)),
        stage_(spec.trainer.pretraining ? Stage::layers : Stage::joint) {
    if (spec.trainer.pretraining)
      pretraining_.emplace(*spec.trainer.pretraining, setup_.energy, setup_.data->train,
                           setup_.draws.derived(pretraining_key));
    if (spec.trainer.method == Method::layerwise) return;
    trainer_.emplace(build_estimator<T>(spec), spec.trainer.options(updates_), rows_,
                     [this](std::uint64_t epoch) -> const Batch<T>& { return rows_of_epoch(epoch); });
    // Persistent chains start from what pretraining has learned.
    if (!pretraining_) state_ = trainer_->init(setup_.energy, setup_.draws);
  }

  void archive(Archive& a) override {
    if (setup_.spec.trainer.pretraining || setup_.spec.trainer.finetuning) archive_stage(a);
    if (trainer_ && stage_ == Stage::joint) trainer_->archive(setup_.energy, state_, a);
    a("next_row", next_row_);
    a("train_seconds", train_seconds_);
  }
  std::uint64_t step() const override {
    return (pretraining_ ? pretraining_->update() : 0) + joint_update() +
           (finetuning_ ? finetuning_->update() : 0);
  }
  std::vector<std::string> results() const override {
    std::vector<std::string> files{"metrics.csv", "params.npz"};
    if (setup_.spec.trainer.finetuning) files.emplace_back("network.npz");
    return files;
  }

  void run(TrialFiles& files, Progress::Trial& progress, RunControl& control) override {
    std::vector<std::string> columns = setup_.evaluator.columns();
    const Dataset<T>& data = *setup_.data;
    if (setup_.spec.trainer.finetuning)
      for (std::string& name : finetuning_columns(data.validation.shape(0) != 0, data.test.shape(0) != 0))
        columns.push_back(std::move(name));
    row_cells_ = columns.size();
    MetricsLog log(files, columns);
    const auto after = [&] { after_step(files, progress, control); };
    if (stage_ == Stage::layers) pretrain(after);
    if (stage_ == Stage::joint)
      train([&] { interruptible(files, progress, control, [&](auto stopping) { evaluate(log, stopping); }); },
            after);
    if (stage_ == Stage::net) finetune(log, after);
    save_parameters(setup_.energy, files.folder() / "params.npz");
    if (finetuning_) save_parameters(finetuning_->net().parameters(), files.folder() / "network.npz");
    if (pictured_) write_figures(setup_.spec, setup_.energy, *setup_.data, setup_.draws, files.folder());
  }

 private:
  enum class Stage : std::uint64_t { layers, joint, net };
  static constexpr std::uint64_t pretraining_key = 0x70726574u, finetuning_key = 0x66696e65u;

  std::uint64_t joint_update() const { return stage_ == Stage::net ? updates_ : state_.update; }

  /// Which stage is under way, and what it consists of. In the last one the energy does not change any more,
  /// and its row of metrics is kept.
  void archive_stage(Archive& a) {
    auto stage = std::uint64_t(stage_);
    a("stage", stage);
    stage_ = Stage(stage);
    if (pretraining_) a.group("pretraining", [&] { pretraining_->archive(a); });
    if (stage_ != Stage::joint) a.group("energy", [&] { setup_.energy.parameters().archive(a); });
    if (a.reads() && stage_ == Stage::joint && trainer_) state_ = trainer_->init(setup_.energy, setup_.draws);
    if (stage_ != Stage::net) return;
    if (a.reads()) begin_finetuning();
    finetuning_->archive(a);
    std::uint64_t cells = energy_cells_.size();
    a("cells", cells);
    energy_cells_.resize(cells);
    for (std::size_t i = 0; i < cells; ++i) a("cell" + std::to_string(i), energy_cells_[i]);
  }

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

  template <class After> void pretrain(After after) {
    while (pretraining_ && !pretraining_->done()) {
      timed([&] { pretraining_->step(); });
      after();
    }
    if (pretraining_ && trainer_) state_ = trainer_->init(setup_.energy, setup_.draws);
    stage_ = Stage::joint;
  }

  template <class Evaluate, class After> void train(Evaluate evaluated, After after) {
    for (;;) {
      if (state_.update == updates_ && setup_.spec.trainer.finetuning) begin_finetuning();
      if (due(state_.update) && state_.update >= next_row_) evaluated();
      if (state_.update == updates_) break;
      timed([&] { trainer_->step(setup_.energy, state_, setup_.draws); });
      after();
    }
    if (setup_.spec.trainer.finetuning) stage_ = Stage::net;
  }

  template <class After> void finetune(MetricsLog& log, After after) {
    while (!finetuning_->done()) {
      timed([&] { finetuning_->step(); });
      if (finetuning_->update() % finetuning_->per_epoch() == 0) {
        finetuning_->end_epoch();
        finetuning_row(log);
      }
      after();
    }
  }

  void begin_finetuning() {
    finetuning_.emplace(*setup_.spec.trainer.finetuning, setup_.energy, *setup_.data,
                        setup_.draws.derived(finetuning_key));
  }

  bool due(std::uint64_t update) const {
    const EvaluationSpec& e = setup_.spec.evaluation;
    if (update == updates_ || std::ranges::find(e.at, std::int64_t(update)) != e.at.end()) return true;
    if (e.every) return update % std::uint64_t(*e.every) == 0;
    return e.every_epochs && update % (std::uint64_t(*e.every_epochs) * per_epoch_) == 0;
  }

  /// The last row has the metrics of the net as it is unrolled, too.
  void evaluate(MetricsLog& log, const std::function<bool()>& stopping) {
    energy_cells_ = setup_.evaluator.evaluate(setup_.energy, state_.update, stopping);
    std::vector<std::string> cells = energy_cells_;
    if (finetuning_) append_net_cells(cells);
    cells.resize(row_cells_);
    log.row(state_.update, state_.update / per_epoch_, state_.info.acceptance_rate(), cells, train_seconds_);
    state_.info = {};
    next_row_ = state_.update + 1;
  }

  /// The energy's metrics stay what they were; updates and epochs count on.
  void finetuning_row(MetricsLog& log) {
    std::vector<std::string> cells = energy_cells_;
    append_net_cells(cells);
    const std::uint64_t epoch = finetuning_->update() / finetuning_->per_epoch();
    log.row(updates_ + finetuning_->update(), updates_ / per_epoch_ + epoch, StepInfo{}.acceptance_rate(),
            cells, train_seconds_);
  }

  void append_net_cells(std::vector<std::string>& cells) const {
    for (const double v : finetuning_->evaluate()) cells.push_back(csv_number(v));
  }

  template <class F> void timed(F f) {
    const auto start = std::chrono::steady_clock::now();
    try {
      f();
    } catch (const DivergenceError& e) {
      throw DivergenceError(fmt::format("update {}: {}", step() + 1, e.what()));
    }
    train_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  TrialSetup<T> setup_;
  bool pictured_;
  Batch<T> drawn_; ///< rows of the present epoch, where values are binarised afresh
  std::uint64_t drawn_epoch_ = ~std::uint64_t(0);
  std::size_t rows_;
  std::uint64_t per_epoch_, updates_;
  Stage stage_;
  std::optional<Pretraining<T>> pretraining_;
  std::optional<Trainer<T>> trainer_;
  TrainerState<T> state_;
  std::optional<Finetuning<T>> finetuning_;
  std::vector<std::string> energy_cells_; ///< of the last row
  std::size_t row_cells_ = 0;             ///< of a row of metrics.csv, those of the net among them
  std::uint64_t next_row_ = 0;            ///< rows of metrics.csv before this update are written
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
  if (stores(t.method)) return 1;
  if (t.updates && !t.pretraining && !t.finetuning)
    return planned_updates(t, 0); // without a look at the data
  const auto all = [&]<class T>(std::type_identity<T>) {
    const auto data = load_data<T>(spec, replicate, session);
    const std::size_t rows = data->train.shape(0);
    std::uint64_t steps = planned_updates(t, rows);
    if (t.pretraining) {
      const auto e = build_energy<T>(spec.model, data.get(), session.base, replicate_key(spec, replicate));
      steps += pretraining_updates(*t.pretraining, e.stack().layers.size(), rows);
    }
    return steps + (t.finetuning ? finetuning_updates(*t.finetuning, rows) : 0);
  };
  return spec.precision == Precision::float_ ? all(std::type_identity<float>{})
                                             : all(std::type_identity<double>{});
}

} // namespace ebm::experiments
