// Tables of `ebm table`. Of two values a and b, the mean is (a + b)/2 and its standard error |a − b|/2.
#include "experiments/report/pivot.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/support/program.hpp"
#include "tests/support/run_folder.hpp"

BOOST_AUTO_TEST_SUITE(pivot)

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::tests;

namespace {

const std::string maximize = "report: {primary: {metric: train.log_likelihood, goal: maximize}}\n";

Labels labels(const std::string& method, const std::string& lr, const std::string& hidden = "8") {
  return {{"method", method}, {"trainer.optimizer.lr", lr}, {"model.hidden", hidden}};
}

void add(RunFolder& run, const Labels& l, double mean, double error) {
  run.done(l, 1, mean - error).done(l, 2, mean + error);
}

/// Methods CD_1 and P|x, rates 0.1 and 0.01; P|x was not run with 0.01.
RunFolder example(const std::filesystem::path& folder, const std::string& yaml = maximize) {
  RunFolder run(folder, yaml);
  add(run, labels("CD_1", "0.1"), -6.281, 0.0656);
  add(run, labels("CD_1", "0.01"), -4, 0.125);
  add(run, labels("P|x", "0.1"), -5.5, 0.25);
  run.write();
  return run;
}

Pivot pivot_of(const RunFolder& run, const PivotOptions& options) {
  return make_pivot(RunResults(read_run(run.path())), options);
}

std::string error_of(const RunFolder& run, const PivotOptions& options) {
  try {
    pivot_of(run, options);
  } catch (const InputError& e) {
    return e.what();
  }
  return "none";
}

std::string rounded_text(double mean, double error) {
  const RoundedMean m = rounded({2, mean, error, 0, 0});
  return m.mean + "|" + m.standard_error + "|" + m.exponent;
}

} // namespace

BOOST_AUTO_TEST_CASE(markdown_for_people) {
  const TemporaryFolder t;
  const Pivot p = pivot_of(example(t.path() / "a"), {{"method"}, "lr", "", {}});
  BOOST_TEST(
      pivot_text(p, TableFormat::markdown) ==
      "| method |           lr=0.1 |      lr=0.01 |\n"
      "| ------ | ---------------: | -----------: |\n"
      "| CD_1   |     -6.28 ± 0.07 | -4.00 ± 0.12 |\n"
      "| P\\|x   | **-5.50 ± 0.25** |              |\n"
      "\na: mean ± standard error of train.log_likelihood over 2 seeds; the best of each column is bold\n");
}

BOOST_AUTO_TEST_CASE(latex_for_papers) {
  const TemporaryFolder t;
  const Pivot p = pivot_of(example(t.path() / "a"), {{"method", "hidden"}, "trainer.optimizer.lr", "", {}});
  BOOST_TEST(
      pivot_text(p, TableFormat::latex) ==
      "% a: mean ± standard error of train.log_likelihood over 2 seeds; the best of each column is bold\n"
      "% \\usepackage{booktabs}\n"
      "\\begin{tabular}{llrr}\n"
      "  \\toprule\n"
      "  && \\multicolumn{2}{c}{lr} \\\\\n"
      "  \\cmidrule(lr){3-4}\n"
      "  method & hidden & 0.1 & 0.01 \\\\\n"
      "  \\midrule\n"
      "  CD\\_1 & 8 & $-6.28 \\pm 0.07$ & $-4.00 \\pm 0.12$ \\\\\n"
      "  P\\textbar{}x & 8 & $\\mathbf{-5.50 \\pm 0.25}$ &  \\\\\n"
      "  \\bottomrule\n"
      "\\end{tabular}\n");
}

BOOST_AUTO_TEST_CASE(csv_for_programs) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(labels("a,b", "1"), 1, 0.5).done(labels("a,b", "1"), 2, 1).done(labels("a,b", "2"), 1, 0.1);
  run.pending(labels("c", "2"), 1).write();
  BOOST_TEST(
      pivot_text(pivot_of(run, {{"method"}, "lr", "", {}}), TableFormat::csv) ==
      "method,trainer.optimizer.lr=1.n,trainer.optimizer.lr=1.mean,trainer.optimizer.lr=1.standard_error,"
      "trainer.optimizer.lr=2.n,trainer.optimizer.lr=2.mean,trainer.optimizer.lr=2.standard_error\n"
      "\"a,b\",2,0.75,0.25,1,0.10000000000000001,\n"
      "c,,,,0,,\n");
}

BOOST_AUTO_TEST_CASE(without_columns_there_is_one) {
  const TemporaryFolder t;
  const RunFolder run = example(t.path() / "a");
  const Pivot p = pivot_of(run, {{"method", "lr"}, "", "", {}});
  BOOST_TEST(pivot_text(p, TableFormat::markdown).find("| CD_1   | 0.01 |") != std::string::npos);
  BOOST_TEST(pivot_text(p, TableFormat::latex).find("method & lr & train.log\\_likelihood \\\\") !=
             std::string::npos);
  BOOST_TEST(p.is_best(1, 0)); // -4, against -6.281 and -5.5
  BOOST_TEST(!p.is_best(0, 0));
  BOOST_TEST(!p.is_best(2, 0));
}

BOOST_AUTO_TEST_CASE(the_best_needs_a_direction_and_a_choice) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.metric("train.free_energy");
  add(run, labels("CD", "0.1"), 1, 0.5);
  add(run, labels("PCD", "0.1"), 2, 0.5);
  run.write();
  const Pivot unknown = pivot_of(run, {{"method"}, "lr", "", {}});
  BOOST_TEST(pivot_text(unknown, TableFormat::latex).find("mathbf") == std::string::npos);
  BOOST_TEST(pivot_text(unknown, TableFormat::markdown).find("**") == std::string::npos);
  BOOST_TEST(pivot_of(example(t.path() / "d", ""), {{"method"}, "lr", "", {}}).is_best(1, 0)); // a likelihood
  const Pivot lowest =
      pivot_of(example(t.path() / "b", "report: {primary: {metric: train.log_likelihood, goal: minimize}}\n"),
               {{"method"}, "lr", "", {}});
  BOOST_TEST(lowest.is_best(0, 0));
  BOOST_TEST(!lowest.is_best(1, 0));
  BOOST_TEST(!lowest.is_best(0, 1)); // alone in its column
  // The goal speaks of the primary metric, not of every other.
  BOOST_TEST(!pivot_of(example(t.path() / "c"), {{"method"}, "lr", "acceptance", {}}).goal.has_value());
}

BOOST_AUTO_TEST_CASE(estimated_partition_functions_are_named) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done(labels("CD", "1"), 1, -3).done(labels("CD", "2"), 1, -2).done(labels("P|x", "1"), 1, -1);
  run.write();
  const auto write = [&](std::size_t trial, const std::string& estimator) {
    run.metrics(
        trial,
        "update,epoch,acceptance,train.energy,train.log_likelihood,log_partition.estimator\n100,1,,3,-" +
            std::to_string(3 - trial) + "," + estimator + "\n");
  };
  const auto text = [&](TableFormat format, const std::string& metric = "train.log_likelihood") {
    return pivot_text(pivot_of(run, {{"method"}, "lr", metric, {}}), format);
  };
  for (const std::size_t trial : {0u, 1u, 2u}) write(trial, "exact");
  for (const TableFormat format : {TableFormat::markdown, TableFormat::latex, TableFormat::csv}) {
    BOOST_TEST(text(format).find("log Z") == std::string::npos);
    BOOST_TEST(text(format).find("log_partition") == std::string::npos);
  }
  write(1, "ais");
  const std::string some =
      "; log Z is estimated by annealed importance sampling in CD lr=2, exact elsewhere\n";
  BOOST_TEST(text(TableFormat::markdown).find(some) != std::string::npos, text(TableFormat::markdown));
  BOOST_TEST(text(TableFormat::latex).find(some) != std::string::npos, text(TableFormat::latex));
  BOOST_TEST(text(TableFormat::markdown, "train.energy").find("log Z") == std::string::npos);
  const std::string column = "trainer.optimizer.lr=";
  std::string header = "method";
  for (const std::string lr : {"1", "2"})
    for (const std::string what : {".n", ".mean", ".standard_error", ".log_partition_estimator"})
      header += "," + column + lr + what;
  BOOST_TEST(text(TableFormat::csv) == header + "\nCD,1,-3,,exact,1,-2,,ais\nP|x,1,-1,,exact,,,,\n");
  write(0, "ais");
  write(2, "ais");
  BOOST_TEST(text(TableFormat::markdown).find("sampling in every cell\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_chooses_settings) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  add(run, labels("CD", "0.1", "8"), 1, 0.25);
  add(run, labels("CD", "0.1", "16"), 2, 0.25);
  add(run, labels("PCD", "0.1", "16"), 3, 0.25);
  run.write();
  const Pivot p = pivot_of(run, {{"method"}, "lr", "", {"hidden=1*", "method=*"}});
  BOOST_TEST_REQUIRE(p.cells.size() == 2u);
  BOOST_TEST(p.cells[0][0]->mean == 2);
  BOOST_TEST(p.cells[1][0]->mean == 3);
  const std::string several = error_of(run, {{"method"}, "lr", "", {}});
  BOOST_TEST(several.starts_with("2 settings fall into the cell 'method=CD lr=0.1'"), several);
  BOOST_TEST(
      several.ends_with("--where axis=value, or make it an axis of the table:\n    model.hidden: 8, 16"),
      several);
  const std::string none = error_of(run, {{"method"}, "lr", "", {"method=PCDD"}});
  BOOST_TEST(none ==
             "--where 'method=PCDD' leaves no setting, did you mean 'PCD'?; values of method are: CD, PCD");
  for (const std::string bad : {"method", "=CD"})
    BOOST_TEST(error_of(run, {{"method"}, "lr", "", {bad}}).find("write axis=pattern") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(axes_are_named_in_full_or_by_their_last_part) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  add(run, {{"data.size", "3"}, {"model.size", "4"}, {"method", "CD"}}, 1, 0.5);
  run.write();
  BOOST_TEST(error_of(run, {{"size"}, "method", "", {}})
                 .ends_with("axis 'size' may be any of: data.size, model.size"));
  BOOST_TEST(
      error_of(run, {{"metod"}, "model.size", "", {}})
          .ends_with("no axis 'metod', did you mean 'method'?; it has: data.size, model.size, method"));
  BOOST_TEST(error_of(run, {{"method"}, "method", "", {}}) == "axis 'method' is in both --rows and --cols");
  BOOST_TEST(error_of(run, {{"method", "method"}, "", "", {}}) == "--rows has axis 'method' twice");
  // Equal last parts are written in full.
  BOOST_TEST(pivot_text(pivot_of(run, {{"data.size", "model.size"}, "", "", {}}), TableFormat::markdown)
                 .starts_with("| data.size | model.size |"));
  RunFolder single(t.path() / "single");
  single.done({}, 1, 1).write();
  BOOST_TEST(error_of(single, {{"method"}, "", "", {}}).ends_with("it has a single setting"));
}

BOOST_AUTO_TEST_CASE(text_is_escaped) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.done({{"m", "[1] #$%&_{}~^\\<>|"}}, 1, 1).write();
  const std::string latex = pivot_text(pivot_of(run, {{"m"}, "", "", {}}), TableFormat::latex);
  BOOST_TEST(latex.find("  {}[1] \\#\\$\\%\\&\\_\\{\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}"
                        "\\textless{}\\textgreater{}\\textbar{} & $1$ \\\\\n") != std::string::npos,
             latex);
}

BOOST_AUTO_TEST_CASE(means_are_rounded_by_their_errors) {
  BOOST_TEST(rounded_text(-6.281, 0.0656) == "-6.28|0.07|");
  BOOST_TEST(rounded_text(0.8271, 0.119) == "0.83|0.12|"); // the Particle Data Group's examples:
  BOOST_TEST(rounded_text(0.827, 0.367) == "0.8|0.4|");    // 0.827 ± 0.119 and 0.827 ± 0.367
  BOOST_TEST(rounded_text(1, 0.0354) == "1.000|0.035|");
  BOOST_TEST(rounded_text(1, 0.0355) == "1.00|0.04|");
  BOOST_TEST(rounded_text(1, 0.0949) == "1.00|0.09|");
  BOOST_TEST(rounded_text(1, 0.0951) == "1.00|0.10|");
  BOOST_TEST(rounded_text(1, 0.09999) == "1.00|0.10|");
  BOOST_TEST(rounded_text(-0.001, 0.5) == "0.0|0.5|");
  BOOST_TEST(rounded_text(1234.6, 321) == "1235|321|");
  BOOST_TEST(rounded_text(2.5e9, 1.2e8) == "2.50|0.12|9");
  BOOST_TEST(rounded_text(3e-7, 4e-8) == "3.0|0.4|-7");
  BOOST_TEST(rounded_text(1.25, 0) == "1.25|0|");
  BOOST_TEST(rounded_text(1.23456, NAN) == "1.235||");
  BOOST_TEST(rounded_text(-INFINITY, NAN) == "-inf||");
  BOOST_TEST(rounded_text(NAN, NAN) == "–||");
}

BOOST_AUTO_TEST_CASE(odd_cells_in_latex) {
  const TemporaryFolder t;
  RunFolder run(t.path() / "a");
  run.metric("energy"); // of which nothing is known to be best
  run.done({{"m", "infinite"}}, 1, -INFINITY).pending({{"m", "none"}}, 1);
  add(run, {{"m", "large"}}, 2.5e9, 1.2e8);
  run.write();
  const std::string latex = pivot_text(pivot_of(run, {{"m"}, "", "", {}}), TableFormat::latex);
  BOOST_TEST(latex.find("infinite & $-\\infty$ \\\\") != std::string::npos, latex);
  BOOST_TEST(latex.find("none & -- \\\\") != std::string::npos, latex);
  BOOST_TEST(latex.find("large & $(2.50 \\pm 0.12) \\times 10^{9}$ \\\\") != std::string::npos, latex);
  BOOST_TEST(latex.find("over 0 to 2 seeds") != std::string::npos, latex);
}

BOOST_AUTO_TEST_SUITE_END()
