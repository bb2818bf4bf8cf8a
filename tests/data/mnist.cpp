#include "experiments/data/preparation.hpp"
#include "tests/data/map_visitor.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;

namespace {

std::filesystem::path mnist_folder() {
  const char* const base = std::getenv("EBM_DATA_DIR");
  const std::filesystem::path source = EBM_SOURCE_DIR;
  return (base != nullptr ? std::filesystem::path(base) : source / "../shared/data") / "mnist";
}

std::uint64_t sum(const RawRows& rows) {
  return std::accumulate(bytes(rows).begin(), bytes(rows).end(), std::uint64_t{0});
}

/// Mean test log-likelihood, in nats, of independent pixels with the training means, clipped to [0.001,
/// 0.999].
double independent_pixels(const Dataset<float>& data) {
  const std::size_t pixels = data.train.shape(1);
  std::vector<double> mean(pixels);
  for (std::size_t i = 0; i < data.train.shape(0); ++i)
    for (std::size_t j = 0; j < pixels; ++j) mean[j] += data.train(i, j);
  double total = 0;
  for (std::size_t j = 0; j < pixels; ++j) {
    const double p = std::clamp(mean[j] / double(data.train.shape(0)), 0.001, 0.999);
    for (std::size_t i = 0; i < data.test.shape(0); ++i) total += std::log(data.test(i, j) > 0 ? p : 1 - p);
  }
  return total / double(data.test.shape(0));
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_mnist)

BOOST_AUTO_TEST_CASE(has_the_known_sizes_means_and_independent_pixel_likelihood) {
  if (!std::filesystem::exists(mnist_folder())) {
    BOOST_TEST_MESSAGE("SKIPPED: no MNIST in " << mnist_folder());
    return;
  }
  const RawData raw = load("mnist", {{"dir", mnist_folder().string()}});
  BOOST_TEST(raw.train.rows == 60000u);
  BOOST_TEST(raw.test.value().rows == 10000u);
  BOOST_TEST(raw.train.columns == 784u);
  BOOST_TEST((raw.image == ImageSize{28, 28}));
  BOOST_TEST(raw.labels.size() == 60000u);
  BOOST_TEST(raw.test_labels.size() == 10000u);
  BOOST_TEST(std::vector<double>(raw.labels.begin(), raw.labels.begin() + 5) ==
             (std::vector<double>{5, 0, 4, 1, 9}));
  BOOST_TEST(double(sum(raw.train)) / (60000.0 * 784) == 33.318421449829934,
             boost::test_tools::tolerance(1e-12));

  const auto data =
      prepare<float>(raw, options_from<Preparation>({{"binarize.threshold", "127"}}), 1, random::Key{1});
  BOOST_TEST(data.train.shape(0) == 60000u);
  BOOST_TEST(data.test.shape(0) == 10000u);
  BOOST_TEST(std::abs(independent_pixels(data) - -206.010) < 5e-4);
}

BOOST_AUTO_TEST_SUITE_END()
