// status, compare, table and plot as users give them, right and wrong.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"
#include "tests/support/run_folder.hpp"

BOOST_AUTO_TEST_SUITE(run_commands)

using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// CD and PCD with two learning rates and two seeds each; values 1, 2, … in the order of the plan.
RunFolder four_settings(const fs::path& folder) {
  RunFolder run(folder, "report: {primary: {metric: train.log_likelihood, goal: maximize}}\n");
  double value = 0;
  for (const char* method : {"CD", "PCD"})
    for (const char* lr : {"0.1", "0.2"})
      for (const int seed : {1, 2})
        run.done({{"method", method}, {"trainer.optimizer.lr", lr}}, seed, ++value);
  run.write();
  return run;
}

void check_refused(const std::vector<std::string>& arguments, const std::string& message) {
  const ProgramResult r = run_program(arguments);
  BOOST_TEST(r.code == 2, fmt::format("{}", fmt::join(arguments, " ")));
  BOOST_TEST(r.out == "");
  BOOST_TEST(contains(r.err, message), r.err << "lacks: " << message);
}

} // namespace

BOOST_AUTO_TEST_CASE(each_command_prints_its_table) {
  const TemporaryFolder t;
  const std::string run = four_settings(t.path() / "a").path().string();
  const ProgramResult status = run_program({"status", run});
  BOOST_TEST(status.code == 0, status.err);
  BOOST_TEST(contains(status.out, "8 trials: 8 done"), status.out);
  const ProgramResult json = run_program({"status", run + "/", "--json"});
  BOOST_TEST(nlohmann::json::parse(json.out).at("counts").at("done") == 8);
  const ProgramResult compare = run_program({"compare", run, "--baseline", "method=CD lr=0.1", "--sort"});
  BOOST_TEST(compare.code == 0, compare.err);
  BOOST_TEST(contains(compare.out, "method=PCD lr=0.2    2                        7.5"), compare.out);
  BOOST_TEST(compare.out.find("method=PCD lr=0.2") < compare.out.find("method=CD lr=0.1 "), compare.out);
  BOOST_TEST(contains(compare.out, "2 pairs a row"), compare.out);
  const ProgramResult table =
      run_program({"table", run, "--rows", "method", "--cols", "lr", "--where", "lr=0.2", "--format", "csv"});
  BOOST_TEST(table.out == "method,trainer.optimizer.lr=0.2.n,trainer.optimizer.lr=0.2.mean,"
                          "trainer.optimizer.lr=0.2.standard_error\nCD,2,3.5,0.5\nPCD,2,7.5,0.5\n");
  BOOST_TEST(contains(run_program({"table", run, "--rows", "method,lr"}).out, "| PCD    | 0.2 |"));
}

BOOST_AUTO_TEST_CASE(several_runs_have_a_line_each) {
  const TemporaryFolder t;
  const std::string a = four_settings(t.path() / "a").path().string();
  const std::string b = four_settings(t.path() / "b").path().string();
  fs::create_directory(t.path() / "no run");
  const ProgramResult folder = run_program({"status", t.path().string()});
  const ProgramResult both = run_program({"status", a, b});
  BOOST_TEST(folder.code == 0, folder.err);
  BOOST_TEST(folder.out == both.out);
  BOOST_TEST(std::ranges::count(folder.out, '\n') == 4); // header, rule, two runs
  const auto json = nlohmann::json::parse(run_program({"status", t.path().string(), "--json"}).out);
  BOOST_TEST(json.at("runs").size() == 2u);
  // One that cannot be read hides no other.
  write_file(fs::path(a) / "plan.jsonl", "");
  const ProgramResult broken = run_program({"status", t.path().string()});
  BOOST_TEST(broken.code == 2);
  BOOST_TEST(contains(broken.out, b), broken.out);
  BOOST_TEST(contains(broken.err, a + "/plan.jsonl:1: the file is cut short"), broken.err);
  BOOST_TEST(contains(run_program({"compare", b, b}).out, "difference: less the setting of the same labels"));
}

BOOST_AUTO_TEST_CASE(what_is_no_run_is_refused) {
  const TemporaryFolder t;
  const std::string run = four_settings(t.path() / "digits").path().string();
  fs::create_directory(t.path() / "empty");
  const std::vector<std::vector<std::string>> commands{
      {"status"}, {"compare"}, {"table", "--rows", "method"}, {"plot", "--script"}};
  for (std::vector<std::string> command : commands) {
    const auto check = [&](const std::string& folder, const std::string& message) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.begin() + 1, folder);
      check_refused(arguments, message);
    };
    check((t.path() / "digist").string(), "there is no such run, did you mean 'digits'?");
    check((t.path() / "empty").string(), "holds no run: plan.jsonl is missing");
    check(run + "/plan.jsonl", "expected the folder of a run");
    if (command[0] != "status")
      check(t.path().string(), "expected a run; this folder holds 1 of them: " + run);
    check_refused(command,
                  command[0] == "status" || command[0] == "compare" ? "runs is required" : "run is required");
  }
}

BOOST_AUTO_TEST_CASE(broken_files_are_named) {
  const TemporaryFolder t;
  const RunFolder run = four_settings(t.path() / "a");
  const fs::path plan = run.path() / "plan.jsonl";
  const std::string whole = read_file(plan);
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {whole.substr(0, whole.size() - 9), "plan.jsonl:8: the file is cut short"},
           {"{}\n", "plan.jsonl:1: this is no line of a plan"},
           {whole.substr(whole.find('\n') + 1),
            "plan.jsonl:1: this is no line of a plan: trial 0 is missing"},
           {std::string(
                R"({"trial":0,"setting":7777777777,"labels":{},"replicate":1,"folder":"x","identity":"y"})") +
                "\n",
            "plan.jsonl:1: a plan of 1 trials has no setting 7777777777"}}) {
    write_file(plan, text);
    check_refused({"status", run.path().string()}, message);
    check_refused({"compare", run.path().string()}, message);
  }
  write_file(plan, whole);
  write_file(run.path() / "resolved.yaml", "name: a\nreport: {primari: 1}\n");
  check_refused({"compare", run.path().string()}, "unknown key 'primari'");
}

BOOST_AUTO_TEST_CASE(empty_metrics_are_no_numbers) {
  const TemporaryFolder t;
  const RunFolder run = four_settings(t.path() / "a");
  write_file(run.trial(0) / "metrics.csv", "");
  write_file(run.trial(1) / "metrics.csv", "update,epoch,acceptance,train.log_likelihood\n");
  const ProgramResult r =
      run_program({"table", run.path().string(), "--rows", "method,lr", "--format", "csv"});
  BOOST_TEST(contains(r.out, "CD,0.1,0,,\nCD,0.2,2,3.5,0.5\n"), r.out << r.err);
  for (std::size_t i = 0; i < 8; ++i) write_file(run.trial(i) / "metrics.csv", "");
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"compare"}, {"table", "--rows", "method,lr"}, {"plot", "--script"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back(run.path().string());
    check_refused(arguments, "nothing was measured");
  }
  BOOST_TEST(run_program({"status", run.path().string()}).code == 0);
}

BOOST_AUTO_TEST_CASE(wrong_options_are_refused) {
  const TemporaryFolder t;
  const std::string run = four_settings(t.path() / "a").path().string();
  const std::string metric =
      "there is no metric 'train.loglikelihood', did you mean 'train.log_likelihood'?; "
      "measured were: acceptance, train.log_likelihood";
  check_refused({"compare", run, "--metric", "train.loglikelihood"}, metric);
  check_refused({"table", run, "--rows", "method,lr", "--metric", "train.loglikelihood"}, metric);
  check_refused({"plot", run, "--script", "--metric", "train.loglikelihood"}, metric);
  check_refused({"compare", run, "--baseline", "method=CD"},
                "--baseline 'method=CD' selects 2 settings of " + run +
                    ", and must select exactly one of:\n    method=CD lr=0.1\n    method=CD lr=0.2\n");
  check_refused({"compare", run, "--baseline", "method=CD lr=0.3"},
                "selects 0 settings of " + run + ", did you mean 'method=CD lr=0.1'?");
  check_refused({"table", run, "--rows", "methd", "--cols", "lr"}, "no axis 'methd', did you mean 'method'?");
  check_refused({"table", run, "--rows", "method", "--cols", "rl"}, "no axis 'rl', did you mean 'lr'?");
  check_refused({"table", run, "--rows", "method"}, "trainer.optimizer.lr: 0.1, 0.2");
  check_refused({"table", run}, "--rows is required");
  check_refused({"table", run, "--rows", "method", "--where", "mehod=CD"}, "did you mean 'method'?");
  check_refused({"table", run, "--rows", "method", "--format", "html"}, "html not in {");
}

BOOST_AUTO_TEST_CASE(unknown_words_are_named_with_the_nearest_legal_one) {
  check_refused({"rnu", "x.yaml"}, "unknown command 'rnu', did you mean 'run'?\n");
  check_refused({"x.yaml"}, "unknown command 'x.yaml'; there are run, check, plan, ");
  check_refused({"run", "x.yaml", "--restrat"}, "unknown option '--restrat', did you mean '--restart'?\n");
  check_refused({"run", "--seds=3", "x.yaml"}, "unknown option '--seds', did you mean '--seeds'?\n");
  check_refused({"table", "x", "--colls", "lr"}, "unknown option '--colls', did you mean '--cols'?\n");
  check_refused({"check", "x.yaml", "--restart"}, "unknown option '--restart'\n");
  check_refused({"--versoin"}, "unknown option '--versoin', did you mean '--version'?\n");
  check_refused({"report", "a", "b"}, "The following argument was not expected: b\n");
  check_refused({}, "A subcommand is required\n");
}

BOOST_AUTO_TEST_CASE(plot_prints_the_script_with_and_without_its_flag) {
  const TemporaryFolder t;
  const std::string run = four_settings(t.path() / "a").path().string();
  const ProgramResult plain = run_program({"plot", run});
  BOOST_TEST(plain.code == 0, plain.err);
  BOOST_TEST(contains(plain.out, "import matplotlib"), plain.out);
  BOOST_TEST(plain.out == run_program({"plot", run, "--script"}).out);
}

BOOST_AUTO_TEST_CASE(a_plan_tells_how_long_trials_work_and_how_they_get_log_z) {
  const TemporaryFolder t;
  const auto row = [&](const std::string& model, const std::string& trainer, const std::string& evaluation) {
    const std::string file = (t.path() / "x.yaml").string();
    write_file(file, "ebm: 1\nname: x\ndata: {type: bars_and_stripes, size: 3}\nmodel: " + model +
                         "\ntrainer: " + trainer + "\nevaluation: " + evaluation + "\n");
    const ProgramResult r = run_program({"plan", file});
    BOOST_TEST_REQUIRE(r.code == 0, r.err);
    const std::size_t last = r.out.rfind('\n', r.out.size() - 2) + 1;
    return r.out.substr(last, r.out.size() - 1 - last);
  };
  const auto check = [](const std::string& line, const std::string& work, const std::string& log_z) {
    BOOST_TEST(line.ends_with(" 1  " + work + "  " + log_z), line);
  };
  const std::string rbm = "{type: rbm, hidden: 30}", dbn = "{type: dbn, hidden: [30, 20]}",
                    cd = "{method: cd, epochs: 7}", likelihood = "{metrics: [log_likelihood]}";
  check(row(rbm, cd, likelihood), "7 epochs", "2^9 states");
  check(row(rbm, cd, "{metrics: [reconstruction_error]}"), "7 epochs", "–");
  check(row(rbm, cd, "{metrics: [log_likelihood], log_likelihood: {estimator: ais}}"), "7 epochs", "AIS");
  check(row(dbn, "{method: layerwise, pretraining: {epochs: 4}}", "{metrics: [elbo]}"), "4 epochs a layer",
        "2^20 states");
  check(row(dbn,
            "{method: layerwise, pretraining: {epochs: 4}, finetuning: {task: reconstruction, epochs: 5}}",
            "{metrics: []}"),
        "4 epochs a layer + 5 epochs of the net", "–");
  check(row("{type: hopfield}", "{method: hebbian}", "{metrics: [recall]}"), "      1", "–");
}

BOOST_AUTO_TEST_SUITE_END()
