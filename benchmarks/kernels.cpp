// Speed of the kernels that learning spends its time in: compare rows of one run, not figures of different
// runs.
#include <benchmark/benchmark.h>

#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/learning/contrastive.hpp"
#include "ebm/learning/initialise.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "samplers/gibbs.hpp"

namespace {

using namespace ebm;

constexpr std::size_t visible = 784, batch = 100;
constexpr random::Key key{1};

AnyEnergy<float> machine(std::size_t hidden) {
  RbmOptions options;
  options.visible.size = visible;
  options.hidden.size = hidden;
  AnyEnergy<float> e(make_rbm<float>(options));
  initialise<float>(e, {}, nullptr, random::Draws(key));
  return e;
}

/// Random rows with a fifth of ones, as thresholded MNIST has.
Batch<float> rows() {
  const Block block{"b", units::Bernoulli{}, visible};
  Batch<float> eta = make_batch<float>(batch, visible, -1.4f), noise;
  State<float> x(StateSpace({block}), batch);
  random::Draws(key).units({random::Stream::data, 0, 0, 0}, block, eta, noise, x, 0);
  return x[0];
}

/// Draws of bernoulli units from their log-odds: noise, sigmoid and comparison.
void draw(benchmark::State& state) {
  const Block block{"b", units::Bernoulli{}, visible};
  Batch<float> eta = make_batch<float>(batch, visible, -1.4f), noise;
  State<float> x(StateSpace({block}), batch);
  const random::Draws draws(key);
  std::uint64_t sweep = 0;
  for (auto _ : state) {
    draws.units({random::Stream::gibbs, sweep++, 0, 0}, block, eta, noise, x, 0);
    benchmark::DoNotOptimize(x[0].data());
  }
  state.SetItemsProcessed(std::int64_t(state.iterations() * x[0].size()));
}
BENCHMARK(draw);

/// One update's gradient of CD-k, without the update itself.
void contrastive_divergence(benchmark::State& state) {
  const parallel::Threads one(1);
  const AnyEnergy<float> e = machine(std::size_t(state.range(0)));
  const AnySampler<float> gibbs{Gibbs<float>()};
  const Contrastive<float> cd(Start::data, gibbs, std::size_t(state.range(1)), batch,
                              PositivePhase<float>({}, gibbs));
  const Batch<float> data = rows();
  const Rows<float> all_rows{&data, {}};
  const random::Draws draws(key);
  auto memory = cd.init(e, all_rows, draws);
  Parameters<float> g = e.parameters();
  for (auto _ : state) cd.estimate(e, all_rows, memory, draws, g);
}
BENCHMARK(contrastive_divergence)->ArgNames({"hidden", "k"})->Args({25, 1})->Args({500, 1})->Args({500, 10});

/// The dense products that CD-1 cannot do without: two of v W, one of h Wᵀ, two of vᵀ h.
void products_of_cd1(benchmark::State& state) {
  const parallel::Threads one(1);
  const auto hidden = std::size_t(state.range(0));
  const Batch<float> v = rows(), W = make_batch<float>(visible, hidden, 0.01f),
                     h = make_batch<float>(batch, hidden, 0.5f);
  Batch<float> to_h = h, to_v = v, to_W = W;
  const std::vector<double> weights(batch, 0.01);
  for (auto _ : state) {
    for (int k = 0; k < 2; ++k) linalg::add_product<float>(v, W, linalg::Transpose::no, to_h);
    linalg::add_product<float>(h, W, linalg::Transpose::yes, to_v);
    for (int k = 0; k < 2; ++k) linalg::add_outer<float>(v, h, weights, to_W);
    benchmark::DoNotOptimize(to_W.data());
  }
}
BENCHMARK(products_of_cd1)->ArgName("hidden")->Arg(25)->Arg(500);

/// log Z of a 784 × n machine by enumerating its hidden states.
void exact_log_z(benchmark::State& state) {
  const parallel::Threads one(1);
  const AnyEnergy<float> e = machine(std::size_t(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(exact_log_partition(e));
  state.SetItemsProcessed(std::int64_t(state.iterations()) << state.range(0));
}
BENCHMARK(exact_log_z)->ArgName("hidden")->Arg(12)->Unit(benchmark::kMillisecond);

} // namespace
