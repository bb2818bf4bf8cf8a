// Exact log Z by products against the usual ways. Compare medians of one run with
//   --benchmark_enable_random_interleaving=true --benchmark_repetitions=5
#include <benchmark/benchmark.h>
#include <bit>
#include <cmath>

#include "benchmarks/softplus_rows.hpp"
#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/pairwise_sum.hpp"
#include "models/boltzmann/named_forms.hpp"

namespace {

using namespace ebm;

constexpr std::size_t visible = 784, hidden = 20, coupled_units = 26;

/// Uniform on (−½, ½).
double uniform(std::uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return double(state >> 11) * 0x1p-53 - 0.5;
}

/// Weights in (−1, 1), and visible biases as of an image that is mostly dark.
AnyEnergy<float> machine() {
  RbmOptions o;
  o.visible.size = visible;
  o.hidden.size = hidden;
  AnyEnergy<float> e(make_rbm<float>(o));
  std::uint64_t state = 5;
  for (float& v : all(e.parameters().find("W")->value)) v = float(2 * uniform(state));
  for (float& v : all(e.parameters().find("visible_bias")->value)) v = float(-1.5 + uniform(state));
  for (float& v : all(e.parameters().find("hidden_bias")->value)) v = float(uniform(state));
  return e;
}

PairwiseForm fully_connected() {
  constexpr std::size_t n = coupled_units;
  PairwiseForm p{0, std::vector<double>(n), make_batch<double>(n, n), {}, make_batch<double>(n, 0)};
  std::uint64_t state = 5;
  for (std::size_t i = 0; i < n; ++i) {
    p.c[i] = uniform(state);
    for (std::size_t k = 0; k < i; ++k) p.J(i, k) = p.J(k, i) = 0.6 * uniform(state);
  }
  return p;
}

void report(benchmark::State& state, std::size_t n, double log_z) {
  state.SetItemsProcessed(std::int64_t(state.iterations()) << n);
  state.counters["log_Z"] = log_z;
}

/// Blocks of 1024 hidden states: a matrix product, then softplus of every entry.
double log_partition_by_products(const AnyEnergy<float>& e) {
  constexpr std::size_t rows = 1024;
  const Batch<float>& W = e.parameters().find("W")->value;
  const auto c = row(e.parameters().find("hidden_bias")->value, 0);
  const auto b = row(e.parameters().find("visible_bias")->value, 0);
  Batch<float> h = make_batch<float>(rows, hidden), x = make_batch<float>(rows, visible);
  LogSum total;
  for (std::size_t first = 0; first < std::size_t(1) << hidden; first += rows) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < hidden; ++i) h(r, i) = float((first + r) >> i & 1);
      std::ranges::copy(b, row(x, r).begin());
    }
    linalg::add_product<float>(h, W, linalg::Transpose::yes, x);
    for (std::size_t r = 0; r < rows; ++r) {
      double weight = double(benchmarks::softplus_row(row(x, r).data(), visible));
      for (std::size_t i = 0; i < hidden; ++i) weight += double(c[i] * h(r, i));
      total.add(weight);
    }
  }
  return total.value();
}

/// One unit flips from state to state; its field changes those of all others.
double log_partition_by_gray_code(const PairwiseForm& p) {
  const std::size_t n = p.c.size();
  std::vector<double> field = p.c;
  double weight = 0, sum = 1;
  std::uint64_t state = 0;
  for (std::uint64_t t = 1; t < std::uint64_t(1) << n; ++t) {
    const auto k = std::size_t(std::countr_zero(t));
    state ^= std::uint64_t(1) << k;
    const double sign = (state >> k & 1) != 0 ? 1 : -1;
    weight += sign * field[k];
    const double* J = row(p.J, k).data();
    for (std::size_t i = 0; i < n; ++i) field[i] += sign * J[i];
    sum += std::exp(weight);
  }
  return std::log(sum);
}

/// Times log Z = f(), on one thread, of a machine with so many summed two-valued units.
template <class F> void measure(benchmark::State& state, std::size_t units, F f) {
  const parallel::Threads one(1);
  double log_z = 0;
  for (auto _ : state) benchmark::DoNotOptimize(log_z = f());
  report(state, units, log_z);
}

void rbm_matrix_products(benchmark::State& state) {
  const AnyEnergy<float> e = machine();
  measure(state, hidden, [&] { return log_partition_by_products(e); });
}
BENCHMARK(rbm_matrix_products)->Unit(benchmark::kMillisecond);

/// From the energy on, so with the reading of the parameters.
void rbm_float_factors(benchmark::State& state) {
  const AnyEnergy<float> e = machine();
  measure(state, hidden, [&] { return exact_log_partition(e); });
}
BENCHMARK(rbm_float_factors)->Unit(benchmark::kMillisecond);

void rbm_double_factors(benchmark::State& state) {
  const AnyEnergy<float> e = machine();
  measure(state, hidden, [&] { return log_partition<double>(*pairwise_form(e, cheapest_enumeration(e))); });
}
BENCHMARK(rbm_double_factors)->Unit(benchmark::kMillisecond);

void fully_connected_gray_code(benchmark::State& state) {
  const PairwiseForm p = fully_connected();
  measure(state, coupled_units, [&] { return log_partition_by_gray_code(p); });
}
BENCHMARK(fully_connected_gray_code)->Unit(benchmark::kMillisecond);

void fully_connected_products(benchmark::State& state) {
  const PairwiseForm p = fully_connected();
  measure(state, coupled_units, [&] { return log_partition(p); });
}
BENCHMARK(fully_connected_products)->Unit(benchmark::kMillisecond);

/// Couplings of ±50, beyond the range of products: the sum of exponentials.
void fully_connected_strong(benchmark::State& state) {
  PairwiseForm p = fully_connected();
  for (double& v : all(p.J)) v *= 50 / 0.3;
  measure(state, coupled_units, [&] { return log_partition(p); });
}
BENCHMARK(fully_connected_strong)->Unit(benchmark::kMillisecond);

} // namespace
