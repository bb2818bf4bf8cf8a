// A file system that fills up stops the run; with room again it goes on to the same bytes.
#include <cerrno>
#include <sys/mount.h>

#include "tests/run/resume_support.hpp"

BOOST_AUTO_TEST_SUITE(full_disk)

using namespace ebm::tests;

namespace {

/// A file system in memory, while it lives.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path place) : place_(std::move(place)) {
    fs::create_directories(place_);
    mounted_ = ::mount("tmpfs", place_.c_str(), "tmpfs", 0, "size=300k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(place_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  bool resize(const std::string& size) const {
    return ::mount("tmpfs", place_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) == 0;
  }

 private:
  fs::path place_;
  bool mounted_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_run_stops_and_goes_on) {
  const TemporaryFolder folder;
  const SmallDisk disk(folder.path() / "disk");
  if (!disk.mounted()) {
    BOOST_TEST_MESSAGE("SKIPPED: mounting a file system needs privileges (" << std::strerror(errno) << ")");
    return;
  }
  write_file(folder.path() / "every-state.yaml", every_state_yaml(300, 300));
  const auto command = [&](const char* place) {
    return every_state_command(folder.path(), place, {"output.checkpoint.every=0.01s"});
  };
  BOOST_TEST_REQUIRE(run_program(command("whole")).code == 0);
  int stops = 0;
  // A little more room each time: the disk fills up at many different writes.
  for (int kilobytes = 300;; kilobytes += 100, ++stops) {
    const ProgramResult result = run_program(command("disk"));
    if (result.code == 0) break;
    BOOST_TEST(result.code == 4, result.err);
    BOOST_TEST(result.err.find("the disk is full: ") != std::string::npos, result.err);
    BOOST_TEST_REQUIRE(kilobytes < 20000);
    BOOST_TEST_REQUIRE(disk.resize(std::to_string(kilobytes) + "k"));
  }
  BOOST_TEST(stops >= 5);
  same_results(folder.path() / "whole" / "every-state", folder.path() / "disk" / "every-state");
}

BOOST_AUTO_TEST_SUITE_END()
