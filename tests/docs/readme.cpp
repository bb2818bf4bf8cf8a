// What the pages show is what the project does.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <sys/wait.h>

#include "tests/docs/markdown.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ebm::tests;

/// Columns of the first row of metrics.csv.
double first_value(const fs::path& metrics, const std::string& column) {
  std::istringstream lines(read_file(metrics));
  std::string names, values;
  std::getline(lines, names);
  std::getline(lines, values);
  std::istringstream name_cells(names), value_cells(values);
  for (std::string name, value; std::getline(name_cells, name, ',') && std::getline(value_cells, value, ',');)
    if (name == column) return std::strtod(value.c_str(), nullptr);
  return std::nan("");
}

/// log Z of n spins on a ring with coupling J.
double ring_log_partition(double J, int n) {
  return std::log(std::pow(2 * std::cosh(J), n) + std::pow(2 * std::sinh(J), n));
}

} // namespace

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(the_energy_of_the_readme_is_the_example) {
  const auto blocks = fenced_blocks(source("README.md"), "cpp");
  BOOST_TEST_REQUIRE(blocks.size() == 1u);
  BOOST_TEST(blocks[0].text == read_file(source("examples/ring.cpp")));
}

BOOST_AUTO_TEST_CASE(experiments_on_the_pages_have_no_errors) {
  std::size_t checked = 0;
  for (const char* page : {"README.md", "docs/experiments.md"})
    for (const FencedBlock& block : fenced_blocks(source(page), "yaml")) {
      const TemporaryFolder folder;
      const fs::path file = folder.path() / "page.yaml";
      write_file(file, block.text);
      const ProgramResult result =
          run_program({"check", file.string(), "output.dir=" + folder.path().string()});
      BOOST_TEST(result.code == 0, page << ", " << block.heading << "\n" << result.err);
      ++checked;
    }
  BOOST_TEST(checked >= 2u);
}

BOOST_AUTO_TEST_CASE(the_first_experiment_runs_and_is_evaluated) {
  const auto blocks = fenced_blocks(source("README.md"), "yaml");
  BOOST_TEST_REQUIRE(!blocks.empty());
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "first.yaml";
  write_file(file, blocks[0].text);
  const ProgramResult run =
      run_program({"run", file.string(), "-q", "trainer.updates=20", "-S", "trainer.method=cd,pcd,exact",
                   "seeds=1", "output.dir=" + folder.path().string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.err);
  std::size_t evaluated = 0;
  for (const auto& trial : fs::directory_iterator(folder.path() / "first" / "trials")) {
    const ProgramResult values = run_program(
        {"evaluate", file.string(), "model.parameters=" + (trial.path() / "params.npz").string(), "--json"});
    BOOST_TEST(values.code == 0, values.err);
    BOOST_TEST(values.out.find("\"log_likelihood\"") != std::string::npos, values.out);
    ++evaluated;
  }
  BOOST_TEST(evaluated == 3u);
}

BOOST_AUTO_TEST_CASE(pages_link_to_files_that_exist) {
  for (const char* page : {"README.md", "CHANGELOG.md", "docs/tutorial.md", "docs/experiments.md",
                           "docs/own-energy.md", "docs/methods.md", "docs/evaluate.md", "docs/sampling.md",
                           "docs/results.md", "docs/numbers.md", "docs/doctor.md"}) {
    const std::string text = prose(source(page));
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
      std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      if (target.starts_with("http")) continue;
      target = target.substr(0, target.find('#'));
      BOOST_TEST(fs::exists(source(page).parent_path() / target), page << " links to " << target);
    }
  }
}

/// The example has a main of its own and is not built with every set of targets.
BOOST_AUTO_TEST_CASE(the_ring_runs_and_has_its_closed_log_partition) {
  const fs::path program = fs::path(EBM_BINARY_DIR) / "example_ring";
  if (!fs::exists(program)) {
    BOOST_TEST_MESSAGE("skipped: " << program.string() << " is not built");
    return;
  }
  const TemporaryFolder folder;
  const std::string command = "'" + program.string() + "' run '" + source("examples/ring.yaml").string() +
                              "' -q 'output.dir=" + folder.path().string() + "' >'" +
                              (folder.path() / "out").string() + "' 2>&1";
  const int status = std::system(command.c_str());
  BOOST_TEST_REQUIRE(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0, read_file(folder.path() / "out"));
  std::size_t trials = 0;
  for (const auto& trial : fs::directory_iterator(folder.path() / "ring" / "trials")) {
    const double found = first_value(trial.path() / "metrics.csv", "log_partition");
    BOOST_TEST(std::abs(found - ring_log_partition(0.5, 8)) <= 1e-10, "log Z " << found);
    ++trials;
  }
  BOOST_TEST(trials == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
