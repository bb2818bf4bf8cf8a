// The script that `ebm plot` prints is Python, and draws what it says where matplotlib is installed.
#include "experiments/report/plot_script.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fmt/format.h>

#include "tests/support/program.hpp"
#include "tests/support/run_folder.hpp"

BOOST_AUTO_TEST_SUITE(plot_scripts)

using namespace ebm::experiments;
using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {

int shell(const std::string& command) {
  return std::system(command.c_str());
}

/// A Python that has matplotlib and numpy; empty without one.
std::string drawing_python() {
  for (const std::string python : {"python3", "/usr/bin/python3"})
    if (shell(python + " -c 'import matplotlib, numpy' 2>/dev/null") == 0) return python;
  return "";
}

/// Names that Python and matplotlib could take for something else.
RunFolder awkward(const fs::path& folder) {
  RunFolder run(folder);
  for (const int seed : {1, 2, 3}) {
    run.done({{"method", "C\"D'$1$\\"}, {"x.lr", "0.1"}}, seed, seed);
    run.done({{"method", "β"}}, seed, 2 * seed);
  }
  run.ended({{"method", "β"}}, 4, "failed", "no").pending({{"method", "never"}}, 1).write();
  return run;
}

fs::path write_script(const RunFolder& run, const fs::path& file) {
  write_file(file, plot_script(RunResults(read_run(run.path())), ""));
  return file;
}

} // namespace

BOOST_AUTO_TEST_CASE(it_compiles) {
  const TemporaryFolder t;
  const fs::path script = write_script(awkward(t.path() / "it's \"a\" {run}"), t.path() / "figure.py");
  BOOST_TEST(shell("python3 -m py_compile '" + script.string() + "'") == 0, read_file(script));
}

BOOST_AUTO_TEST_CASE(its_quantiles_are_those_of_student) {
  const TemporaryFolder t;
  const std::string text = read_file(write_script(awkward(t.path() / "a"), t.path() / "figure.py"));
  // Closed forms: tan(0.475 π) for one degree of freedom, 0.95 √(2 / (1 − 0.95²)) for two.
  BOOST_TEST(text.find("T_QUANTILES = [12.706205, 4.302653, ") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(it_draws_a_run) {
  const std::string python = drawing_python();
  if (python.empty()) {
    BOOST_TEST_MESSAGE("SKIPPED: no Python with matplotlib and numpy");
    return;
  }
  const TemporaryFolder t;
  const RunFolder run = awkward(t.path() / "it's \"a\" {run}");
  const fs::path script = write_script(run, t.path() / "figure.py");
  const auto draw = [&](const std::string& arguments) {
    return shell(
        fmt::format("cd '{0}' && {1} figure.py {2} >'{0}/log' 2>&1", t.path().string(), python, arguments));
  };
  BOOST_TEST(draw("") == 0, read_file(t.path() / "log"));
  for (const char* file : {"figure.pdf", "figure.png"})
    BOOST_TEST(fs::file_size(t.path() / file) > 5000u, file);
  BOOST_TEST(read_file(t.path() / "figure.pdf").starts_with("%PDF"));

  // Another run, with other settings and seeds, half a line and no value for some; then none at all.
  RunFolder other(t.path() / "other");
  for (int seed = 1; seed <= 40; ++seed) other.done({{"lr", "1"}}, seed, seed);
  other.write();
  write_file(other.trial(0) / "metrics.csv", "");
  BOOST_TEST(draw("other") == 0, read_file(t.path() / "log"));
  BOOST_TEST(draw("nowhere") != 0);
  BOOST_TEST(read_file(t.path() / "log").find("nowhere: no summary.csv") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(its_intervals_are_those_of_the_tables) {
  const std::string python = drawing_python();
  if (python.empty()) {
    BOOST_TEST_MESSAGE("SKIPPED: no Python with matplotlib and numpy");
    return;
  }
  const TemporaryFolder t;
  std::string text = read_file(write_script(awkward(t.path() / "a"), t.path() / "figure.py"));
  text.resize(text.rfind("main()"));
  // Tables of Student's t: 2.0395 for 31 degrees of freedom, 1.9840 for 100. -1, -2, -4: see comparison.cpp.
  text += "assert abs(interval(np.array([-1, -2, -4])) - 3.794584) < 1e-5\n"
          "assert abs(t_quantile(31) - 2.039513) < 5e-6\n"
          "assert abs(t_quantile(100) - 1.983972) < 1e-6\n"
          "assert np.isnan(interval(np.array([1.0])))\n"
          "assert [(n, len(rows)) for n, rows in finished_trials(Path(RUN))][1] == ('method=β', 3)\n";
  write_file(t.path() / "check.py", text);
  BOOST_TEST(shell(fmt::format("{} '{}'", python, (t.path() / "check.py").string())) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
