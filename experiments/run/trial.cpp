#include "experiments/run/trial.hpp"

#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "experiments/io/files.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/run/sampling.hpp"

namespace ebm::experiments {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Interrupted {};

/// Rows an update; 0 is all of them.
std::size_t batch_rows(const TrainerSpec& t) {
  return std::size_t(t.batch.value_or(0));
}

/// Length of a training over `rows` rows, in updates.
std::uint64_t planned_updates(const TrainerSpec& t, std::size_t rows) {
  return t.updates ? std::uint64_t(*t.updates)
                   : std::uint64_t(*t.epochs) * updates_per_epoch(rows, batch_rows(t));
}

/// The files of a trial that grow while it runs.
class TrialFiles {
 public:
  TrialFiles(const std::filesystem::path& folder, const std::vector<std::string>& columns)
      : metrics_(folder / "metrics.csv"), timing_(folder / "timing.csv") {
    std::vector<std::string> header{"update", "epoch", "acceptance"};
    header.insert(header.end(), columns.begin(), columns.end());
    append(metrics_, header);
    timing_.append("update,train_s,wall_s");
  }
  void row(std::uint64_t update, std::uint64_t epoch, double acceptance,
           const std::vector<std::string>& cells, double train_seconds, double wall_seconds) {
    std::vector<std::string> line{std::to_string(update), std::to_string(epoch), csv_number(acceptance)};
    line.insert(line.end(), cells.begin(), cells.end());
    append(metrics_, line);
    timing_.append(fmt::format("{},{:.6f},{:.6f}", update, train_seconds, wall_seconds));
  }

 private:
  static void append(AppendFile& file, const std::vector<std::string>& cells) {
    std::string line = csv_row(cells);
    line.pop_back(); // append adds the newline
    file.append(line);
  }
  AppendFile metrics_, timing_;
};

template <class T> class TrainingRun {
 public:
  TrainingRun(const TrialSpec& spec, std::int64_t replicate, Session& session,
              const std::filesystem::path& folder)
      : spec_(spec), key_(replicate_key(spec, replicate)), draws_(key_),
        data_(load_data<T>(spec, replicate, session)),
        energy_(build_energy<T>(spec.model, data_.get(), session.base, key_)),
        evaluator_(spec, energy_, data_.get(), draws_.derived(evaluation_key)), files_(folder, columns(spec)),
        folder_(folder) {}

  void run(Progress::Trial& progress, const std::atomic<bool>& stop) {
    Batch<T> drawn; // of the present epoch, where values are binarised afresh
    std::uint64_t drawn_epoch = ~std::uint64_t(0);
    const auto rows_of_epoch = [&](std::uint64_t epoch) -> const Batch<T>& {
      if (!data_->fresh) return data_->train;
      if (drawn_epoch != epoch) {
        if (drawn.size() == 0) drawn = data_->train;
        binarize_rows(data_->train, draws_, epoch + 1, drawn); // epoch 0 is that of values drawn once
        drawn_epoch = epoch;
      }
      return drawn;
    };
    const std::size_t rows = data_->train.shape(0);
    const std::uint64_t per_epoch = updates_per_epoch(rows, batch_rows(spec_.trainer));
    const TrainerOptions options{planned_updates(spec_.trainer, rows), batch_rows(spec_.trainer),
                                 spec_.trainer.optimizer};
    const Trainer<T> trainer(build_estimator<T>(spec_), options, rows, rows_of_epoch);
    TrainerState<T> state = trainer.init(energy_, draws_);
    double train_seconds = 0;
    for (;;) {
      if (due(state.update, options.updates, per_epoch)) evaluate(state, per_epoch, train_seconds);
      if (state.update == options.updates) break;
      const auto start = Clock::now();
      try {
        trainer.step(energy_, state, draws_);
      } catch (const DivergenceError& e) {
        throw DivergenceError(fmt::format("update {}: {}", state.update + 1, e.what()));
      }
      train_seconds += seconds_since(start);
      progress.update(state.update);
      if (stop.load(std::memory_order_relaxed)) throw Interrupted{};
    }
    save_parameters(energy_, folder_ / "params.npz");
  }

  void sample(Progress::Trial& progress, const std::atomic<bool>& stop) {
    const auto averages = sample_model(spec_, energy_, data_.get(), draws_, folder_, [&](std::uint64_t step) {
      progress.update(step);
      return !stop.load(std::memory_order_relaxed);
    });
    if (!averages) throw Interrupted{};
    const double sample_seconds = seconds_since(start_);
    std::vector<std::string> cells;
    for (const double v : {averages->energy, averages->energy_error, averages->mean, averages->mean_error,
                           averages->mean_square, averages->mean_square_error})
      cells.push_back(csv_number(v));
    const std::vector<std::string> evaluated = evaluator_.evaluate(energy_, 0);
    cells.insert(cells.end(), evaluated.begin(), evaluated.end());
    files_.row(0, 0, averages->acceptance, cells, sample_seconds, seconds_since(start_));
  }

 private:
  /// Of metrics.csv: what sampling itself gives stands before what is evaluated.
  std::vector<std::string> columns(const TrialSpec& spec) const {
    std::vector<std::string> names = sampled_columns(spec);
    names.insert(names.end(), evaluator_.columns().begin(), evaluator_.columns().end());
    return names;
  }

  static constexpr std::uint64_t evaluation_key = 0x6576616cu;

  bool due(std::uint64_t update, std::uint64_t last, std::uint64_t per_epoch) const {
    const EvaluationSpec& e = spec_.evaluation;
    if (update == last || std::ranges::find(e.at, std::int64_t(update)) != e.at.end()) return true;
    if (e.every) return update % std::uint64_t(*e.every) == 0;
    return e.every_epochs && update % (std::uint64_t(*e.every_epochs) * per_epoch) == 0;
  }

  void evaluate(TrainerState<T>& state, std::uint64_t per_epoch, double train_seconds) {
    const std::vector<std::string> cells = evaluator_.evaluate(energy_, state.update);
    files_.row(state.update, state.update / per_epoch, state.info.acceptance_rate(), cells, train_seconds,
               seconds_since(start_));
    state.info = {};
  }

  const TrialSpec& spec_;
  random::Key key_;
  random::Draws draws_;
  std::shared_ptr<const Dataset<T>> data_;
  AnyEnergy<T> energy_;
  Evaluator<T> evaluator_;
  TrialFiles files_;
  std::filesystem::path folder_;
  Clock::time_point start_ = Clock::now();
};

template <class T>
void run_typed(const TrialSpec& spec, const Trial& trial, const std::filesystem::path& folder,
               Session& session, Progress::Trial& progress, const std::atomic<bool>& stop) {
  TrainingRun<T> run(spec, trial.replicate, session, folder);
  if (spec.trainer.method == Method::none)
    run.sample(progress, stop);
  else
    run.run(progress, stop);
}

void write_status(const std::filesystem::path& folder, const Trial& trial, const TrialOutcome& outcome,
                  double seconds) {
  Json status{{"state", name_of(outcome.state)},
              {"identity", trial.identity},
              {"replicate", trial.replicate},
              {"wall_s", seconds}};
  if (!outcome.message.empty()) status["error"] = outcome.message;
  write_atomically(folder / "status.json", status.dump(1) + "\n");
}

} // namespace

std::string_view name_of(TrialState state) {
  constexpr std::array<std::string_view, 6> names{"pending", "running",  "done",
                                                  "failed",  "diverged", "interrupted"};
  return names[std::size_t(state)];
}

std::uint64_t planned_steps(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  const TrainerSpec& t = spec.trainer;
  if (t.method == Method::none) return std::uint64_t(t.burn_in + t.draws * t.thin) * spec.sampler.sweeps;
  if (t.updates) return planned_updates(t, 0); // without a look at the data
  return planned_updates(t, spec.precision == Precision::float_
                                ? load_data<float>(spec, replicate, session)->train.shape(0)
                                : load_data<double>(spec, replicate, session)->train.shape(0));
}

TrialOutcome read_status(const std::filesystem::path& folder, const Trial& trial, const TrialSpec& spec) {
  std::error_code missing;
  if (!std::filesystem::exists(folder / "status.json", missing)) return {};
  const auto status = Json::parse(read_text(folder / "status.json"), nullptr, false);
  if (!status.is_object() || status.value("identity", "") != trial.identity) return {};
  const char* result = spec.trainer.method == Method::none ? "draws.npy" : "params.npz";
  const bool complete = std::filesystem::exists(folder / "metrics.csv", missing) &&
                        std::filesystem::exists(folder / result, missing);
  for (const TrialState s :
       {TrialState::done, TrialState::failed, TrialState::diverged, TrialState::interrupted})
    if (status.value("state", "") == name_of(s) && (s != TrialState::done || complete))
      return {s, status.value("error", "")};
  return {};
}

TrialOutcome run_trial(const Setting& setting, const Trial& trial, const std::filesystem::path& folder,
                       Session& session, Progress::Trial& progress, const std::atomic<bool>& stop) {
  const auto start = Clock::now();
  TrialOutcome outcome{TrialState::done, {}};
  try {
    std::filesystem::create_directories(folder);
    std::filesystem::remove(folder / "status.json");
    AppendFile log(folder / "log.txt");
    log.append("setting " + setting.name() + fmt::format(", replicate {}", trial.replicate));
    AppendFile(folder / "config.yaml")
        .append(setting.spec.resolved.yaml() + fmt::format("seeds: [{}]", trial.replicate));
    try {
      if (setting.spec.precision == Precision::float_)
        run_typed<float>(setting.spec, trial, folder, session, progress, stop);
      else
        run_typed<double>(setting.spec, trial, folder, session, progress, stop);
    } catch (const Interrupted&) {
      outcome.state = TrialState::interrupted;
    } catch (const DivergenceError& e) {
      outcome = {TrialState::diverged, e.what()};
    } catch (const std::exception& e) {
      outcome = {TrialState::failed, e.what()};
    }
    log.append(std::string(name_of(outcome.state)) + (outcome.message.empty() ? "" : ": " + outcome.message));
    write_status(folder, trial, outcome, seconds_since(start));
  } catch (const std::exception& e) {
    // The folder itself cannot be written.
    outcome = {TrialState::failed, e.what()};
  }
  return outcome;
}

} // namespace ebm::experiments
