// Initial values of groups of arrays, and those that give gaussian units the data's means.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/learning/initialise.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(initial_values)

using namespace ebm;
using namespace ebm::tests;

BOOST_AUTO_TEST_CASE(the_group_of_scales_has_the_sigmas) {
  AnyEnergy<double> e = build_model({"gaussian_rbm", "hidden: 2"}, 3);
  initialise<double>(e, {{"scales", {InitialiserKind::constant, 2}}}, nullptr, random::Draws({1}));
  for (const double v : all(e.parameters().find("visible_sigma")->value)) BOOST_TEST(std::exp(v) == 2);
  BOOST_TEST(check_initialisers(e, {{"scales", {InitialiserKind::constant, -7}}}, false).has_value());
}

// Without couplings the mean is the bias, and sigma² times the bias in the natural form.
BOOST_AUTO_TEST_CASE(gaussian_biases_give_the_means_of_the_data) {
  Batch<double> rows = make_batch<double>(4, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    rows(i, 0) = 5;
    rows(i, 1) = -double(i);
  }
  const Rows<double> data{&rows, {}};
  for (const auto& [form, factor] : {std::pair("variance", 1.0), {"deviation", 1.0}, {"natural", 0.25}}) {
    AnyEnergy<double> e = build_model(
        {"gaussian_rbm", "visible: {size: 2, sigma: {fixed: 2}, form: " + std::string(form) + "}, hidden: 2"},
        2);
    initialise<double>(e, {{"biases", {InitialiserKind::data_mean, 0}}}, &data, random::Draws({1}));
    const Batch<double>& bias = e.parameters().find("visible_bias")->value;
    BOOST_TEST(std::abs(bias(0, 0) - 5 * factor) < 1e-14);
    BOOST_TEST(std::abs(bias(0, 1) + 1.5 * factor) < 1e-14);
  }
}

BOOST_AUTO_TEST_SUITE_END()
