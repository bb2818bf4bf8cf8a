// Speed of the kernels that learning spends its time in: compare rows of one run, not figures of different
// runs.
#include <benchmark/benchmark.h>
#include <cmath>

#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/learning/contrastive.hpp"
#include "ebm/learning/initialise.hpp"
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

/// Bernoulli states [rows, columns] with so many per cent of ones.
State<float> states(std::size_t rows, std::size_t columns, std::int64_t percent) {
  const Block block{"b", units::Bernoulli{}, columns};
  const auto log_odds = float(std::log(double(percent) / double(100 - percent)));
  Batch<float> eta = make_batch<float>(rows, columns, log_odds), noise;
  State<float> x(StateSpace({block}), rows);
  random::Draws(key).units({random::Stream::data, 0, 0, 0}, block, eta, noise, x, 0);
  return x;
}

/// v W with 784 × 500 weights: with the bits of v (the kernel that linalg chooses) and without (the dense
/// product).
void product(benchmark::State& state) {
  const parallel::Threads one(1);
  const auto rows = std::size_t(state.range(0));
  const State<float> v = states(rows, visible, state.range(1));
  const Batch<float> W = make_batch<float>(visible, 500, 0.01f);
  Batch<float> y = make_batch<float>(rows, 500);
  const linalg::Factor<float> x = state.range(2) != 0 ? v.factor(0) : linalg::Factor<float>(v[0]);
  for (auto _ : state) {
    linalg::add_product<float>(x, W, linalg::Transpose::no, y);
    benchmark::DoNotOptimize(y.data());
  }
}
BENCHMARK(product)->ArgNames({"rows", "percent", "bits"})->ArgsProduct({{50, 500}, {5, 19, 50}, {0, 1}});

/// vᵀ p for the gradient: dense, with the bits of v, and with those of both.
void outer(benchmark::State& state) {
  const parallel::Threads one(1);
  const auto rows = std::size_t(state.range(0));
  const State<float> v = states(rows, visible, state.range(1)), h = states(rows, 500, 30);
  const std::vector<double> weights(rows, 0.01);
  Batch<float> g = make_batch<float>(visible, 500);
  const linalg::Factor<float> x = state.range(2) >= 1 ? v.factor(0) : linalg::Factor<float>(v[0]),
                              y = state.range(2) == 2 ? h.factor(0) : linalg::Factor<float>(h[0]);
  for (auto _ : state) {
    linalg::add_outer<float>(x, y, weights, g);
    benchmark::DoNotOptimize(g.data());
  }
}
BENCHMARK(outer)->ArgNames({"rows", "percent", "bits"})->ArgsProduct({{200, 1000}, {5, 19, 50}, {0, 1, 2}});

} // namespace
