// docs/tutorial.md works: its commands run in order in an empty folder and print what the page shows.
//
// Conventions of the page:
// - A ```yaml block is a file; its first line, a comment, is the name.
// - A ```sh block is run by `bash -e` on a terminal, in the same folder as those before it.
// - A ```text block that follows a ```sh block is what the terminal showed, without lines of progress. A line
//   "…" stands for any number of lines, and "…" within a line for any text: what depends on time and place.
//   Words must be the same and numbers agree within 5 %, as the last digits depend on the machine. Spaces and
//   rules do not count, as columns are as wide as their numbers.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <pty.h>
#include <regex>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/docs/markdown.hpp"
#include "tests/laws/registered.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ebm::tests;

struct Shown {
  int code;
  std::string text;
};

/// What a terminal shows of a script; `bin` comes first on the PATH.
Shown on_terminal(const fs::path& script, const fs::path& folder, const fs::path& bin) {
  const std::string path = bin.string() + ":" + std::getenv("PATH");
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::setenv("PATH", path.c_str(), 1);
    ::setenv("CI", "1", 1); // lines of progress in place of bars
    ::unsetenv("OPENBLAS_CORETYPE");
    if (::chdir(folder.c_str()) == 0) ::execlp("bash", "bash", "-e", script.c_str(), nullptr);
    ::_exit(127);
  }
  BOOST_TEST_REQUIRE(child > 0, "no terminal");
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(n));
  ::close(terminal);
  int status = -1;
  ::waitpid(child, &status, 0);
  std::erase(text, '\r');
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
}

std::string without_progress(const std::string& text) {
  std::istringstream lines(text);
  std::string kept;
  const std::regex progress(R"(\[\d+/\d+\] .*)");
  for (std::string line; std::getline(lines, line);)
    if (!std::regex_match(line, progress)) kept += line + "\n";
  return kept;
}

/// The text cut into numbers and what stands between them, without spaces and rules.
struct Line {
  std::vector<std::string> words;
  std::vector<double> numbers;
};

Line parts(const std::string& text) {
  static const std::regex number(R"(-?\d+(\.\d+)?(e[-+]?\d+)?)"), ignored(R"((\s|─)+)");
  Line line;
  std::string::const_iterator from = text.begin();
  const auto word = [&](std::string::const_iterator end) {
    line.words.push_back(std::regex_replace(std::string(from, end), ignored, " "));
  };
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it) {
    word((*it)[0].first);
    from = (*it)[0].second;
    line.numbers.push_back(std::strtod(it->str().c_str(), nullptr));
  }
  word(text.end());
  return line;
}

bool close(double a, double b) {
  return std::abs(a - b) <= 0.05 * std::max(std::abs(a), std::abs(b));
}

/// Whether the line is as the page shows it.
bool fits(const std::string& shown, const std::string& line) {
  static const std::string any = "…";
  if (const std::size_t at = shown.find(any); at != shown.npos) {
    const std::string before = shown.substr(0, at), after = shown.substr(at + any.size());
    return line.size() >= before.size() + after.size() && line.starts_with(before) && line.ends_with(after);
  }
  const Line a = parts(shown), b = parts(line);
  return a.words == b.words && std::ranges::equal(a.numbers, b.numbers, close);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first line of the page that is not in the output at its place, or "" if all are.
std::string missing_line(const std::string& shown, const std::string& output) {
  const std::vector<std::string> lines = lines_of(output);
  std::size_t at = 0;
  bool anywhere = false;
  for (const std::string& line : lines_of(shown)) {
    if (line == "…") {
      anywhere = true;
      continue;
    }
    while (anywhere && at < lines.size() && !fits(line, lines[at])) ++at;
    if (at == lines.size() || !fits(line, lines[at])) return line;
    anywhere = false;
    ++at;
  }
  return anywhere || at == lines.size() ? "" : "(the page ends before: " + lines[at] + ")";
}

std::string first_line_name(const std::string& yaml) {
  const std::string line = yaml.substr(0, yaml.find('\n'));
  return line.starts_with("# ") ? line.substr(2) : "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(tutorial)

BOOST_AUTO_TEST_CASE(its_commands_print_what_it_shows) {
  if (small_samples) {
    BOOST_TEST_MESSAGE("SKIPPED: too slow, or timed otherwise, under a sanitizer");
    return;
  }
  const fs::path bin = EBM_BINARY_DIR;
  BOOST_TEST_REQUIRE(fs::exists(bin / "ebm"));
  const TemporaryFolder scripts, folder;
  Shown last{-1, ""};
  std::size_t commands = 0, outputs = 0;
  for (const FencedBlock& block : fenced_blocks(source("docs/tutorial.md"))) {
    if (block.language == "yaml") {
      const std::string name = first_line_name(block.text);
      BOOST_TEST_REQUIRE(name.ends_with(".yaml"), "a file without a name: " << block.text);
      write_file(folder.path() / name, block.text);
    } else if (block.language == "sh") {
      write_file(scripts.path() / "script", block.text);
      last = on_terminal(scripts.path() / "script", folder.path(), bin);
      BOOST_TEST_REQUIRE(last.code == 0, block.text << last.text);
      ++commands;
    } else {
      BOOST_TEST_REQUIRE(block.language == "text");
      const std::string missing = missing_line(block.text, without_progress(last.text));
      BOOST_TEST(missing == "", block.heading << ": not printed: " << missing << "\n" << last.text);
      ++outputs;
    }
  }
  BOOST_TEST(commands >= 9u);
  BOOST_TEST(outputs >= 8u);
}

/// The comparison itself: what must not pass does not.
BOOST_AUTO_TEST_CASE(other_output_is_noticed) {
  BOOST_TEST(missing_line("a  1.00 b\n", "a 1.04   b\n") == "");
  BOOST_TEST(missing_line("a\n…\nc\n", "a\nb\nb\nc\n") == "");
  BOOST_TEST(missing_line("of s1-…\n", "of s1-4ac9\n") == "");
  BOOST_TEST(missing_line("…\n", "") == "");
  BOOST_TEST(missing_line("a 1.00 b\n", "a 1.06 b\n") == "a 1.00 b");
  BOOST_TEST(missing_line("a 1 b\n", "a -1 b\n") == "a 1 b");
  BOOST_TEST(missing_line("a 1 b\n", "a 1 c\n") == "a 1 b");
  BOOST_TEST(missing_line("a 1 b\n", "a 1 1 b\n") == "a 1 b");
  BOOST_TEST(missing_line("a\n", "a\nb\n") == "(the page ends before: b)");
  BOOST_TEST(missing_line("a\nb\n", "a\n") == "b");
  BOOST_TEST(missing_line("a\n…\nc\n", "a\nb\n") == "c");
  BOOST_TEST(missing_line("of s1-…\n", "of s2-4ac9\n") == "of s1-…");
  BOOST_TEST(without_progress("[1/4] x done in 0.1 s\nkept\n") == "kept\n");
}

BOOST_AUTO_TEST_SUITE_END()
