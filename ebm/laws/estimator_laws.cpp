#include "ebm/laws/estimator_laws.hpp"

#include <cmath>

#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"

namespace ebm::laws {
namespace {

Parameters<double> zero(const Energy64& e) {
  Parameters<double> g = e.parameters();
  g.fill(0);
  return g;
}

/// f(array, i, j) for every entry that is a parameter.
template <class F> void for_each_parameter(const Parameters<double>& g, F f) {
  for (std::size_t k = 0; k < g.size(); ++k)
    for (std::size_t i = 0; i < g[k].value.shape(0); ++i)
      for (std::size_t j = 0; j < g[k].value.shape(1); ++j)
        if (!g[k].symmetric || i / g[k].site_width < j / g[k].site_width) f(k, i, j);
}

double mean_energy_gap(const Energy64& e, const Rows<double>& rows) {
  double sum = 0;
  for (const double f : row_free_energies(e, rows)) sum += f;
  return sum / double(rows.size()) + exact_log_partition(e);
}

} // namespace

Batch<double> visible_rows(const StateSpace& space, const State<double>& x) {
  Batch<double> rows = make_batch<double>(x.chains(), space.visible_columns());
  for (std::size_t c = 0; c < x.chains(); ++c) {
    auto to = row(rows, c).begin();
    for (BlockId b = 0; b < space.size(); ++b)
      if (!space[b].latent()) to = std::ranges::copy(row(x[b], c), to).out;
  }
  return rows;
}

Report estimate_is_difference(const Energy64& energy, const Estimator64& estimator, const Rows<double>& rows,
                              random::Key key) {
  Report r{true, 0, 1e-7, ""};
  Energy64 e = energy;
  const random::Draws draws(key);
  Parameters<double> g = zero(e);
  auto state = estimator.init(e, rows, draws);
  estimator.estimate(e, rows, state, draws, g);
  for_each_parameter(g, [&](std::size_t k, std::size_t i, std::size_t j) {
    if (g[k].fixed) return r.see(std::abs(g[k].value(i, j)), g[k].name + " is not learned");
    Batch<double>& theta = e.parameters()[k].value;
    const double middle = theta(i, j), h = 1e-5;
    const auto at = [&](double v) {
      theta(i, j) = v;
      if (g[k].symmetric) theta(j, i) = v;
      return mean_energy_gap(e, rows);
    };
    const double difference = (at(middle + h) - at(middle - h)) / (2 * h);
    at(middle);
    r.see(std::abs(g[k].value(i, j) - difference), g[k].name);
  });
  return r;
}

namespace {
/// The repeats first, …, first + repeats − 1 of law 9b.
Report mean_of_repeats(const Energy64& e, const Estimator64& estimator,
                       const std::function<RowPair(std::uint64_t)>& rows, const Parameters<double>& expected,
                       std::size_t first, std::size_t repeats, random::Key key) {
  Report r{true, 0, 4.5, ""};
  Parameters<double> sum = zero(e), squares = sum;
  for (std::size_t n = first; n < first + repeats; ++n) {
    const RowPair pair = rows(n);
    const random::Draws draws(random::derive(key, n));
    Parameters<double> g = zero(e);
    auto state = estimator.init(e, Rows<double>{&pair.start, {}}, draws);
    estimator.estimate(e, Rows<double>{&pair.batch, {}}, state, draws, g);
    for_each_parameter(g, [&](std::size_t k, std::size_t i, std::size_t j) {
      // Deviations from the expectation: no cancellation in the variance.
      const double d = g[k].value(i, j) - expected[k].value(i, j);
      sum[k].value(i, j) += d;
      squares[k].value(i, j) += d * d;
    });
  }
  for_each_parameter(sum, [&](std::size_t k, std::size_t i, std::size_t j) {
    const double n = double(repeats), mean = sum[k].value(i, j) / n;
    const double variance = (squares[k].value(i, j) / n - mean * mean) / (n - 1);
    if (variance <= 1e-28) // nothing random in this entry
      r.see(std::abs(mean) < 1e-10 ? 0 : 1e300, sum[k].name + " is off and does not vary");
    else
      r.see(std::abs(mean) / std::sqrt(variance), sum[k].name + ", in standard errors");
  });
  return r;
}
} // namespace

Report mean_estimate(const Energy64& e, const Estimator64& estimator,
                     const std::function<RowPair(std::uint64_t)>& rows, const Parameters<double>& expected,
                     std::size_t repeats, random::Key key) {
  const Report first = mean_of_repeats(e, estimator, rows, expected, 0, repeats, key);
  if (!first.failed()) return first;
  return mean_of_repeats(e, estimator, rows, expected, repeats, 4 * repeats, key);
}

Report no_counter_twice(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                        random::Key key) {
  Report r{true, 0, 0, ""};
  CounterRecorder recorder;
  const random::Draws draws(key, &recorder);
  Parameters<double> g = zero(e);
  auto state = estimator.init(e, rows, draws);
  for (int k = 0; k < 4; ++k) estimator.estimate(e, rows, state, draws, g);
  r.see(double(recorder.reused()), "numbers used twice, first: " + recorder.first_reuse());
  return r;
}

Report threads_change_nothing(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                              random::Key key) {
  if (parallel::WorkItems(rows.size()).size() < 2)
    return Report::not_applicable("the rows make a single work item");
  Report r{true, 0, 0, ""};
  const random::Draws draws(key);
  std::optional<Parameters<double>> reference;
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const parallel::Threads limit(threads);
    Parameters<double> g = zero(e);
    auto state = estimator.init(e, rows, draws);
    for (int k = 0; k < 3; ++k) estimator.estimate(e, rows, state, draws, g);
    if (!reference) reference = g;
    for (std::size_t k = 0; k < g.size(); ++k)
      for (std::size_t i = 0; i < g[k].value.size(); ++i)
        r.see(std::abs(g[k].value.data()[i] - (*reference)[k].value.data()[i]),
              g[k].name + " on " + std::to_string(threads) + " threads");
  }
  return r;
}

Report halves_give_the_whole(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                             random::Key key) {
  Report r{true, 0, 1e-12, ""};
  const random::Draws draws(key);
  const auto estimate = [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> index;
    for (std::size_t i = begin; i < end; ++i) index.push_back(std::uint32_t(i));
    const Rows<double> some{rows.values, index};
    Parameters<double> g = zero(e);
    auto state = estimator.init(e, some, draws);
    estimator.estimate(e, some, state, draws, g);
    return g;
  };
  const std::size_t n = rows.size(), half = n / 2;
  const Parameters<double> whole = estimate(0, n), first = estimate(0, half), second = estimate(half, n);
  for_each_parameter(whole, [&](std::size_t k, std::size_t i, std::size_t j) {
    const double together =
        (double(half) * first[k].value(i, j) + double(n - half) * second[k].value(i, j)) / double(n);
    r.see(std::abs(together - whole[k].value(i, j)), whole[k].name);
  });
  return r;
}

} // namespace ebm::laws
