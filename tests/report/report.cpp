// report.html as the program makes it.
#include "tests/report/report_support.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <sys/file.h>

#include "experiments/report/report_view.hpp"
#include "experiments/report/summary.hpp"

using namespace ebm::experiments;
using namespace ebm::experiments::testing;
using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

const std::string experiment = R"(ebm: 1
name: small
description: 'Is <script>alert("x")</script> & ''quoted'' text harmless?'
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 3}
trainer: {method: cd, updates: 40, optimizer: {type: sgd, lr: 0.1}}
evaluation: {every: 10, metrics: [log_likelihood, reconstruction_error]}
sweep:
  - name: method
    variants:
      plain: {}
      '<b>"A" & ''B''</b>': {trainer.optimizer.lr: 0.2}
      wild: {trainer.optimizer.lr: 1.0e+39}
seeds: 2
report: {primary: {metric: train.log_likelihood, goal: maximize}, baseline: {method: plain}}
)";

fs::path run_small(const fs::path& base) {
  write_file(base / "small.yaml", experiment);
  const ProgramResult result =
      run_program({"run", (base / "small.yaml").string(), "output.dir=" + base.string(), "-j", "2"});
  BOOST_TEST_REQUIRE(result.code == 3, result.err);
  BOOST_TEST(contains(result.out, (base / "small" / "summary.md").string() + "\n" +
                                      (base / "small" / "report.html").string() + "\n"),
             result.out);
  return base / "small";
}

fs::path folder_with(const fs::path& run, const std::string& ending) {
  for (const auto& entry : fs::directory_iterator(run / "trials"))
    if (contains(entry.path().filename().string(), ending)) return entry.path();
  BOOST_FAIL("no trial's folder has " + ending);
  return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_page)

BOOST_AUTO_TEST_CASE(a_run_leaves_a_page_with_all_sections) {
  const TemporaryFolder folder;
  const fs::path run = run_small(folder.path());
  const std::string page = read_file(run / "report.html");
  check_page(page);
  std::size_t at = 0;
  for (const char* id : {"verdict", "settings", "curves", "finals", "timing", "images", "failures", "trials",
                         "configuration", "provenance", "repeat"}) {
    const std::size_t here = page.find(fmt::format("<section id=\"{}\">", id));
    BOOST_TEST(here != page.npos, id);
    BOOST_TEST((at < here), id << " is not in its place");
    at = here;
  }
  BOOST_TEST(contains(page, "4 of 6 trials done, 2 diverged"));
  BOOST_TEST(contains(page, "against seconds of learning"));
  BOOST_TEST(contains(page, "trainer.optimizer.lr: 1.0e+39")); // resolved.yaml
  BOOST_TEST(contains(page, "ebm run experiment.yaml output.dir=" + folder.path().string()));
  BOOST_TEST(contains(page, "\nebm run --repeat small</pre>"));
  BOOST_TEST(read_file(run / "report.html") == report_html(RunResults(read_run(run))));
}

BOOST_AUTO_TEST_CASE(hostile_names_are_text) {
  const TemporaryFolder folder;
  const std::string page = read_file(run_small(folder.path()) / "report.html");
  BOOST_TEST(!contains(page, "<script>alert"));
  BOOST_TEST(!contains(page, "<b>\"A\""));
  BOOST_TEST(
      contains(page, "Is &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; 'quoted' text harmless?"));
  BOOST_TEST(contains(page, "&lt;b&gt;&quot;A&quot; &amp; 'B'&lt;/b&gt;"));
}

BOOST_AUTO_TEST_CASE(failures_are_shown_with_the_end_of_their_log) {
  const TemporaryFolder folder;
  const fs::path run = run_small(folder.path());
  const fs::path trial = folder_with(run, "wild-s2");
  std::string log;
  for (int i = 1; i <= 5000; ++i) log += fmt::format("log line {} <&>\n", i);
  write_file(trial / "log.txt", log);
  BOOST_TEST(run_program({"report", run.string()}).code == 0);
  const std::string page = read_file(run / "report.html");
  check_page(page);
  BOOST_TEST(occurrences(page, "<article class=\"failure\">") == 2U);
  BOOST_TEST(contains(page, "is not finite</p>"));
  std::string shown = "<pre>";
  for (int i = 4993; i <= 5000; ++i)
    shown += fmt::format("log line {} &lt;&amp;&gt;{}", i, i == 5000 ? "</pre>" : "\n");
  BOOST_TEST(contains(page, shown));
  BOOST_TEST(!contains(page, "log line 4992 "));
}

BOOST_AUTO_TEST_CASE(images_of_the_first_seed_that_has_them_are_inside) {
  MadeUpRun run;
  run.setting("A", {1, 2});
  run.setting("B", {1, 2});
  run.setting("C", {missing, 2});
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x30\0\0\0\x20 and so on", 34);
  for (const char* trial : {"0000-s1", "0001-s2", "0002-s1", "0005-s2"})
    fs::create_directories(run.path() / "trials" / trial / "figures");
  write_file(run.path() / "trials/0000-s1/figures/filters.png", png);
  write_file(run.path() / "trials/0001-s2/figures/filters.png", png);
  write_file(run.path() / "trials/0005-s2/figures/filters.png", png);
  write_file(run.path() / "trials/0000-s1/figures/samples.png", "no picture");
  write_file(run.path() / "trials/0002-s1/figures/samples.png", png);
  write_file(run.path() / "trials/0000-s1/figures/scatter.svg", "<script>");
  write_file(run.path() / "trials/0002-s1/figures/scatter.svg", "<svg />");
  const std::string page = run.page();
  check_page(page);
  BOOST_TEST(occurrences(page, "<img ") == 4U);
  BOOST_TEST(contains(page,
                      "alt=\"filters: A, seed 1\" width=\"48\" height=\"32\" "
                      "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAADAAAAAgIGFuZCBzbyBvbg==\""));
  BOOST_TEST(contains(page, "alt=\"samples: B, seed 1\""));
  BOOST_TEST(
      contains(page, "<img alt=\"scatter: B, seed 1\" src=\"data:image/svg+xml;base64,PHN2ZyAvPg==\"/>"));
  BOOST_TEST(contains(page, "alt=\"filters: C, seed 2\"")); // seed 1 is still pending
}

BOOST_AUTO_TEST_CASE(a_half_done_run_has_a_report) {
  const TemporaryFolder folder;
  const fs::path run = run_small(folder.path());
  fs::remove(folder_with(run, "plain-s1") / "status.json");
  fs::remove_all(folder_with(run, "plain-s2"));
  // As long as another process has the lock, a trial without a status is running.
  std::FILE* held = std::fopen((run / "lock").c_str(), "r");
  BOOST_TEST_REQUIRE(held != nullptr);
  BOOST_TEST_REQUIRE(::flock(::fileno(held), LOCK_EX | LOCK_NB) == 0);
  const ProgramResult result = run_program({"report", run.string()});
  std::fclose(held);
  BOOST_TEST(result.code == 0, result.err);
  BOOST_TEST(result.out == (run / "report.html").string() + "\n");
  const std::string page = read_file(run / "report.html");
  check_page(page);
  BOOST_TEST(contains(page, "2 of 6 trials done, 2 diverged, 1 running, 1 pending"));
  BOOST_TEST(contains(page, "4 of 6 trials are not done"));
  BOOST_TEST(contains(page, "no seed is finished in both, so nothing is decided"));
}

BOOST_AUTO_TEST_CASE(no_run_no_report) {
  const TemporaryFolder folder;
  const ProgramResult result = run_program({"report", (folder.path() / "nowhere").string()});
  BOOST_TEST(result.code == 2);
  BOOST_TEST(contains(result.err, "expected the folder of a run"), result.err);
}

BOOST_AUTO_TEST_CASE(nothing_done_yet) {
  MadeUpRun run;
  run.setting("A", {missing, missing});
  const std::string page = run.page();
  check_page(page);
  BOOST_TEST(contains(page, "No trial is done yet: nothing is decided."));
  BOOST_TEST(contains(page, "0 of 2 trials done, 2 pending"));
}

BOOST_AUTO_TEST_CASE(many_settings_are_cut_and_it_says_so) {
  MadeUpRun run;
  for (int s = 0; s < 61; ++s)
    run.setting(fmt::format("k{}", s), {1.0 * s, 1.5 * s, 2.0 * s, 2.5 * s, missing});
  const std::string page = run.page();
  check_page(page);
  BOOST_TEST(contains(page, "The best 12 of 61 settings, by their mean, are drawn."));
  BOOST_TEST(contains(page, "The best 40 of 61 settings, by their mean, are shown."));
  BOOST_TEST(contains(page, "305 trials: summary.csv in the run's folder has a row for each."));
  BOOST_TEST(contains(page, "data-s=\"11\""));
  BOOST_TEST(!contains(page, "data-s=\"12\""));
  BOOST_TEST(occurrences(page, ">k0</span></th>") == 1U); // in the table of all settings only
  run.write("");
  const std::string unknown = run.page();
  BOOST_TEST(contains(unknown, "The first 12 of 61 settings, in the order of the plan, are drawn."));
  BOOST_TEST(occurrences(unknown, ">k60</span></th>") == 1U);
}

BOOST_AUTO_TEST_CASE(how_log_z_was_found_stands_beside_what_depends_on_it_only) {
  MadeUpRun run;
  run.setting("A", {std::numeric_limits<double>::quiet_NaN()});
  run.done("0000-s1",
           "update,epoch,acceptance,sampled.energy,train.elbo,log_partition,log_partition.estimator\n"
           "20,0,,-3,-4,2,exact\n");
  for (const auto& [metric, shown] : {std::pair("sampled.energy", false), std::pair("train.elbo", true),
                                      std::pair("log_partition", true)}) {
    run.write(fmt::format("report: {{primary: {{metric: {}}}}}\n", metric));
    const RunResults r(read_run(run.path()));
    const auto header = settings_table(r, 1).header;
    BOOST_TEST((std::ranges::find(header, "log Z by") != header.end()) == shown, metric);
    BOOST_TEST(contains(settings_section(ReportView(r)), "log Z by") == shown, metric);
  }
}

BOOST_AUTO_TEST_CASE(without_metrics_the_table_counts_finished_trials) {
  MadeUpRun run;
  run.setting("A", {missing, missing});
  run.done("0000-s1", "update,epoch,acceptance\n20,0,0.5\n");
  run.write("report: {baseline: {kind: A}}\n");
  const TextTable t = settings_table(RunResults(read_run(run.path())), 1);
  const std::vector<std::string> header{"setting", "n", "acceptance", "not done"},
      row{"kind=A", "1", "0.5", "1 pending"};
  BOOST_TEST(t.header == header, boost::test_tools::per_element());
  BOOST_TEST(t.rows.at(0) == row, boost::test_tools::per_element());
  BOOST_TEST(t.right_aligned.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
