// Speed of the scan of a self-coupled block: items are site updates.
#include <benchmark/benchmark.h>
#include <cmath>

#include "benchmarks/naive_gibbs.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/core/units/panel_scan.hpp"
#include "ebm/learning/initialise.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "samplers/gibbs.hpp"

namespace {

using namespace ebm;

constexpr random::Key key{1};
constexpr std::size_t chains = 256;

/// Symmetric couplings of standard deviation 1 / √n: fields of order 1, so that units flip often.
template <class T> Batch<T> couplings(std::size_t n) {
  Batch<T> J = make_batch<T>(n, n);
  random::Draws(key).normals({random::Stream::parameters}, J);
  for (std::size_t i = 0; i < n; ++i) {
    J(i, i) = T(0);
    for (std::size_t j = 0; j < i; ++j) J(i, j) = J(j, i) /= std::sqrt(T(n));
  }
  return J;
}

template <class T> Batch<T> random_bits(std::size_t rows, std::size_t columns) {
  const Block block{"b", units::Bernoulli{}, columns};
  Batch<T> eta = make_batch<T>(rows, columns), noise;
  State<T> x(StateSpace({block}), rows);
  random::Draws(key).units({random::Stream::data}, block, eta, noise, x, 0);
  return x[0];
}

/// The inside of a panel alone, 64 sites in so many chains, of a block of 1000 sites.
template <class T> void panel(benchmark::State& state) {
  const auto rows = std::size_t(state.range(0));
  const Batch<T> J = couplings<T>(1000);
  Batch<T> x = random_bits<T>(rows, 1000), eta = make_batch<T>(rows, panel_sites), uniform = x;
  random::Draws(key).normals({random::Stream::gibbs, 1}, eta);
  random::Draws(key).uniforms({random::Stream::gibbs, 2}, uniform);
  for (auto _ : state) {
    scan_panel<T>(eta, uniform, J, 320, {T(1), T(0), T(1)}, x);
    benchmark::DoNotOptimize(x.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(std::int64_t(state.iterations() * eta.size()));
}
BENCHMARK(panel<float>)->ArgName("chains")->Arg(1)->Arg(16)->Arg(64);
BENCHMARK(panel<double>)->ArgName("chains")->Arg(64);

/// A sweep of a fully connected machine of n visible units by the sampler, in work items as trainers run it.
void sweep(benchmark::State& state) {
  const parallel::Threads one(1);
  const auto n = std::size_t(state.range(0));
  BoltzmannMachineOptions options;
  options.visible.size = n;
  BlockBoltzmann<float> e = make_boltzmann_machine<float>(options);
  e.parameters()[1].value = couplings<float>(n);
  const Gibbs<float> gibbs;
  const random::Draws draws(key);
  const Batch<float> bits = random_bits<float>(chains, n);
  std::vector<Gibbs<float>::state_type> items;
  for (std::size_t i = 0; i < parallel::WorkItems(chains).size(); ++i) {
    const auto item = parallel::WorkItems(chains)[i];
    State<float> x(e.space(), item.count);
    std::copy_n(row(bits, item.first).data(), item.count * n, x.values(0).data());
    items.push_back(gibbs.init(e, std::move(x), std::uint32_t(item.first), 0));
  }
  for (auto _ : state)
    for (auto& item : items) gibbs.step(e, item, draws);
  state.SetItemsProcessed(std::int64_t(state.iterations() * chains * n));
}
BENCHMARK(sweep)->ArgName("n")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

/// The same sweep as a plain program does it.
void naive_sweep(benchmark::State& state) {
  const auto n = std::size_t(state.range(0));
  const Batch<float> J = couplings<float>(n);
  const std::vector<float> bias(n, 0.0f);
  Batch<float> x = random_bits<float>(chains, n);
  std::mt19937 generator(1);
  for (auto _ : state) naive_gibbs_sweep(J.data(), bias.data(), n, chains, generator, x.data());
  state.SetItemsProcessed(std::int64_t(state.iterations() * chains * n));
}
BENCHMARK(naive_sweep)->ArgName("n")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

} // namespace
