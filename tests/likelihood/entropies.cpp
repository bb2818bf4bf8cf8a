// Entropies of laws with a base measure, and base measures of means.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(entropies)

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::array<double, 4> choices{1, 3, 3, 1}; // C(3, x)

/// An RBM of one visible and one hidden unit with biases 0.4 and -0.3 and coupling 0.7.
AnyEnergy<double> pair(const char* visible, const char* hidden) {
  AnyEnergy<double> e = build_model(
      {"rbm", std::string("visible: {size: 1, ") + visible + "}, hidden: {size: 1, " + hidden + "}"}, 1);
  e.parameters().find("visible_bias")->value.fill(0.4);
  e.parameters().find("hidden_bias")->value.fill(-0.3);
  e.parameters().find("W")->value.fill(0.7);
  return e;
}

} // namespace

// -Σ p log p over all states of a unit that counts to 3 and one of two values, on either side.
BOOST_AUTO_TEST_CASE(of_binomial_units_are_those_of_their_states) {
  for (const bool latent : {false, true}) {
    const char *counting = "units: binomial, n: 3", *two = "units: bernoulli";
    const AnyEnergy<double> e = latent ? pair(two, counting) : pair(counting, two);
    const double count_bias = latent ? -0.3 : 0.4, two_bias = latent ? 0.4 : -0.3;
    double z = 0, sum = 0;
    for (int k = 0; k <= 3; ++k)
      for (int b = 0; b <= 1; ++b) {
        const double log_p = std::log(choices[std::size_t(k)]) + count_bias * k + two_bias * b + 0.7 * k * b;
        z += std::exp(log_p);
        sum += std::exp(log_p) * log_p;
      }
    const ExactMoments m = exact_moments(e);
    BOOST_TEST(std::abs(m.log_partition - std::log(z)) < 1e-13);
    BOOST_TEST(std::abs(m.entropy() - (std::log(z) - sum / z)) < 1e-13);
  }
}

// Beyond 1e7 the digits of log Z no longer tell the weights of states: their sum must.
BOOST_AUTO_TEST_CASE(averages_are_normalised_whatever_the_size_of_log_z) {
  for (const double coupling : {1e4, 1e8, 1e12}) {
    AnyEnergy<double> e = build_model({"ising", "size: [2]"}, 2);
    e.parameters().find("J")->value.fill(coupling);
    e.parameters().find("visible_bias")->value.fill(1);
    const ExactMoments m = exact_moments(e); // both up or both down
    BOOST_TEST(std::abs(m.mean[0] - std::tanh(2.0)) < 1e-12, "coupling " << coupling);
    BOOST_TEST(std::abs(m.pair_mean(0, 1) - 1) < 1e-12);
    BOOST_TEST(std::abs(m.mean_energy / coupling + 1) < 1e-3);
  }
}

// A count between two levels is a mean, and the pseudo-likelihood is linear in it: by fields as by free
// energies.
BOOST_AUTO_TEST_CASE(fields_and_free_energies_agree_between_levels) {
  const AnyEnergy<double> alone =
      build_model({"boltzmann_machine", "visible: {size: 2, units: binomial, n: 3}"}, 2);
  AnyEnergy<double> machine = build_model({"rbm", "visible: {size: 2, units: binomial, n: 3}, hidden: 1"}, 2);
  AnyEnergy<double> fields = alone;
  fields.parameters().find("J")->value.fill(0);
  machine.parameters().find("W")->value.fill(0);
  for (AnyEnergy<double>* e : {&fields, &machine}) {
    Batch<double>& b = e->parameters().find("visible_bias")->value;
    b(0, 0) = 0.3;
    b(0, 1) = -0.8;
  }
  Batch<double> values = make_batch<double>(3, 2);
  const std::array<double, 6> rows{1.5, 0.25, 2, 1, 3, 0};
  std::ranges::copy(rows, values.data());
  const Rows<double> data{&values, {}};
  const auto a = pseudo_likelihoods(fields, data), b = pseudo_likelihoods(machine, data);
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(std::abs(a[i] - b[i]) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
