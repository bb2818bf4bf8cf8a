// The gallery's Gaussian-Bernoulli RBM, on fewer rows: both ways of learning find the density that drew them,
// and what has not learned it does not pass for it.
#include <cmath>

#include "experiments/io/npz.hpp"
#include "tests/conformance/gaussian_machines.hpp"
#include "tests/conformance/program_run.hpp"
#include "tests/io/io_support.hpp"

using namespace ebm::conformance;
using ebm::experiments::testing::TemporaryDirectory;

BOOST_AUTO_TEST_SUITE(known_density)

namespace {

const fs::path gallery = fs::path(EBM_SOURCE_DIR) / "experiments/gallery";

/// Exact test log-likelihoods at the end of training, a trial a learner.
struct Finals {
  double truth, exact, pcd;
};

/// The gallery's file with one seed, a quarter of the rows and these overrides.
Finals run(std::vector<std::string> overrides) {
  const TemporaryDirectory place;
  overrides.insert(overrides.begin(), {"run", (gallery / "gaussian-rbm.yaml").string(),
                                       "output.dir=" + place.directory.string(), "--quiet", "-j2", "seeds=1",
                                       "data.rows=5000", "data.test_rows=5000", "evaluation.every=1000"});
  const ProgramRun program = run_ebm(overrides, place.directory);
  BOOST_TEST_REQUIRE(program.exit_code == 0, program.err);
  const std::vector<TextColumns> trials = read_metrics(place.directory / "gaussian-rbm");
  BOOST_TEST_REQUIRE(trials.size() == 3u);
  const auto final = [&](std::size_t trial) {
    return std::stod(trials[trial].at(trials[trial].rows.size() - 1, "test.log_likelihood"));
  };
  return {final(0), final(1), final(2)};
}

// Nats below the truth. One Gaussian fitted to the rows is 0.09 below it, three components of the four 0.03.
constexpr double band = 0.02;

} // namespace

BOOST_AUTO_TEST_CASE(the_gallery_has_the_machine_of_known_answers) {
  const auto arrays = ebm::experiments::read_npz(gallery / "gaussian-rbm.npz");
  const GaussianMachine& m = gaussian_2x4::machine;
  BOOST_TEST(arrays.size() == 4u);
  BOOST_TEST(arrays.at("W").values == m.W);
  BOOST_TEST(arrays.at("visible_bias").values == m.visible_bias);
  BOOST_TEST(arrays.at("hidden_bias").values == m.hidden_bias);
  BOOST_TEST(arrays.at("visible_sigma").values == m.sigma);
}

BOOST_AUTO_TEST_CASE(both_ways_of_learning_reach_it) {
  const Finals found = run({});
  BOOST_TEST_MESSAGE("test log-likelihood: truth " << found.truth << ", exact " << found.exact << ", PCD "
                                                   << found.pcd);
  BOOST_TEST(std::abs(found.exact - found.truth) < band);
  BOOST_TEST(std::abs(found.pcd - found.truth) < band);
}

BOOST_AUTO_TEST_CASE(what_has_not_learned_it_does_not) {
  for (const char* flaw : {"model.visible.sigma={fixed: 0.9}", "trainer.optimizer.lr=1.0e-04"}) {
    const Finals found = run({flaw});
    BOOST_TEST(found.truth - found.exact > band, flaw);
    BOOST_TEST(found.truth - found.pcd > band, flaw);
  }
}

BOOST_AUTO_TEST_SUITE_END()
