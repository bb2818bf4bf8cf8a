#include "experiments/run/sampling.hpp"

#include <cmath>

#include "ebm/core/parallel.hpp"
#include "experiments/io/files.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/report/statistics.hpp"

namespace ebm::experiments {
namespace {

template <class T>
State<T> initial_state(const AnyEnergy<T>& e, const Dataset<T>* data, parallel::Range range,
                       const random::Draws& draws) {
  const StateSpace& space = e.space();
  State<T> x(space, range.count);
  Batch<T> eta, noise;
  for (BlockId b = 0; b < space.size(); ++b) {
    const random::Address at{random::Stream::chain_init, 0, std::uint32_t(range.first), std::uint8_t(b)};
    if (space[b].discrete()) {
      eta = make_batch<T>(range.count, space[b].natural_columns());
      draws.units(at, space[b], eta, noise, x, b);
    } else {
      draws.normals(at, x.values(b));
    }
  }
  if (data != nullptr) Rows<T>{&data->train, {}}.copy_to(space, range.first, x);
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

template <class T> class SamplingRun {
 public:
  SamplingRun(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data,
              const random::Draws& draws)
      : e_(e), sampler_(build_sampler<T>(spec.sampler)), draws_(draws), chains_(spec.sampler.chains),
        columns_(e.space().visible_columns()), recorded_(std::size_t(spec.trainer.draws)), items_(chains_),
        states_(items_.size()), info_(items_.size()), now_(chains_), all_(chains_),
        kept_(recorded_ * chains_ * columns_) {
    for (std::size_t i = 0; i < items_.size(); ++i)
      states_[i] =
          sampler_.init(e, initial_state(e, data, items_[i], draws), std::uint32_t(items_[i].first), 0);
  }

  /// `sweeps` sweeps, then one recorded draw; the row of observables.csv.
  std::string record(std::size_t draw, std::uint64_t sweeps) {
    parallel::for_each(items_.size(), [&](std::size_t i) {
      info_[i] = {};
      for (std::uint64_t s = 0; s < sweeps; ++s) info_[i] += sampler_.step(e_, states_[i], draws_);
      keep(draw, i);
    });
    ChainTotals sum;
    StepInfo info;
    for (const ChainTotals& t : now_) sum += t;
    for (const StepInfo& s : info_) info += s;
    total_info_ += info;
    if (!std::isfinite(sum.energy) || !std::isfinite(sum.square))
      throw DivergenceError("draw " + std::to_string(draw) +
                            ": the chains are not finite (a smaller step_size helps)");
    const double values = double(chains_ * columns_);
    return csv_row(std::vector<std::string>{std::to_string(draw), csv_number(sum.energy / double(chains_)),
                                            csv_number(sum.sum / values), csv_number(sum.square / values),
                                            csv_number(info.acceptance_rate())});
  }

  void save(const std::filesystem::path& file) const {
    write_npy(file, {recorded_, chains_, columns_}, std::span<const T>(kept_));
  }

  SampleAverages averages() const {
    const double draws = double(recorded_), values = draws * double(columns_);
    std::vector<double> energy, mean, square;
    for (const ChainTotals& t : all_) {
      energy.push_back(t.energy / draws);
      mean.push_back(t.sum / values);
      square.push_back(t.square / values);
    }
    const Summary a = summarise(energy), b = summarise(mean), c = summarise(square);
    return {a.mean,
            a.standard_error,
            b.mean,
            b.standard_error,
            c.mean,
            c.standard_error,
            total_info_.acceptance_rate()};
  }

 private:
  void keep(std::size_t draw, std::size_t item) {
    const State<T>& x = sampler_.chains(states_[item]).x;
    const std::size_t first = items_[item].first;
    std::vector<double> energies(x.chains());
    e_.energy(x, energies);
    for (std::size_t c = 0; c < x.chains(); ++c) {
      T* to = kept_.data() + (draw * chains_ + first + c) * columns_;
      for (BlockId b = 0; b < e_.space().size(); ++b)
        if (!e_.space()[b].latent()) to = std::ranges::copy(row(x[b], c), to).out;
      ChainTotals t{energies[c], 0, 0};
      for (const T v : std::span<const T>(to - columns_, columns_)) {
        t.sum += double(v);
        t.square += double(v) * double(v);
      }
      now_[first + c] = t;
      all_[first + c] += t;
    }
  }

  const AnyEnergy<T>& e_;
  AnySampler<T> sampler_;
  random::Draws draws_;
  std::size_t chains_, columns_, recorded_;
  parallel::WorkItems items_;
  std::vector<typename AnySampler<T>::state_type> states_; ///< one a work item
  std::vector<StepInfo> info_;
  StepInfo total_info_;
  std::vector<ChainTotals> now_, all_; ///< one a chain
  std::vector<T> kept_;                ///< [draws, chains, columns]
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
std::optional<SampleAverages>
sample_model(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data, const random::Draws& draws,
             const std::filesystem::path& folder, const std::function<bool(std::uint64_t)>& go_on) {
  SamplingRun<T> run(spec, e, data, draws);
  AppendFile observables(folder / "observables.csv");
  observables.append("draw,energy,mean,mean_square,acceptance");
  std::uint64_t sweeps = 0;
  for (std::size_t draw = 0; draw < std::size_t(spec.trainer.draws); ++draw) {
    const auto steps =
        std::uint64_t(spec.trainer.thin + (draw == 0 ? spec.trainer.burn_in : 0)) * spec.sampler.sweeps;
    std::string line = run.record(draw, steps);
    line.pop_back(); // append adds the newline
    observables.append(line);
    sweeps += steps;
    if (!go_on(sweeps)) return std::nullopt;
  }
  run.save(folder / "draws.npy");
  return run.averages();
}

template std::optional<SampleAverages> sample_model<float>(const TrialSpec&, const AnyEnergy<float>&,
                                                           const Dataset<float>*, const random::Draws&,
                                                           const std::filesystem::path&,
                                                           const std::function<bool(std::uint64_t)>&);
template std::optional<SampleAverages> sample_model<double>(const TrialSpec&, const AnyEnergy<double>&,
                                                            const Dataset<double>*, const random::Draws&,
                                                            const std::filesystem::path&,
                                                            const std::function<bool(std::uint64_t)>&);

} // namespace ebm::experiments
