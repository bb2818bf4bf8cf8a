// A trial that goes wrong does not stop the rest.
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <sys/file.h>

#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(failures)

using namespace ebm::tests;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(a_diverging_trial_ends_alone) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "diverging.yaml";
  write_file(file, R"(ebm: 1
name: diverging
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 3}
trainer: {method: cd, updates: 50, optimizer: {type: sgd, lr: 0.1}}
evaluation: {metrics: [log_likelihood]}
sweep:
  - grid: {trainer.optimizer.lr: [0.1, 1.0e+39, 0.2]}
)");
  const ProgramResult result =
      run_program({"run", file.string(), "output.dir=" + folder.path().string(), "-j", "2"});
  BOOST_TEST(result.code == 3);
  BOOST_TEST(result.err.find("diverged: update ") != std::string::npos, result.err);
  BOOST_TEST(result.err.find("is not finite") != std::string::npos, result.err);
  BOOST_TEST(result.out.find("1 diverged") != std::string::npos, result.out);
  std::size_t done = 0;
  for (const auto& entry : fs::directory_iterator(folder.path() / "diverging" / "trials"))
    done += read_file(entry.path() / "status.json").find("\"done\"") != std::string::npos ? 1 : 0;
  BOOST_TEST(done == 2u);
  const std::string summary = read_file(folder.path() / "diverging" / "summary.md");
  BOOST_TEST(summary.find("diverged") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_in_the_current_folder_runs) {
  struct Restore {
    fs::path back = fs::current_path();
    ~Restore() { fs::current_path(back); }
  };
  const TemporaryFolder folder;
  const Restore restore;
  fs::current_path(folder.path());
  write_file("here.yaml", "ebm: 1\nname: here\ndata: {type: bars_and_stripes, size: 2}\n"
                          "model: {type: rbm, hidden: 2}\ntrainer: {method: cd, updates: 1}\n"
                          "evaluation: {metrics: [log_likelihood]}\n");
  const ProgramResult result = run_program({"run", "here.yaml"});
  BOOST_TEST(result.code == 0, result.err);
  const std::string provenance = read_file("runs/here/provenance.json");
  BOOST_TEST(provenance.find("\"base\": \"" + fs::current_path().string() + "\"") != std::string::npos,
             provenance);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_evaluated_is_not_done) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "overflow.yaml";
  write_file(file, R"(ebm: 1
name: overflow
precision: double
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 2}
trainer: {method: exact, updates: 2, optimizer: {type: sgd, lr: 1.0e+308}}
evaluation: {metrics: [log_likelihood]}
)");
  const ProgramResult result = run_program({"run", file.string(), "output.dir=" + folder.path().string()});
  BOOST_TEST(result.code == 3, result.out);
  BOOST_TEST(result.err.find("diverged: an evaluated metric is") != std::string::npos, result.err);
}

BOOST_AUTO_TEST_CASE(new_data_under_an_old_name_are_no_finished_trial) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "content.yaml";
  write_file(folder.path() / "rows.csv", "0,1\n1,1\n");
  write_file(file, R"(ebm: 1
name: content
data: {type: csv, path: rows.csv}
model: {type: rbm, hidden: 2}
trainer: {method: cd, updates: 5}
)");
  const std::vector<std::string> command{"run", file.string(), "output.dir=" + folder.path().string()};
  BOOST_TEST(run_program(command).code == 0);
  BOOST_TEST(run_program(command).out.find("1 of 1 trials had been finished before") != std::string::npos);
  write_file(folder.path() / "rows.csv", "0,1\n1,0\n");
  const ProgramResult changed = run_program(command);
  BOOST_TEST(changed.code == 2);
  BOOST_TEST(changed.err.find("another experiment of the same name") != std::string::npos, changed.err);
}

BOOST_AUTO_TEST_CASE(a_done_trial_without_its_files_is_run_again) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "files.yaml";
  write_file(file, R"(ebm: 1
name: files
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 2}
trainer: {method: cd, updates: 5}
)");
  const std::vector<std::string> command{"run", file.string(), "output.dir=" + folder.path().string()};
  BOOST_TEST(run_program(command).code == 0);
  for (const auto& entry : fs::directory_iterator(folder.path() / "files" / "trials"))
    fs::remove(entry.path() / "params.npz");
  const ProgramResult again = run_program(command);
  BOOST_TEST(again.out.find("finished before") == std::string::npos, again.out);
  for (const auto& entry : fs::directory_iterator(folder.path() / "files" / "trials"))
    BOOST_TEST(fs::exists(entry.path() / "params.npz"));
}

BOOST_AUTO_TEST_CASE(a_second_process_is_refused) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "long.yaml";
  write_file(file, R"(ebm: 1
name: long
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 3}
trainer: {method: cd, updates: 10}
)");
  const std::vector<std::string> command{"run", file.string(), "output.dir=" + folder.path().string(), "-q"};
  BOOST_TEST(run_program(command).code == 0);
  // flock belongs to the open file, so a second opening in this process is refused like another process.
  const fs::path lock = folder.path() / "long" / "lock";
  std::FILE* held = std::fopen(lock.c_str(), "r");
  BOOST_TEST_REQUIRE(held != nullptr);
  BOOST_TEST_REQUIRE(::flock(::fileno(held), LOCK_EX | LOCK_NB) == 0);
  const ProgramResult refused = run_program(command);
  std::fclose(held);
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(refused.err.find("another process is working on this run") != std::string::npos, refused.err);
}

BOOST_AUTO_TEST_SUITE_END()
