// Trials in stages: layers, then an unrolled net.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numbers>
#include <sstream>

#include "experiments/io/npz.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(stages)

using namespace ebm;
using namespace ebm::tests;
using namespace ebm::experiments;
namespace fs = std::filesystem;

namespace {

/// Runs machines with hidden layers of 3 and 2 units, whose weights start at `weight`; gives the trial's
/// folder.
fs::path run(const fs::path& base, const std::string& model, double weight, int layer_epochs,
             int net_epochs) {
  fs::remove_all(base / "t");
  std::ostringstream text;
  text << "ebm: 1\nname: t\nprecision: double\ndata: {type: bars_and_stripes, size: 2}\nmodel: {type: "
       << model << ", hidden: [3, 2], init: {weights: {constant: " << weight << "}}}\n"
       << "trainer: {method: layerwise, pretraining: {epochs: " << layer_epochs
       << ", batch: 2}, finetuning: {task: reconstruction, epochs: " << net_epochs
       << ", batch: all, optimizer: {lr: 0.1}}}\nevaluation: {metrics: []}\n"
       << (model == "dbn" ? "sampler: {type: ancestral}\n" : "");
  write_file(base / "t.yaml", text.str());
  const ProgramResult result =
      run_program({"run", (base / "t.yaml").string(), "output.dir=" + base.string(), "-q"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return fs::directory_iterator(base / "t" / "trials")->path();
}

/// Rows of metrics.csv after its header.
std::vector<std::string> rows(const fs::path& trial) {
  std::istringstream lines(read_file(trial / "metrics.csv"));
  std::vector<std::string> found;
  std::string line;
  std::getline(lines, line);
  BOOST_TEST(line == "update,epoch,acceptance,train.net_loss,train.net_error");
  while (std::getline(lines, line)) found.push_back(line);
  return found;
}

} // namespace

// Without weights every pixel is reconstructed as 1/2, which costs ln 2 each and is wrong by 1/4.
BOOST_AUTO_TEST_CASE(stages_without_epochs_leave_everything_as_it_is) {
  const TemporaryFolder folder;
  for (const std::string model : {"dbn", "dbm"}) {
    const auto blank = rows(run(folder.path(), model, 0, 0, 0));
    BOOST_TEST_REQUIRE(blank.size() == 1u);
    double loss = 0, error = 0;
    BOOST_TEST(std::sscanf(blank[0].c_str(), "0,0,,%lf,%lf", &loss, &error) == 2);
    BOOST_TEST(loss == 4 * std::numbers::ln2, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(error == 0.25, boost::test_tools::tolerance(1e-12));
    const auto parameters = read_npz(run(folder.path(), model, 0.3, 0, 0) / "params.npz");
    for (const auto& [name, array] : parameters)
      for (const double v : array.values) BOOST_TEST(v == (name.starts_with("W") ? 0.3 : 0.0), name);
  }
}

// The loss falls from it on, as each update takes all rows.
BOOST_AUTO_TEST_CASE(the_first_row_of_a_net_is_that_before_fine_tuning) {
  const TemporaryFolder folder;
  for (const std::string model : {"dbn", "dbm"}) {
    const auto alone = rows(run(folder.path(), model, 0.3, 2, 0));
    const auto tuned = rows(run(folder.path(), model, 0.3, 2, 3));
    BOOST_TEST_REQUIRE(alone.size() == 1u);
    BOOST_TEST_REQUIRE(tuned.size() == 4u);
    BOOST_TEST(tuned[0] == alone[0]);
    for (std::size_t i = 1; i < 4; ++i) {
      double before = 0, after = 0;
      BOOST_TEST(std::sscanf(tuned[i - 1].c_str(), "%*d,%*d,,%lf", &before) == 1);
      BOOST_TEST(std::sscanf(tuned[i].c_str(), "%*d,%*d,,%lf", &after) == 1);
      BOOST_TEST(after < before);
    }
  }
}

// With one row a class, some split leaves the largest label to the validation rows alone.
BOOST_AUTO_TEST_CASE(a_label_of_validation_rows_alone_is_a_class) {
  const TemporaryFolder folder;
  std::string table;
  for (int k = 0; k < 4; ++k) table += fmt::format("{},{},{}\n", k % 2, k / 2, k);
  write_file(folder.path() / "rows.csv", table);
  write_file(folder.path() / "t.yaml", R"(ebm: 1
name: t
data: {type: csv, path: rows.csv, label_column: last, validation: 0.25, split: {test: 0.25}}
model: {type: dbn, hidden: [2, 2]}
sampler: {type: ancestral}
trainer: {method: layerwise, pretraining: {epochs: 0}, finetuning: {epochs: 1}}
evaluation: {metrics: []}
sweep: [{grid: {data.split.seed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}}]
)");
  const ProgramResult result =
      run_program({"run", (folder.path() / "t.yaml").string(), "output.dir=" + folder.path().string(), "-q"});
  BOOST_TEST(result.code == 0, result.err);
  for (const auto& trial : fs::directory_iterator(folder.path() / "t" / "trials"))
    BOOST_TEST(read_npz(trial.path() / "network.npz").at("bias3").shape.back() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
