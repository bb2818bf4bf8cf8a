#include "tests/conformance/program_run.hpp"
#include "tests/io/io_support.hpp"

#include <cmath>

using namespace ebm::conformance;
using ebm::experiments::testing::TemporaryDirectory;

BOOST_AUTO_TEST_SUITE(conformance_bars_and_stripes)

// 4x4 bars and stripes, 32 hidden units, CD-1: total negative log-likelihood 191.7 ± 2 after 1000 updates,
// the mean of 50 seeds.
BOOST_AUTO_TEST_CASE(contrastive_divergence_reaches_the_known_likelihood) {
  constexpr double patterns = 32, known = 191.7, allowed = 2;
  constexpr std::size_t seeds = 50;
  const TemporaryDirectory place;
  const fs::path file = fs::path(EBM_SOURCE_DIR) / "tests/conformance/bars-and-stripes-cd1.yaml";
  const ProgramRun run =
      run_ebm({"run", file.string(), "output.dir=" + place.directory.string(), "--quiet"}, place.directory);
  BOOST_TEST_REQUIRE(run.exit_code == 0, run.err);
  const std::vector<TextColumns> trials = read_metrics(place.directory / "bars-and-stripes-cd1");
  BOOST_TEST_REQUIRE(trials.size() == seeds);
  double mean = 0, squares = 0;
  for (const TextColumns& t : trials) {
    const std::size_t last = t.rows.size() - 1;
    BOOST_TEST(t.at(last, "update") == "1000");
    BOOST_TEST(t.at(last, "log_partition.estimator") == "exact");
    const double total = -patterns * std::stod(t.at(last, "train.log_likelihood"));
    mean += total / double(seeds);
    squares += total * total / double(seeds);
  }
  const double deviation = std::sqrt((squares - mean * mean) * double(seeds) / double(seeds - 1));
  BOOST_TEST_MESSAGE("CD-1 on 4x4 bars and stripes: " << mean << " nats, standard error "
                                                      << deviation / std::sqrt(double(seeds)) << ", known "
                                                      << known << " within " << allowed);
  BOOST_TEST(std::abs(mean - known) < allowed);
}

BOOST_AUTO_TEST_SUITE_END()
