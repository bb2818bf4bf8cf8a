// Pictures of trained models: what they show, and that they are part of a trial's reproducible results.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>

#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"
#include "tests/report/png_support.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(figures)

using namespace ebm::tests;
using namespace ebm::experiments;
using ebm::experiments::testing::decode_png;
using ebm::experiments::testing::pixel;
namespace fs = std::filesystem;

namespace {

const std::string experiment = R"(ebm: 1
name: figures
data: {type: bars_and_stripes, size: 4}
model: {type: rbm, hidden: 12, init: {weights: {normal: 0.5}}}
sampler: {type: gibbs, chains: 70, sweeps: 1}
trainer: {method: pcd, updates: 20, optimizer: {lr: 0.05}}
evaluation: {metrics: []}
)";

/// Runs the experiment with these overrides and gives the folder of its only trial.
fs::path run(const fs::path& base, const std::string& label, const std::vector<std::string>& more) {
  const fs::path file = base / "experiment.yaml";
  write_file(file, experiment);
  std::vector<std::string> arguments{"run", file.string(), "output.dir=" + (base / label).string(), "-q"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProgramResult result = run_program(arguments);
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return fs::directory_iterator(base / label / "figures" / "trials")->path();
}

std::string figure(const fs::path& trial, const std::string& name) {
  return read_file(trial / "figures" / name);
}

/// What filters.png must be for the parameters of the trial.
Tiles filters_of(const fs::path& trial, std::size_t side, std::size_t shown) {
  const Array W = read_npz(trial / "params.npz").at("W");
  Tiles tiles{side, side, {}};
  for (std::size_t j = 0; j < shown; ++j)
    for (std::size_t i = 0; i < side * side; ++i) tiles.values.push_back(W.values[i * W.shape[1] + j]);
  return tiles;
}

/// 64 samples of 2×2 pixels: conditional means given one hidden unit, which is on with probability 3/4.
void check_samples_of_one_unit(const fs::path& trial, const std::vector<double>& b,
                               const std::vector<double>& W) {
  const GreyImage picture = decode_png(figure(trial, "samples.png"));
  const Tiles tiles{2, 2, std::vector<double>(64 * 4)};
  const GridLayout grid = grid_layout(tiles);
  BOOST_TEST(picture.width == tile_grid(tiles, {}, 0).width);
  int on = 0;
  for (std::size_t t = 0; t < 64; ++t) {
    const bool bright = pixel(picture, grid, tiles, t, 0, 0) > 127;
    on += bright ? 1 : 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const double mean = 1 / (1 + std::exp(-(b[i] + (bright ? W[i] : 0))));
      BOOST_TEST(std::abs(pixel(picture, grid, tiles, t, i / 2, i % 2) - 255 * mean) < 0.51);
    }
  }
  BOOST_TEST(std::abs(on - 48) < 4.5 * std::sqrt(64 * 0.25 * 0.75), on << " of 64 with the hidden unit on");
}

} // namespace

BOOST_AUTO_TEST_CASE(filters_are_the_columns_of_the_weights) {
  const TemporaryFolder folder;
  // The last one has couplings between the visible units of the same shape.
  const std::vector<std::pair<std::string, std::size_t>> models{
      {"{type: rbm, hidden: 12}", 12},
      {"{type: rbm, hidden: 70}", 64},
      {"{type: boltzmann_machine, hidden: 16}", 16}};
  for (const auto& [model, tiles_shown] : models) {
    const fs::path trial = run(folder.path(), model, {"model=" + model});
    const Tiles tiles = filters_of(trial, 4, tiles_shown);
    const GreyImage expected = tile_grid(tiles, symmetric_scale(tiles.values), 0);
    const GreyImage picture = decode_png(figure(trial, "filters.png"));
    BOOST_TEST(picture.width == expected.width);
    BOOST_TEST(picture.height == expected.height);
    BOOST_TEST(picture.pixels == expected.pixels);
  }
}

BOOST_AUTO_TEST_CASE(cores_and_repetition_change_no_byte) {
  const TemporaryFolder folder;
  write_npy(folder.path() / "grey.npy", {3, 2, 2},
            std::vector<double>{0.9, 0.1, 0.5, 0, 1, 0.2, 0.7, 0.3, 0.4, 0.6, 0, 0.8});
  const std::vector<std::vector<std::string>> variants{
      {},
      {"precision=double"},
      {"model={type: boltzmann_machine, hidden: 4}", "model.units=spin"},
      {"data={type: npy, path: grey.npy, binarize: {stochastic: fresh}}"}};
  for (std::size_t v = 0; v < variants.size(); ++v) {
    std::vector<std::string> options = variants[v];
    options.insert(options.end(), {"-j", "1"});
    const std::string name = std::to_string(v);
    const fs::path one = run(folder.path(), name + "-one", options);
    const fs::path again = run(folder.path(), name + "-again", options);
    options.back() = "2";
    const fs::path two = run(folder.path(), name + "-two", options);
    for (const char* file : {"filters.png", "samples.png"}) {
      BOOST_TEST(!figure(one, file).empty());
      BOOST_TEST(figure(one, file) == figure(again, file), file << " of variant " << v << ", repeated");
      BOOST_TEST(figure(one, file) == figure(two, file), file << " of variant " << v << ", on two cores");
    }
  }
}

// One hidden unit, whose two values give two images of conditional means. The parameters make its probability
// 3/4; given any of the training rows it would be below 1/100.
BOOST_AUTO_TEST_CASE(samples_follow_the_law_of_the_model) {
  const TemporaryFolder folder;
  const std::vector<double> b{-2, -2, 1, 1}, W{4, 4, -2, -2};
  const std::vector<NamedArray<double>> arrays{
      {"visible_bias", {4}, b}, {"hidden_bias", {1}, {-2 + std::log(3.0)}}, {"W", {4, 1}, W}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(folder.path() / "rows.npy", {2, 2, 2}, std::vector<double>{0, 0, 1, 1, 0, 0, 1, 1});
  std::vector<std::string> options{
      "data={type: npy, path: rows.npy}", "model={type: rbm, hidden: 1, parameters: given.npz}",
      "trainer={method: exact, updates: 1, optimizer: {lr: 1.0e-9}}", "precision=double"};
  const fs::path trial = run(folder.path(), "given", options);
  check_samples_of_one_unit(trial, b, W);
  options.push_back("seeds=[2]"); // other random numbers, the same parameters
  BOOST_TEST(figure(run(folder.path(), "other", options), "samples.png") != figure(trial, "samples.png"),
             "no other samples");
}

BOOST_AUTO_TEST_CASE(free_spins_are_grey) {
  const TemporaryFolder folder;
  const fs::path trial = run(folder.path(), "free",
                             {"model={type: rbm, hidden: 2, units: spin, init: {weights: {constant: 0}}}",
                              "trainer={method: exact, updates: 1, optimizer: {lr: 1.0e-9}}"});
  for (const char* file : {"samples.png", "filters.png"}) {
    std::size_t other = 0;
    for (const std::uint8_t p : decode_png(figure(trial, file)).pixels)
      other += p != 128 && (p != 0 || file[0] == 's') ? 1 : 0;
    BOOST_TEST(other == 0u, file);
  }
}

// Without weights the mean of a pixel is n times the logistic function of its bias.
BOOST_AUTO_TEST_CASE(counts_are_shown_from_0_to_n) {
  const TemporaryFolder folder;
  const std::vector<double> b{-std::log(3.0), 0, std::log(3.0), std::log(15.0)}, levels{4, 8, 12, 15};
  const std::vector<NamedArray<double>> arrays{
      {"visible_bias", {4}, b}, {"hidden_bias", {1}, {0}}, {"W", {4, 1}, {0, 0, 0, 0}}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(folder.path() / "rows.npy", {2, 2, 2}, std::vector<double>{0, 16, 3, 7, 1, 2, 9, 0});
  const fs::path trial =
      run(folder.path(), "counts",
          {"data={type: npy, path: rows.npy}",
           "model={type: rbm, visible: {units: binomial, n: 16}, hidden: 1, parameters: given.npz}",
           "trainer={method: cd, updates: 1, optimizer: {lr: 1.0e-9}}"});
  const Tiles tiles{2, 2, std::vector<double>(64 * 4)};
  const GreyImage picture = decode_png(figure(trial, "samples.png"));
  for (std::size_t i = 0; i < 4; ++i)
    BOOST_TEST(std::abs(pixel(picture, grid_layout(tiles), tiles, 0, i / 2, i % 2) - 255 * levels[i] / 16) <
               0.51);
}

BOOST_AUTO_TEST_CASE(without_conditionals_values_are_shown) {
  const TemporaryFolder folder;
  const fs::path trial = run(folder.path(), "visible", {"model={type: boltzmann_machine}"});
  BOOST_TEST(!fs::exists(trial / "figures" / "filters.png")); // its weights couple visible units
  const GreyImage picture = decode_png(figure(trial, "samples.png"));
  std::size_t black = 0, white = 0, line = 0;
  for (const std::uint8_t p : picture.pixels) {
    black += p == 0 ? 1 : 0;
    white += p == 255 ? 1 : 0;
    line += p == 128 ? 1 : 0;
  }
  BOOST_TEST(black > 0u);
  BOOST_TEST(white > 0u);
  BOOST_TEST(black + white + line == picture.pixels.size());
}

BOOST_AUTO_TEST_CASE(continuous_units_and_other_samplers_have_pictures_too) {
  const TemporaryFolder folder;
  write_npy(folder.path() / "rows.npy", {4, 6},
            std::vector<double>{-3, 1, 2, 5, 0, 1, -2, 1, 2, 4, 0, 1, 5, 4, 3, 2, 1, 0, 5, 4, 3, 2, 1, -1});
  const fs::path mixture =
      run(folder.path(), "mixture",
          {"data={type: npy, path: rows.npy, image: [2, 3]}", "model={type: gaussian_mixture, components: 3}",
           "trainer.optimizer.lr=0.001"});
  const Tiles three{2, 3, std::vector<double>(3 * 6)};
  BOOST_TEST(decode_png(figure(mixture, "filters.png")).height == tile_grid(three, {}, 0).height);
  BOOST_TEST(!figure(mixture, "samples.png").empty());
  // Both stay at the same initial parameters.
  std::vector<std::string> options{"data.size=2", "model.hidden=3",
                                   "trainer={method: exact, updates: 1, optimizer: {lr: 1.0e-9}}"};
  const fs::path gibbs = run(folder.path(), "gibbs", options);
  options.push_back("sampler.type=metropolis");
  const fs::path metropolis = run(folder.path(), "metropolis", options);
  BOOST_TEST(figure(metropolis, "samples.png") != figure(gibbs, "samples.png"), "the sampler is not its own");
}

// The unit of the lower layer is on in 3 of 4 samples, as the layer above has no weights.
BOOST_AUTO_TEST_CASE(belief_nets_have_samples) {
  const TemporaryFolder folder;
  const std::vector<double> b{-2, -2, 1, 1}, W{4, 4, -2, -2};
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {4}, b},
                                               {"hidden1_bias", {1}, {std::log(3.0)}},
                                               {"hidden2_bias", {1}, {0.0}},
                                               {"recognition1_bias", {1}, {0.0}},
                                               {"W1", {4, 1}, W},
                                               {"W2", {1, 1}, {0.0}}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(folder.path() / "rows.npy", {2, 2, 2}, std::vector<double>{0, 0, 1, 1, 0, 0, 1, 1});
  const fs::path trial =
      run(folder.path(), "net",
          {"data={type: npy, path: rows.npy}", "model={type: dbn, hidden: [1, 1], parameters: given.npz}",
           "sampler.type=ancestral", "trainer={method: layerwise, pretraining: {epochs: 0}}"});
  check_samples_of_one_unit(trial, b, W);
  // Draws of whole layers do not cost as much as sites moved one by one; Gibbs sampling gives way to them.
  for (const char* sampler : {"ancestral", "gibbs"}) {
    const fs::path large =
        run(folder.path(), std::string("large-") + sampler,
            {"model={type: dbn, hidden: [200, 100]}", "sampler={type: " + std::string(sampler) + "}",
             "trainer={method: layerwise, pretraining: {epochs: 0}}"});
    BOOST_TEST(fs::exists(large / "figures" / "samples.png"), sampler);
  }
}

// All units of the layers above are on, or all are off, and chains never change from one to the other.
BOOST_AUTO_TEST_CASE(chains_of_large_belief_nets_start_at_the_rows) {
  const TemporaryFolder folder;
  const std::size_t n = 14; // too many to enumerate
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {4}, std::vector<double>(4, -10)},
                                               {"hidden1_bias", {n}, std::vector<double>(n, -20)},
                                               {"hidden2_bias", {1}, {-20.0 * double(n)}},
                                               {"recognition1_bias", {n}, std::vector<double>(n, -40)},
                                               {"W1", {4, n}, std::vector<double>(4 * n, 20)},
                                               {"W2", {n, 1}, std::vector<double>(n, 40)}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  for (const double value : {0.0, 1.0}) {
    write_npy(folder.path() / "rows.npy", {2, 2, 2}, std::vector<double>(8, value));
    const fs::path trial =
        run(folder.path(), std::to_string(value),
            {"data={type: npy, path: rows.npy}", "model={type: dbn, hidden: [14, 1], parameters: given.npz}",
             "sampler.type=ancestral", "trainer={method: layerwise, pretraining: {epochs: 0}}"});
    const GreyImage picture = decode_png(figure(trial, "samples.png"));
    const Tiles tiles{2, 2, std::vector<double>(64 * 4)};
    for (std::size_t t = 0; t < 64; ++t)
      BOOST_TEST(pixel(picture, grid_layout(tiles), tiles, t, 0, 0) == 255 * value);
  }
}

// Two clouds far from each other: chains stay in that of the row they start at.
BOOST_AUTO_TEST_CASE(points_and_images_have_chains_of_their_own) {
  const TemporaryFolder folder;
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {2}, {-5, -5}},
                                               {"hidden_bias", {1}, {0}},
                                               {"visible_sigma", {2}, {1, 1}},
                                               {"W", {2, 1}, {10, 10}}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  std::vector<double> rows(200, -5);
  std::fill_n(rows.begin(), 100, 5);
  write_npy(folder.path() / "rows.npy", {100, 2}, rows);
  const fs::path trial =
      run(folder.path(), "planar",
          {"data={type: npy, path: rows.npy, image: [1, 2]}",
           "model={type: rbm, visible: {units: gaussian}, hidden: 1, parameters: given.npz}",
           "trainer={method: cd, updates: 1, optimizer: {lr: 1.0e-9}}"});
  std::string points = figure(trial, "scatter.svg");
  points.erase(0, points.rfind("d=\"") + 3); // of the samples: M across,down h0 …
  const GreyImage picture = decode_png(figure(trial, "samples.png"));
  const Tiles tiles{1, 2, std::vector<double>(64 * 2)};
  std::size_t same = 0, right = 0;
  for (std::size_t t = 0; t < 64; ++t) {
    const bool in_right_cloud = std::stod(points.substr(1)) > 170;
    right += in_right_cloud ? 1 : 0;
    same += in_right_cloud == (pixel(picture, grid_layout(tiles), tiles, t, 0, 0) > 127) ? 1 : 0;
    points.erase(0, points.find('M', 1));
  }
  BOOST_TEST((right > 16u && right < 48u), right << " of 64 points");
  BOOST_TEST((same > 16u && same < 48u), same << " of 64 chains in the same cloud");
}

BOOST_AUTO_TEST_CASE(what_is_no_image_has_no_figures) {
  const TemporaryFolder folder;
  write_npy(folder.path() / "wide.npy", {2, 1, 5000}, std::vector<double>(10000));
  const std::vector<std::vector<std::string>> variants{
      {"data={type: labeled_shifter_ensemble, size: 3}"},
      {"data={type: teacher, rows: 20, model: {type: rbm, visible: 4, hidden: 2}}"},
      {"data={type: npy, path: wide.npy}", "model.hidden=2"},
      {"trainer={method: none, draws: 3}"}};
  for (std::size_t v = 0; v < variants.size(); ++v)
    BOOST_TEST(!fs::exists(run(folder.path(), std::to_string(v), variants[v]) / "figures"), "variant " << v);
}

BOOST_AUTO_TEST_SUITE_END()
