// Learning without a random number: the known log-likelihoods after given numbers of updates.
#include "tests/conformance/expected_trajectory.hpp"
#include "tests/conformance/program_run.hpp"
#include "tests/io/io_support.hpp"

using namespace ebm;
using namespace ebm::conformance;
using ebm::experiments::testing::TemporaryDirectory;

namespace {

struct ExactCurve {
  const char* file;
  double patterns; ///< metrics.csv holds means, the collection totals
  std::vector<KnownPoint> points;
};

// conformance/trajectories.json, the rows "exact"
const std::vector<ExactCurve> exact_curves{{"bm-3x3-16-exact",
                                            16,
                                            {{0, -99.81319400063212},
                                             {1, -99.3759948378804},
                                             {10, -96.66095924546903},
                                             {100, -81.99752370474508},
                                             {1000, -50.265611776120934},
                                             {5000, -42.799601137332814},
                                             {10000, -42.14394558887909}}},
                                           {"bm-3x3-14-exact",
                                            14,
                                            {{0, -87.33654475055312},
                                             {1, -87.01935731196097},
                                             {10, -84.61107428501715},
                                             {100, -70.66945227472772},
                                             {1000, -44.96466884831241},
                                             {5000, -38.028376194998216}}},
                                           {"rbm-4x4-exact",
                                            8,
                                            {{0, -22.20741825934167},
                                             {1, -22.205147387498194},
                                             {10, -22.1925498177186},
                                             {100, -22.17936306989914},
                                             {1000, -20.732084049726456},
                                             {5000, -17.74284921355992},
                                             {10000, -14.65208056546992}}},
                                           {"rbm-9x4-exact",
                                            16,
                                            {{0, -99.86489467376984},
                                             {1, -99.85738901778075},
                                             {10, -99.81455095054031},
                                             {100, -99.74323709808415},
                                             {1000, -90.90412903733849},
                                             {5000, -60.77764624899512}}}};

void check_exact(const ExactCurve& known) {
  const TemporaryDirectory place;
  const fs::path file =
      fs::path(EBM_SOURCE_DIR) / "tests/conformance/trajectories" / (known.file + std::string(".yaml"));
  const ProgramRun run =
      run_ebm({"run", file.string(), "output.dir=" + place.directory.string(), "--quiet"}, place.directory);
  BOOST_TEST_REQUIRE(run.exit_code == 0, run.err);
  const std::vector<TextColumns> trials = read_metrics(place.directory / known.file);
  BOOST_TEST_REQUIRE(trials.size() == 1u);
  BOOST_TEST_REQUIRE(trials[0].rows.size() == known.points.size());
  double largest = 0;
  for (std::size_t i = 0; i < known.points.size(); ++i) {
    BOOST_TEST(std::stoull(trials[0].at(i, "update")) == known.points[i].update);
    BOOST_TEST(trials[0].at(i, "log_partition.estimator") == "exact");
    const double total = known.patterns * std::stod(trials[0].at(i, "train.log_likelihood"));
    largest = std::max(largest, std::abs(total - known.points[i].total_log_likelihood));
    check_point(known.file, known.points[i], total);
  }
  BOOST_TEST_MESSAGE(known.file << ": largest error " << largest << ", allowed " << trajectory_tolerance);
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_trajectories)

BOOST_AUTO_TEST_CASE(exact_gradients_through_the_program) {
  for (const ExactCurve& known : exact_curves) check_exact(known);
}

BOOST_AUTO_TEST_CASE(expected_contrastive_divergence_up_to_2000_updates) {
  for (const ExpectedCurve& known : expected_curves) check_expected(known, 2000);
}

BOOST_AUTO_TEST_SUITE_END()
