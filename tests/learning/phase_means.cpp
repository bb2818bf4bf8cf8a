// The mean values that estimators report: the biases' gradient says the same in another way.
#include <boost/test/unit_test.hpp>

#include "ebm/learning/block_arrays.hpp"
#include "ebm/likelihood/base_rates.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(phase_means)

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::size_t columns = 3, chains = 70; // two work items
const random::Draws draws(random::Key{20240501});

/// Values that are legal for units of any kind.
Batch<double> some_rows(const AnyEnergy<double>& e) {
  State<double> x(e.space(), chains);
  Batch<double> rows = make_batch<double>(chains, e.space().visible_columns());
  std::size_t offset = 0;
  for (BlockId b = 0; b < e.space().size(); ++b) {
    const Block& block = e.space()[b];
    if (block.latent()) continue;
    Batch<double> u = make_batch<double>(chains, block.sites);
    draws.uniforms({random::Stream::data, 0, 0, std::uint8_t(b)}, u);
    for (std::size_t c = 0; c < chains; ++c) {
      for (SiteId j = 0; j < block.sites; ++j)
        if (block.discrete())
          set_level(block, x.values(b), c, j, std::uint32_t(u(c, j) * u(c, j) * double(block.levels())));
        else
          x.values(b)(c, j) = u(c, j);
      std::ranges::copy(row(x[b], c), row(rows, c).begin() + std::ptrdiff_t(offset));
    }
    offset += block.columns();
  }
  return rows;
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double d = 0;
  for (std::size_t i = 0; i < a.size(); ++i) d = std::max(d, std::abs(a[i] - b[i]));
  return d;
}

double largest(std::span<const double> a) {
  double d = 0;
  for (const double v : a) d = std::max(d, std::abs(v));
  return d;
}

} // namespace

// ∂(−mean log p)/∂bias = model's mean − data's mean, whatever the estimate; in units of scale² for those with
// one. The biases of a belief net are those of directed layers.
BOOST_AUTO_TEST_CASE(their_difference_is_the_gradient_of_the_biases) {
  std::size_t compared = 0;
  for (const Variant& m : model_variants())
    for (const NamedEstimator& estimator : estimators({"gibbs", ""}, chains)) {
      const AnyEnergy<double> e = build_model(m, columns);
      if (m.type == "dbn" || estimator.estimator.check(e)) continue;
      const Batch<double> rows = some_rows(e);
      const AnyEstimator<double>& g = estimator.estimator;
      auto state = g.init(e, Rows<double>{&rows, {}}, draws);
      for (int k = 0; k < 2; ++k) {
        Parameters<double> gradient = e.parameters();
        gradient.fill(0);
        PhaseMeans means;
        g.estimate(e, Rows<double>{&rows, {}}, state, draws, gradient, &means);
        if (means.model.empty()) continue; // a closed form
        for (BlockId b = 0; b < e.space().size(); ++b) {
          const BlockArrays arrays = arrays_of(e.parameters(), b);
          if (!arrays.bias || e.parameters()[*arrays.bias].fixed) continue;
          std::vector<double> expected(e.space()[b].columns());
          for (std::size_t j = 0; j < expected.size(); ++j) {
            const ColumnScale s = column_scale(e.parameters(), arrays, j);
            expected[j] = gradient[*arrays.bias].value(0, j) * s.pull / s.seen;
          }
          std::vector<double> difference = means.model.at(b);
          for (std::size_t j = 0; j < difference.size(); ++j) difference[j] -= means.data.at(b)[j];
          // The chains of machines that cannot be normalised go far, and both sides round at their size.
          const double size = std::max({1.0, largest(means.data.at(b)), largest(means.model.at(b))});
          BOOST_TEST(largest_difference(difference, expected) < 1e-12 * size,
                     m.name() << ", " << estimator.name << ", block " << b);
          ++compared;
        }
      }
    }
  BOOST_TEST(compared > 500u);
}

BOOST_AUTO_TEST_CASE(the_visible_ones_are_those_of_the_rows_and_the_exact_ones_of_the_model) {
  for (const Variant& m : {Variant{"rbm", "hidden: 2"}, Variant{"boltzmann_machine", "hidden: 2"},
                           Variant{"dbm", "hidden: [2, 2]"}}) {
    const AnyEnergy<double> e = build_model(m, columns);
    const Batch<double> rows = some_rows(e);
    const AnyEstimator<double> exact = estimators(sampler_variants()[0], chains).back().estimator;
    auto state = exact.init(e, Rows<double>{&rows, {}}, draws);
    Parameters<double> g = e.parameters();
    PhaseMeans means;
    exact.estimate(e, Rows<double>{&rows, {}}, state, draws, g, &means);
    BOOST_TEST(largest_difference(means.data[0], column_means(Rows<double>{&rows, {}})) < 1e-14);
    BOOST_TEST(largest_difference(means.model[0], exact_moments(e).mean) < 1e-13);
  }
}

// One visible and one hidden unit: E[h | v] = sigmoid(c + W v), for rows 1, 1, 0, 0.
BOOST_AUTO_TEST_CASE(latents_enter_by_their_conditional_means) {
  AnyEnergy<double> e = build_model({"rbm", "visible: 1, hidden: 1"}, 1);
  e.parameters().find("W")->value(0, 0) = std::log(3.0);
  e.parameters().find("hidden_bias")->value(0, 0) = 0;
  e.parameters().find("visible_bias")->value(0, 0) = 0;
  Batch<double> rows = make_batch<double>(4, 1);
  rows(0, 0) = rows(1, 0) = 1;
  const AnyEstimator<double> exact = estimators(sampler_variants()[0], 4).back().estimator;
  auto state = exact.init(e, Rows<double>{&rows, {}}, draws);
  Parameters<double> g = e.parameters();
  PhaseMeans means;
  exact.estimate(e, Rows<double>{&rows, {}}, state, draws, g, &means);
  BOOST_TEST(std::abs(means.data[1][0] - 0.5 * (0.75 + 0.5)) < 1e-15);
  // p(v, h) is 1/6 thrice, and 3/6 where both are 1
  BOOST_TEST(std::abs(means.model[1][0] - 4.0 / 6) < 1e-15);
}

BOOST_AUTO_TEST_CASE(a_closed_form_tells_no_means_of_the_model) {
  const AnyEnergy<double> e = build_model({"gaussian_mixture", "components: 2, dimension: 2"}, 2);
  const Batch<double> rows = some_rows(e);
  const AnyEstimator<double> exact = estimators(sampler_variants()[0], chains).back().estimator;
  auto state = exact.init(e, Rows<double>{&rows, {}}, draws);
  Parameters<double> g = e.parameters();
  PhaseMeans means;
  means.model.resize(7);
  exact.estimate(e, Rows<double>{&rows, {}}, state, draws, g, &means);
  BOOST_TEST(means.data.size() == 2u);
  BOOST_TEST(means.model.empty());
}

BOOST_AUTO_TEST_SUITE_END()
