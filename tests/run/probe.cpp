// A softmax regression on features, from the file to metrics.csv and to JSON.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/program.hpp"

namespace fs = std::filesystem;
using namespace ebm::tests;

BOOST_AUTO_TEST_SUITE(probe_accuracy)

namespace {

/// 40 rows; class 1 where the first column is 1, which 10 rows have.
std::string experiment(const fs::path& folder, const std::string& weights) {
  std::ostringstream csv;
  csv << "a,b,label\n";
  for (int i = 0; i < 40; ++i) csv << int(i % 4 == 0) << "," << (i / 4) % 2 << "," << int(i % 4 == 0) << "\n";
  write_file(folder / "rows.csv", csv.str());
  write_file(folder / "probe.yaml", R"(ebm: 1
name: probe
data: {type: csv, path: rows.csv, label_column: label}
model: {type: rbm, hidden: 2, init: {weights: )" +
                                        weights + R"(}}
trainer: {method: cd, updates: 0}
evaluation: {metrics: [probe_accuracy]}
)");
  return (folder / "probe.yaml").string();
}

double accuracy(const std::string& weights, const std::string& options) {
  const TemporaryFolder folder;
  const auto result = run_program({"evaluate", experiment(folder.path(), weights),
                                   "evaluation.probe_accuracy={C: 1000" + options + "}", "--json"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return nlohmann::json::parse(result.out).at("probe_accuracy").get<double>();
}

} // namespace

BOOST_AUTO_TEST_CASE(features_that_tell_the_classes_apart_give_one) {
  BOOST_TEST(accuracy("{constant: 0}", ", features: visible") == 1);
  BOOST_TEST(accuracy("{normal: 1.0}", "") == 1);
}

// Without couplings all rows have the same features, and all are put into the larger class.
BOOST_AUTO_TEST_CASE(features_that_know_nothing_give_the_larger_class) {
  BOOST_TEST(accuracy("{constant: 0}", "") == 0.75);
}

BOOST_AUTO_TEST_CASE(every_part_of_the_data_has_its_column) {
  const TemporaryFolder folder;
  const auto result = run_program({"run", experiment(folder.path(), "{normal: 1.0}"),
                                   "evaluation.probe_accuracy={features: visible, C: 1000}",
                                   "output.dir=" + folder.path().string(), "data.split={test: 0.25}",
                                   "data.validation=0.4", "-q"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  std::istringstream text(
      read_file(fs::directory_iterator(folder.path() / "probe" / "trials")->path() / "metrics.csv"));
  std::string names, values;
  std::getline(text, names);
  std::getline(text, values);
  BOOST_TEST(names ==
             "update,epoch,acceptance,train.probe_accuracy,test.probe_accuracy,validation.probe_accuracy");
  BOOST_TEST(values == "0,0,,1,1,1");
}

BOOST_AUTO_TEST_SUITE_END()
