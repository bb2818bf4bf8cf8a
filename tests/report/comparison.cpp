// Tables of `ebm compare`. With 3 values, Student's t at 97.5 % has the closed form 0.95 √(2 / (1 − 0.95²)) =
// 4.302653, so that means and intervals below follow by hand.
#include "experiments/report/comparison.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>

#include "tests/support/program.hpp"
#include "tests/support/run_folder.hpp"

BOOST_AUTO_TEST_SUITE(comparison)

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::tests;

namespace {

const std::string maximize = "report: {primary: {metric: train.log_likelihood, goal: maximize}}\n";
const Labels cd{{"method", "CD"}}, pcd{{"method", "PCD"}};

RunResults results(const RunFolder& run) {
  return RunResults(read_run(run.path()));
}

Comparison compared(const std::vector<RunFolder>& folders, const ComparisonOptions& options = {}) {
  std::vector<RunResults> runs;
  for (const RunFolder& f : folders) runs.push_back(results(f));
  return compare(runs, options);
}

std::string notes(const Comparison& c) {
  std::string text;
  for (const std::string& note : c.notes) text += note + "\n";
  return text;
}

using Row = std::vector<std::string>;

/// CD has -1, -2, -4 and PCD -2, -4, -3 for the seeds 1, 2, 3.
RunFolder two_methods(const std::filesystem::path& folder, const std::string& yaml) {
  RunFolder run(folder, yaml);
  run.done(cd, 1, -1).done(cd, 2, -2).done(cd, 3, -4);
  run.done(pcd, 1, -2).done(pcd, 2, -4).done(pcd, 3, -3);
  run.write();
  return run;
}

} // namespace

BOOST_AUTO_TEST_CASE(means_intervals_and_paired_differences) {
  const TemporaryFolder t;
  const Comparison c = compared({two_methods(t.path() / "a", maximize)}, {"", "method=CD", false});
  BOOST_TEST(c.table.header == (Row{"setting", "n", "train.log_likelihood mean", "95 % interval", "best",
                                    "median", "worst", "difference (paired, 95 %)", "pairs"}),
             boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(c.table.rows.size() == 2u);
  // Mean -7/3; squares about it (16 + 1 + 25)/9, so the standard error is √(42/18/3) = 0.881917, times
  // t 3.794584.
  BOOST_TEST(c.table.rows[0] == (Row{"method=CD", "3", "-2.333", "[-6.128, 1.461]", "-1 (s1)", "-2",
                                     "-4 (s3)", "reference", ""}),
             boost::test_tools::per_element());
  // Mean -3, standard error √(2/2/3) = 0.57735, times t 2.484138. Differences by seed -1, -2, 1: mean -2/3,
  // and squares about it (1 + 16 + 25)/9 as above.
  BOOST_TEST(c.table.rows[1] == (Row{"method=PCD", "3", "-3", "[-5.484, -0.5159]", "-2 (s1)", "-3", "-4 (s2)",
                                     "-0.6667 [-4.461, 3.128]", "3"}),
             boost::test_tools::per_element());
  BOOST_TEST(notes(c).find("less 'method=CD' of a, the same seed paired with the same seed; 3 pairs a row") !=
                 std::string::npos,
             notes(c));
}

BOOST_AUTO_TEST_CASE(the_report_names_the_baseline) {
  const TemporaryFolder t;
  const std::string with_baseline =
      "report: {primary: {metric: train.log_likelihood, goal: minimize}, baseline: {method: PCD}}\n";
  const Comparison c = compared({two_methods(t.path() / "a", with_baseline)});
  BOOST_TEST(c.table.rows[0][7] == "0.6667 [-3.128, 4.461]");
  BOOST_TEST(c.table.rows[1][7] == "reference");
  BOOST_TEST(c.table.rows[0][4] == "-4 (s3)"); // the lowest is the best
  BOOST_TEST(c.table.rows[0][6] == "-1 (s1)");
}

BOOST_AUTO_TEST_CASE(without_a_goal_nothing_is_best) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a", "report: {primary: {metric: train.free_energy}}\n");
  run.metric("train.free_energy").done(cd, 1, 1).done(cd, 2, 2).done(pcd, 1, 4).write();
  const Comparison c = compared({run});
  BOOST_TEST(c.table.header.size() == 7u); // no differences: one run and no baseline
  BOOST_TEST(c.table.header[4] == "highest");
  BOOST_TEST(c.table.header[6] == "lowest");
  BOOST_TEST(notes(c).find("which values of train.free_energy are better is not known") != std::string::npos);
  BOOST_TEST(notes(c).find("stands first") == std::string::npos);
  const Comparison sorted = compared({run}, {"", "", true});
  BOOST_TEST(sorted.table.rows[0][0] == "method=PCD");
  BOOST_TEST(notes(sorted).find("does not say; the highest mean stands first\n") != std::string::npos,
             notes(sorted));
}

BOOST_AUTO_TEST_CASE(likelihoods_need_no_goal) {
  const TemporaryFolder t;
  const Comparison c = compared({two_methods(t.path() / "a", "")});
  BOOST_TEST(c.table.header[4] == "best");
  BOOST_TEST(c.table.rows[0][4] == "-1 (s1)");
  BOOST_TEST(notes(c).find("not known") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(estimated_partition_functions_are_told_from_exact_ones) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a", maximize);
  run.done(cd, 1, -1).done(pcd, 1, -2).pending({{"method", "none"}}, 1).write();
  for (const auto& [trial, estimator] : {std::pair(0, "exact"), std::pair(1, "ais")})
    run.metrics(
        std::size_t(trial),
        fmt::format("update,epoch,acceptance,train.energy,train.log_likelihood,log_partition.estimator\n"
                    "100,1,,3,-1,{}\n",
                    estimator));
  const Comparison c = compared({run});
  BOOST_TEST_REQUIRE(c.table.header.size() == 9u);
  BOOST_TEST(c.table.header[7] == "log Z by");
  BOOST_TEST(c.table.rows[0][7] == "exact");
  BOOST_TEST(c.table.rows[1][7] == "ais");
  BOOST_TEST(c.table.rows[2][7] == "");
  BOOST_TEST(c.table.rows[2][8] == "1 pending");
  BOOST_TEST(compared({run}, {"train.energy", "", false}).table.header.size() == 8u); // needs no log Z
  BOOST_TEST(compared({two_methods(t.path() / "b", maximize)}).table.header.size() == 7u);
}

BOOST_AUTO_TEST_CASE(rows_are_sorted_by_the_mean) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a", "report: {primary: {metric: train.log_likelihood, goal: minimize}}\n");
  run.done({{"lr", "1"}}, 1, 5)
      .done({{"lr", "2"}}, 1, -5)
      .pending({{"lr", "3"}}, 1)
      .done({{"lr", "4"}}, 1, 0)
      .done({{"lr", "5"}}, 1, INFINITY);
  run.write();
  const auto order = [&](bool sort) {
    std::string s;
    for (const Row& row : compared({run}, {"", "", sort}).table.rows) s += row[0] + " ";
    return s;
  };
  BOOST_TEST(order(true) == "lr=2 lr=4 lr=1 lr=5 lr=3 ");
  BOOST_TEST(order(false) == "lr=1 lr=2 lr=3 lr=4 lr=5 ");
}

BOOST_AUTO_TEST_CASE(half_done_runs_pair_what_there_is) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a", maximize);
  run.done(cd, 1, -1).done(cd, 2, -2).ended(cd, 3, "diverged", "update 7");
  run.done(pcd, 1, -3).pending(pcd, 2).done(pcd, 3, -9);
  run.begun({{"method", "none"}}, 1, "update,epoch,acceptance,train.log_likelihood\n0,0,,-99\n", "", "");
  run.write();
  const Comparison c = compared({run}, {"", "method=CD", false});
  BOOST_TEST(c.table.header.back() == "not done");
  BOOST_TEST(c.table.rows[0].back() == "1 diverged");
  BOOST_TEST(c.table.rows[1] == (Row{"method=PCD", "2", "-6", "[-44.12, 32.12]", "-3 (s1)", "-6", "-9 (s3)",
                                     "-2 –", "1", "1 pending"}), // ± 3 tan(0.475 π) = 38.1186
             boost::test_tools::per_element());
  BOOST_TEST(c.table.rows[2] ==
                 (Row{"method=none", "0", "–", "–", "–", "–", "–", "– –", "0", "1 interrupted"}),
             boost::test_tools::per_element());
  BOOST_TEST(notes(c).find("0 to 1 pairs a row") != std::string::npos, notes(c));
}

BOOST_AUTO_TEST_CASE(runs_are_paired_by_labels_and_seed) {
  const TemporaryFolder t;
  const Labels ab{{"method", "CD"}, {"lr", "0.1"}}, ba{{"lr", "0.1"}, {"method", "CD"}};
  RunFolder first(t.path() / "first", maximize), second(t.path() / "second", maximize);
  first.done(ab, 1, -1).done(ab, 2, -2).done(ab, 3, -4).write();
  // Seeds 3, 2, 9: differences 1 and -1 for the seeds 3 and 2.
  second.done(ba, 9, -50).done(ba, 3, -3).done(ba, 2, -3).done(cd, 1, 0).write();
  const Comparison c = compared({first, second});
  BOOST_TEST_REQUIRE(c.table.rows.size() == 3u);
  BOOST_TEST(c.table.rows[0][0] == "first");
  BOOST_TEST(c.table.rows[0][8] == "reference");
  BOOST_TEST(c.table.rows[1][0] == "second");
  BOOST_TEST(c.table.rows[1][8] == "0 [-12.71, 12.71]"); // standard error 1, t = tan(0.475 π)
  BOOST_TEST(c.table.rows[1][9] == "2");
  BOOST_TEST(c.table.rows[2][8] == "no partner");
  BOOST_TEST(notes(c).find("less the setting of the same labels in first") != std::string::npos, notes(c));
  BOOST_TEST(notes(c).find("differ in `seed`") == std::string::npos, notes(c));
}

BOOST_AUTO_TEST_CASE(a_baseline_serves_all_runs) {
  const TemporaryFolder t;
  RunFolder second(t.path() / "second", "seed: 2\n");
  second.done(cd, 1, -1.5).done(cd, 2, -2.5).write();
  const Comparison c = compared({two_methods(t.path() / "first", maximize), second}, {"", "*=PCD", false});
  BOOST_TEST(c.table.rows[1][8] == "reference");
  BOOST_TEST(c.table.rows[2][8] == "1 [-5.353, 7.353]"); // 0.5 and 1.5: standard error 0.5
  BOOST_TEST(notes(c).find("the runs differ in `seed`") != std::string::npos, notes(c));
}

BOOST_AUTO_TEST_CASE(runs_of_one_name_are_told_apart) {
  const TemporaryFolder t;
  const RunFolder a = two_methods(t.path() / "x" / "same", maximize),
                  b = two_methods(t.path() / "y" / "same", "");
  const Comparison c = compared({a, b});
  BOOST_TEST(c.table.rows[0][0] == a.path().string());
  BOOST_TEST(c.table.rows[2][0] == b.path().string());
}

BOOST_AUTO_TEST_CASE(every_run_must_have_the_metric) {
  const TemporaryFolder t;
  RunFolder other(t.path() / "other"), nothing(t.path() / "nothing");
  other.metric("energy").done(cd, 1, 1).write();
  nothing.pending(cd, 1).write();
  BOOST_CHECK_EXCEPTION(
      compared({two_methods(t.path() / "a", ""), other, nothing}), InputError, [&](const InputError& e) {
        const std::string text = e.what();
        return text.find("metric 'train.log_likelihood' is missing in") != text.npos &&
               text.find(other.path().string() + ", which has measured acceptance, energy") != text.npos &&
               text.find(nothing.path().string() + ", which has measured nothing") != text.npos;
      });
}

BOOST_AUTO_TEST_SUITE_END()
