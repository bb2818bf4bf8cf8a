// Pictures of points in the plane: when there is one, what it holds, and that it is reproducible.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>

#include "experiments/io/npy.hpp"
#include "experiments/run/scatter.hpp"
#include "tests/report/svg_support.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(scatter)

using namespace ebm::tests;
using namespace ebm::experiments;
using ebm::experiments::testing::check_svg;
using ebm::experiments::testing::occurrences;
namespace fs = std::filesystem;

namespace {

const std::string experiment = R"(ebm: 1
name: plane
data: {type: teacher, rows: 30, model: {type: gaussian_rbm, visible: 2, hidden: 3, init: {weights: {normal: 1}}}}
model: {type: gaussian_rbm, hidden: 3}
sampler: {type: gibbs, chains: 10, sweeps: 1}
trainer: {method: pcd, updates: 5, optimizer: {lr: 0.01}}
evaluation: {metrics: []}
)";

/// Runs the experiment with these overrides and gives the folder of its only trial.
fs::path run(const fs::path& base, const std::string& label, std::vector<std::string> more,
             const std::string& text = experiment) {
  const fs::path file = base / "experiment.yaml";
  write_file(file, text);
  more.insert(more.begin(), {"run", file.string(), "output.dir=" + (base / label).string(), "-q"});
  const ProgramResult result = run_program(more);
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return fs::directory_iterator(base / label / "plane" / "trials")->path();
}

fs::path picture_of(const fs::path& trial) {
  return trial / "figures" / "scatter.svg";
}

/// The places of the points of the path with this class, in pixels of the frame.
std::vector<std::array<double, 2>> points(const std::string& svg, const std::string& look) {
  std::vector<std::array<double, 2>> found;
  const std::size_t path = svg.find("<path class=\"line " + look + "\"");
  if (path == std::string::npos) return found;
  const std::size_t end = svg.find("/>", path);
  for (std::size_t at = svg.find('M', path); at < end; at = svg.find('M', at + 1))
    found.push_back({std::stod(svg.substr(at + 1)), std::stod(svg.substr(svg.find(',', at) + 1))});
  return found;
}

} // namespace

BOOST_AUTO_TEST_CASE(shows_as_many_samples_as_rows) {
  const TemporaryFolder folder;
  const std::string npy = (folder.path() / "rows.npy").string();
  std::vector<double> values(2 * 2500);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::abs(std::sin(double(i)));
  write_npy(npy, {2500, 2}, values);
  const std::vector<std::pair<std::vector<std::string>, std::size_t>> variants{
      {{}, 30},
      {{"precision=double", "trainer.method=exact"}, 30},
      {{"model={type: gaussian_mixture, components: 2}"}, 30},
      {{"model={type: rbm, hidden: 2, visible: {units: rectified}}", "data={type: npy, path: " + npy + "}"},
       2000}};
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const auto& [options, shown] = variants[v];
    const std::string svg = read_file(picture_of(run(folder.path(), std::to_string(v), options)));
    check_svg(svg);
    BOOST_TEST(occurrences(svg, "M") == 2 * shown, "variant " << v);
    BOOST_TEST(points(svg, "k0").size() == shown, "variant " << v);
    BOOST_TEST(points(svg, "k1").size() == shown, "variant " << v);
  }
}

BOOST_AUTO_TEST_CASE(other_units_have_none) {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::string>> variants{
      {"data.model.visible=3"},
      {"data.model.visible=1"},
      {"model={type: rbm, hidden: 2}", "data={type: bars_and_stripes, size: 2}"},
      {"model={type: rbm, hidden: 2}", "data={type: random_patterns, rows: 4, columns: 2}"}};
  for (std::size_t v = 0; v < variants.size(); ++v)
    BOOST_TEST(!fs::exists(picture_of(run(folder.path(), std::to_string(v), variants[v]))), "variant " << v);
}

BOOST_AUTO_TEST_CASE(cores_and_repetition_change_no_byte) {
  const TemporaryFolder folder;
  const std::vector<std::string> more{"data.rows=600"};
  const auto with = [&](const std::string& label, const std::string& option) {
    std::vector<std::string> options = more;
    options.push_back(option);
    return read_file(picture_of(run(folder.path(), label, options)));
  };
  const std::string one = with("one", "-j1");
  BOOST_TEST(!one.empty());
  BOOST_TEST(one == with("again", "-j1"));
  BOOST_TEST(one == with("two", "-j2"));
  BOOST_TEST(one != with("other", "seeds=[2]"));
}

// Both columns are standardised; the ticks and places are those of the rows in the file.
BOOST_AUTO_TEST_CASE(values_are_in_the_units_of_the_file) {
  const TemporaryFolder folder;
  write_npy(folder.path() / "rows.npy", {4, 2}, std::vector<double>{1000, -7, 1010, -7, 1000, -6, 1010, -6});
  const std::string svg = read_file(
      picture_of(run(folder.path(), "given", {"data={type: npy, path: rows.npy, standardize: true}"})));
  BOOST_TEST(occurrences(svg, ">1000</text>") == 2u);
  BOOST_TEST(occurrences(svg, ">-6") >= 2u);
  const auto rows = points(svg, "k0"), samples = points(svg, "k1");
  BOOST_TEST_REQUIRE(rows.size() == 4u);
  BOOST_TEST((rows[0][0] == rows[2][0] && rows[1][0] == rows[3][0] && rows[0][0] < rows[1][0]));
  BOOST_TEST((rows[0][1] == rows[1][1] && rows[2][1] == rows[3][1] && rows[0][1] > rows[2][1]));
  BOOST_TEST(samples != rows);
}

BOOST_AUTO_TEST_CASE(sampling_alone_shows_its_last_draw) {
  const TemporaryFolder folder;
  const std::string text = "ebm: 1\nname: plane\nmodel: {type: double_well, dimension: 2}\n"
                           "sampler: {type: metropolis, chains: 50, sweeps: 1}\n"
                           "trainer: {method: none, burn_in: 10, draws: 3}\n";
  const fs::path trial = run(folder.path(), "wells", {}, text);
  const std::string svg = read_file(picture_of(trial));
  check_svg(svg);
  BOOST_TEST(points(svg, "k0").empty());
  const auto shown = points(svg, "k1");
  BOOST_TEST_REQUIRE(shown.size() == 50u);
  const std::vector<double> draws = read_npy(trial / "draws.npy").values; // [3, 50, 2]
  const double* const last = draws.data() + std::ptrdiff_t(2 * 50 * 2);
  for (std::size_t i = 1; i < shown.size(); ++i) {
    BOOST_TEST((shown[i][0] >= shown[0][0]) == (last[2 * i] >= last[0]), "chain " << i);
    BOOST_TEST((shown[i][1] <= shown[0][1]) == (last[2 * i + 1] >= last[1]), "chain " << i);
  }
  BOOST_TEST(!fs::exists(picture_of(run(folder.path(), "line", {"model.dimension=1"}, text))));
}

BOOST_AUTO_TEST_CASE(samples_far_away_leave_the_rows_their_room) {
  const std::vector<Cloud> clouds{{"rows", 0, {{0, 0}, {1, 1}}}, {"samples", 1, {{1e9, 0}, {-1e9, 1e9}}}};
  const std::string svg = scatter_svg(clouds);
  check_svg(svg);
  const auto rows = points(svg, "k0"), samples = points(svg, "k1");
  BOOST_TEST_REQUIRE(rows.size() == 2u);
  BOOST_TEST(rows[1][0] - rows[0][0] > 100);    // a third of the frame
  BOOST_TEST(rows[0][1] - rows[1][1] > 150);    // half of it
  BOOST_TEST(samples[0][0] > rows[1][0] + 100); // at the edges
  BOOST_TEST(samples[1][0] < rows[0][0] - 100);
}

BOOST_AUTO_TEST_SUITE_END()
