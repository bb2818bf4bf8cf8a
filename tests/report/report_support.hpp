// A run's folder as the program leaves it, with made-up values.
#pragma once
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "experiments/report/report_page.hpp"
#include "tests/report/svg_support.hpp"
#include "tests/support/program.hpp"

namespace ebm::experiments::testing {

inline bool contains(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos;
}

/// Settings are called after the axis `kind`.
class MadeUpRun {
 public:
  MadeUpRun() { write("report: {primary: {metric: train.m, goal: maximize}}\n"); }

  /// More keys of resolved.yaml, as its lines.
  void write(const std::string& more) const {
    tests::write_file(path() / "resolved.yaml", "ebm: 1  # a.yaml:1:1\nname: made-up  # a.yaml:2:2\n" + more);
  }
  /// A trial a value, done, with that value of train.m at update 20; NaN: the trial is pending.
  void setting(const std::string& name, const std::vector<double>& finals) {
    for (std::size_t i = 0; i < finals.size(); ++i) {
      const std::string folder = fmt::format("{:04}-s{}", trials_, i + 1);
      plan_ += fmt::format(
          R"({{"trial":{},"setting":{},"labels":{{"kind":{}}},"replicate":{},"folder":"{}","identity":"x"}})",
          trials_, settings_, nlohmann::json(name).dump(), i + 1, folder);
      plan_ += '\n';
      ++trials_;
      if (!std::isnan(finals[i]))
        done(folder, fmt::format("update,epoch,train.m\n0,0,0\n10,0,0.5\n20,0,{}\n", finals[i]));
    }
    ++settings_;
    tests::write_file(path() / "plan.jsonl", plan_);
  }
  void done(const std::string& folder, const std::string& metrics) const {
    constexpr const char* status =
        R"({{"state":"done","identity":"x","updates":20,"wall_s":2,"files":{{"metrics.csv":{}}}}})";
    trial(folder, fmt::format(status, metrics.size()), metrics);
  }
  void trial(const std::string& folder, const std::string& status, const std::string& metrics) const {
    std::filesystem::create_directories(path() / "trials" / folder);
    tests::write_file(path() / "trials" / folder / "status.json", status);
    tests::write_file(path() / "trials" / folder / "metrics.csv", metrics);
    tests::write_file(path() / "trials" / folder / "timing.csv",
                      "update,train_s,wall_s\n0,0,0\n10,0.5,1\n20,1,2\n");
  }

  std::filesystem::path path() const { return folder_.path(); }
  std::string page() const { return report_html(RunResults(read_run(path()))); }

 private:
  tests::TemporaryFolder folder_;
  std::string plan_;
  std::size_t trials_ = 0, settings_ = 0;
};

/// An XML parser takes it, and it asks for nothing outside itself.
inline void check_page(const std::string& page) {
  const tests::TemporaryFolder folder;
  tests::write_file(folder.path() / "page.html", page);
  const std::string command =
      "python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' " +
      (folder.path() / "page.html").string();
  BOOST_TEST(std::system(command.c_str()) == 0);
  for (const char* reference : {"href=", "url(", "@import", "<link", "<iframe", "<base", "fetch(", "import("})
    BOOST_TEST(!contains(page, reference), reference);
  BOOST_TEST(occurrences(page, "src=") == occurrences(page, "src=\"data:image/png;base64,") +
                                              occurrences(page, "src=\"data:image/svg+xml;base64,"));
  BOOST_TEST(occurrences(page, "://") == occurrences(page, "xmlns=\"http://www.w3.org/2000/svg\""));
}

} // namespace ebm::experiments::testing
