// Metrics of labels on training, test and validation rows, from the file to metrics.csv and to JSON.
#include "tests/support/program.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using namespace ebm::tests;

namespace {

/// 20 rows of labels 0, 1, 2, 0, … and a machine without couplings whose label biases are sin 1, sin 2,
/// sin 3.
std::string experiment(const fs::path& folder) {
  std::ostringstream csv;
  csv << "a,b,label\n";
  for (int i = 0; i < 20; ++i) csv << i % 2 << "," << (i / 2) % 2 << "," << i % 3 << "\n";
  write_file(folder / "rows.csv", csv.str());
  write_file(folder / "labels.yaml", R"(ebm: 1
name: labels
precision: double
data: {type: csv, path: rows.csv, label_column: label, append_labels: true, split: {test: 0.25}, validation: 0.4}
model: {type: classification_rbm, hidden: 2, init: {weights: {constant: 0}, label_bias: {sine: 1}}}
trainer: {method: discriminative, updates: 0}
evaluation: {metrics: [classification_error, conditional_log_likelihood]}
report: {primary: {metric: validation.classification_error, goal: minimize}}
)");
  return (folder / "labels.yaml").string();
}

double log_probability(int label) {
  const double total = std::exp(std::sin(1.0)) + std::exp(std::sin(2.0)) + std::exp(std::sin(3.0));
  return std::sin(label + 1.0) - std::log(total);
}

std::map<std::string, double> last_metrics(const fs::path& run) {
  std::map<std::string, double> values;
  const fs::path trial = fs::directory_iterator(run / "trials")->path();
  std::istringstream text(read_file(trial / "metrics.csv"));
  std::string names, line, name, value;
  std::getline(text, names);
  for (std::string next; std::getline(text, next);) line = next;
  std::istringstream heads(names), cells(line);
  while (std::getline(heads, name, ',') && std::getline(cells, value, ','))
    if (!value.empty()) values[name] = std::stod(value);
  return values;
}

} // namespace

BOOST_AUTO_TEST_SUITE(metrics_of_labels)

BOOST_AUTO_TEST_CASE(every_part_of_the_data_has_its_columns) {
  const TemporaryFolder folder;
  const auto result =
      run_program({"run", experiment(folder.path()), "output.dir=" + folder.path().string(), "-q"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  const auto metrics = last_metrics(folder.path() / "labels");
  double errors = 0, log_p = 0;
  for (const auto& [part, rows] :
       std::map<std::string, double>{{"train", 9}, {"test", 5}, {"validation", 6}}) {
    errors += rows * metrics.at(part + ".classification_error");
    log_p += rows * metrics.at(part + ".conditional_log_likelihood");
  }
  double expected = 0;
  for (int i = 0; i < 20; ++i) expected += log_probability(i % 3);
  BOOST_TEST(std::abs(errors - 13) < 1e-12); // label 1 is the most probable, and 7 rows have it
  BOOST_TEST(std::abs(log_p - expected) < 1e-12);
}

BOOST_AUTO_TEST_CASE(json_has_every_row) {
  const TemporaryFolder folder;
  const auto result = run_program(
      {"evaluate", experiment(folder.path()),
       "evaluation.metrics=[classification_error, conditional_log_likelihood, label_probabilities]",
       "--json"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  const auto json = nlohmann::json::parse(result.out);
  const auto errors = json.at("classification_error").at("values").get<std::vector<double>>(),
             log_p = json.at("conditional_log_likelihood").at("values").get<std::vector<double>>();
  BOOST_REQUIRE(errors.size() == 9u);
  BOOST_REQUIRE(log_p.size() == 9u);
  double sum = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    const bool is_1 = std::abs(log_p[i] - log_probability(1)) < 1e-12;
    BOOST_TEST((is_1 || std::abs(log_p[i] - log_probability(0)) < 1e-12 ||
                std::abs(log_p[i] - log_probability(2)) < 1e-12));
    BOOST_TEST(errors[i] == double(!is_1));
    sum += errors[i];
    const auto p = json.at("label_probabilities").at(i).get<std::vector<double>>();
    BOOST_TEST_REQUIRE(p.size() == 3u);
    for (int k = 0; k < 3; ++k)
      BOOST_TEST(std::abs(p[std::size_t(k)] - std::exp(log_probability(k))) < 1e-12);
  }
  BOOST_TEST(std::abs(json.at("classification_error").at("mean").get<double>() - sum / 9) < 1e-15);
}

// Rows of three pixel patterns: the probability of a row's own label is that of its own log-likelihood.
BOOST_AUTO_TEST_CASE(probabilities_stand_in_the_order_of_the_rows) {
  const TemporaryFolder folder;
  const auto result =
      run_program({"evaluate", experiment(folder.path()), "model.init.weights={normal: 2.0}",
                   "evaluation.metrics=[conditional_log_likelihood, label_probabilities]", "--json"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  const auto json = nlohmann::json::parse(result.out);
  std::set<double> first;
  for (std::size_t i = 0; i < 9; ++i) {
    const double own = std::exp(json.at("conditional_log_likelihood").at("values").at(i).get<double>());
    const auto p = json.at("label_probabilities").at(i).get<std::vector<double>>();
    BOOST_TEST(std::abs(std::accumulate(p.begin(), p.end(), 0.0) - 1) < 1e-12);
    BOOST_TEST(std::ranges::any_of(p, [&](double v) { return std::abs(v - own) < 1e-12; }));
    first.insert(p[0]);
  }
  BOOST_TEST(first.size() >= 3u); // one a pattern
}

BOOST_AUTO_TEST_SUITE_END()
