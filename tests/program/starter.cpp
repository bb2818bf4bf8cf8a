// `ebm init`: every registered model gets an experiment that checks and runs.
#include "ebm/registry/registry.hpp"
#include "experiments/program/schema.hpp"
#include "tests/laws/registered.hpp"
#include "tests/support/program.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace ebm::tests;

namespace {

std::vector<std::string> models() {
  register_everything();
  std::vector<std::string> names;
  for (const auto& [name, entry] : ebm::models().entries()) names.push_back(name);
  return names;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(starters)

BOOST_DATA_TEST_CASE(checks_and_runs_at_once, boost::unit_test::data::make(models()), model) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "x.yaml").string(), dir = "output.dir=" + folder.path().string();
  const auto made = run_program({"init", model, file});
  BOOST_TEST(made.code == 0, made.err);
  const std::string text = read_file(file);
  BOOST_TEST(text.starts_with("# yaml-language-server: $schema=./ebm-1.schema.json\n"));
  BOOST_TEST(text == run_program({"init", model}).out);
  BOOST_TEST(read_file(folder.path() / "ebm-1.schema.json") == ebm::experiments::schema_text());
  const auto checked = run_program({"check", file, dir});
  BOOST_TEST(checked.code == 0, checked.err);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> run{"run", file, dir, "-q"};
  if (small_samples) run.emplace_back("seeds=1");
  const auto result = run_program(run);
  BOOST_TEST(result.code == 0, result.err);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  BOOST_TEST_MESSAGE(model << ": " << seconds.count() << " s");
}

BOOST_AUTO_TEST_CASE(a_starter_shows_what_the_model_is_for) {
  for (const auto& [model, parts] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"hopfield", {"type: random_patterns", "method: hebbian", "metrics: [recall]"}},
           {"ising", {"method: none", "burn_in: 100", "draws: 500", "size: [3, 3]"}},
           {"potts", {"method: none", "burn_in: 100", "draws: 500", "size: [3, 3]"}},
           {"dbn", {"type: ancestral", "method: layerwise", "pretraining: {epochs: ", "metrics: [elbo]"}},
           {"rbm", {"type: bars_and_stripes", "method: cd", "metrics: [log_likelihood, "}},
           {"double_well", {"method: none"}}}) {
    const std::string text = run_program({"init", model}).out;
    for (const std::string& part : parts) BOOST_TEST(has(text, part), model << " lacks " << part);
  }
}

BOOST_AUTO_TEST_CASE(every_key_has_a_comment) {
  for (const std::string& model : models()) {
    std::istringstream lines(run_program({"init", model}).out);
    std::string before;
    for (std::string line; std::getline(lines, line); before = line)
      if (line.starts_with("  ") && !line.starts_with("  - ") && !line.starts_with("  #"))
        BOOST_TEST((has(line, " # ") || before.starts_with("  # ")), model << ": " << line);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_overwritten) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x.yaml", schema = folder.path() / "ebm-1.schema.json";
  write_file(file, "mine"), write_file(schema, "mine, too");
  const auto refused = run_program({"init", "rbm", file.string()});
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(has(refused.err, "x.yaml: exists, and is not overwritten"), refused.err);
  BOOST_TEST(read_file(file) == "mine");
  const auto made = run_program({"init", "rbm", (folder.path() / "y.yaml").string()});
  BOOST_TEST(made.code == 0, made.err);
  BOOST_TEST(read_file(schema) == "mine, too");
  const auto nowhere = run_program({"init", "rbm", (folder.path() / "no" / "y.yaml").string()});
  BOOST_TEST(nowhere.code == 2);
  BOOST_TEST(has(nowhere.err, "No such file or directory"), nowhere.err);
}

BOOST_AUTO_TEST_CASE(an_unknown_model_suggests) {
  const auto result = run_program({"init", "rmb"});
  BOOST_TEST(result.code == 2);
  BOOST_TEST(result.out == "");
  BOOST_TEST(has(result.err, "'rmb' is no model: one of boltzmann_machine, "), result.err);
  BOOST_TEST(has(result.err, ", did you mean 'rbm'?"), result.err);
}

BOOST_AUTO_TEST_SUITE_END()
