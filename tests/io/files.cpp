#include "experiments/io/files.hpp"

#include "tests/io/io_support.hpp"

#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace ebm::experiments;
using namespace ebm::experiments::testing;

namespace {

namespace fs = std::filesystem;

/// While it lives, no file grows beyond `bytes`: writes fail halfway, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit limit = {bytes, old_.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(io_files)

BOOST_AUTO_TEST_CASE(writes_and_replaces_whole_files) {
  const TemporaryDirectory place;
  const fs::path path = place.directory / "x";
  const std::string large(1000000, 'a');
  for (const std::string& text : {std::string("old"), std::string(), large}) {
    write_atomically(path, text);
    BOOST_TEST((read_text(path) == text));
  }
  const std::byte bytes[] = {std::byte{0}, std::byte{255}};
  write_atomically(path, bytes);
  BOOST_TEST(read_text(path) == std::string("\0\xff", 2));
  BOOST_TEST(entries(place.directory) == 1u);
}

BOOST_AUTO_TEST_CASE(writes_through_links) {
  const TemporaryDirectory place;
  fs::create_directory(place.directory / "sub");
  fs::create_symlink(place.put("sub/real", "old"), place.directory / "link");
  write_atomically(place.directory / "link", "new");
  BOOST_TEST(fs::is_symlink(place.directory / "link"));
  BOOST_TEST(get(place.directory / "sub" / "real") == "new");
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_the_old_file_alone) {
  const TemporaryDirectory place;
  const fs::path path = place.put("x", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of([&] { write_atomically(path, std::string(10000, 'a')); });
  }
  BOOST_TEST(message == path.string() + ": cannot write: File too large");
  BOOST_TEST(get(path) == "old");
  BOOST_TEST(entries(place.directory) == 1u);
}

BOOST_AUTO_TEST_CASE(refuses_impossible_targets) {
  const TemporaryDirectory place;
  check_message([&] { write_atomically(place.directory, "x"); }, "found a directory");
  check_message([] { write_atomically("/dev/null", "x"); }, "found a device, pipe or socket");
  check_message([&] { write_atomically(place.directory / "no" / "x", "x"); }, "No such file or directory");
  check_message([] { write_atomically("", "x"); }, ": cannot ");
  check_message([&] { AppendFile(place.directory); }, "cannot open to write: Is a directory");
  check_message([] { read_text(""); }, "cannot open: No such file or directory");
  check_message([&] { read_text(place.directory); }, "cannot read: Is a directory");
}

BOOST_AUTO_TEST_CASE(appends_lines_at_once) {
  const TemporaryDirectory place;
  const fs::path path = place.put("log", "old\n");
  AppendFile file(path);
  file.append("one");
  BOOST_TEST(get(path) == "one\n");
  AppendFile moved = std::move(file);
  moved.append("");
  moved.append("two");
  moved.flush();
  BOOST_TEST(get(path) == "one\n\ntwo\n");
}

BOOST_AUTO_TEST_CASE(goes_on_after_what_is_kept) {
  const TemporaryDirectory place;
  const fs::path path = place.put("log", "one\ntwo\nthr");
  const auto check = [&](const AppendFile& file, const std::string& text) {
    BOOST_TEST(get(path) == text);
    BOOST_TEST(file.hash().size() == text.size());
    BOOST_TEST(file.hash().value() == hash_of_prefix(path, text.size()).value());
  };
  AppendFile cut(path, hash_of_prefix(path, 4));
  cut.append("2");
  check(cut, "one\n2\n");
  place.put("log", "one\ntwo\nthr");
  AppendFile whole = AppendFile::at_end(path);
  whole.append("four");
  check(whole, "one\ntwo\nthr\nfour\n");
  StreamHash longer;
  longer.add(std::string(100, 'x'));
  check_message([&] { AppendFile(path, std::move(longer)); }, "has 17 bytes, and 100 were written before");
}

BOOST_AUTO_TEST_CASE(appending_to_a_full_disk_fails) {
  AppendFile file("/dev/full");
  check_message([&] { file.append("x"); }, "/dev/full: cannot write: No space left on device");
}

BOOST_AUTO_TEST_SUITE_END()
