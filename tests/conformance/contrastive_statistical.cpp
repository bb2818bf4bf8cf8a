#include "tests/conformance/known_answers.hpp"

#include "ebm/learning/contrastive.hpp"
#include "samplers/gibbs.hpp"

using namespace ebm;
using namespace ebm::conformance;
namespace known = ebm::conformance::gradients;

namespace {

/// All components one after the other: W, visible_bias, hidden_bias.
std::vector<double> flat(const KnownGradient& g) {
  std::vector<double> v = g.W;
  v.insert(v.end(), g.visible_bias.begin(), g.visible_bias.end());
  v.insert(v.end(), g.hidden_bias.begin(), g.hidden_bias.end());
  return v;
}
template <class T> std::vector<double> ascent(const Parameters<T>& g) {
  std::vector<double> v;
  for (const char* name : {"W", "visible_bias", "hidden_bias"})
    for (const T x : all(g.find(name)->value)) v.push_back(-double(x));
  return v;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(conformance_contrastive, OneThreadWorkers)

BOOST_AUTO_TEST_CASE_TEMPLATE(estimates_have_the_expected_mean, T, Precisions) {
  constexpr std::size_t copies = 2048, estimates = 500;
  const AnyEnergy<T> e = build<T>(known::machine);
  // Many copies of the four rows: the same mean gradient, and a batch of many work items.
  std::vector<double> values;
  for (std::size_t i = 0; i < copies; ++i)
    values.insert(values.end(), known::data.begin(), known::data.end());
  const Batch<T> data = matrix<T>(values, known::machine.visible);
  const Rows<T> rows{&data, {}};
  const random::Draws draws(random::Key{1});
  const std::vector<double> exact = flat(known::exact);
  for (const auto& [sweeps, gradient] : known::contrastive) {
    const AnySampler<T> gibbs{Gibbs<T>()};
    const Contrastive<T> contrastive(Start::data, gibbs, sweeps, 1, PositivePhase<T>({}, gibbs));
    auto state = contrastive.init(e, rows, draws);
    const std::vector<double> expected = flat(gradient);
    std::vector<double> sum(expected.size(), 0.0), squares = sum;
    Parameters<T> g = e.parameters();
    for (std::size_t n = 0; n < estimates; ++n) {
      g.fill(T(0));
      contrastive.estimate(e, rows, state, draws, g);
      const std::vector<double> found = ascent(g);
      for (std::size_t i = 0; i < found.size(); ++i) {
        const double d = found[i] - expected[i];
        sum[i] += d;
        squares[i] += d * d;
      }
    }
    double largest = 0, from_exact = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double mean = sum[i] / double(estimates);
      const double variance =
          (squares[i] / double(estimates) - mean * mean) * double(estimates) / double(estimates - 1);
      const double standard_error = std::sqrt(variance / double(estimates));
      largest = std::max(largest, std::abs(mean) / standard_error);
      from_exact = std::max(from_exact, std::abs(expected[i] + mean - exact[i]) / standard_error);
      BOOST_TEST(std::abs(mean) <= 4 * standard_error, "CD-" << sweeps << " component " << i << ": off by "
                                                             << mean << ", standard error "
                                                             << standard_error);
    }
    BOOST_TEST_MESSAGE("CD-" << sweeps << " (" << precision_name<T> << "): " << largest
                             << " standard errors from the expected CD-" << sweeps << ", " << from_exact
                             << " from the exact gradient");
    // The test can tell them apart: what CD-1 estimates is not the gradient.
    if (sweeps == 1) BOOST_TEST(from_exact > 8);
  }
}

BOOST_AUTO_TEST_SUITE_END()
