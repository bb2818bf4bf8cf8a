#include "experiments/run/sampling.hpp"

#include "ebm/core/parallel.hpp"
#include "experiments/io/files.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/report/csv_writer.hpp"

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
      draws.units(at, space[b], eta, noise, x.values(b));
    } else {
      draws.normals(at, x.values(b));
    }
  }
  if (data != nullptr) Rows<T>{&data->train, {}}.copy_to(space, range.first, x);
  return x;
}

/// What one work item contributes to a row of observables.csv.
struct Totals {
  double energy = 0, sum = 0, square = 0;
  StepInfo info;
};

} // namespace

template <std::floating_point T>
bool sample_model(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data,
                  const random::Draws& draws, const std::filesystem::path& folder,
                  const std::function<bool(std::uint64_t)>& go_on) {
  const AnySampler<T> sampler = build_sampler<T>(spec.sampler);
  const StateSpace& space = e.space();
  const std::size_t chains = spec.sampler.chains, columns = space.visible_columns(),
                    recorded = std::size_t(spec.trainer.draws);
  const parallel::WorkItems items(chains);
  std::vector<typename AnySampler<T>::state_type> states(items.size());
  std::vector<Totals> totals(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    states[i] = sampler.init(e, initial_state(e, data, items[i], draws), std::uint32_t(items[i].first), 0);

  std::vector<T> kept(recorded * chains * columns);
  AppendFile observables(folder / "observables.csv");
  observables.append("draw,energy,mean,mean_square,acceptance");
  std::uint64_t sweeps = 0;
  for (std::size_t draw = 0; draw < recorded; ++draw) {
    const auto steps =
        std::uint64_t(spec.trainer.thin + (draw == 0 ? spec.trainer.burn_in : 0)) * spec.sampler.sweeps;
    parallel::for_each(items.size(), [&](std::size_t i) {
      Totals& t = totals[i] = {};
      for (std::uint64_t s = 0; s < steps; ++s) t.info += sampler.step(e, states[i], draws);
      const State<T>& x = sampler.chains(states[i]).x;
      std::vector<double> energies(x.chains());
      e.energy(x, energies);
      for (std::size_t c = 0; c < x.chains(); ++c) {
        t.energy += energies[c];
        T* to = kept.data() + (draw * chains + items[i].first + c) * columns;
        for (BlockId b = 0; b < space.size(); ++b)
          if (!space[b].latent()) to = std::ranges::copy(row(x[b], c), to).out;
        for (const T v : std::span<const T>(to - columns, columns)) {
          t.sum += double(v);
          t.square += double(v) * double(v);
        }
      }
    });
    Totals all;
    for (const Totals& t : totals) {
      all.energy += t.energy;
      all.sum += t.sum;
      all.square += t.square;
      all.info += t.info;
    }
    const double values = double(chains * columns);
    const std::vector<std::string> cells{std::to_string(draw), csv_number(all.energy / double(chains)),
                                         csv_number(all.sum / values), csv_number(all.square / values),
                                         csv_number(all.info.acceptance_rate())};
    std::string line = csv_row(cells);
    line.pop_back();
    observables.append(line);
    sweeps += steps;
    if (!go_on(sweeps)) return false;
  }
  write_npy(folder / "draws.npy", {recorded, chains, columns}, std::span<const T>(kept));
  return true;
}

template bool sample_model<float>(const TrialSpec&, const AnyEnergy<float>&, const Dataset<float>*,
                                  const random::Draws&, const std::filesystem::path&,
                                  const std::function<bool(std::uint64_t)>&);
template bool sample_model<double>(const TrialSpec&, const AnyEnergy<double>&, const Dataset<double>*,
                                   const random::Draws&, const std::filesystem::path&,
                                   const std::function<bool(std::uint64_t)>&);

} // namespace ebm::experiments
