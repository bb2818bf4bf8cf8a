// Pseudo-likelihoods against sums over single sites, for rows of values and of means.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(pseudo_likelihood)

using namespace ebm;
using namespace ebm::tests;

BOOST_AUTO_TEST_CASE(without_couplings_it_is_the_log_likelihood) {
  // Independent units: the conditional of a site is its marginal, for means too, where both are linear.
  AnyEnergy<double> e = build_model({"rbm", "hidden: 2"}, 3);
  e.parameters().find("W")->value.fill(0);
  Batch<double> values = make_batch<double>(3, 3);
  const std::array<double, 9> rows{1, 0, 1, 0.5, 0.5, 0.5, 0.25, 1, 0};
  std::ranges::copy(rows, values.data());
  const Rows<double> data{&values, {}};
  const std::vector<double> pl = pseudo_likelihoods(e, data), f = row_free_energies(e, data);
  const double log_z = exact_log_partition(e);
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(std::abs(pl[i] - (-f[i] - log_z)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(fields_and_free_energies_agree) {
  // A machine without hidden units goes through its fields; one with uncoupled hidden units through free
  // energies.
  const AnyEnergy<double> visible = build_model({"boltzmann_machine", ""}, 4);
  AnyEnergy<double> hidden = build_model({"boltzmann_machine", "hidden: 1, couplings: [vv, vh]"}, 4);
  hidden.parameters().find("W")->value.fill(0);
  for (const char* name : {"J", "visible_bias"})
    hidden.parameters().find(name)->value = visible.parameters().find(name)->value;
  Batch<double> values = make_batch<double>(4, 4);
  for (std::size_t i = 0; i < 16; ++i) values.data()[i] = double(i * i % 5 % 2);
  const Rows<double> data{&values, {}};
  const std::vector<double> a = pseudo_likelihoods(visible, data), b = pseudo_likelihoods(hidden, data);
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(a[i] - b[i]) < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_stochastic_estimate_has_it_as_its_mean) {
  const AnyEnergy<double> e = build_model({"rbm", "hidden: 2"}, 5);
  Batch<double> values = make_batch<double>(1, 5);
  values(0, 1) = values(0, 4) = 1;
  const Rows<double> data{&values, {}};
  const double exact = pseudo_likelihoods(e, data)[0];
  constexpr int repeats = 4000;
  double sum = 0, squares = 0;
  for (int k = 0; k < repeats; ++k) {
    const double v = stochastic_pseudo_likelihoods(e, data, random::Draws({3}), std::uint64_t(k))[0] - exact;
    sum += v;
    squares += v * v;
  }
  const double mean = sum / repeats;
  BOOST_TEST(std::abs(mean) < 4.5 * std::sqrt((squares / repeats - mean * mean) / repeats));
}

BOOST_AUTO_TEST_CASE(flipping_a_site_says_the_same_of_rows_of_two_values) {
  for (const char* units : {"bernoulli", "spin"}) {
    const AnyEnergy<double> e = build_model({"rbm", "hidden: 2, units: " + std::string(units)}, 5);
    const double low = units[0] == 's' ? -1 : 0;
    Batch<double> values = make_batch<double>(70, 5);
    for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] = i * i % 7 % 2 == 0 ? low : 1;
    const Rows<double> data{&values, {}};
    const auto a = stochastic_pseudo_likelihoods(e, data, random::Draws({3}), 5),
               b = flip_pseudo_likelihoods(e, data, random::Draws({3}), 5);
    for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(std::abs(a[i] - b[i]) < 1e-12);
  }
}

// One visible unit of value v and no hidden coupling: F(v) = −b v + const, and so log σ(F(1 − v) − F(v)) is
// log σ(b (2 v − 1)), where the expectation over draws would be v log σ(b) + (1 − v) log σ(−b).
BOOST_AUTO_TEST_CASE(flipping_takes_grey_values_as_they_are) {
  AnyEnergy<double> e = build_model({"rbm", "hidden: 1"}, 1);
  e.parameters().find("W")->value.fill(0);
  e.parameters().find("visible_bias")->value.fill(1.5);
  Batch<double> values = make_batch<double>(3, 1);
  values(1, 0) = 0.25;
  values(2, 0) = 0.5;
  const Rows<double> data{&values, {}};
  const auto flipped = flip_pseudo_likelihoods(e, data, random::Draws({3}), 0);
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST(std::abs(flipped[i] + std::log1p(std::exp(-1.5 * (2 * values(i, 0) - 1)))) < 1e-14);
}

BOOST_AUTO_TEST_CASE(impossible_rows_are_minus_infinity) {
  AnyEnergy<double> e = build_model({"rbm", "hidden: 2"}, 3);
  e.parameters().fill(0);
  for (std::size_t i = 0; i < 2; ++i) e.parameters().find("visible_bias")->value(0, i) = -1e308;
  Batch<double> values = make_batch<double>(1, 3);
  values(0, 0) = values(0, 1) = 1;
  BOOST_TEST(pseudo_likelihoods(e, Rows<double>{&values, {}})[0] == -infinity);
}

BOOST_AUTO_TEST_SUITE_END()
