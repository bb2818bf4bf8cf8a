// What early stopping keeps, counts and takes along in a checkpoint.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/learning/early_stopping.hpp"
#include "experiments/store/checkpoint.hpp"

using namespace ebm;

namespace {

Parameters<float> theta(float weight) {
  Parameters<float> p;
  p.add("W", ParameterRole::weight, {2, 2}).value.fill(weight);
  return p;
}

float kept(const EarlyStopping<float>& s) {
  return s.best_parameters[0].value(1, 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(early_stopping)

BOOST_AUTO_TEST_CASE(keeps_the_best_and_counts_what_came_after) {
  EarlyStopping<float> s(theta(1));
  BOOST_TEST(!s.exhausted(1));
  s.see(5, 10, theta(2));
  s.see(4, 20, theta(3));
  BOOST_TEST(!s.exhausted(1));
  s.see(4, 30, theta(4));
  BOOST_TEST(s.exhausted(1));
  BOOST_TEST(!s.exhausted(2));
  s.see(std::nan(""), 40, theta(5));
  BOOST_TEST(s.exhausted(2));
  BOOST_TEST(s.best == 4.0);
  BOOST_TEST(s.best_update == 20u);
  BOOST_TEST(kept(s) == 3.0f);
  s.see(3, 50, theta(6));
  BOOST_TEST(!s.exhausted(1));
  BOOST_TEST(s.best_update == 50u);
  BOOST_TEST(kept(s) == 6.0f);
}

BOOST_AUTO_TEST_CASE(goes_on_from_a_checkpoint) {
  EarlyStopping<float> s(theta(1)), resumed(theta(0));
  s.see(5, 10, theta(2));
  s.see(6, 20, theta(3));
  experiments::CheckpointWriter writer;
  s.archive(writer);
  experiments::CheckpointReader reader(writer.file());
  resumed.archive(reader);
  BOOST_TEST(resumed.best == 5.0);
  BOOST_TEST(resumed.best_update == 10u);
  BOOST_TEST(resumed.since_best == 1u);
  BOOST_TEST(kept(resumed) == 2.0f);
}

BOOST_AUTO_TEST_SUITE_END()
