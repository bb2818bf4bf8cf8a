#include "experiments/program/progress.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sstream>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

#include "tests/support/variable.hpp"

using namespace ebm::experiments;

namespace {

using Lines = std::vector<std::string>;

ProgressState two_running() {
  return {
      .trials_total = 45,
      .already_done = 2,
      .finished = 12,
      .failed = 1,
      .seconds = 100,
      .running = {{"0012-method=CD-1-s2", 0, 500, 1000, 30}, {"0013-method=PCD-1-s0", 400, 600, 1000, 8}}};
}

/// What `work` writes to stderr while that is the open file `to`, as read from `from` (both are closed).
std::string written_to(int to, int from, const std::function<void()>& work) {
  const int before = dup(STDERR_FILENO);
  dup2(to, STDERR_FILENO);
  close(to);
  work();
  dup2(before, STDERR_FILENO);
  close(before);
  std::string text;
  char part[4096];
  for (ssize_t size; (size = read(from, part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(size));
  close(from);
  return text;
}

/// A busy machine may take longer.
std::string with_zero_time(std::string line) {
  const std::size_t end = line.find(" s");
  if (end == std::string::npos) return line;
  const std::size_t begin = line.find_last_not_of("0123456789.", end - 1) + 1;
  return line.replace(begin, end - begin, "0.0");
}

Lines lines_of(ProgressStyle style, std::size_t trials, std::size_t already_done,
               const std::function<void(Progress&)>& work) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  std::istringstream text(written_to(ends[1], ends[0], [&] {
    Progress progress(style, trials, already_done);
    work(progress);
  }));
  Lines lines;
  for (std::string line; std::getline(text, line);) lines.push_back(with_zero_time(line));
  return lines;
}

void three_trials(Progress& progress) {
  progress.finished(*progress.start("a", 10), "done");
  progress.log("a note");
  progress.finished(*progress.start("b", 10), "failed", "no such file");
  progress.finished(*progress.start("c", 10), "diverged");
}

/// What a terminal of 60 columns and 10 rows receives from a run with one failed and one running trial.
std::string terminal_output(const char* ci, const char* no_color) {
  const ebm::tests::Variable term("TERM", "xterm"), ci_variable("CI", ci),
      no_color_variable("NO_COLOR", no_color);
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(master >= 0);
  BOOST_REQUIRE(grantpt(master) == 0);
  BOOST_REQUIRE(unlockpt(master) == 0);
  const winsize size{10, 60, 0, 0};
  BOOST_REQUIRE(ioctl(master, TIOCSWINSZ, &size) == 0);
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(terminal >= 0);
  return written_to(terminal, master, [master] {
    Progress progress(ProgressStyle::automatic, 4, 0);
    const auto running = progress.start("x", 10);
    running->update(5);
    progress.finished(*progress.start("b", 10), "failed", "no such file");
    pollfd drawn{master, POLLIN, 0};
    poll(&drawn, 1, 10000);
  });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(time_left_of_a_trial) {
  BOOST_TEST(seconds_left({"t", 0, 500, 1000, 30}).value() == 30);
  BOOST_TEST(seconds_left({"continued", 400, 600, 1000, 8}).value() == 16);
  BOOST_TEST(seconds_left({"evaluating", 0, 1000, 1000, 8}).value() == 0);
  BOOST_TEST(seconds_left({"too far", 0, 1001, 1000, 8}).value() == 0);
  BOOST_TEST(!seconds_left({"no step yet", 400, 400, 1000, 8}));
  BOOST_TEST(!seconds_left({"no total", 0, 5, 0, 8}));
}

BOOST_AUTO_TEST_CASE(time_left_of_the_run) {
  // 10 trials and the fractions 0.5 and 0.2 in 100 s; 33 less 0.5 and 0.6 remain.
  BOOST_TEST(seconds_left(two_running()).value() == 100 * 31.9 / 10.7, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!seconds_left(ProgressState{}));
  // What earlier runs did says nothing about the speed of this one.
  BOOST_TEST(
      !seconds_left({.trials_total = 9, .already_done = 4, .finished = 4, .seconds = 5, .running = {}}));
  // Nine quick trials do not make the last one, at a tenth after 50 s, any quicker.
  BOOST_TEST(seconds_left({10, 0, 9, 0, 50, {{"slow", 0, 100, 1000, 50}}}).value() == 450);
}

BOOST_AUTO_TEST_CASE(renders_aligned_lines) {
  const Lines expected = {"[12/45] 1 failed, ~5.0 min left, 2 running, 1.7 min elapsed",
                          "0012-method=CD-1-s2   [##########...........]  500/1000  30 s left",
                          "0013-method=PCD-1-s0  [############.........]  600/1000  16 s left"};
  BOOST_TEST(render(two_running(), {66, 24}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cuts_lines_to_any_window) {
  ProgressState state = two_running();
  state.running.insert(state.running.begin(), {"η=0.1-β=2", 0, 7, 0, 1});
  for (std::size_t columns = 1; columns < 200; ++columns) {
    for (std::size_t rows = 0; rows < 8; ++rows) {
      const Lines lines = render(state, {columns, rows});
      BOOST_TEST(lines.size() == std::min<std::size_t>(4, rows == 0 ? 0 : rows - 1));
      for (const std::string& line : lines) {
        const auto width = std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; });
        BOOST_TEST(static_cast<std::size_t>(width) <= columns);
        BOOST_TEST(!contains(line, "\n"));
      }
    }
  }
  BOOST_TEST(render(two_running(), {30, 24})[1] == "0012-meth  500/1000  30 s left");
}

BOOST_AUTO_TEST_CASE(writes_a_line_a_finished_trial) {
  BOOST_TEST(lines_of(ProgressStyle::automatic, 5, 2, three_trials) ==
                 (Lines{"[3/5] a done in 0.0 s", "a note", "[4/5] b failed after 0.0 s: no such file",
                        "[5/5] c diverged after 0.0 s"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(quiet_writes_failures_only) {
  BOOST_TEST(lines_of(ProgressStyle::quiet, 3, 0, three_trials) ==
                 (Lines{"[2/3] b failed after 0.0 s: no such file", "[3/3] c diverged after 0.0 s"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(many_trials_have_a_summary_instead_of_lines) {
  const auto work = [](Progress& progress) {
    for (int i = 0; i < 300; ++i)
      progress.finished(*progress.start(fmt::to_string(i), 10), i == 7 ? "failed" : "done");
  };
  BOOST_TEST(lines_of(ProgressStyle::automatic, 300, 0, work) ==
                 (Lines{"[8/300] 7 failed after 0.0 s", "[300/300] 1 failed, 0 running, 0.0 s elapsed"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(many_failures_are_not_all_listed) {
  const auto work = [](Progress& progress) {
    for (int i = 0; i < 50; ++i) progress.finished(*progress.start(fmt::to_string(i), 10), "diverged");
  };
  const Lines lines = lines_of(ProgressStyle::automatic, 50, 0, work);
  BOOST_TEST_REQUIRE(lines.size() == 21u);
  BOOST_TEST(lines[19] == "[20/50] 19 diverged after 0.0 s");
  BOOST_TEST(lines[20].starts_with("more failures: "), lines[20]);
}

BOOST_AUTO_TEST_CASE(json_writes_an_object_an_event) {
  const Lines lines = lines_of(ProgressStyle::json, 2, 1, [](Progress& progress) {
    const auto trial = progress.start("\"a\"\n\xFF", 10);
    progress.log("a note");
    progress.finished(*trial, "failed", "why");
  });
  BOOST_REQUIRE(lines.size() == 3U);
  const auto started = nlohmann::json::parse(lines[0]);
  BOOST_TEST(started.at("event") == "started");
  BOOST_TEST(started.at("trial") == "\"a\"?\uFFFD");
  BOOST_TEST(started.at("steps") == 10);
  const auto log = nlohmann::json::parse(lines[1]);
  BOOST_TEST(log.at("event") == "log");
  BOOST_TEST(log.at("message") == "a note");
  const auto finished = nlohmann::json::parse(lines[2]);
  BOOST_TEST(finished.at("event") == "finished");
  BOOST_TEST(finished.at("status") == "failed");
  BOOST_TEST(finished.at("message") == "why");
  BOOST_TEST(finished.at("finished") == 2);
  BOOST_TEST(finished.at("trials") == 2);
  BOOST_TEST(finished.at("elapsed_s").get<double>() >= 0);
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_bars_that_vanish) {
  const std::string text = terminal_output(nullptr, "1");
  BOOST_TEST(contains(text, "[1/4] b failed after 0.0 s: no such file\r\n"));
  BOOST_TEST(contains(text, "[1/4] 1 failed, "));
  BOOST_TEST(contains(text, "\r\nx  [####"));
  BOOST_TEST(text.ends_with("\r\n\033[?7h\r\033[A\033[2K\033[A\033[2K"));
  BOOST_TEST(!contains(text, "m[1/4]"));
  BOOST_TEST(contains(terminal_output(nullptr, nullptr), "\033[31m[1/4]"));
  BOOST_TEST(terminal_output("true", nullptr) == "[1/4] b failed after 0.0 s: no such file\r\n");
}

BOOST_AUTO_TEST_CASE(many_threads_share_it_and_its_end_is_immediate) {
  std::chrono::steady_clock::time_point end;
  const Lines lines = lines_of(ProgressStyle::automatic, 80, 0, [&](Progress& progress) {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker)
      workers.emplace_back([&progress] {
        for (int i = 0; i < 20; ++i) {
          const auto trial = progress.start("t", 100);
          for (std::uint64_t step = 0; step <= 100; ++step) trial->update(step);
          progress.finished(*trial, "done");
        }
      });
    workers.clear();
    end = std::chrono::steady_clock::now();
  });
  BOOST_TEST((std::chrono::steady_clock::now() - end < std::chrono::seconds(1)));
  BOOST_TEST(lines.size() == 80U);
}

BOOST_AUTO_TEST_SUITE_END()
