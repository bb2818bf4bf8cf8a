#include "ebm/laws/sampler_laws.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/enumerate.hpp"

namespace ebm::laws {
namespace {

/// Takes a step's decisions along a path, and finds the next path: depth-first through the tree of all
/// outcomes.
class Enumerator : public random::Probe {
 public:
  void used(random::Key, const random::Address&, random::Kind kind, std::size_t, std::size_t,
            std::size_t) override {
    if (kind == random::Kind::normal)
      throw CapabilityError("continuous draws have no finite set of outcomes");
  }
  bool decides() const override { return true; }
  std::size_t decide(std::span<const double> p) override {
    if (depth_ == path_.size()) path_.push_back({next_possible(p, 0), {p.begin(), p.end()}});
    const auto& [chosen, probabilities] = path_[depth_++];
    probability_ *= probabilities[chosen];
    return chosen;
  }
  double probability() const { return probability_; }
  /// Goes back to the start with the next path; false when all were taken.
  bool advance() {
    depth_ = 0;
    probability_ = 1;
    while (!path_.empty()) {
      auto& [chosen, probabilities] = path_.back();
      chosen = next_possible(probabilities, chosen + 1);
      if (chosen < probabilities.size()) return true;
      path_.pop_back();
    }
    return false;
  }

 private:
  static std::size_t next_possible(std::span<const double> p, std::size_t i) {
    while (i < p.size() && p[i] == 0) ++i;
    return i;
  }
  struct Decision {
    std::size_t chosen;
    std::vector<double> probabilities;
  };
  std::vector<Decision> path_;
  std::size_t depth_ = 0;
  double probability_ = 1;
};

std::size_t state_count(const StateSpace& space) {
  const double bits = space.log2_states();
  if (bits > 12) throw CapabilityError("a space of more than 2^12 states is too large for this law");
  return std::size_t(std::llround(std::exp2(bits)));
}

void write_state(const StateSpace& space, std::size_t number, State<double>& x, std::size_t c) {
  for (BlockId b = 0; b < space.size(); ++b)
    for (SiteId j = 0; j < space[b].sites; ++j, number /= space[b].levels())
      set_level(space[b], x.values(b), c, j, std::uint32_t(number % space[b].levels()));
}

std::size_t number_of(const StateSpace& space, const State<double>& x, std::size_t c) {
  std::size_t number = 0, stride = 1;
  for (BlockId b = 0; b < space.size(); ++b)
    for (SiteId j = 0; j < space[b].sites; ++j, stride *= space[b].levels())
      number += stride * level_of(space[b], x[b], c, j);
  return number;
}

/// Modulus of the largest eigenvalue of P besides the 1 of π, by powers of P − 1 πᵀ.
double second_eigenvalue(const Batch<double>& P, const std::vector<double>& law) {
  const std::size_t n = law.size();
  std::vector<double> v(n), w(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = std::sin(double(i) + 1);
  constexpr int steps = 400, tail = 200;
  double log_growth = 0;
  for (int k = 0; k < steps; ++k) {
    double mean = 0, size = 0;
    for (std::size_t i = 0; i < n; ++i) mean += law[i] * v[i];
    for (std::size_t i = 0; i < n; ++i) {
      w[i] = -mean;
      for (std::size_t j = 0; j < n; ++j) w[i] += P(i, j) * v[j];
    }
    for (const double a : w) size = std::max(size, std::abs(a));
    if (size == 0) return 0;
    if (k >= steps - tail) log_growth += std::log(size);
    for (std::size_t i = 0; i < n; ++i) v[i] = w[i] / size;
  }
  return std::exp(log_growth / tail);
}

/// Whether every state can be reached from state 0 and state 0 from every state.
bool irreducible(const Batch<double>& P) {
  const std::size_t n = P.shape(0);
  for (const bool forward : {true, false}) {
    std::vector<bool> seen(n, false);
    std::vector<std::size_t> open{0};
    seen[0] = true;
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      for (std::size_t j = 0; j < n; ++j)
        if (!seen[j] && (forward ? P(i, j) : P(j, i)) > 0) {
          seen[j] = true;
          open.push_back(j);
        }
    }
    if (std::ranges::find(seen, false) != seen.end()) return false;
  }
  return true;
}

} // namespace

std::vector<double> exact_law(const Energy64& e) {
  const std::size_t n = state_count(e.space());
  State<double> x(e.space(), n);
  for (std::size_t i = 0; i < n; ++i) write_state(e.space(), i, x, i);
  std::vector<double> p(n);
  e.energy(x, p);
  subtract_log_bases(e.space(), x, p);
  LogSum z;
  for (const double v : p) z.add(-v);
  for (double& v : p) v = std::exp(-v - z.value());
  return p;
}

Batch<double> transition_matrix(const Energy64& e, const Sampler64& sampler) {
  const StateSpace& space = e.space();
  const std::size_t n = state_count(space);
  Batch<double> P = make_batch<double>(n, n);
  parallel::for_each(n, [&](std::size_t i) {
    State<double> start(space, 1);
    write_state(space, i, start, 0);
    Enumerator outcomes;
    std::size_t count = 0;
    do {
      if (++count > (std::size_t(1) << 20)) throw CapabilityError("a step has more than 2^20 outcomes");
      auto state = sampler.init(e, start, 0, 0);
      sampler.step(e, state, random::Draws({0}, &outcomes));
      P(i, number_of(space, sampler.chains(state).x, 0)) += outcomes.probability();
    } while (outcomes.advance());
  });
  return P;
}

Report leaves_law_invariant(const Energy64& e, const Sampler64& sampler, const Energy64& target) {
  Report r{true, 0, 1e-12, ""};
  const std::vector<double> law = exact_law(target);
  const Batch<double> P = transition_matrix(e, sampler);
  for (std::size_t j = 0; j < law.size(); ++j) {
    double after = 0, total = 0;
    for (std::size_t i = 0; i < law.size(); ++i) {
      after += law[i] * P(i, j);
      total += P(j, i);
    }
    r.see(std::abs(after - law[j]), "probability of state " + std::to_string(j) + " after a step");
    r.see(std::abs(total - 1), "row " + std::to_string(j) + " of P");
  }
  if (!irreducible(P)) r.see(1, "P is reducible");
  if (const double second = second_eigenvalue(P, law); r.passed() && second > 1 - 1e-9)
    r.see(second, "the second eigenvalue of P is 1 in modulus: the chain does not forget");
  return r;
}

Report no_drift(const Energy64& e, const Sampler64& sampler, const Energy64& target, std::size_t chains,
                random::Key key) {
  Report r{true, 0, 2.5, ""};
  const StateSpace& space = e.space();
  const std::vector<double> law = exact_law(target);
  std::vector<double> cumulative(law.size());
  std::partial_sum(law.begin(), law.end(), cumulative.begin());
  const random::Draws draws(key);
  Batch<double> uniform = make_batch<double>(chains, 1);
  draws.uniforms({random::Stream::law, 0, 0, 0}, uniform);
  double floor = 0;
  for (const double p : law) floor += 0.5 * std::sqrt(p * (1 - p) / double(chains));

  const parallel::WorkItems items(chains, 4096);
  constexpr std::array<int, 3> checked{1, 4, 16};
  std::vector<std::array<std::vector<std::uint32_t>, checked.size()>> counts(items.size());
  parallel::for_each(items.size(), [&](std::size_t item) {
    const auto [first, n] = items[item];
    State<double> x(space, n);
    for (std::size_t c = 0; c < n; ++c) {
      const auto it = std::ranges::upper_bound(cumulative, uniform(first + c, 0));
      write_state(space, std::min(std::size_t(it - cumulative.begin()), law.size() - 1), x, c);
    }
    auto state = sampler.init(e, std::move(x), std::uint32_t(first), 0);
    for (std::size_t k = 0, step = 0; k < checked.size(); ++k) {
      for (; step < std::size_t(checked[k]); ++step) sampler.step(e, state, draws);
      counts[item][k].assign(law.size(), 0);
      for (std::size_t c = 0; c < n; ++c) ++counts[item][k][number_of(space, sampler.chains(state).x, c)];
    }
  });
  for (std::size_t k = 0; k < checked.size(); ++k) {
    double distance = 0;
    for (std::size_t i = 0; i < law.size(); ++i) {
      double seen = 0;
      for (const auto& item : counts) seen += item[k][i];
      distance += 0.5 * std::abs(seen / double(chains) - law[i]);
    }
    r.see(distance / floor,
          "total variation after " + std::to_string(checked[k]) + " steps, in Monte Carlo floors");
  }
  return r;
}

void CounterRecorder::used(random::Key key, const random::Address& a, random::Kind kind, std::size_t chains,
                           std::size_t first_column, std::size_t columns) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t place =
      std::uint64_t(a.stream) << 56 | std::uint64_t(a.block) << 48 | std::uint64_t(kind) << 46 | a.sweep;
  for (std::size_t c = 0; c < chains; ++c)
    for (std::size_t j = 0; j < columns; ++j) {
      if (seen_.insert({key.value, place, a.first_chain + c, first_column + j}).second) continue;
      if (reused_++ == 0)
        first_reuse_ = "stream " + std::to_string(int(a.stream)) + ", block " + std::to_string(a.block) +
                       ", sweep " + std::to_string(a.sweep) + ", chain " + std::to_string(a.first_chain + c) +
                       ", column " + std::to_string(first_column + j);
    }
}

Report batches_and_counters(const Energy64& e, const Sampler64& sampler, random::Key key) {
  Report r{true, 0, 0, ""};
  const StateSpace& space = e.space();
  const std::size_t n = 37, first = 11;
  const State<double> start = random_state(space, n, key);
  CounterRecorder recorder;
  const random::Draws draws(random::derive(key, 2), &recorder), silent(draws.key());
  const auto run = [&](std::size_t begin, std::size_t count, const random::Draws& d) {
    State<double> x(space, count);
    copy_rows(space, start, begin, x);
    auto state = sampler.init(e, std::move(x), std::uint32_t(begin), 0);
    for (int k = 0; k < 5; ++k) sampler.step(e, state, d);
    return sampler.chains(state).x;
  };
  const State<double> whole = run(0, n, draws);
  r.see(double(recorder.reused()), "numbers used twice, first: " + recorder.first_reuse());
  // Continuous values may differ by rounding: products of other row counts round differently.
  for (const auto& [begin, count] : {std::pair{std::size_t(0), first}, std::pair{first, n - first}}) {
    const State<double> part = run(begin, count, silent);
    for (BlockId b = 0; b < space.size(); ++b)
      for (std::size_t c = 0; c < count; ++c)
        for (std::size_t i = 0; i < space[b].columns(); ++i) {
          const double d = std::abs(part[b](c, i) - whole[b](begin + c, i));
          r.see(!space[b].discrete() && d < 1e-10 ? 0 : d,
                "chains run in two batches, block '" + space[b].name + "'");
        }
  }
  return r;
}

} // namespace ebm::laws
