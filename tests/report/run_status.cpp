// What `ebm status` says of runs; a process that works on one is played by a lock that this test holds.
#include "experiments/report/run_status.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include "experiments/io/files.hpp"
#include "tests/support/program.hpp"
#include "tests/support/run_folder.hpp"

BOOST_AUTO_TEST_SUITE(run_status)

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {

const Labels slow{{"method", "slow"}}, fast{{"method", "fast"}};
const std::string metrics = "update,epoch,acceptance,m\n0,0,,1\n250,2,,2\n300";

/// Holds the run's lock while it lives.
Descriptor work_on(const RunFolder& run) {
  Descriptor file(::open((run.path() / "lock").c_str(), O_RDWR));
  BOOST_TEST_REQUIRE(::flock(file.number(), LOCK_EX | LOCK_NB) == 0);
  return file;
}

RunStatus status(const RunFolder& run) {
  return status_of(read_run(run.path()));
}

} // namespace

BOOST_AUTO_TEST_CASE(counts_and_failures_of_a_stopped_run) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(slow, 1, -1).ended(slow, 2, "failed", "first\nsecond").ended(fast, 1, "diverged", "update 7");
  run.ended(fast, 2, "interrupted", "").begun(fast, 3, metrics, "", "").pending(fast, 4).write();
  const RunStatus s = status(run);
  BOOST_TEST(!s.seconds_left.has_value());
  BOOST_TEST(text_of(s) == fmt::format("a  ({0})\nstopped: no process works on it\n"
                                       "6 trials: 1 done, 1 failed, 1 diverged, 2 interrupted, 1 pending\n"
                                       "\n{0}/trials/0001-s2/log.txt: failed: first second\n"
                                       "{0}/trials/0002-s1/log.txt: diverged: update 7\n",
                                       run.path().string()));
}

BOOST_AUTO_TEST_CASE(an_ended_run_says_so) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(slow, 1, -1).ended(slow, 2, "failed", "no").write();
  BOOST_TEST(text_of(status(run)).find("all trials have ended\n2 trials: 1 done, 1 failed\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(running_trials_show_what_they_have_made) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.begun(slow, 1, metrics, "", "trainer: {method: cd, updates: 1000}\n");
  run.begun(slow, 2, metrics, "", "trainer: {method: cd, epochs: 8}\n");
  run.begun(slow, 3, "", "", "trainer: {method: cd, upd").begun(slow, 4, "update,epoch", "", "").write();
  const Descriptor lock = work_on(run);
  const RunStatus s = status(run);
  BOOST_TEST_REQUIRE(s.running.size() == 4u);
  const std::string text = text_of(s);
  BOOST_TEST(text.find("a process works on it; time left: unknown") != std::string::npos, text);
  BOOST_TEST(text.find("4 trials: 4 running\n") != std::string::npos, text);
  BOOST_TEST(text.find("0000-s1  250 of 1000 updates\n0001-s2  epoch 2 of 8 (250 updates)\n"
                       "0002-s3  0 updates\n0003-s4  0 updates\n") != std::string::npos,
             text);
  BOOST_TEST(*s.running[0].fraction() == 0.25);
  BOOST_TEST(*s.running[1].fraction() == 0.25);
  BOOST_TEST(!s.running[2].fraction().has_value());
}

BOOST_AUTO_TEST_CASE(the_time_left_follows_the_settings) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(slow, 1, 0, 90).done(slow, 2, 0, 110).done(fast, 1, 0, 10);
  run.begun(slow, 3, "", "", "").begun(fast, 2, "", "", "");
  run.pending(slow, 4).pending(fast, 3).write();
  const Descriptor lock = work_on(run);
  RunRecord record = read_run(run.path());
  BOOST_TEST_REQUIRE(record.active);
  // Slow ones take 100 s, fast ones 10 s; 40 s and 4 s are spent: 60 + 6 + 100 + 10 for two at a time, but
  // the pending slow one needs 100 s.
  std::vector<RunningTrial> running(2);
  running[0].trial = 3;
  running[0].seconds = 40;
  running[1].trial = 4;
  running[1].seconds = 4;
  BOOST_TEST(*seconds_left(record, running) == 100);
  // One at a time: all of it.
  record.outcomes[4].state = TrialState::pending;
  BOOST_TEST(*seconds_left(record, std::span(running).first(1)) == 60 + 10 + 100 + 10);
  // Nobody has finished: 40 s for a quarter, so 120 s more, and 160 s for each of the others.
  for (TrialOutcome& o : record.outcomes)
    if (o.state == TrialState::done) o = {TrialState::pending, "", 0, 0};
  running[0].updates = 25;
  running[0].planned_updates = 100;
  BOOST_TEST(*seconds_left(record, std::span(running).first(1)) == 120 + 6 * 160);
  // No trial has got anywhere.
  running[0].updates = 0;
  BOOST_TEST(!seconds_left(record, std::span(running).first(1)).has_value());
}

BOOST_AUTO_TEST_CASE(time_since_the_last_row_counts) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.begun(slow, 1, metrics, "update,train_s,wall_s\n250,9,10\n", "").write();
  fs::last_write_time(run.trial(0) / "timing.csv",
                      fs::file_time_type::clock::now() - std::chrono::seconds(500));
  const Descriptor lock = work_on(run);
  const RunStatus s = status(run);
  BOOST_TEST_REQUIRE(s.running.size() == 1u);
  BOOST_TEST(*s.running[0].seconds >= 510);
  BOOST_TEST(*s.running[0].seconds < 600);
}

BOOST_AUTO_TEST_CASE(long_lists_are_cut) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  for (int seed = 1; seed <= 23; ++seed) run.ended(slow, seed, "failed", "no").begun(fast, seed, "", "", "");
  run.write();
  const Descriptor lock = work_on(run);
  const RunStatus s = status(run);
  const std::string text = text_of(s);
  BOOST_TEST(text.find("0039-s20") != std::string::npos, text);
  BOOST_TEST(text.find("0041-s21") == std::string::npos, text);
  BOOST_TEST(text.find("0038-s20/log.txt") != std::string::npos, text);
  BOOST_TEST(text.find("0040-s21/log.txt") == std::string::npos, text);
  BOOST_TEST(text.ends_with("and 3 more\n"), text);
  BOOST_TEST(json_of(s).at("failures").size() == 23u); // programs get them all
}

BOOST_AUTO_TEST_CASE(json_has_everything) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(slow, 1, 0, 10).ended(slow, 2, "diverged", "update 7").pending(slow, 3);
  run.begun(slow, 4, metrics, "", "trainer: {updates: 1000}\n").write();
  const Descriptor lock = work_on(run);
  const auto json = json_of(status(run));
  BOOST_TEST(json.at("name") == "a");
  BOOST_TEST(json.at("active") == true);
  BOOST_TEST(json.at("trials") == 4);
  BOOST_TEST(json.at("counts").dump() ==
             R"({"done":1,"running":1,"failed":0,"diverged":1,"interrupted":0,"pending":1})");
  BOOST_TEST(json.at("seconds_left") == 20.0);
  BOOST_TEST(json.at("running").dump() ==
             R"([{"trial":"0003-s4","updates":250,"planned_updates":1000,"epoch":2,"planned_epochs":null}])");
  BOOST_TEST(json.at("failures")[0].at("message") == "update 7");
  BOOST_TEST(json.at("failures")[0].at("log") == (run.trial(1) / "log.txt").string());
}

BOOST_AUTO_TEST_SUITE_END()
