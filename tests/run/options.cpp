// What `ebm run` does with a run that is already there.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "experiments/store/record.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(run_options)

using namespace ebm::tests;
using namespace ebm::experiments;
namespace fs = std::filesystem;

namespace {

/// Two settings that end well and one that diverges.
const std::string experiment = R"(ebm: 1
name: small
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 3}
trainer: {method: cd, updates: 20}
evaluation: {metrics: [log_likelihood]}
sweep: [{name: rate, variants: {slow: {trainer.optimizer.lr: 0.1}, wild: {trainer.optimizer.lr: 1.0e+39}, fast: {trainer.optimizer.lr: 0.2}}}]
seeds: 2
)";

class Place {
 public:
  Place() { write_file(folder_.path() / "small.yaml", experiment); }
  ProgramResult run(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{
        "run", (folder_.path() / "small.yaml").string(), "output.dir=" + folder_.path().string(), "-q", "-j",
        "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  fs::path folder(const std::string& name = "small") const { return folder_.path() / name; }
  /// "done 4, diverged 2": states with their numbers of trials, in the order of the enumeration.
  std::string states(const std::string& name = "small") const {
    const RunRecord r = read_run(folder(name));
    std::string s;
    for (const TrialState state : {TrialState::done, TrialState::diverged, TrialState::interrupted,
                                   TrialState::failed, TrialState::pending})
      if (const std::size_t n = r.count(state); n != 0)
        s += (s.empty() ? "" : ", ") + std::string(name_of(state)) + " " + std::to_string(n);
    return s;
  }
  std::string log(const std::string& part) const {
    for (const auto& entry : fs::directory_iterator(folder() / "trials"))
      if (entry.path().filename().string().find(part) != std::string::npos)
        return read_file(entry.path() / "log.txt");
    return "";
  }

 private:
  TemporaryFolder folder_;
};

std::size_t lines(const std::string& text) {
  return std::size_t(std::ranges::count(text, '\n'));
}

} // namespace

BOOST_AUTO_TEST_CASE(diverged_trials_are_left_unless_retried) {
  const Place place;
  BOOST_TEST(place.run().code == 3);
  BOOST_TEST(place.states() == "done 4, diverged 2");
  const std::string log = place.log("wild-s1");
  BOOST_TEST(place.run().code == 3);
  BOOST_TEST(place.log("wild-s1") == log);
  BOOST_TEST(place.run({"--retry-failed"}).code == 3);
  BOOST_TEST(lines(place.log("wild-s1")) == 2 * lines(log));
  BOOST_TEST(lines(place.log("slow-s1")) == 2u); // done: not touched
}

BOOST_AUTO_TEST_CASE(fail_fast_leaves_the_rest_pending) {
  const Place place;
  const ProgramResult result = place.run({"--fail-fast"});
  BOOST_TEST(result.code == 3);
  BOOST_TEST(result.err.find("--fail-fast") != std::string::npos, result.err);
  BOOST_TEST(place.states() == "done 2, diverged 1, pending 3");
  BOOST_TEST(place.run().code == 3);
  BOOST_TEST(place.states() == "done 4, diverged 2");
}

BOOST_AUTO_TEST_CASE(only_selects_by_setting_value_and_seed) {
  for (const auto& [pattern, trials] : {std::pair("slow", 0),
                                        {"rate=slow", 2},
                                        {"rate=*st", 2},
                                        {"s2", 3},
                                        {"rate=fast s1", 1},
                                        {"0004-*", 1}}) {
    const Place place;
    const ProgramResult result = place.run({"--only", pattern});
    if (trials == 0) {
      BOOST_TEST(result.code == 2);
      BOOST_TEST(result.err.find("selects no trial") != std::string::npos, result.err);
      continue;
    }
    BOOST_TEST(result.code == (place.states().find("diverged") != std::string::npos ? 3 : 0));
    BOOST_TEST((read_run(place.folder()).count(TrialState::pending) == std::size_t(6 - trials)), pattern);
  }
}

BOOST_AUTO_TEST_CASE(restart_discards_and_new_keeps) {
  const Place place;
  place.run();
  BOOST_TEST(place.run({"trainer.updates=21"}).code == 2);
  BOOST_TEST(place.run({"trainer.updates=21", "--new"}).code == 3);
  BOOST_TEST(place.run({"trainer.updates=22", "--new"}).code == 3);
  BOOST_TEST(place.states("small-2") == "done 4, diverged 2");
  BOOST_TEST(place.states("small-3") == "done 4, diverged 2");
  BOOST_TEST(lines(place.log("slow-s1")) == 2u);
  BOOST_TEST(place.run({"trainer.updates=23", "--restart"}).code == 3);
  BOOST_TEST(read_file(place.folder() / "resolved.yaml").find("updates: 23") != std::string::npos);
  BOOST_TEST(place.states() == "done 4, diverged 2");
  BOOST_TEST(place.run({"--restart", "--new"}).code == 2);
}

BOOST_AUTO_TEST_CASE(a_changed_experiment_is_refused_with_the_difference) {
  const Place place;
  place.run();
  const std::string plan = read_file(place.folder() / "plan.jsonl");
  const ProgramResult changed = place.run({"trainer.updates=21", "model.hidden=4"});
  BOOST_TEST(changed.code == 2);
  BOOST_TEST(changed.err.find("trainer.updates: 20 there, 21 here (argument 'trainer.updates=21')") !=
                 std::string::npos,
             changed.err);
  BOOST_TEST(changed.err.find("model.hidden.size: 3 there, 4 here") != std::string::npos, changed.err);
  BOOST_TEST(changed.err.find("--new") != std::string::npos);
  const ProgramResult fewer = place.run({"--seeds", "1"});
  BOOST_TEST(fewer.code == 2);
  BOOST_TEST(fewer.err.find("seeds: 2 there, 1 here") != std::string::npos, fewer.err);
  BOOST_TEST(read_file(place.folder() / "plan.jsonl") == plan);
}

BOOST_AUTO_TEST_CASE(a_plan_grows_at_its_end) {
  const Place place;
  place.run();
  const std::string plan = read_file(place.folder() / "plan.jsonl"), log = place.log("slow-s1");
  BOOST_TEST(place.run({"--seeds", "1,2,7"}).code == 3);
  const std::string grown = read_file(place.folder() / "plan.jsonl");
  BOOST_TEST(grown.starts_with(plan));
  BOOST_TEST(lines(grown) == 9u);
  BOOST_TEST(place.states() == "done 6, diverged 3");
  BOOST_TEST(place.log("slow-s1") == log);
  const RunRecord r = read_run(place.folder());
  for (std::size_t i = 0; i < r.trials.size(); ++i)
    BOOST_TEST(std::stoul(r.trials[i].folder) == i, r.trials[i].folder);
}

BOOST_AUTO_TEST_CASE(a_time_limit_stops_the_run_to_be_continued) {
  const Place place;
  const ProgramResult stopped = place.run({"--max-wall-time", "1.0e-9s"});
  BOOST_TEST(stopped.code == 4);
  BOOST_TEST(stopped.err.find("max_wall_time") != std::string::npos, stopped.err);
  BOOST_TEST(place.run({"--max-wall-time", "1h"}).code == 3);
  BOOST_TEST(place.states() == "done 4, diverged 2");
  BOOST_TEST(place.run({"--max-wall-time", "-1s"}).code == 2);
  BOOST_TEST(place.run({"--max-wall-time", "10"}).code == 2); // no unit
}

BOOST_AUTO_TEST_CASE(checkpoints_stay_when_they_are_kept_always) {
  const Place place;
  place.run({"output.checkpoint.keep=always", "--only", "rate=slow"});
  std::size_t kept = 0;
  for (const auto& entry : fs::directory_iterator(place.folder() / "trials"))
    kept += fs::exists(entry.path() / "checkpoint.ebm") ? 1 : 0;
  BOOST_TEST(kept == 2u);
}

BOOST_AUTO_TEST_CASE(a_repetition_gives_the_same_bytes_or_says_where_not) {
  const Place place;
  place.run({"-S", "model.hidden=2,3"});
  const ProgramResult same = run_program({"run", "--repeat", place.folder().string(), "-q"});
  BOOST_TEST(same.code == 3); // some diverge again
  BOOST_TEST(same.out.find("12 of 12 trials gave the same bytes") != std::string::npos, same.out);
  for (const auto& entry : fs::directory_iterator(place.folder() / "trials"))
    if (entry.path().filename().string().find("slow-hidden=3-s2") != std::string::npos)
      write_file(entry.path() / "metrics.csv",
                 std::string(fs::file_size(entry.path() / "metrics.csv") - 1, 'x') + "\n");
  const ProgramResult other = run_program({"run", "--repeat", place.folder().string(), "-q"});
  BOOST_TEST(other.out.find("11 of 12 trials") != std::string::npos, other.out);
  BOOST_TEST(other.out.find("metrics.csv: line 1: xxx") != std::string::npos, other.out);
  BOOST_TEST(run_program({"run", "--repeat", place.folder().string(), "seed=2"}).code == 2);
  BOOST_TEST(run_program({"run", "--repeat", place.folder("none").string()}).code == 2);
}

BOOST_AUTO_TEST_CASE(a_repetition_has_a_time_limit_only_where_it_is_given_one) {
  const Place place;
  BOOST_TEST(place.run({"--max-wall-time", "1.0e-9s"}).code == 4);
  BOOST_TEST(run_program({"run", "--repeat", place.folder().string(), "-q"}).code == 3); // some diverge
  const ProgramResult limited =
      run_program({"run", "--repeat", place.folder().string(), "-q", "--max-wall-time", "1.0e-9s"});
  BOOST_TEST(limited.code == 4);
  BOOST_TEST(limited.out.find("small-repeat-2") != std::string::npos, limited.out);
}

BOOST_AUTO_TEST_CASE(restart_removes_nothing_but_the_run) {
  const Place place;
  place.run();
  write_file(place.folder() / "notes.txt", "mine");
  BOOST_TEST(place.run({"--restart", "--only", "typo"}).code == 2);
  BOOST_TEST(place.states() == "done 4, diverged 2"); // a wrong pattern costs nothing
  place.run({"--new", "--only", "typo"});
  BOOST_TEST(!fs::exists(place.folder("small-2")));
  BOOST_TEST(place.run({"--restart"}).code == 3);
  BOOST_TEST(read_file(place.folder() / "notes.txt") == "mine");
  BOOST_TEST(lines(place.log("slow-s1")) == 2u);
}

BOOST_AUTO_TEST_CASE(a_restart_cut_short_leaves_no_old_results) {
  const Place place;
  place.run();
  // As a kill leaves it between the first and the second step.
  fs::rename(place.folder() / "trials", place.folder() / ".discarded");
  write_file(place.folder() / ".ebm-1-2.tmp", "left by a kill");
  BOOST_TEST(place.run().code == 3);
  BOOST_TEST(place.states() == "done 4, diverged 2");
  BOOST_TEST(!fs::exists(place.folder() / ".discarded"));
  BOOST_TEST(!fs::exists(place.folder() / ".ebm-1-2.tmp"));
  BOOST_TEST(lines(place.log("slow-s1")) == 2u); // made anew
}

BOOST_AUTO_TEST_CASE(kept_checkpoints_of_done_trials_add_no_row) {
  const Place place;
  place.run({"output.checkpoint.keep=always"});
  for (const auto& entry : fs::directory_iterator(place.folder() / "trials")) {
    const std::string metrics = read_file(entry.path() / "metrics.csv");
    fs::remove(entry.path() / "status.json");
    place.run({"output.checkpoint.keep=always"});
    BOOST_TEST(read_file(entry.path() / "metrics.csv") == metrics);
  }
}

BOOST_AUTO_TEST_CASE(a_repetition_that_ends_otherwise_differs) {
  const Place place;
  place.run();
  for (const auto& entry : fs::directory_iterator(place.folder() / "trials")) {
    std::string status = read_file(entry.path() / "status.json");
    if (const std::size_t at = status.find("diverged"); at != status.npos)
      write_file(entry.path() / "status.json", status.replace(at, 8, "failed"));
  }
  const ProgramResult other = run_program({"run", "--repeat", place.folder().string(), "-q"});
  BOOST_TEST(other.out.find("failed there, diverged here") != std::string::npos, other.out);
  BOOST_TEST(other.out.find("4 of 6 trials gave the same bytes") != std::string::npos, other.out);
  const ProgramResult again =
      run_program({"run", "--repeat", place.folder().string(), "-q", "--max-wall-time", "1h"});
  BOOST_TEST(again.out.find("small-repeat-2") != std::string::npos, again.out); // made again
}

BOOST_AUTO_TEST_CASE(another_sweep_on_the_command_line_is_named) {
  const Place place;
  place.run({"-S", "model.hidden=2,3"});
  const ProgramResult other = place.run({"-S", "model.hidden=2,4"});
  BOOST_TEST(other.code == 2);
  BOOST_TEST(other.err.find("-S model.hidden: '2,3' there, '2,4' here") != std::string::npos, other.err);
  const ProgramResult none = place.run();
  BOOST_TEST(none.err.find("-S model.hidden: '2,3' there, not given here") != std::string::npos, none.err);
  BOOST_TEST(none.err.find("(default)") == std::string::npos, none.err);
}

BOOST_AUTO_TEST_CASE(figures_are_those_of_the_first_seed) {
  const Place place;
  place.run({"seeds=[7, 3]", "--only", "rate=slow"});
  for (const auto& entry : fs::directory_iterator(place.folder() / "trials"))
    BOOST_TEST(fs::exists(entry.path() / "figures" / "filters.png") ==
               (entry.path().filename().string().find("-s3-") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_plan_that_leads_outside_is_refused) {
  const Place place;
  place.run();
  const std::string plan = read_file(place.folder() / "plan.jsonl");
  const RunRecord r = read_run(place.folder());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = plan;
    changed.replace(changed.find(from), from.size(), to);
    write_file(place.folder() / "plan.jsonl", changed);
    const ProgramResult result = place.run();
    BOOST_TEST(result.code == 2, to << ": " << result.err);
    BOOST_TEST(result.err.find("plan.jsonl:") != std::string::npos, result.err);
  };
  const std::string folder = "\"folder\":\"" + r.trials[0].folder + "\"";
  for (const std::string& wrong : {std::string("../x"), std::string("/tmp/x"), std::string("."),
                                   std::string(".."), std::string(""), r.trials[1].folder})
    with(folder, "\"folder\":\"" + wrong + "\"");
  with("\"replicate\":2", "\"replicate\":1");
  with("\"replicate\":2", "\"replicate\":-2");
  BOOST_TEST(!fs::exists(place.folder().parent_path() / "x"));
}

BOOST_AUTO_TEST_CASE(a_done_trial_with_changed_files_is_run_again) {
  const Place place;
  place.run();
  const fs::path trial = place.folder() / "trials" / read_run(place.folder()).trials[0].folder;
  const std::string parameters = read_file(trial / "params.npz"), status = read_file(trial / "status.json");
  for (const char* name : {"params.npz", "metrics.csv"}) {
    const std::string whole = read_file(trial / name);
    write_file(trial / name, "damaged");
    place.run();
    BOOST_TEST(read_file(trial / name) == whole);
  }
  for (const std::string& damaged : {status.substr(0, status.find("\"files\"")) + "\"files\": {}}",
                                     status.substr(0, 20), std::string("[]"), std::string("{}")}) {
    write_file(trial / "status.json", damaged);
    BOOST_TEST(read_run(place.folder()).count(TrialState::interrupted) == 1u, damaged);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_provenance_is_begun_anew) {
  const Place place;
  const auto processes = [&] { return read_run(place.folder()).provenance.at("processes").size(); };
  place.run();
  place.run();
  BOOST_TEST(processes() == 2u);
  const fs::path file = place.folder() / "provenance.json";
  for (const std::string& damaged : {read_file(file).substr(0, 50), std::string(), std::string("[{}, {}]"),
                                     std::string("{\"processes\": {\"a\": 1, \"b\": 2}}")}) {
    write_file(file, damaged);
    place.run();
    BOOST_TEST(processes() == 1u, damaged);
  }
  fs::remove(file);
  fs::create_directory(file);
  const ProgramResult refused = place.run();
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(refused.err.find("provenance.json: expected a regular file\n") != std::string::npos,
             refused.err);
}

BOOST_AUTO_TEST_SUITE_END()
