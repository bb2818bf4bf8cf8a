// From the sweep of a file to its settings and trials.
#include "experiments/spec/experiment.hpp"
#include "tests/laws/registered.hpp"
#include "tests/support/program.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <set>

using namespace ebm::experiments;

namespace {

const std::string start = "ebm: 1\nname: t\ndata: {type: bars_and_stripes, size: 2}\n"
                          "model: {type: rbm, hidden: 4}\ntrainer: {method: cd, updates: 1}\n";

Experiment read(const std::string& more, const Overrides& overrides = {}) {
  ebm::tests::register_everything();
  const ebm::tests::TemporaryFolder folder;
  ebm::tests::write_file(folder.path() / "x.yaml", start + more);
  Diagnostics diagnostics;
  Experiment x = read_experiment(folder.path() / "x.yaml", overrides, diagnostics);
  BOOST_TEST(diagnostics.text() == "");
  return x;
}

std::vector<std::string> names(const Experiment& x) {
  std::vector<std::string> all;
  for (const Setting& s : x.settings) all.push_back(s.name());
  return all;
}

std::string resolved(const Setting& s, const std::vector<std::string>& path) {
  const Node* at = &s.spec.resolved;
  for (const std::string& part : path) {
    at = at->find(part);
    BOOST_REQUIRE(at != nullptr);
  }
  return at->flow();
}

/// Label value of an axis by number of the setting.
std::vector<std::string> values(const Experiment& x, const std::string& axis) {
  std::vector<std::string> all;
  for (const Setting& s : x.settings)
    for (const Label& l : s.labels)
      if (l.axis == axis) all.push_back(l.value);
  return all;
}

void check_names(const Experiment& x, const std::vector<std::string>& expected) {
  const std::vector<std::string> found = names(x);
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(sweeps)

BOOST_AUTO_TEST_CASE(without_a_sweep_there_is_one_setting) {
  const Experiment x = read("");
  check_names(x, {"default"});
  BOOST_TEST(x.trials.size() == 1u);
}

BOOST_AUTO_TEST_CASE(variants_grid_and_zip_cross_in_this_order_less_exclude) {
  const Experiment x = read("sweep:\n"
                            "  - name: method\n"
                            "    zip: {model.hidden: [2, 3], sampler.chains: [5, 6]}\n"
                            "    grid: {trainer.optimizer.lr: [0.1, 0.2]}\n"
                            "    variants: {a: {trainer.method: cd}, b: {trainer.method: pcd}}\n"
                            "    exclude: [{method: b, trainer.optimizer.lr: 0.20}]\n"
                            "  - grid: {model.hidden: [7]}\n");
  check_names(x, {"method=a lr=0.1 hidden=2 chains=5", "method=a lr=0.1 hidden=3 chains=6",
                  "method=a lr=0.2 hidden=2 chains=5", "method=a lr=0.2 hidden=3 chains=6",
                  "method=b lr=0.1 hidden=2 chains=5", "method=b lr=0.1 hidden=3 chains=6", "hidden=7"});
  BOOST_TEST(resolved(x.settings[5], {"trainer", "method"}) == "pcd");
  BOOST_TEST(resolved(x.settings[5], {"model", "hidden", "size"}) == "3");
  BOOST_TEST(resolved(x.settings[6], {"model", "hidden", "size"}) == "7");
  BOOST_TEST(resolved(x.settings[6], {"sampler", "chains"}) == "100");
}

BOOST_AUTO_TEST_CASE(seeds_are_innermost) {
  const Experiment x = read("sweep: [{grid: {model.hidden: [2, 3]}}]\nseeds: [7, 5]\n");
  std::vector<std::size_t> settings;
  std::vector<std::int64_t> replicates;
  std::set<std::string> identities;
  for (const Trial& t : x.trials) {
    settings.push_back(t.setting), replicates.push_back(t.replicate), identities.insert(t.identity);
    BOOST_TEST(t.folder.find(fmt::format("hidden={}-s{}-", t.setting + 2, t.replicate)) != std::string::npos);
  }
  BOOST_TEST(settings == (std::vector<std::size_t>{0, 0, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(replicates == (std::vector<std::int64_t>{7, 5, 7, 5}), boost::test_tools::per_element());
  BOOST_TEST(identities.size() == 4u);
}

BOOST_AUTO_TEST_CASE(random_draws_stay_when_draws_and_keys_are_added) {
  const std::string lr = "trainer.optimizer.lr: {log_uniform: [1e-3, 1.0]}";
  const auto draw = [&](int draws, const std::string& more) {
    return read(
        fmt::format("sweep: [{{random: {{draws: {}, seed: 3, params: {{{}{}}}}}}}]\n", draws, more, lr));
  };
  const auto few = values(draw(4, ""), "trainer.optimizer.lr");
  auto many = values(draw(9, "sampler.chains: {int_uniform: [1, 1000000]}, "), "trainer.optimizer.lr");
  BOOST_REQUIRE(many.size() == 9u);
  many.resize(few.size());
  BOOST_TEST(few == many, boost::test_tools::per_element());
  for (const std::string& v : few) BOOST_TEST((std::stod(v) >= 1e-3 && std::stod(v) <= 1.0));
}

BOOST_AUTO_TEST_CASE(random_draws_that_repeat_are_left_out) {
  const Experiment x =
      read("sweep: [{random: {draws: 60, params: {model.hidden: {int_uniform: [4, 6]}}}}]\n");
  const auto all = values(x, "model.hidden");
  BOOST_TEST((std::set<std::string>(all.begin(), all.end()) == std::set<std::string>{"4", "5", "6"}));
  BOOST_TEST(all.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_command_line_crosses_and_overrides) {
  const Experiment x = read("sweep: [{grid: {model.hidden: [2, 3]}}]\nseeds: 2\n",
                            {{"trainer.updates=9"}, {"sampler.chains=5,6"}});
  check_names(x, {"hidden=2 chains=5", "hidden=2 chains=6", "hidden=3 chains=5", "hidden=3 chains=6"});
  BOOST_TEST(resolved(x.settings[3], {"trainer", "updates"}) == "9");
  BOOST_TEST(x.trials.size() == 8u);
}

BOOST_AUTO_TEST_CASE(a_scalar_in_the_place_of_a_mapping_keeps_the_other_keys) {
  const Experiment sizes = read("sweep: [{variants: {spins: {model.hidden.units: spin}}, "
                                "grid: {model.hidden: [2, 3]}}]\n");
  BOOST_TEST(resolved(sizes.settings[1], {"model", "hidden", "units"}) == "spin");
  BOOST_TEST(resolved(sizes.settings[1], {"model", "hidden", "size"}) == "3");
  const Experiment units = read("", {{"model.hidden.units=spin"}, {}});
  BOOST_TEST(resolved(units.settings[0], {"model", "hidden", "size"}) == "4");
}

BOOST_AUTO_TEST_CASE(the_baseline_is_found_by_value) {
  const Experiment x = read("sweep: [{grid: {trainer.optimizer.lr: [0.1, 0.05]}}]\n"
                            "report: {baseline: {trainer.optimizer.lr: 5e-2}}\n");
  BOOST_REQUIRE(x.report.baseline.has_value());
  BOOST_TEST(*x.report.baseline == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
