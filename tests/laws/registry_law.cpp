// DESIGN section 8: every registered model × sampler × estimator that fits goes through the laws.
// Combinations that do not fit are counted, with their reason.
#include <boost/test/unit_test.hpp>
#include <map>

#include "ebm/laws/resume_laws.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/laws/registered.hpp"

namespace {

using namespace ebm;
using namespace ebm::laws;
using namespace ebm::tests;
namespace ut = boost::unit_test;

constexpr random::Key key{20240229};

/// Reasons why combinations did not apply, printed once at the end.
std::map<std::string, std::size_t>& left_out() {
  static std::map<std::string, std::size_t> all;
  return all;
}
std::size_t& checked() {
  static std::size_t n = 0;
  return n;
}

void judge(const std::string& law, const Report& r) {
  if (!r.applies) {
    ++left_out()[law + ": " + r.message];
    return;
  }
  ++checked();
  BOOST_TEST(r.passed(), law << ": " << r.worst << " against " << r.bound << " (" << r.message << ")");
}

void energy_laws(const Variant& model) {
  const AnyEnergy<double> e = build_model(model, 3);
  judge("law 1", conditional_energy_identity(e, key));
  judge("law 2", fast_equals_derived(e, key));
  judge("law 3", gradients_are_differences(e, key));
  judge("law 4", free_energy_is_log_sum(e, key));
  judge("linear in latents", linear_in_block(e, key));
  judge("law 5", splitting_changes_nothing(e, key));
}

bool discrete(const StateSpace& space) {
  return !std::isinf(space.log2_states());
}

/// RBMs are many, one a pair of unit kinds. A sanitizer looks for errors of memory, which the other laws of
/// these machines show as well; these would take most of its time.
bool statistical_laws(const Variant& model) {
  if (!small_samples || model.type != "rbm") return true;
  ++left_out()["laws 6, 7 and 9, means: pairs of unit kinds under a sanitizer"];
  return false;
}

void sampler_laws(const Variant& model, const Variant& variant) {
  const AnySampler<double> sampler = build_sampler(variant);
  // Deep machines with few units: random-scan Metropolis on six sites has more than 2^20 outcomes a sweep.
  const AnyEnergy<double> e = build_model(model, model.type.starts_with("db") ? 1 : 2);
  if (const auto why = sampler.check(e)) {
    ++left_out()["samplers: " + *why];
    return;
  }
  judge("batches and counters", batches_and_counters(e, sampler, key));
  judge("law 11", sampler_resumes(e, sampler, key));
  if (!discrete(e.space())) {
    ++left_out()["laws 6 and 7: continuous space (moments are checked in tests/samplers)"];
    return;
  }
  if (!statistical_laws(model)) return;
  try {
    judge("law 6", leaves_law_invariant(e, sampler, e));
  } catch (const CapabilityError& why) {
    ++left_out()["law 6: " + std::string(why.what())];
  }
  const AnyEnergy<double> larger = build_model(model, 3);
  // RBMs are many, one a pair of unit kinds, and a wrong draw of a kind is off by tens of floors even so.
  judge("law 7",
        no_drift(larger, sampler, larger, model.type == "rbm" ? drift_chains / 5 : drift_chains, key));
}

/// Data rows that are no fair sample of the model: a gradient to be found.
Batch<double> some_rows(const StateSpace& space, std::size_t n) {
  return visible_rows(space, random_state(space, n, random::derive(key, 77)));
}

void mean_estimates(const AnyEnergy<double>& e, const NamedEstimator& g, bool persistent) {
  constexpr std::size_t rows = 40, repeats = small_samples ? 100 : 400;
  const auto exact_rows = [&](std::uint64_t n) {
    return visible_rows(
        e.space(), exact_samples(e, rows, random::Stream::law, random::Draws(random::derive(key, 1000 + n))));
  };
  Parameters<double> expected = e.parameters();
  expected.fill(0);
  if (!persistent) { // CD with data drawn from the model: its mean gradient is 0
    judge("law 9, cd", mean_estimate(
                           e, g.estimator,
                           [&](std::uint64_t n) {
                             return RowPair{exact_rows(n), exact_rows(n)};
                           },
                           expected, repeats, key));
    return;
  }
  const Batch<double> data = some_rows(e.space(), rows);
  const AnyEstimator<double> exact(
      ExactGradient<double>(PositivePhase<double>({}, build_sampler({"gibbs", ""}))));
  auto state = exact.init(e, Rows<double>{&data, {}}, random::Draws(key));
  exact.estimate(e, Rows<double>{&data, {}}, state, random::Draws(key), expected);
  judge("law 9, pcd", mean_estimate(
                          e, g.estimator,
                          [&](std::uint64_t n) {
                            return RowPair{exact_rows(n), data};
                          },
                          expected, repeats, key));
}

void estimator_laws(const Variant& model, const Variant& variant) {
  const AnyEnergy<double> e = build_model(model, 3);
  const AnySampler<double> sampler = build_sampler(variant);
  for (const NamedEstimator& g : estimators(variant, 40)) {
    if (const auto why = g.estimator.check(e)) {
      ++left_out()["estimators: " + *why];
      continue;
    }
    BOOST_TEST_CONTEXT(g.name) {
      const Batch<double> many = some_rows(e.space(), 200);
      const Rows<double> rows{&many, {}};
      judge("law 9, counters", no_counter_twice(e, g.estimator, rows, key));
      judge("law 11", estimator_resumes(e, g.estimator, rows, key));
      judge("law 10, threads", threads_change_nothing(e, g.estimator, rows, key));
      if (g.deterministic) {
        judge("law 9, exact", estimate_is_difference(e, g.estimator, rows, key));
        judge("law 10, halves", halves_give_the_whole(e, g.estimator, rows, key));
      } else if (cheapest_enumeration(e).log2_states > exact_sample_bits) {
        ++left_out()["law 9, means: there are no exact draws from the model"];
      } else if (sampler.exactness() == Exactness::biased) {
        ++left_out()["law 9, means: the sampler is biased"];
      } else if (statistical_laws(model)) {
        mean_estimates(e, g, g.name.starts_with("pcd"));
      }
    }
  }
}

bool fill_tree() {
  auto* energies = BOOST_TEST_SUITE("energies");
  auto* sampling = BOOST_TEST_SUITE("samplers");
  auto* learning = BOOST_TEST_SUITE("estimators");
  for (const Variant& m : model_variants()) {
    energies->add(ut::make_test_case([m] { energy_laws(m); }, m.name(), __FILE__, __LINE__));
    for (const Variant& s : sampler_variants()) {
      const std::string name = m.name() + " " + s.name();
      sampling->add(ut::make_test_case([m, s] { sampler_laws(m, s); }, name, __FILE__, __LINE__));
      learning->add(ut::make_test_case([m, s] { estimator_laws(m, s); }, name, __FILE__, __LINE__));
    }
  }
  auto* summary = BOOST_TEST_SUITE("zz_summary");
  summary->add(ut::make_test_case(
      [] {
        BOOST_TEST(checked() > 0u);
        BOOST_TEST_MESSAGE(checked() << " laws checked; left out:");
        for (const auto& [why, n] : left_out()) BOOST_TEST_MESSAGE("  " << n << " × " << why);
      },
      "what was checked and what was left out", __FILE__, __LINE__));
  for (auto* suite : {energies, sampling, learning, summary}) ut::framework::master_test_suite().add(suite);
  return true;
}
const bool filled = fill_tree();

} // namespace
