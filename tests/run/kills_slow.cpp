// kill -9 at 100 random moments of a sweep with every kind of state.
#include <csignal>
#include <random>
#include <thread>

#include "tests/run/resume_support.hpp"

BOOST_AUTO_TEST_SUITE(kills)

using namespace ebm::tests;

namespace {

std::size_t times_continued(const fs::path& trials) {
  std::size_t n = 0;
  for (const auto& entry : fs::directory_iterator(trials)) {
    const std::string log = read_file(entry.path() / "log.txt");
    for (std::size_t at = 0; (at = log.find("goes on from", at)) != log.npos; ++at) ++n;
  }
  return n;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_hundred_kills_change_no_byte) {
  const TemporaryFolder folder;
  write_file(folder.path() / "every-state.yaml", every_state_yaml(6000, 6000));
  const auto command = [&](const std::string& place) {
    return every_state_command(folder.path(), place, {"output.checkpoint.every=0.01s"});
  };
  BOOST_TEST_REQUIRE(run_built(folder.path(), command("whole")) == 0);
  std::mt19937 moment(1);
  std::uniform_int_distribution<int> milliseconds(20, 260);
  int kills = 0, sweeps = 0;
  std::size_t continued = 0;
  while (kills < 100) { // a fast machine takes several sweeps for them
    BOOST_TEST_REQUIRE(++sweeps <= 10, "ten sweeps were done after " << kills << " kills: make them longer");
    const std::string place = "killed-" + std::to_string(sweeps);
    for (bool ended = false; !ended && kills < 100;) {
      Process process(command(place), folder.path() / "output");
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(moment)));
      ended = !process.running();
      if (ended) continue;
      process.signal(SIGKILL);
      process.wait();
      ++kills;
    }
    BOOST_TEST_REQUIRE(run_built(folder.path(), command(place)) == 0);
    same_results(folder.path() / "whole" / "every-state", folder.path() / place / "every-state");
    continued += times_continued(folder.path() / place / "every-state" / "trials");
  }
  BOOST_TEST_MESSAGE(kills << " kills of " << sweeps << " sweeps, trials went on from a checkpoint "
                           << continued << " times");
  BOOST_TEST(continued > 50u);
}

BOOST_AUTO_TEST_SUITE_END()
