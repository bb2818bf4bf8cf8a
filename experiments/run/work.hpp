// The work of one trial, learning or sampling: everything between its specification and its result files.
#pragma once
#include "ebm/likelihood/ais.hpp"
#include "experiments/program/progress.hpp"
#include "experiments/run/control.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/run/setup.hpp"
#include "experiments/run/trial_files.hpp"

namespace ebm::experiments {

/// Thrown when the run stops before the work is done, after a checkpoint.
struct Interrupted {
  std::string where; ///< unless it was between two steps
};

class TrialWork {
 public:
  virtual ~TrialWork() = default;
  /// All that changes; set by it, the work goes on as if it had never stopped.
  virtual void archive(Archive& a) = 0;
  /// Updates, or sweeps, made so far.
  virtual std::uint64_t step() const = 0;
  /// From the present state to the end. Throws Interrupted, DivergenceError, DiskFullError, InputError.
  virtual void run(TrialFiles& files, Progress::Trial& progress, RunControl& control) = 0;
  /// Names of the files that a finished trial has.
  virtual std::vector<std::string> results() const = 0;

 protected:
  /// After each step: reports it, and makes a checkpoint if it is time or if the run stops.
  void after_step(TrialFiles& files, Progress::Trial& progress, RunControl& control,
                  const std::string& where = "");
  /// evaluate(stopping), which changes nothing before its end. Where the run stops meanwhile, as stopping()
  /// says, it is given up for another time, and the checkpoint is that before it.
  template <class F>
  void interruptible(TrialFiles& files, Progress::Trial& progress, RunControl& control, F evaluate) {
    try {
      evaluate([&control] { return control.stopping(); });
    } catch (const Stopped&) {
      after_step(files, progress, control, "inside an evaluation, which begins again");
      throw;
    }
  }
};

std::unique_ptr<TrialWork> make_work(const TrialSpec& spec, std::int64_t replicate, Session& session);

/// Number of steps that the work has in all; the data tell how many an epoch has.
std::uint64_t planned_steps(const TrialSpec& spec, std::int64_t replicate, Session& session);

/// What every kind of work starts from.
template <std::floating_point T> struct TrialSetup {
  TrialSetup(const TrialSpec& specification, std::int64_t replicate, Session& session)
      : spec(specification), key(replicate_key(spec, replicate)), draws(key),
        data(load_data<T>(spec, replicate, session)),
        energy(build_energy<T>(spec.model, data.get(), session.base, key)),
        evaluator(spec, energy, data.get(), draws.derived(evaluation_key)) {}

  const TrialSpec& spec;
  random::Key key;
  random::Draws draws;
  std::shared_ptr<const Dataset<T>> data;
  AnyEnergy<T> energy;
  Evaluator<T> evaluator;

 private:
  static constexpr std::uint64_t evaluation_key = 0x6576616cu;
};

/// metrics.csv and timing.csv.
class MetricsLog {
 public:
  /// `columns` follow update, epoch and acceptance.
  MetricsLog(TrialFiles& files, const std::vector<std::string>& columns);
  void row(std::uint64_t update, std::uint64_t epoch, double acceptance,
           const std::vector<std::string>& cells, double train_seconds);

 private:
  TrialFiles& files_;
  AppendFile &metrics_, &timing_;
};

/// Learning by cd, pcd or exact.
template <std::floating_point T>
std::unique_ptr<TrialWork> make_training(const TrialSpec& spec, std::int64_t replicate, Session& session);
/// trainer.method hebbian and pseudo_inverse: one update, which sets the parameters.
template <std::floating_point T>
std::unique_ptr<TrialWork> make_storing(const TrialSpec& spec, std::int64_t replicate, Session& session);
/// trainer.method none: draws from a given or analytic energy.
template <std::floating_point T>
std::unique_ptr<TrialWork> make_sampling(const TrialSpec& spec, std::int64_t replicate, Session& session);

/// Columns of metrics.csv that sampling itself gives, "sampled.energy", "sampled.energy.standard_error", …:
/// none unless trainer.method is none.
std::vector<std::string> sampled_columns(const TrialSpec& spec);

} // namespace ebm::experiments
