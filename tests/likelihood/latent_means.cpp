// Features of rows: exact where the latents are one independent block, recognised or by mean field elsewhere.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/likelihood/latent_means.hpp"
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
