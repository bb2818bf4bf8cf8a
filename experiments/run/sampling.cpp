#include <cmath>

#include "ebm/core/parallel.hpp"
#include "experiments/io/npy_header.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/report/statistics.hpp"
#include "experiments/run/chains.hpp"
#include "experiments/run/scatter.hpp"
#include "experiments/run/work.hpp"

namespace ebm::experiments {
namespace {

template <class T>
State<T> initial_state(const AnyEnergy<T>& e, const Dataset<T>* data, parallel::Range range,
                       const random::Draws& draws) {
  State<T> x = random_start<T>(e.space(), range, draws);
  if (data != nullptr) Rows<T>{&data->train, {}}.copy_to(e.space(), range.first, x);
  return x;
}

/// Sums over the columns of one chain: of one draw, or of all of them.
struct ChainTotals {
  double energy = 0, sum = 0, square = 0;
  ChainTotals& operator+=(const ChainTotals& o) {
    energy += o.energy;
    sum += o.sum;
    square += o.square;
    return *this;
  }
};

/// Runs the sampler's chains for burn_in sweeps, then records `draws` states `thin` sweeps apart. Writes
/// draws.npy [draws, chains, visible columns] and observables.csv (a row a draw: energy averaged over the
/// chains, mean and mean square over chains and columns, acceptance since the last row). Chains start at data
/// rows, or without data at fair discrete values and standard normals. metrics.csv has one row, of averages
/// over all draws; their standard errors are those between the chains, which are independent. With
/// standardised data, draws, means and mean squares are in the original units. The first seed shows its last
/// draw in figures/scatter.svg where that is one of points in the plane.
template <class T> class Sampling final : public TrialWork {
 public:
  Sampling(const TrialSpec& spec, std::int64_t replicate, Session& session)
      : setup_(spec, replicate, session), pictured_(replicate == session.pictured_replicate),
        sampler_(build_sampler<T>(spec.sampler)), chains_(spec.sampler.chains),
        columns_(setup_.energy.space().visible_columns()), items_(chains_), states_(items_.size()),
        info_(items_.size()), now_(chains_), all_(chains_), recorded_(make_batch<T>(chains_, columns_)) {
    for (std::size_t i = 0; i < items_.size(); ++i)
      states_[i] = sampler_.init(setup_.energy,
                                 initial_state(setup_.energy, setup_.data.get(), items_[i], setup_.draws),
                                 std::uint32_t(items_[i].first), 0);
  }

  void archive(Archive& a) override {
    a("draw", draw_);
    a("rows", rows_);
    a("sweeps", sweeps_);
    for (auto& [name, info] : {std::pair("row", &row_info_), {"total", &total_info_}}) {
      a(std::string(name) + ".proposed", info->proposed);
      a(std::string(name) + ".accepted", info->accepted);
    }
    a("train_seconds", train_seconds_);
    if (draw_ == std::uint64_t(setup_.spec.trainer.draws)) a("recorded", recorded_);
    for (std::size_t i = 0; i < items_.size(); ++i)
      a.group("chains." + std::to_string(i), [&] { sampler_.archive(states_[i], a); });
    for (std::size_t c = 0; c < chains_; ++c)
      a.group("totals." + std::to_string(c), [&] {
        a("energy", all_[c].energy);
        a("sum", all_[c].sum);
        a("square", all_[c].square);
      });
  }
  std::uint64_t step() const override { return sweeps_; }
  std::vector<std::string> results() const override { return {"metrics.csv", "draws.npy"}; }

  void run(TrialFiles& files, Progress::Trial& progress, RunControl& control) override {
    const TrainerSpec& t = setup_.spec.trainer;
    const auto draws = std::size_t(t.draws);
    std::vector<std::string> columns = sampled_columns(setup_.spec);
    columns.insert(columns.end(), setup_.evaluator.columns().begin(), setup_.evaluator.columns().end());
    MetricsLog log(files, columns);
    AppendFile& observables = files.grow("observables.csv", "draw,energy,mean,mean_square,acceptance\n");
    AppendFile& values = files.grow(
        "draws.npy", format_npy_header(sizeof(T) == 4 ? "<f4" : "<f8", {draws, chains_, columns_}));
    const std::uint64_t burn_in = std::uint64_t(t.burn_in) * setup_.spec.sampler.sweeps,
                        thin = std::uint64_t(t.thin) * setup_.spec.sampler.sweeps;
    while (draw_ < draws) {
      const auto start = std::chrono::steady_clock::now();
      const std::uint64_t due = burn_in + (draw_ + 1) * thin;
      if (sweeps_ < due) advance(std::min(due - sweeps_, at_once));
      if (sweeps_ >= due) {
        observables.append_text(record());
        values.append(std::as_bytes(all(std::as_const(recorded_))));
        ++draw_;
      }
      train_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (draw_ < draws) after_step(files, progress, control);
    }
    if (rows_ == 0) interruptible(files, progress, control, [&](auto stopping) { evaluate(log, stopping); });
    if (pictured_)
      write_scatter(setup_.energy.space(), setup_.data.get(), std::as_const(recorded_), files.folder());
  }

 private:
  static constexpr std::uint64_t at_once = 100; ///< sweeps between two looks at the clock

  void advance(std::uint64_t sweeps) {
    parallel::for_each(items_.size(), [&](std::size_t i) {
      info_[i] = {};
      for (std::uint64_t s = 0; s < sweeps; ++s)
        info_[i] += sampler_.step(setup_.energy, states_[i], setup_.draws);
    });
    for (const StepInfo& s : info_) row_info_ += s;
    sweeps_ += sweeps;
  }

  /// One recorded draw; the row of observables.csv.
  std::string record() {
    parallel::for_each(items_.size(), [&](std::size_t i) { keep(i); });
    ChainTotals sum;
    for (const ChainTotals& t : now_) sum += t;
    const StepInfo info = std::exchange(row_info_, {});
    total_info_ += info;
    if (!std::isfinite(sum.energy) || !std::isfinite(sum.square))
      throw DivergenceError("draw " + std::to_string(draw_) +
                            ": the chains are not finite (a smaller step_size helps)");
    const double values = double(chains_ * columns_);
    return csv_row(std::vector<std::string>{std::to_string(draw_), csv_number(sum.energy / double(chains_)),
                                            csv_number(sum.sum / values), csv_number(sum.square / values),
                                            csv_number(info.acceptance_rate())});
  }

  void keep(std::size_t item) {
    const State<T>& x = sampler_.chains(states_[item]).x;
    const std::size_t first = items_[item].first;
    std::vector<double> energies(x.chains());
    setup_.energy.energy(x, energies);
    for (std::size_t c = 0; c < x.chains(); ++c) {
      const std::span<T> drawn = row(recorded_, first + c);
      copy_visible(setup_.energy.space(), x, c, drawn.data());
      if (setup_.data != nullptr) setup_.data->to_original(drawn);
      ChainTotals t{energies[c], 0, 0};
      for (const T v : drawn) {
        t.sum += double(v);
        t.square += double(v) * double(v);
      }
      now_[first + c] = t;
      all_[first + c] += t;
    }
  }

  void evaluate(MetricsLog& log, const std::function<bool()>& stopping) {
    const double draws = double(draw_), values = draws * double(columns_);
    std::vector<double> energy, mean, square;
    for (const ChainTotals& t : all_) {
      energy.push_back(t.energy / draws);
      mean.push_back(t.sum / values);
      square.push_back(t.square / values);
    }
    std::vector<std::string> cells;
    for (const Summary& s : {summarise(energy), summarise(mean), summarise(square)})
      for (const double v : {s.mean, s.standard_error}) cells.push_back(csv_number(v));
    const std::vector<std::string> evaluated = setup_.evaluator.evaluate(setup_.energy, 0, stopping);
    cells.insert(cells.end(), evaluated.begin(), evaluated.end());
    log.row(0, 0, total_info_.acceptance_rate(), cells, train_seconds_);
    ++rows_;
  }

  TrialSetup<T> setup_;
  bool pictured_;
  AnySampler<T> sampler_;
  std::size_t chains_, columns_;
  parallel::WorkItems items_;
  std::vector<typename AnySampler<T>::state_type> states_; ///< one a work item
  std::vector<StepInfo> info_;
  StepInfo row_info_, total_info_;     ///< since the last recorded draw, and up to it
  std::vector<ChainTotals> now_, all_; ///< one a chain
  Batch<T> recorded_;                  ///< the latest draw, [chains, columns]
  std::uint64_t draw_ = 0, sweeps_ = 0;
  std::uint64_t rows_ = 0; ///< of metrics.csv
  double train_seconds_ = 0;
};

} // namespace

std::vector<std::string> sampled_columns(const TrialSpec& spec) {
  std::vector<std::string> names;
  if (spec.trainer.method != Method::none) return names;
  for (const std::string name : {"energy", "mean", "mean_square"})
    for (const char* suffix : {"", ".standard_error"}) names.push_back("sampled." + name + suffix);
  return names;
}

template <std::floating_point T>
std::unique_ptr<TrialWork> make_sampling(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  return std::make_unique<Sampling<T>>(spec, replicate, session);
}
template std::unique_ptr<TrialWork> make_sampling<float>(const TrialSpec&, std::int64_t, Session&);
template std::unique_ptr<TrialWork> make_sampling<double>(const TrialSpec&, std::int64_t, Session&);

} // namespace ebm::experiments
