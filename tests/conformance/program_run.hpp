// Runs the `ebm` program, as a process of its own where it was built. All inline: each label's tests are one
// program, and a .cpp file belongs to one label.
#pragma once
#include "experiments/io/files.hpp"
#include "experiments/program/program.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ebm::conformance {

namespace fs = std::filesystem;

struct ProgramRun {
  int exit_code = -1;
  std::string out, err;
};

namespace detail {

inline int run_child(std::vector<char*>& argv, const fs::path& out, const fs::path& err) {
  posix_spawn_file_actions_t actions;
  BOOST_TEST_REQUIRE(::posix_spawn_file_actions_init(&actions) == 0);
  constexpr int flags = O_CREAT | O_WRONLY | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0644);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0644);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  BOOST_TEST_REQUIRE(error == 0, argv[0] << " cannot be started");
  int status = 0;
  BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// While it lives, what is written to `descriptor` goes to a file.
class Redirection {
 public:
  Redirection(int descriptor, const fs::path& file) : descriptor_(descriptor) {
    flush();
    saved_ = ::dup(descriptor);
    const int to = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0644);
    BOOST_TEST_REQUIRE((saved_ >= 0 && to >= 0));
    ::dup2(to, descriptor);
    ::close(to);
  }
  ~Redirection() {
    flush();
    ::dup2(saved_, descriptor_);
    ::close(saved_);
  }
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;

 private:
  static void flush() {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
  }
  int descriptor_, saved_;
};

inline int run_here(std::vector<char*>& argv, const fs::path& out, const fs::path& err) {
  const Redirection to_out(STDOUT_FILENO, out), to_err(STDERR_FILENO, err);
  return experiments::run_program(int(argv.size()) - 1, argv.data());
}

inline std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells{""};
  for (const char c : line)
    if (c == ',')
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

} // namespace detail

/// `ebm arguments…`; stdout and stderr pass through files in `scratch`. Without the program (builds of the
/// tests alone, with sanitizers) its entry point is called in this process instead.
inline ProgramRun run_ebm(const std::vector<std::string>& arguments, const fs::path& scratch) {
  const fs::path program = fs::path(EBM_BINARY_DIR) / "ebm", out = scratch / "stdout",
                 err = scratch / "stderr";
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  ProgramRun run;
  run.exit_code = fs::exists(program) ? detail::run_child(argv, out, err) : detail::run_here(argv, out, err);
  run.out = experiments::read_text(out);
  run.err = experiments::read_text(err);
  return run;
}

/// Where the data sets are: EBM_DATA_DIR, else ../shared/data next to the sources. Absolute.
inline fs::path data_folder() {
  const char* const base = std::getenv("EBM_DATA_DIR");
  return fs::absolute(base != nullptr && *base != '\0' ? fs::path(base)
                                                       : fs::path(EBM_SOURCE_DIR) / "../shared/data");
}

/// A table of text without quoted cells, the first line being the names.
struct TextColumns {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  const std::string& at(std::size_t row, const std::string& name) const {
    const auto column = std::ranges::find(names, name);
    BOOST_TEST_REQUIRE((column != names.end()), "no column " << name);
    return rows.at(row).at(std::size_t(column - names.begin()));
  }
};

inline TextColumns read_table(const fs::path& file) {
  TextColumns table;
  const std::string text = experiments::read_text(file);
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::vector<std::string> cells = detail::cells_of(text.substr(begin, end - begin));
    if (begin == 0)
      table.names = std::move(cells);
    else
      table.rows.push_back(std::move(cells));
  }
  return table;
}

/// metrics.csv of every trial of a run, in plan order.
inline std::vector<TextColumns> read_metrics(const fs::path& run) {
  std::vector<fs::path> folders; // their names begin with the number in the plan
  for (const auto& entry : fs::directory_iterator(run / "trials")) folders.push_back(entry.path());
  std::ranges::sort(folders);
  std::vector<TextColumns> tables;
  for (const fs::path& folder : folders) tables.push_back(read_table(folder / "metrics.csv"));
  return tables;
}

} // namespace ebm::conformance
