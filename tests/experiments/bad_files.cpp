// Files and arguments that must be refused: each of bad/*.yaml begins with `# expect:` lines (substrings of
// the messages, with their positions) and may have one `# arguments:` line.
#include "tests/support/program.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <regex>
#include <sstream>

namespace fs = std::filesystem;
using ebm::tests::run_program;
using ebm::tests::TemporaryFolder;

namespace {

const fs::path bad = fs::path(EBM_SOURCE_DIR) / "tests/experiments/bad";

std::vector<std::string> bad_files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(bad))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

struct Expectation {
  std::vector<std::string> messages, arguments;
};
Expectation expectation_of(const fs::path& file) {
  Expectation e;
  std::istringstream text(ebm::tests::read_file(file));
  for (std::string line; std::getline(text, line) && line.starts_with("# ");) {
    if (line.starts_with("# expect: ")) e.messages.push_back(line.substr(10));
    std::istringstream words(line.starts_with("# arguments: ") ? line.substr(13) : "");
    for (std::string word; words >> word;) e.arguments.push_back(word);
  }
  return e;
}

std::vector<std::string> all_below(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.push_back(entry.path().string());
  std::ranges::sort(paths);
  return paths;
}

/// Works in a copy of the folder, where anything that is made shows.
struct CopyOfBad {
  CopyOfBad() {
    fs::copy(bad, copy.path());
    fs::current_path(copy.path());
  }
  ~CopyOfBad() { fs::current_path(back); }
  CopyOfBad(const CopyOfBad&) = delete;
  CopyOfBad& operator=(const CopyOfBad&) = delete;
  fs::path back = fs::current_path();
  TemporaryFolder copy;
};

/// "file:line:column: error: …" (source lines are indented), or "argument '…': error: …", and at the end how
/// many there were.
void check_form(const std::string& file, const std::string& text) {
  static const std::regex error("([^ ].*): error: .*"), last("([0-9]+) errors?; nothing was run");
  const std::regex place(file + ":[1-9][0-9]*:[1-9][0-9]*|argument '.*'|" + file);
  std::istringstream lines(text);
  std::size_t errors = 0;
  std::smatch match;
  std::string final_line;
  for (std::string line; std::getline(lines, line); final_line = line)
    if (std::regex_match(line, match, error)) {
      ++errors;
      BOOST_TEST(std::regex_match(match[1].str(), place), "no position: " << line);
    }
  BOOST_REQUIRE(std::regex_match(final_line, match, last));
  BOOST_TEST(match[1].str() == std::to_string(errors));
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_experiments)

BOOST_DATA_TEST_CASE(is_refused_with_every_message, boost::unit_test::data::make(bad_files()), file) {
  const CopyOfBad here;
  const Expectation expected = expectation_of(file);
  BOOST_REQUIRE(!expected.messages.empty());
  const std::vector<std::string> before = all_below(".");
  for (const char* command : {"check", "run"}) {
    std::vector<std::string> arguments{command, file};
    arguments.insert(arguments.end(), expected.arguments.begin(), expected.arguments.end());
    const ebm::tests::ProgramResult result = run_program(arguments);
    BOOST_TEST(result.code == 2);
    BOOST_TEST(result.out == "");
    for (const std::string& message : expected.messages)
      BOOST_TEST((result.err.find(message) != std::string::npos), "expected " << message << " in\n"
                                                                              << result.err);
    check_form(file, result.err);
  }
  BOOST_TEST(all_below(".") == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_that_are_none) {
  const CopyOfBad here;
  const auto refused = [](const std::string& file, const std::string& message) {
    const auto result = run_program({"check", file});
    BOOST_TEST(result.code == 2);
    BOOST_TEST((result.err.find(message) != std::string::npos), result.err);
  };
  refused("emty.yaml",
          "emty.yaml: error: cannot open: No such file or directory, did you mean 'empty.yaml'?");
  refused(".", ".: error: cannot read: Is a directory");
  refused("/dev/zero", "/dev/zero: error: this is a device");
  refused("shape.npz", "shape.npz:1:3: error: control character");
}

BOOST_AUTO_TEST_CASE(another_experiment_of_the_same_name_is_refused) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "x.yaml").string(), dir = "output.dir=" + folder.path().string();
  ebm::tests::write_file(file, "ebm: 1\nname: x\ndata: {type: bars_and_stripes, size: 2}\n"
                               "model: {type: rbm, hidden: 2}\ntrainer: {method: cd, updates: 1}\n");
  BOOST_TEST(run_program({"run", file, dir, "-q"}).code == 0);
  const std::vector<std::string> before = all_below(folder.path());
  const auto result = run_program({"run", file, dir, "-q", "model.hidden=3"});
  BOOST_TEST(result.code == 2);
  BOOST_TEST((result.err.find("holds another experiment of the same name") != std::string::npos));
  BOOST_TEST(all_below(folder.path()) == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
