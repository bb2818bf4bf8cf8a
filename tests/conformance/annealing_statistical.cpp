#include "tests/conformance/known_answers.hpp"

#include "ebm/likelihood/ais.hpp"
#include "samplers/gibbs.hpp"

using namespace ebm;
using namespace ebm::conformance;
namespace known = ebm::conformance::near_deterministic;

BOOST_AUTO_TEST_SUITE(conformance_annealing)

BOOST_AUTO_TEST_CASE_TEMPLATE(ten_thousand_temperatures_stay_in_their_band, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const IndependentUnits<T> base = independent_base<T>(e.space(), nullptr);
  const auto& [temperatures, deviation, band] = known::ais_bands[2];
  const AisEstimate estimate =
      ais(e, base, AnySampler<T>(Gibbs<T>()), {100, temperatures, 1}, random::Draws(random::Key{1}));
  const double error = estimate.log_partition - known::log_partition;
  BOOST_TEST_MESSAGE("AIS with " << temperatures << " temperatures (" << precision_name<T> << "): error "
                                 << error << ", allowed " << band << ", its own standard error "
                                 << estimate.standard_error);
  BOOST_TEST(std::abs(error) < band);
}

// The band of one run forgives a spread four times too wide; that of many runs does not.
BOOST_AUTO_TEST_CASE(errors_have_the_known_spread) {
  constexpr std::size_t runs = 200;
  const AnyEnergy<double> e = build<double>(known::machine);
  const IndependentUnits<double> base = independent_base<double>(e.space(), nullptr);
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
