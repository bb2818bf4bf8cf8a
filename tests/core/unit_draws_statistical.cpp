// Moments of many draws of every unit, and of draws with natural parameters that are a little wrong.
#include "ebm/core/units/kernels.hpp"
#include "ebm/random/draws.hpp"
#include "tests/core/unit_support.hpp"

BOOST_AUTO_TEST_SUITE(unit_draws_statistical)

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::size_t draws = 400000;

/// How far mean and variance of the draws are from those of the law, in standard errors; the larger one.
template <class T> double distance(const UnitCase& c, double mistake) {
  const StateSpace space = single_block("b", c.unit, 1);
  const Block& block = space[0];
  Batch<T> eta = make_batch<T>(draws, block.natural_columns()), noise;
  for (std::size_t i = 0; i < eta.size(); ++i) eta.data()[i] = T(mistake) * T(c.eta[i % c.eta.size()]);
  State<T> x(space, draws);
  random::Draws(random::Key{1}).units({random::Stream::law}, block, eta, noise, x, 0);
  // One column says all of one unit but a categorical one, of which it is the last category.
  const std::size_t column = block.width() - 1;
  double mean = 0, m2 = 0, m4 = 0;
  for (std::size_t i = 0; i < draws; ++i) mean += double(x[0](i, column)) / double(draws);
  for (std::size_t i = 0; i < draws; ++i) {
    const double d = double(x[0](i, column)) - mean;
    m2 += d * d / double(draws);
    m4 += d * d * d * d / double(draws);
  }
  const std::vector<T> natural = c.natural<T>();
  double expected_mean = 0, expected_variance = 0;
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::has_conditional) {
          std::vector<T> m(unit.width());
          unit.mean(natural.data(), m.data());
          expected_mean = double(m[column]);
          expected_variance =
              block.width() == 1 ? unit.variance(natural.data()) : expected_mean * (1 - expected_mean);
        }
      },
      c.unit);
  const double of_mean = std::abs(mean - expected_mean) / std::sqrt(m2 / double(draws)),
               of_variance = std::abs(m2 - expected_variance) / std::sqrt((m4 - m2 * m2) / double(draws));
  return std::max(of_mean, of_variance);
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(draws_have_the_mean_and_variance_of_their_law, T, Precisions) {
  const std::vector<UnitCase> cases{{units::Bernoulli{}, {-0.8}},
                                    {units::Bernoulli{}, {2.5}},
                                    {units::Spin{}, {0.4}},
                                    {units::Spin{}, {-1.2}},
                                    {units::Categorical{3}, {0.3, -1, 1.1}},
                                    {units::Binomial{2}, {0.6}},
                                    {units::Binomial{7}, {-1.1}},
                                    {units::Binomial{40}, {1.7}},
                                    {units::Binomial{1000}, {-0.3}},
                                    {units::Gaussian{}, {0.7, 1.3}},
                                    {units::Gaussian{}, {-5, 20}},
                                    {units::Rectified{}, {0.7, 1.3}},
                                    {units::Rectified{}, {-2, 0.5}},
                                    {units::Rectified{}, {-50, 1}},
                                    {units::Rectified{}, {8, 1}},
                                    {units::NoisyRelu{}, {0.5}},
                                    {units::NoisyRelu{}, {-1.5}},
                                    {units::NoisyRelu{}, {6}}};
  for (const UnitCase& c : cases) {
    const double sound = distance<T>(c, 1), broken = distance<T>(c, 1.05);
    BOOST_TEST(sound < 4.5, c.name());
    BOOST_TEST(broken > 4.5, c.name() << ": draws at 1.05 eta pass with " << broken);
  }
}

BOOST_AUTO_TEST_SUITE_END()
