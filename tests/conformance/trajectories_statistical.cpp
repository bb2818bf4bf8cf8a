// The long ends of the known learning curves. Nothing is random in them: they are here for their duration.
#include "tests/conformance/expected_trajectory.hpp"

using namespace ebm;
using namespace ebm::conformance;

BOOST_AUTO_TEST_SUITE(conformance_long_trajectories)

BOOST_AUTO_TEST_CASE(expected_contrastive_divergence_to_the_end) {
  for (const ExpectedCurve& known : expected_curves) check_expected(known, known.points.back().update);
}

BOOST_AUTO_TEST_SUITE_END()
