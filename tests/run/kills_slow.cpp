// kill -9 at 100 random moments of a sweep with every kind of state.
#include <csignal>
#include <random>
#include <thread>

#include "tests/run/resume_support.hpp"

BOOST_AUTO_TEST_SUITE(kills)

using namespace ebm::tests;

BOOST_AUTO_TEST_CASE(a_hundred_kills_change_no_byte) {
  const TemporaryFolder folder;
  write_file(folder.path() / "every-state.yaml", every_state_yaml(6000, 6000));
  const auto command = [&](const char* place) {
    return every_state_command(folder.path(), place, {"output.checkpoint.every=0.01s"});
  };
  BOOST_TEST_REQUIRE(run_built(folder.path(), command("whole")) == 0);
  std::mt19937 moment(1);
  std::uniform_int_distribution<int> milliseconds(20, 260);
  int kills = 0, ended = 0;
  while (kills < 100) {
    Process process(command("killed"), folder.path() / "output");
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(moment)));
    if (!process.running()) {
      BOOST_TEST_REQUIRE(++ended < 2, "the sweep was done after " << kills << " kills: make it longer");
      continue;
    }
    process.signal(SIGKILL);
    process.wait();
    ++kills;
  }
  BOOST_TEST(run_built(folder.path(), command("killed")) == 0);
  same_results(folder.path() / "whole" / "every-state", folder.path() / "killed" / "every-state");
  std::size_t continued = 0;
  for (const auto& entry : fs::directory_iterator(folder.path() / "killed" / "every-state" / "trials")) {
    const std::string log = read_file(entry.path() / "log.txt");
    for (std::size_t at = 0; (at = log.find("goes on from", at)) != log.npos; ++at) ++continued;
  }
  BOOST_TEST_MESSAGE(kills << " kills, trials went on from a checkpoint " << continued << " times");
  BOOST_TEST(continued > 50u);
}

BOOST_AUTO_TEST_SUITE_END()
