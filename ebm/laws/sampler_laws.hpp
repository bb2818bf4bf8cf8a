// Laws 6–8: what every sampler must satisfy on tiny spaces.
#pragma once
#include <array>
#include <mutex>
#include <set>

#include "ebm/concepts/sampler.hpp"
#include "ebm/laws/energy_laws.hpp"

namespace ebm::laws {

using Sampler64 = AnySampler<double>;

/// The transition matrix of one step, from the sampler's own `step` run with draws that take every outcome in
/// turn: P[i][j], rows add up to 1. States are numbered with the first site as the fastest digit. Throws
/// CapabilityError on continuous spaces and when a step has more than 2^20 outcomes.
Batch<double> transition_matrix(const Energy64& e, const Sampler64& sampler);

/// Probabilities of all states, in the same numbering.
std::vector<double> exact_law(const Energy64& e);

/// Law 6: ‖πP − π‖ ≤ 1e-12, P irreducible, second eigenvalue below 1 in modulus. π is that of `target`, which
/// is the energy itself unless a broken twin is under test.
Report leaves_law_invariant(const Energy64& e, const Sampler64& sampler, const Energy64& target);

/// Law 7: `chains` chains that start at the exact law of `target` stay there after 1, 4 and 16 steps: total
/// variation in units of the Monte Carlo floor ½ Σ √(p(1 − p)/n), bound 2.5. Discrete spaces of at most 2^12
/// states.
Report no_drift(const Energy64& e, const Sampler64& sampler, const Energy64& target, std::size_t chains,
                random::Key key);

/// Bit for bit the same states when the chains are run in one batch or in several, and no counter of the
/// random numbers is used twice.
Report batches_and_counters(const Energy64& e, const Sampler64& sampler, random::Key key);

/// Test equipment for laws 9 and 10: reports every counter that is used twice.
class CounterRecorder : public random::Probe {
 public:
  void used(random::Key key, const random::Address& a, random::Kind kind, std::size_t chains,
            std::size_t first_column, std::size_t columns) override;
  std::size_t reused() const { return reused_; }
  std::size_t total() const { return seen_.size(); }
  const std::string& first_reuse() const { return first_reuse_; }

 private:
  using Counter = std::array<std::uint64_t, 4>; ///< key, place (stream, block, kind, sweep), chain, column
  std::mutex mutex_;
  std::set<Counter> seen_;
  std::size_t reused_ = 0;
  std::string first_reuse_;
};

} // namespace ebm::laws
