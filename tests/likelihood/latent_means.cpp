// Features of rows: exact where the latents are one independent block, recognised or by mean field elsewhere.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/likelihood/latent_means.hpp"
#include "ebm/likelihood/recognition.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(features)

using namespace ebm;
using namespace ebm::tests;

namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// 70 rows, more than a work item has, of four zeros and ones.
Batch<double> some_rows() {
  Batch<double> rows = make_batch<double>(70, 4);
  for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] = double(i * i % 7 % 2);
  return rows;
}

/// sigmoid(bias_j + Σ_i below_i W_ij).
std::vector<double> means_above(const AnyEnergy<double>& e, std::span<const double> below, const char* W,
                                const char* bias) {
  const auto &w = e.parameters().find(W)->value, &b = e.parameters().find(bias)->value;
  std::vector<double> means;
  for (std::size_t j = 0; j < w.shape(1); ++j) {
    double eta = b(0, j);
    for (std::size_t i = 0; i < w.shape(0); ++i) eta += below[i] * w(i, j);
    means.push_back(sigmoid(eta));
  }
  return means;
}

} // namespace

BOOST_AUTO_TEST_CASE(of_an_rbm_they_are_its_conditional_means) {
  const AnyEnergy<double> e = build_model({"rbm", "hidden: 3"}, 4);
  const Batch<double> rows = some_rows();
  const Batch<double> means = latent_means(e, Rows<double>{&rows, {}});
  BOOST_TEST_REQUIRE(means.shape(1) == 3u);
  for (std::size_t i = 0; i < rows.shape(0); ++i) {
    const auto expected = means_above(e, row(rows, i), "W", "hidden_bias");
    for (std::size_t j = 0; j < 3; ++j) BOOST_TEST(std::abs(means(i, j) - expected[j]) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(of_a_belief_net_they_go_up_layer_by_layer) {
  const AnyEnergy<double> e = build_model({"dbn", "hidden: [3, 2]"}, 4);
  const Batch<double> rows = some_rows();
  const Batch<double> means = latent_means(e, Rows<double>{&rows, {}});
  BOOST_TEST_REQUIRE(means.shape(1) == 5u);
  for (std::size_t i = 0; i < rows.shape(0); ++i) {
    const auto first = means_above(e, row(rows, i), "W1", "recognition1_bias"),
               second = means_above(e, first, "W2", "hidden2_bias");
    for (std::size_t j = 0; j < 3; ++j) BOOST_TEST(std::abs(means(i, j) - first[j]) < 1e-14);
    for (std::size_t j = 0; j < 2; ++j) BOOST_TEST(std::abs(means(i, 3 + j) - second[j]) < 1e-14);
  }
}

// Draws of the lower layer feed the upper one: its mean is that over the eight values of the lower.
BOOST_AUTO_TEST_CASE(recognised_draws_go_up_layer_by_layer) {
  AnyEnergy<double> e = build_model({"dbn", "hidden: [3, 2]"}, 4);
  for (auto& a : e.parameters())
    for (std::size_t i = 0; i < a.value.size(); ++i) a.value.data()[i] = 1.5 * std::sin(double(i + 1));
  constexpr std::size_t chains = 20000;
  State<double> x(e.space(), chains);
  for (std::size_t c = 0; c < chains; ++c) row(x.values(0), c)[0] = row(x.values(0), c)[2] = 1;
  x.find_bits(0);
  draw_recognised(e, {random::Stream::positive, 0, 0, 0}, random::Draws(random::Key{5}), x);
  const auto first = means_above(e, row(std::as_const(x)[0], 0), "W1", "recognition1_bias");
  std::vector<double> expected = first;
  expected.resize(5);
  for (std::size_t k = 0; k < 8; ++k) {
    std::array<double, 3> lower{};
    double p = 1;
    for (std::size_t j = 0; j < 3; ++j) {
      lower[j] = double(k >> j & 1);
      p *= lower[j] == 1 ? first[j] : 1 - first[j];
    }
    const auto upper = means_above(e, lower, "W2", "hidden2_bias");
    for (std::size_t j = 0; j < 2; ++j) expected[3 + j] += p * upper[j];
  }
  for (std::size_t j = 0; j < 5; ++j) {
    double ones = 0;
    for (std::size_t c = 0; c < chains; ++c) ones += j < 3 ? x[1](c, j) : x[2](c, j - 3);
    const double p = expected[j];
    BOOST_TEST(std::abs(ones / chains - p) < 4.5 * std::sqrt(p * (1 - p) / chains), "unit " << j);
  }
}

// At the fixed point each layer has its means given the neighbours'.
BOOST_AUTO_TEST_CASE(of_a_deep_machine_they_are_a_mean_field_law) {
  const AnyEnergy<double> e = build_model({"dbm", "hidden: [3, 2]"}, 4);
  const Batch<double> rows = some_rows();
  const Batch<double> means = latent_means(e, Rows<double>{&rows, {}}, {1000, 0});
  const auto& W2 = e.parameters().find("W2")->value;
  for (std::size_t i = 0; i < rows.shape(0); ++i) {
    const auto up = means_above(e, row(rows, i), "W1", "hidden1_bias");
    for (std::size_t j = 0; j < 3; ++j) {
      double eta = std::log(up[j] / (1 - up[j]));
      for (std::size_t k = 0; k < 2; ++k) eta += W2(j, k) * means(i, 3 + k);
      BOOST_TEST(std::abs(means(i, j) - sigmoid(eta)) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_latents_there_are_none) {
  const AnyEnergy<double> e = build_model({"boltzmann_machine", ""}, 4);
  const Batch<double> rows = some_rows();
  BOOST_CHECK_THROW(latent_means(e, Rows<double>{&rows, {}}), CapabilityError);
}

BOOST_AUTO_TEST_SUITE_END()
