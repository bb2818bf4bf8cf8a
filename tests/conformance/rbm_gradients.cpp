#include "tests/conformance/expected_contrastive.hpp"
#include "tests/conformance/known_answers.hpp"

#include "ebm/learning/contrastive.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "samplers/gibbs.hpp"

#include <numeric>

using namespace ebm;
using namespace ebm::conformance;
namespace known = ebm::conformance::gradients;

namespace {

double mean_of(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
}

/// `g` is of −mean log p, the known gradients are of mean log p.
template <class T>
void check_gradient(Closeness& close, const Parameters<T>& g, const KnownGradient& expected) {
  const std::pair<const char*, const std::vector<double>*> arrays[]{
      {"W", &expected.W}, {"visible_bias", &expected.visible_bias}, {"hidden_bias", &expected.hidden_bias}};
  BOOST_TEST(g.size() == 3u);
  for (const auto& [name, values] : arrays) {
    const auto* array = g.find(name);
    BOOST_TEST_REQUIRE((array != nullptr), name);
    std::vector<double> ascent(all(array->value).begin(), all(array->value).end());
    for (double& v : ascent) v = -v;
    close(name, ascent, *values);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_rbm_gradients)

BOOST_AUTO_TEST_CASE_TEMPLATE(has_the_known_likelihoods, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const Batch<T> data = matrix<T>(known::data, known::machine.visible);
  const Rows<T> rows{&data, {}};
  auto close = Closeness::of<T>("rbm_3x2_gradients");
  const double log_z = exact_log_partition(e);
  close("log_partition", log_z, known::log_partition);
  std::vector<double> values = row_free_energies(e, rows);
  close("free_energy", values, known::free_energy);
  for (double& v : values) v = -v - log_z;
  close("log_likelihood", values, known::log_likelihood);
  close("mean log_likelihood", mean_of(values), known::mean_log_likelihood);
  values = pseudo_likelihoods(e, rows);
  close("pseudo_likelihood", values, known::pseudo_likelihood);
  close("mean pseudo_likelihood", mean_of(values), known::mean_pseudo_likelihood);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(has_the_known_partition_for_spins, T, Precisions) {
  auto close = Closeness::of<T>("rbm_3x2_gradients, other units");
  Machine m = known::machine;
  m.visible_units = UnitKind::spin;
  close("log_partition with visible spins", exact_log_partition(build<T>(m)),
        known::log_partition_spin_visible);
  m.hidden_units = UnitKind::spin;
  close("log_partition with spins only", exact_log_partition(build<T>(m)), known::log_partition_spin_both);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(exact_estimator_has_the_known_gradient, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const Batch<T> data = matrix<T>(known::data, known::machine.visible);
  const ExactGradient<T> exact(PositivePhase<T>({}, AnySampler<T>(Gibbs<T>())));
  Parameters<T> g = e.parameters();
  g.fill(T(0));
  typename ExactGradient<T>::state_type state;
  exact.estimate(e, Rows<T>{&data, {}}, state, random::Draws(random::Key{1}), g);
  auto close = Closeness::of<T>("rbm_3x2_gradients, exact gradient");
  check_gradient(close, g, known::exact);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(exact_conditionals_give_the_known_contrastive_gradients, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const Batch<T> data = matrix<T>(known::data, known::machine.visible);
  ExpectedContrastive<T> expected(e.space(), Rows<T>{&data, {}});
  for (const auto& [sweeps, gradient] : known::contrastive) {
    Parameters<T> g = e.parameters();
    g.fill(T(0));
    expected.add_gradient(e, sweeps, g);
    auto close = Closeness::of<T>("rbm_3x2_gradients, expected CD-" + std::to_string(sweeps));
    check_gradient(close, g, gradient);
  }
}

BOOST_AUTO_TEST_SUITE_END()
