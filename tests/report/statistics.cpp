#include "experiments/report/statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

using namespace ebm::experiments;

namespace {

using Values = std::vector<double>;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

void check_only_mean(const Summary& summary, std::size_t n) {
  BOOST_TEST(summary.n == n);
  BOOST_TEST(std::isnan(summary.standard_error));
  BOOST_TEST(std::isnan(summary.low));
  BOOST_TEST(std::isnan(summary.high));
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_statistics, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(interval_is_students) {
  // s = sqrt(2.5), se = sqrt(0.5), t(0.975; 4) = 2.7764451051977987.
  const Summary five = summarise(Values{1, 2, 3, 4, 5});
  BOOST_TEST(five.n == 5U);
  BOOST_TEST(five.mean == 3);
  BOOST_TEST(five.standard_error == std::sqrt(0.5));
  BOOST_TEST(five.high == 3 + 2.7764451051977987 * std::sqrt(0.5));
  BOOST_TEST(five.low == 3 - 2.7764451051977987 * std::sqrt(0.5));
  // One degree of freedom is Cauchy: t = tan(0.475 pi), and se = 1 for values 2 apart.
  BOOST_TEST(summarise(Values{7, missing, 9}).high == 8 + std::tan(0.475 * std::acos(-1.0)));
}

BOOST_AUTO_TEST_CASE(equal_values_have_no_error) {
  const Summary same = summarise(Values(4, -131.5));
  BOOST_TEST(same.standard_error == 0);
  BOOST_TEST(same.low == -131.5);
  BOOST_TEST(same.high == -131.5);
}

BOOST_AUTO_TEST_CASE(too_few_or_infinite_values_have_no_interval) {
  const Summary none = summarise(Values{missing});
  check_only_mean(none, 0);
  BOOST_TEST(std::isnan(none.mean));
  const Summary one = summarise(Values{missing, 4, missing});
  check_only_mean(one, 1);
  BOOST_TEST(one.mean == 4);
  const Summary diverged = summarise(Values{1, -inf, missing, 2});
  check_only_mean(diverged, 3);
  BOOST_TEST((diverged.mean == -inf));
  BOOST_TEST(std::isnan(summarise(Values{inf, -inf}).mean));
}

BOOST_AUTO_TEST_CASE(differences_are_paired) {
  // Seeds differ by far more than the settings; a missing value and the pair of infinities have no
  // difference.
  const Summary difference =
      paired_difference(Values{101, 202, missing, 5, -inf, 303}, Values{100, 200, 1, missing, -inf, 300});
  BOOST_TEST(difference.n == 3U);
  BOOST_TEST(difference.mean == 2);
  BOOST_TEST(difference.standard_error == 1 / std::sqrt(3.0));
  BOOST_TEST((paired_difference(Values{1, -inf}, Values{1, 1}).mean == -inf));
  BOOST_TEST(paired_difference({}, {}).n == 0U);
}

BOOST_AUTO_TEST_CASE(quantiles_interpolate_between_order_statistics) {
  const Values values{40, missing, 10, 30, 20};
  BOOST_TEST(quantile(values, 0) == 10);
  BOOST_TEST(quantile(values, 1) == 40);
  BOOST_TEST(quantile(values, 0.1) == 13);
  BOOST_TEST(median(values) == 25);
  BOOST_TEST(median(Values{3, 1, 2}) == 2);
  BOOST_TEST(median(Values{7}) == 7);
  BOOST_TEST(std::isnan(median(Values{missing})));
}

BOOST_AUTO_TEST_CASE(quantiles_of_infinite_values) {
  BOOST_TEST(median(Values{-inf, 1, inf}) == 1);
  BOOST_TEST((median(Values{-inf, -inf}) == -inf));
  BOOST_TEST((median(Values{-inf, 1}) == -inf));
  BOOST_TEST(quantile(Values{1, 2, inf}, 0.5) == 2);
  BOOST_TEST(std::isnan(median(Values{-inf, inf})));
}

BOOST_AUTO_TEST_SUITE_END()
