#include "experiments/report/svg.hpp"
#include "tests/report/svg_support.hpp"

#include <cmath>
#include <limits>

using namespace ebm::experiments;
using namespace ebm::experiments::testing;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

std::string picture(std::vector<Curve> curves, std::vector<Panel::Reference> references = {}) {
  const Panel panel{"title", "update", "nats", std::move(curves), std::move(references)};
  const std::string svg = curves_svg("picture", std::vector{panel});
  check_svg(svg);
  return svg;
}

/// Rises from -380 to `end`.
Curve rising(const std::string& label, double end, std::size_t seeds = 1) {
  Curve curve{label, {}, std::vector<std::vector<double>>(seeds)};
  for (int i = 0; i <= 200; ++i) {
    curve.x.push_back(100 * i);
    for (std::size_t seed = 0; seed < seeds; ++seed)
      curve.y[seed].push_back(-380 + (end + 380 + static_cast<double>(seed)) * (1 - std::exp(-0.05 * i)));
  }
  return curve;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_svg)

BOOST_AUTO_TEST_CASE(line_band_label_and_reference) {
  const std::string svg = picture({rising("CD-1", -160, 5), rising("exact", -150)}, {{"bound", -108.13}});
  BOOST_TEST(occurrences(svg, "<polygon") == 1U); // one seed has no range
  BOOST_TEST(occurrences(svg, ">CD-1</text>") == 1U);
  BOOST_TEST(occurrences(svg, ">exact</text>") == 1U);
  BOOST_TEST(occurrences(svg, ">bound</text>") == 1U);
  BOOST_TEST(occurrences(svg, "line: median of seeds, band: range<") == 1U);
  BOOST_TEST(svg == picture({rising("CD-1", -160, 5), rising("exact", -150)}, {{"bound", -108.13}}));
}

BOOST_AUTO_TEST_CASE(divergence_leaves_the_frame) {
  Curve dive = rising("dive", -160);
  for (std::size_t i = 100; i < dive.x.size(); ++i) dive.y[0][i] = -900;
  const std::string svg = picture({rising("CD-1", -160), rising("PCD-1", -150), dive});
  BOOST_TEST(occurrences(svg, ">dive ↓ -900</text>") == 1U);
  BOOST_TEST(occurrences(svg, "arrow: ") == 1U);
  dive.y[0].back() = -inf;
  BOOST_TEST(occurrences(picture({rising("CD-1", -160), dive}), ">dive ↓ -∞</text>") == 1U);
}

BOOST_AUTO_TEST_CASE(values_that_cannot_be_drawn) {
  picture({});
  BOOST_TEST(occurrences(picture({{"none", {1, 2}, {{missing, missing}}}}), ">none (no data)</text>") == 1U);
  picture({{"diverged", {1, 2}, {{inf, -inf}, {inf, inf}}}}, {{"far", inf}, {"missing", missing}});
  picture({{"no points", {}, {}}, {"no seeds", {1, 2}, {}}, {"strange x", {missing, inf}, {{1, 2}}}});
  picture({{"huge", {-1e308, 1, 1e308}, {{-1e308, 0, 1e308}, {1e299, -1e299, 5e-324}}}});
  picture({{"constant", {1, 2}, {{-5, -5}}}, {"zero", {1}, {{0}}}, {"tiny", {1}, {{5e-324}}}});
  BOOST_TEST(occurrences(picture({{"one", {3}, {{-5}}}}), "<circle") == 1U);
}

BOOST_AUTO_TEST_CASE(seeds_of_different_length) {
  const std::string svg = picture({{"c", {1, 2, 3}, {{1, 2, 3}, {1, missing}, {}}}});
  BOOST_TEST(occurrences(svg, ">c</text>") == 1U);
}

BOOST_AUTO_TEST_CASE(labels_are_escaped) {
  const std::string svg = picture({rising("<b> & \"c\"\n\x01", -160)});
  BOOST_TEST(occurrences(svg, ">&lt;b&gt; &amp; &quot;c&quot; \uFFFD</text>") == 1U);
}

BOOST_AUTO_TEST_CASE(thirty_labels_keep_apart) {
  std::vector<Curve> curves;
  for (int i = 0; i < 30; ++i) curves.push_back(rising("lr=" + std::to_string(i), -160));
  const std::string svg = picture(std::move(curves));
  BOOST_TEST(occurrences(svg, ">lr=29</text>") == 1U);
  BOOST_TEST(occurrences(svg, "class=\"line k1\" stroke-dasharray=\"14 3\"") == 2U); // the line and its label
}

BOOST_AUTO_TEST_CASE(several_panels) {
  check_svg(curves_svg("", {}));
  std::vector<Panel> panels(3);
  panels[0].curves = {rising("CD-1", -160, 5)};
  panels[0].log_x = true;
  const std::string svg = curves_svg("grid", panels);
  check_svg(svg);
  BOOST_TEST(occurrences(svg, "overflow=\"hidden\"") == 3U);
  BOOST_TEST(occurrences(svg, ">10000</text>") == 1U);
  BOOST_TEST(occurrences(svg, ">5000</text>") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
