#include "experiments/report/svg_curves.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>

using namespace ebm::experiments;

namespace {

using Values = std::vector<double>;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Axis y_axis_of(const Panel& panel) {
  std::vector<SeedBand> bands;
  for (const Curve& curve : panel.curves) bands.push_back(seed_band(curve, x_axis(panel)));
  return y_axis(panel, bands);
}

bool shows(const Axis& axis, double value) {
  return axis.place(value) >= 0 && axis.place(value) <= 1;
}

Curve curve(Values y) {
  Values x;
  while (x.size() < y.size()) x.push_back(static_cast<double>(x.size()));
  return {"", std::move(x), {std::move(y)}};
}

std::string labels(const Axis& axis, int wanted) {
  std::string labels;
  for (const Tick& tick : axis.ticks(wanted)) labels += tick.label + (tick.label.empty() ? "" : " ");
  return labels;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_svg_curves, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(ticks_are_round) {
  BOOST_TEST(labels({0, 20000}, 5) == "0 5000 10000 15000 20000 ");
  BOOST_TEST(labels({-395, -101}, 6) == "-350 -300 -250 -200 -150 ");
  BOOST_TEST(labels({-0.25, 0.31}, 6) == "-0.2 -0.1 0.0 0.1 0.2 0.3 ");
  BOOST_TEST(labels({0, 5e6}, 5) == "0 1e+06 2e+06 3e+06 4e+06 5e+06 ");
  BOOST_TEST(labels({0.05, 20000, true}, 8) == "0.1 1 10 100 1000 10000 ");
  BOOST_TEST(labels({1, 1e12, true}, 4) == "1 10000 1e8 1e12 ");
}

BOOST_AUTO_TEST_CASE(logarithmic_only_over_two_decades) {
  Panel panel{"", "", "", {{"", {0, 1, 50}, {{1, 2, 3}}}}, {}, true};
  BOOST_TEST(!x_axis(panel).logarithmic);
  panel.curves.push_back({"", {0, 0.1}, {{1, 2}}});
  const Axis axis = x_axis(panel);
  BOOST_TEST(axis.logarithmic);
  BOOST_TEST(axis.low == 0.1);
  BOOST_TEST(axis.place(50) == 1);
  BOOST_TEST(seed_band(panel.curves[0], axis).x == (Values{1, 50}));
}

BOOST_AUTO_TEST_CASE(seeds_become_median_and_range) {
  const SeedBand band = seed_band(
      {"", {0, 1, 2, 3}, {{1, 2, missing, 3}, {5, -inf, missing}, {2, 4, missing}}}, linear_axis(0, 3, 0));
  BOOST_TEST(band.x == (Values{0, 1, 3}));
  BOOST_TEST(band.middle == (Values{2, 2, 3}));
  BOOST_TEST(band.low == (Values{1, -inf, 3}));
  BOOST_TEST(band.high == (Values{5, 4, 3}));
}

BOOST_AUTO_TEST_CASE(long_curves_are_thinned_with_their_range) {
  Curve long_curve = curve(Values(50000, -1.0));
  long_curve.y[0][1234] = -7;
  const SeedBand band = seed_band(long_curve, linear_axis(0, 49999, 0));
  BOOST_TEST(band.x.size() == 1000U);
  BOOST_TEST(band.x.back() == 49999);
  BOOST_TEST(std::ranges::min(band.low) == -7);
}

BOOST_AUTO_TEST_CASE(a_dive_does_not_squash_the_others) {
  Panel panel{
      "", "", "", {curve({-380, -160}), curve({-380, -170}), curve({-380, -160, -900})}, {{"", -108}}};
  const Axis axis = y_axis_of(panel);
  BOOST_TEST(shows(axis, -380));
  BOOST_TEST(shows(axis, -108));
  BOOST_TEST(!shows(axis, -500));
  panel.curves[2].y[0][2] = -inf;
  BOOST_TEST(!shows(y_axis_of(panel), -500));
  panel.curves[2].y[0][2] = -500; // a fall that leaves the others half of the room
  BOOST_TEST(shows(y_axis_of(panel), -500));
  panel.curves.erase(panel.curves.begin(), panel.curves.begin() + 2);
  panel.curves[0].y[0][2] = -9000; // nobody else needs the room
  BOOST_TEST(shows(y_axis_of(panel), -9000));
}

BOOST_AUTO_TEST_CASE(learning_is_not_taken_for_a_dive) {
  Panel panel{"", "", "", {curve({-110, -110}), curve({-110.5, -110}), curve({-380, -160})}, {}};
  BOOST_TEST(shows(y_axis_of(panel), -380));
  panel = {"", "", "", {curve({10, 9.5}), curve({10, 9.6}), curve({10, 0.1}), curve({10, 1e6})}, {}};
  panel.lower_is_better = true;
  const Axis loss = y_axis_of(panel);
  BOOST_TEST(shows(loss, 0.1));
  BOOST_TEST(!shows(loss, 50));
}

BOOST_AUTO_TEST_CASE(far_references_are_left_out) {
  Panel panel{"", "", "", {curve({-380, -160})}, {{"", 0}, {"", 5000}, {"", missing}}};
  const Axis axis = y_axis_of(panel);
  BOOST_TEST(shows(axis, 0));
  BOOST_TEST(!shows(axis, 5000));
}

BOOST_AUTO_TEST_CASE(labels_are_spread_with_their_order) {
  BOOST_TEST(spread_apart(Values{50, 10}, 15, 0, 100) == (Values{50, 10}));
  BOOST_TEST(spread_apart(Values{50, 50}, 10, 0, 100) == (Values{45, 55}));
  BOOST_TEST(spread_apart(Values{100, 99, 20}, 10, 0, 100) == (Values{100, 90, 20}));
  BOOST_TEST(spread_apart(Values{0, 0, 0}, 50, 0, 100) == (Values{0, 50, 100}));
  BOOST_TEST(spread_apart({}, 10, 0, 100).empty());
}

BOOST_AUTO_TEST_SUITE_END()
