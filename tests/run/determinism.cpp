// The promise of DESIGN section 5: the same file gives the same bytes for any -j, any order, and for a trial
// alone.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(determinism)

using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {

// 150 rows a batch and 150 chains: three work items in each phase.
const std::string experiment = R"(ebm: 1
name: determinism
data: {type: teacher, rows: 300, test_rows: 70, model: {type: rbm, visible: 9, hidden: 4, init: {weights: {normal: 0.8}}}}
model: {type: rbm, hidden: 5}
sampler: {type: gibbs, chains: 150, sweeps: 2}
trainer: {method: cd, updates: 25, batch: 150, optimizer: {type: sgd, lr: 0.05, momentum: 0.5, l2: 0.001}}
evaluation: {every: 10, metrics: [log_likelihood, stochastic_pseudo_likelihood]}
sweep:
  - name: method
    variants:
      cd: {}
      pcd: {trainer.method: pcd, evaluation.metrics: [log_likelihood, reconstruction_error]}
      adam: {trainer.optimizer: {type: adam, lr: 0.01}}
      exact: {trainer.method: exact}
      double: {precision: double, trainer.method: pcd}
  - name: machine
    variants:
      bm: {model: {type: boltzmann_machine, hidden: 3}, trainer.positive.sweeps: 3}
      metropolis: {model: {type: boltzmann_machine}, sampler: {type: metropolis, chains: 150}, trainer.method: pcd}
      ais: {evaluation.log_likelihood.estimator: ais, evaluation.ais: {chains: 130, temperatures: 20}}
seeds: 2
)";

const std::vector<std::string> compared{"metrics.csv", "params.npz"};

/// Runs the experiment and gives the run's folder.
fs::path run(const fs::path& base, const std::string& label, std::vector<std::string> more) {
  const fs::path file = base / "experiment.yaml";
  write_file(file, experiment);
  std::vector<std::string> arguments{"run", file.string(), "output.dir=" + (base / label).string(), "-q"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProgramResult result = run_program(arguments);
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return base / label / "determinism";
}

void same_trials(const fs::path& a, const fs::path& b) {
  std::size_t trials = 0;
  for (const auto& entry : fs::directory_iterator(b / "trials")) {
    // A trial run alone has another number in front of its name.
    const std::string tail = entry.path().filename().string().substr(4);
    for (const auto& other : fs::directory_iterator(a / "trials")) {
      if (other.path().filename().string().substr(4) != tail) continue;
      ++trials;
      for (const std::string& file : compared)
        BOOST_TEST(read_file(other.path() / file) == read_file(entry.path() / file),
                   tail << "/" << file << " differs");
    }
  }
  BOOST_TEST(trials != 0u);
}

} // namespace

BOOST_AUTO_TEST_CASE(threads_and_order_change_no_byte) {
  const TemporaryFolder folder;
  const fs::path one = run(folder.path(), "one", {"-j", "1"});
  BOOST_TEST(!read_file(one / "summary.csv").empty());
  for (const auto& [label, options] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"two", {"-j", "2"}},
           {"four", {"-j", "4"}},
           {"shuffled", {"-j", "2", "--order", "shuffled"}},
           {"reversed", {"-j", "3", "--order", "reversed"}}}) {
    const fs::path other = run(folder.path(), label, options);
    same_trials(one, other);
    for (const char* file : {"summary.csv", "settings.csv", "summary.svg"})
      BOOST_TEST(read_file(one / file) == read_file(other / file), file << " differs for " << label);
  }
}

BOOST_AUTO_TEST_CASE(a_trial_alone_is_the_same_on_one_and_on_two_threads) {
  const TemporaryFolder folder;
  const fs::path all = run(folder.path(), "all", {"-j", "2"});
  for (const char* threads : {"1", "2"}) {
    const fs::path alone =
        run(folder.path(), std::string("alone") + threads,
            {"-j", threads, "seeds=[2]",
             "sweep=[{name: method, variants: {double: {precision: double, trainer.method: pcd}}}]"});
    same_trials(all, alone);
  }
}

BOOST_AUTO_TEST_CASE(a_started_run_goes_on) {
  const TemporaryFolder folder;
  const fs::path whole = run(folder.path(), "whole", {"-j", "2"});
  const fs::path again = run(folder.path(), "again", {"-j", "2"});
  // As a kill leaves it: one trial half-written, one without a status, one gone.
  std::vector<fs::path> trials;
  for (const auto& entry : fs::directory_iterator(again / "trials")) trials.push_back(entry.path());
  fs::remove(trials[0] / "status.json");
  write_file(trials[0] / "metrics.csv", "update,epoch\n0,");
  fs::remove(trials[1] / "status.json");
  fs::remove_all(trials[2]);
  const ProgramResult result = run_program({"run", (folder.path() / "experiment.yaml").string(),
                                            "output.dir=" + (folder.path() / "again").string(), "-j", "2"});
  BOOST_TEST(result.code == 0);
  BOOST_TEST(result.out.find("13 of 16 trials had been finished before") != std::string::npos, result.out);
  same_trials(whole, again);
  BOOST_TEST(read_file(whole / "summary.csv") == read_file(again / "summary.csv"));
}

BOOST_AUTO_TEST_CASE(another_experiment_of_the_same_name_is_refused) {
  const TemporaryFolder folder;
  run(folder.path(), "runs", {"seeds=1"});
  const ProgramResult more = run_program({"run", (folder.path() / "experiment.yaml").string(),
                                          "output.dir=" + (folder.path() / "runs").string(), "-q"});
  BOOST_TEST(more.code == 0, more.err); // more seeds: only the new ones are run
  const ProgramResult other =
      run_program({"run", (folder.path() / "experiment.yaml").string(),
                   "output.dir=" + (folder.path() / "runs").string(), "trainer.updates=26", "-q"});
  BOOST_TEST(other.code == 2);
  BOOST_TEST(other.err.find("another experiment of the same name") != std::string::npos, other.err);
}

BOOST_AUTO_TEST_SUITE_END()
