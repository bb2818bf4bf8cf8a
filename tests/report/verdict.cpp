// What the first sentences of a report say.
#include "tests/report/report_support.hpp"

#include <cmath>
#include <limits>

#include "experiments/report/html.hpp"
#include "experiments/report/report_view.hpp"
#include "experiments/report/strip_svg.hpp"

using namespace ebm::experiments;
using namespace ebm::experiments::testing;
namespace fs = std::filesystem;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
const std::string with_baseline =
    "report:\n  primary: {metric: train.m, goal: maximize}\n  baseline: {kind: A}\n";

/// Without tags, with plain spaces.
std::string verdict_of(const MadeUpRun& run) {
  const RunResults results(read_run(run.path()));
  const std::string markup = verdict(ReportView(results));
  std::string text;
  for (std::size_t i = 0; i < markup.size(); ++i) {
    if (markup[i] == '<')
      i = markup.find('>', i);
    else if (markup.compare(i, 2, "\u00a0") == 0)
      text += ' ', ++i;
    else
      text += markup[i];
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_verdict)

BOOST_AUTO_TEST_CASE(a_difference_that_excludes_0) {
  MadeUpRun run;
  run.setting("A", {1, 2, 3});
  run.setting("B", {2, 3.25, 3.75});
  run.write(with_baseline);
  // Differences 1, 1.25, 0.75: mean 1, standard error 0.25/√3, t(0.975; 2) = 4.303.
  BOOST_TEST(contains(verdict_of(run),
                      "B has the highest mean train.m: 3.000, 95 % interval [0.7608, 5.239], n = 3 seeds. "
                      "Against the baseline, A, the paired difference is 1.000, 95 % interval "
                      "[0.3790, 1.621], n = 3 seeds: the interval excludes 0."),
             verdict_of(run));
}

BOOST_AUTO_TEST_CASE(a_difference_that_includes_0) {
  MadeUpRun run;
  run.setting("A", {1, 2, 3});
  run.setting("B", {2, 1, 4});
  BOOST_TEST(contains(verdict_of(run), "Against the runner-up, A, the paired difference is 0.3333"),
             verdict_of(run));
  BOOST_TEST(contains(verdict_of(run), "includes 0, so nothing is decided."), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(the_baseline_may_win_and_less_may_be_better) {
  MadeUpRun run;
  run.setting("A", {1, 2, 3});
  run.setting("B", {11, 12.5, 13});
  run.setting("C", {9, missing, missing});
  run.write("report:\n  primary: {metric: train.m, goal: minimize}\n  baseline: {kind: A}\n");
  const std::string text = verdict_of(run);
  BOOST_TEST(contains(text, "A, the baseline, has the lowest mean train.m: 2.000"), text);
  BOOST_TEST(contains(text, "Against the runner-up, C, the difference is -8.000 for the one seed they share; "
                            "with n = 1 nothing is decided."),
             text);
  BOOST_TEST(contains(text, "2 of 9 trials are not done"), text);
  BOOST_TEST(contains(text, "To pick the best of 3 settings"), text);
}

BOOST_AUTO_TEST_CASE(one_seed_decides_nothing) {
  MadeUpRun run;
  run.setting("A", {1});
  run.setting("B", {2});
  BOOST_TEST(contains(verdict_of(run), "B has the highest mean train.m: 2.000, from a single seed."),
             verdict_of(run));
  BOOST_TEST(contains(verdict_of(run), "with n = 1 nothing is decided."), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(one_setting_is_not_compared) {
  MadeUpRun run;
  run.setting("A", {1, 2, 3});
  BOOST_TEST(contains(verdict_of(run), "train.m is 2.000, 95 % interval [-0.4841, 4.484], n = 3 seeds."),
             verdict_of(run));
  BOOST_TEST(!contains(verdict_of(run), "Against"));
}

BOOST_AUTO_TEST_CASE(the_only_setting_with_values_is_compared_with_none) {
  MadeUpRun run;
  run.setting("A", {1, missing});
  run.setting("B", {missing, missing});
  BOOST_TEST(contains(verdict_of(run), "No other setting has a value"), verdict_of(run));
  BOOST_TEST(contains(verdict_of(run), "Of the best setting's 2 trials only 1 is done (1 pending)."),
             verdict_of(run));
}

BOOST_AUTO_TEST_CASE(other_data_are_mentioned) {
  MadeUpRun run;
  run.setting("A", {1});
  run.setting("B", {2});
  ebm::tests::write_file(run.path() / "trials/0000-s1/config.yaml",
                         "ebm: 1\ndata: {size: 3}\nmodel:\n  type: rbm\n");
  ebm::tests::write_file(run.path() / "trials/0001-s1/config.yaml",
                         "ebm: 1\ndata: {size: 3}\nmodel:\n  type: bm\n");
  BOOST_TEST(!contains(verdict_of(run), "the same data"), verdict_of(run));
  ebm::tests::write_file(run.path() / "trials/0001-s1/config.yaml",
                         "ebm: 1\ndata:\n  size: 4\nmodel:\n  type: rbm\n");
  BOOST_TEST(contains(verdict_of(run), "The settings do not all have the same data"), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(values_that_are_neither_good_nor_bad_are_not_judged) {
  MadeUpRun run;
  run.setting("A", {1, 2});
  run.setting("B", {2, 3});
  run.write("");
  // A metric without a goal says no more, and a goal without a metric is that of the first one.
  for (const char* yaml : {"", "report: {primary: {metric: train.m}}\n"}) {
    run.write(yaml);
    BOOST_TEST(contains(verdict_of(run),
                        "The experiment does not say which values of train.m are better "
                        "(report.primary.goal), so nothing is decided. Settings stand in the "
                        "order of the plan."),
               verdict_of(run));
    BOOST_TEST(!contains(verdict_of(run), "highest"));
  }
  run.write("report: {primary: {goal: minimize}}\n");
  BOOST_TEST(contains(verdict_of(run), "A has the lowest mean train.m: 1.500"), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(unknown_directions_keep_the_order_of_the_plan) {
  MadeUpRun run;
  run.setting("A", {missing, missing});
  run.setting("B", {1, 2});
  run.setting("C", {3, 4});
  run.write("");
  BOOST_TEST(!contains(verdict_of(run), "No trial is done"), verdict_of(run)); // though A has no value
  const auto ranking = [&] { return RunResults(read_run(run.path())).ranking(); };
  BOOST_TEST(ranking() == (std::vector<std::size_t>{0, 1, 2}), boost::test_tools::per_element());
  const std::string unknown = run.page();
  for (const char* text :
       {">highest seed<", ">lowest seed<", "final values, settings in the order of the plan."})
    BOOST_TEST(contains(unknown, text), text);
  for (const char* text : {"best", "worst"})
    BOOST_TEST(!contains(settings_section(ReportView(RunResults(read_run(run.path())))), text), text);
  run.write("report: {primary: {goal: minimize}}\n");
  BOOST_TEST(ranking() == (std::vector<std::size_t>{1, 2, 0}), boost::test_tools::per_element());
  BOOST_TEST(contains(run.page(), ">best seed<"));
  run.write("report: {primary: {goal: maximize}}\n");
  BOOST_TEST(ranking() == (std::vector<std::size_t>{2, 1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_of_metrics_tell_which_values_are_better) {
  MadeUpRun run;
  run.setting("A", {1});
  const RunResults r(read_run(run.path()));
  for (const char* name : {"test.log_likelihood", "train.elbo", "train.conditional_log_likelihood",
                           "validation.probe_accuracy", "recall.overlap", "recall.stable",
                           "train.flip_pseudo_likelihood", "train.stochastic_pseudo_likelihood"})
    BOOST_TEST((r.direction(name) == Goal::maximize), name);
  for (const char* name :
       {"test.classification_error", "test.net_error", "train.net_loss", "train.reconstruction_error"})
    BOOST_TEST((r.direction(name) == Goal::minimize), name);
  for (const char* name :
       {"train.free_energy", "free_energy_gap", "entropy", "log_partition", "sampled.energy", "acceptance"})
    BOOST_TEST(!r.direction(name), name);
}

BOOST_AUTO_TEST_CASE(a_fine_tuned_net_is_judged_by_its_error) {
  MadeUpRun run;
  run.setting("A", {missing});
  run.setting("B", {missing});
  const auto done = [&](const std::string& folder, const std::string& columns, const std::string& values) {
    run.done(folder, "update,epoch,acceptance,train.elbo," + columns + "\n20,0,,-1," + values + "\n");
  };
  for (const auto& [columns, primary] : std::vector<std::pair<std::string, std::string>>{
           {"train.net_error,test.net_error", "test.net_error"},
           {"train.net_error,validation.net_error", "validation.net_error"},
           {"train.net_loss,train.net_error", "train.net_error"},
           {"log_partition,train.m", "train.elbo"}}) {
    done("0000-s1", columns, "0.5,0.25");
    done("0001-s1", columns, "0.5,0.125");
    run.write("");
    const RunResults r(read_run(run.path()));
    BOOST_TEST(r.primary() == primary);
    if (primary.ends_with("net_error"))
      BOOST_TEST(contains(verdict_of(run), "B has the lowest mean " + primary + ": 0.1250"), verdict_of(run));
    run.write("report: {primary: {metric: train.elbo}}\n");
    BOOST_TEST(RunResults(read_run(run.path())).primary() == "train.elbo");
  }
}

BOOST_AUTO_TEST_CASE(an_infinite_mean_is_a_value) {
  MadeUpRun run;
  run.setting("none", {missing, missing});
  run.setting("infinite", {-std::numeric_limits<double>::infinity(), 1});
  run.setting("finite", {1, 2});
  BOOST_TEST(RunResults(read_run(run.path())).ranking() == (std::vector<std::size_t>{2, 1, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(contains(verdict_of(run), "Against the runner-up, infinite,"), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(every_estimated_partition_function_is_mentioned) {
  MadeUpRun run;
  for (const char* name : {"A", "B", "C"}) run.setting(name, {0});
  run.write("report: {primary: {metric: train.log_likelihood}, baseline: {kind: A}}\n");
  const auto write = [&](const std::string& trial, int value, const std::string& estimator) {
    run.done(trial, fmt::format("update,epoch,train.m,train.log_likelihood,log_partition.estimator\n"
                                "20,0,{0},{0},{1}\n",
                                value, estimator));
  };
  const std::string bias = "was estimated by annealed importance sampling";
  write("0000-s1", -3, "exact");
  write("0001-s1", -2, "exact");
  write("0002-s1", -1, "exact");
  BOOST_TEST(!contains(verdict_of(run), bias), verdict_of(run));
  write("0000-s1", -3, "ais"); // the baseline
  BOOST_TEST(contains(verdict_of(run), "C has the highest mean train.log_likelihood"), verdict_of(run));
  BOOST_TEST(contains(verdict_of(run), "log Z of A " + bias + ", that of the others is exact; the intervals"),
             verdict_of(run));
  write("0001-s1", -2, "ais"); // the runner-up
  BOOST_TEST(contains(verdict_of(run), "log Z of A, B " + bias), verdict_of(run));
  write("0002-s1", -1, "ais");
  BOOST_TEST(contains(verdict_of(run), "log Z " + bias + "; the intervals"), verdict_of(run));
  run.write("report: {primary: {metric: train.m, goal: maximize}}\n");
  BOOST_TEST(!contains(verdict_of(run), bias), verdict_of(run));
}

BOOST_AUTO_TEST_CASE(base64_as_in_rfc_4648) {
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                    {"f", "Zg=="},
                                                                                    {"fo", "Zm8="},
                                                                                    {"foo", "Zm9v"},
                                                                                    {"foob", "Zm9vYg=="},
                                                                                    {"fooba", "Zm9vYmE="},
                                                                                    {"foobar", "Zm9vYmFy"},
                                                                                    {"\xff\xfe\xfd", "//79"}})
    BOOST_TEST(base64(bytes) == text);
}

BOOST_AUTO_TEST_CASE(a_strip_gives_way_to_the_better_half) {
  Strip strip{
      "m", {"1", "2"}, {{"a", "", {-1, -2}}, {"b", "", {-2, -3}}, {"far", "", {-900, -1000}}}, missing};
  const Axis axis = strip_axis(strip);
  BOOST_TEST(axis.low > -10);
  BOOST_TEST(axis.high >= -1);
  const std::string svg = strip_svg(strip);
  check_svg(svg);
  BOOST_TEST(occurrences(svg, "<circle") == 4U);
  BOOST_TEST(occurrences(svg, "<polygon") == 2U);
  strip.rows.pop_back();
  strip.rows[1].values = {-std::numeric_limits<double>::infinity(), missing};
  BOOST_TEST(occurrences(strip_svg(strip), "<polygon") == 1U);
  strip.rows.clear();
  BOOST_TEST(occurrences(strip_svg(strip), "<circle") == 0U);
}

BOOST_AUTO_TEST_CASE(panels_of_a_page_carry_their_values) {
  const Panel panel{
      "title",
      "update",
      "",
      {{"a", {1, 2, 3}, {{1, 2, 4}}}, {"b", {1, 2, 3}, {{5, 6, 7.25}}}, {"c", {1, 4}, {{5, 6}}}},
      {}};
  const std::string svg = panel_svg(panel, 600);
  check_svg(svg);
  BOOST_TEST(contains(svg, "data-s=\"0\" data-x=\"1 2 3\" data-y=\"1 2 4\""));
  BOOST_TEST(contains(svg, "data-s=\"1\" data-y=\"5 6 7.25\""));
  BOOST_TEST(contains(svg, "data-s=\"2\" data-x=\"1 4\" data-y=\"5 6\""));
  BOOST_TEST(!contains(svg, "<style>"));
  BOOST_TEST(!contains(curves_svg("", std::vector{panel}), "data-"));
}

BOOST_AUTO_TEST_SUITE_END()
