#include "tests/conformance/known_answers.hpp"

#include "ebm/likelihood/ais.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "samplers/gibbs.hpp"
#include "samplers/metropolis.hpp"

using namespace ebm;
using namespace ebm::conformance;
namespace known = ebm::conformance::near_deterministic;

BOOST_FIXTURE_TEST_SUITE(conformance_annealing, OneThreadWorkers)

BOOST_AUTO_TEST_CASE_TEMPLATE(ten_thousand_temperatures_stay_in_their_band, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const IndependentUnits<T> base = independent_base<T>(e, nullptr);
  const auto& [temperatures, deviation, band] = known::ais_bands[2];
  const AisEstimate estimate =
      ais(e, base, AnySampler<T>(Gibbs<T>()), {100, temperatures, 1}, random::Draws(random::Key{1}));
  const double error = estimate.log_partition - known::log_partition;
  BOOST_TEST_MESSAGE("AIS with " << temperatures << " temperatures (" << precision_name<T> << "): error "
                                 << error << ", allowed " << band << ", its own standard error "
                                 << estimate.standard_error);
  BOOST_TEST(std::abs(error) < band);
}

// The mean weight is Z itself, however few temperatures there are (Neal 2001). A coarse ladder shows a bias
// that a fine one hides: one that falls as 1/temperatures while the spread falls as its root.
BOOST_AUTO_TEST_CASE(the_mean_weight_is_the_partition) {
  Machine m = ebm::conformance::gradients::machine;
  for (double& w : m.W) w *= -6; // strong enough that visible and hidden units depend on each other
  const AnyEnergy<double> e = build<double>(m);
  const IndependentUnits<double> base = independent_base<double>(e, nullptr);
  const double log_z = exact_log_partition(e);
  const std::pair<const char*, AnySampler<double>> samplers[]{
      {"gibbs", AnySampler<double>(Gibbs<double>())},
      {"metropolis", AnySampler<double>(Metropolis<double>(Scan::random, 0.5))}};
  for (const auto& [name, sampler] : samplers)
    for (const std::size_t temperatures : {1u, 2u, 3u, 10u}) {
      const AisEstimate estimate =
          ais(e, base, sampler, {200000, temperatures, 1}, random::Draws(random::Key{1}));
      const double error = estimate.log_partition - log_z;
      BOOST_TEST_MESSAGE("AIS with " << name << " and " << temperatures << " temperatures: error " << error
                                     << ", standard error " << estimate.standard_error);
      BOOST_TEST(std::abs(error) <= 4 * estimate.standard_error,
                 name << " with " << temperatures << " temperatures");
    }
}

// The band of one run forgives a spread four times too wide; that of many runs does not.
BOOST_AUTO_TEST_CASE(errors_have_the_known_spread) {
  constexpr std::size_t runs = 200;
  const AnyEnergy<double> e = build<double>(known::machine);
  const IndependentUnits<double> base = independent_base<double>(e, nullptr);
  for (const auto& [temperatures, deviation, band] : known::ais_bands) {
    if (temperatures > 1000) continue;
    double squares = 0, own = 0;
    for (std::size_t run = 0; run < runs; ++run) {
      const AisEstimate estimate = ais(e, base, AnySampler<double>(Gibbs<double>()), {100, temperatures, 1},
                                       random::Draws(random::derive(random::Key{1}, run)));
      squares += std::pow(estimate.log_partition - known::log_partition, 2) / double(runs);
      own += estimate.standard_error / double(runs);
    }
    const double spread = std::sqrt(squares);
    BOOST_TEST_MESSAGE("AIS with " << temperatures << " temperatures: root mean square error of " << runs
                                   << " runs " << spread << ", known " << deviation
                                   << ", mean of their standard errors " << own);
    // 200 runs know a standard deviation to 5 %, and the known one is rounded: 4 × 5 % + 5 %.
    BOOST_TEST(std::abs(spread / deviation - 1) < 0.25);
    BOOST_TEST(std::abs(own / spread - 1) < 0.25);
  }
}

BOOST_AUTO_TEST_SUITE_END()
