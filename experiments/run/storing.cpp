#include <algorithm>

#include "ebm/learning/associative_memory.hpp"
#include "experiments/run/figures.hpp"
#include "experiments/run/parameter_files.hpp"
#include "experiments/run/work.hpp"

namespace ebm::experiments {
namespace {

/// Its only update stores the training rows.
template <class T> class Storing final : public TrialWork {
 public:
  Storing(const TrialSpec& spec, std::int64_t replicate, Session& session)
      : setup_(spec, replicate, session), pictured_(replicate == session.pictured_replicate) {}

  void archive(Archive& a) override {
    a("update", update_);
    a.group("parameters", [&] { setup_.energy.parameters().archive(a); });
    a("next_row", next_row_);
    a("train_seconds", train_seconds_);
  }
  std::uint64_t step() const override { return update_; }
  std::vector<std::string> results() const override { return {"metrics.csv", "params.npz"}; }

  void run(TrialFiles& files, Progress::Trial& progress, RunControl& control) override {
    MetricsLog log(files, setup_.evaluator.columns());
    for (;;) {
      if (due() && update_ >= next_row_)
        interruptible(files, progress, control, [&](auto stopping) { evaluate(log, stopping); });
      if (update_ == 1) break;
      store_rows();
      after_step(files, progress, control);
    }
    save_parameters(setup_.energy, files.folder() / "params.npz");
    if (pictured_) write_figures(setup_.spec, setup_.energy, *setup_.data, setup_.draws, files.folder());
  }

 private:
  bool due() const {
    const EvaluationSpec& e = setup_.spec.evaluation;
    return update_ == 1 || e.every || e.every_epochs || std::ranges::count(e.at, std::int64_t(update_)) != 0;
  }

  void evaluate(MetricsLog& log, const std::function<bool()>& stopping) {
    log.row(update_, update_, StepInfo{}.acceptance_rate(),
            setup_.evaluator.evaluate(setup_.energy, update_, stopping), train_seconds_);
    next_row_ = update_ + 1;
  }

  void store_rows() {
    const auto start = std::chrono::steady_clock::now();
    const bool hebbian = setup_.spec.trainer.method == Method::hebbian;
    store(hebbian ? StorageRule::hebbian : StorageRule::pseudo_inverse, setup_.data->train, setup_.energy);
    ++update_;
    train_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  TrialSetup<T> setup_;
  bool pictured_;
  std::uint64_t update_ = 0, next_row_ = 0; ///< rows of metrics.csv before the latter are written
  double train_seconds_ = 0;
};

} // namespace

template <std::floating_point T>
std::unique_ptr<TrialWork> make_storing(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  return std::make_unique<Storing<T>>(spec, replicate, session);
}
template std::unique_ptr<TrialWork> make_storing<float>(const TrialSpec&, std::int64_t, Session&);
template std::unique_ptr<TrialWork> make_storing<double>(const TrialSpec&, std::int64_t, Session&);

} // namespace ebm::experiments
