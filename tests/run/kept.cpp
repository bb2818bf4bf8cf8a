// A run that version 0.1.0 left half done, with its checkpoints: later versions read it and go on with it.
#include "experiments/report/results.hpp"
#include "tests/run/resume_support.hpp"

BOOST_AUTO_TEST_SUITE(kept_run)

using namespace ebm::tests;
using namespace ebm::experiments;

BOOST_AUTO_TEST_CASE(an_old_run_is_read_and_continued) {
  const fs::path source = fs::path(EBM_SOURCE_DIR) / "tests" / "run" / "kept";
  const fs::path kept = source / "stopped" / "kept";
  const TemporaryFolder folder;
  fs::copy(source, folder.path(), fs::copy_options::recursive);
  const fs::path run = folder.path() / "stopped" / "kept";
  const RunResults before(read_run(run));
  BOOST_TEST(before.run().count(TrialState::done) == 1u);
  BOOST_TEST(before.run().count(TrialState::interrupted) == 1u);
  BOOST_TEST(before.run().count(TrialState::pending) == 2u);
  BOOST_TEST(before.primary() == "train.log_likelihood");
  const auto command = [&](const std::string& dir) {
    return std::vector<std::string>{"run", (folder.path() / "kept.yaml").string(), "-q",
                                    "output.dir=" + (folder.path() / dir).string()};
  };
  const ProgramResult continued = run_program(command("stopped"));
  BOOST_TEST_REQUIRE(continued.code == 0, continued.err);
  BOOST_TEST_REQUIRE(run_program(command("fresh")).code == 0);

  const fs::path done = "trials/0000-optimizer=momentum-s1-6f6648",
                 half = "trials/0002-optimizer=adam-s1-cf4011";
  const std::string log = read_file(run / half / "log.txt");
  BOOST_TEST(log.find("goes on from checkpoint.ebm at step ") != std::string::npos, log);
  BOOST_TEST(read_file(run / done / "params.npz") == read_file(kept / done / "params.npz"));
  const std::string written = read_file(kept / half / "metrics.csv");
  const std::string fresh = read_file(folder.path() / "fresh" / "kept" / half / "metrics.csv");
  const std::string now = read_file(run / half / "metrics.csv");
  BOOST_TEST(now.starts_with(written));
  // Other machines round otherwise; where the first half comes out the same, so does the second.
  if (fresh.starts_with(written)) BOOST_TEST(now == fresh);
  const RunResults after(read_run(run)), anew(read_run(folder.path() / "fresh" / "kept"));
  BOOST_TEST(after.run().all_done());
  for (std::size_t s = 0; s < after.settings(); ++s) {
    // The entropy of the rows (two patterns of 1/4, four of 1/8) is 1.733: no model is better; a uniform one
    // has 2.773.
    const double ll = after.summary(s, "train.log_likelihood").mean;
    BOOST_TEST(ll < -1.73);
    BOOST_TEST(ll > -2.4);
    BOOST_TEST(std::abs(ll - anew.summary(s, "train.log_likelihood").mean) < 0.3);
  }
}

BOOST_AUTO_TEST_SUITE_END()
