// `ebm sample`: draws from a trial's model, free or with units held fixed.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <numeric>

#include "experiments/data/patterns.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"
#include "tests/laws/registered.hpp"
#include "tests/report/png_support.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(sample)

using namespace ebm::tests;
using namespace ebm::experiments;
using ebm::experiments::testing::decode_png;
namespace fs = std::filesystem;

namespace {

const std::string experiment = R"(ebm: 1
name: small
precision: double
data: {type: bars_and_stripes, size: 3, constant_patterns: twice}
model: {type: rbm, hidden: 6}
trainer: {method: pcd, updates: 200, optimizer: {lr: 0.05}}
evaluation: {metrics: []}
)";

ProgramResult call(std::vector<std::string> arguments) {
  return run_program(arguments);
}

/// Runs the experiment with these overrides and gives the run's folder.
std::string run(const fs::path& base, const std::vector<std::string>& more = {},
                const std::string& text = experiment) {
  write_file(base / "experiment.yaml", text);
  std::vector<std::string> arguments{
      "run", (base / "experiment.yaml").string(), "output.dir=" + (base / "runs").string(), "-q", "-j", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProgramResult result = call(arguments);
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return (base / "runs" / "small").string();
}

/// A run that only samples, from a machine with these parameters.
std::string run_given(const fs::path& base, const std::vector<NamedArray<double>>& arrays, std::size_t hidden,
                      const std::vector<double>& rows, std::size_t side) {
  write_npz(base / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(base / "rows.npy", {rows.size() / (side * side), side, side}, rows);
  return run(base, {"data={type: npy, path: rows.npy}",
                    fmt::format("model={{type: rbm, hidden: {}, parameters: given.npz}}", hidden),
                    "trainer={method: none, draws: 2, burn_in: 0}"});
}

/// samples.npy of `ebm sample TRIAL …`, which goes to a folder beside the run.
Array sampled(const std::string& trial, std::vector<std::string> more) {
  const fs::path output = fs::path(trial).parent_path() / "samples of the test";
  more.insert(more.begin(), {"sample", trial, "--output", output.string(), "-j", "1"});
  const ProgramResult result = call(more);
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  BOOST_TEST(result.out.starts_with((output / "samples.npy").string() + "\n"), result.out);
  return read_npy(output / "samples.npy");
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

} // namespace

BOOST_AUTO_TEST_CASE(clamped_columns_keep_the_values_of_their_rows) {
  const TemporaryFolder folder;
  const std::string run_folder = run(folder.path());
  const RawRows data = bars_and_stripes(3, true);
  const auto& pixels = std::get<std::vector<std::uint8_t>>(data.values);
  const auto check = [&](const std::vector<std::string>& options, auto clamped) {
    const Array samples = sampled(run_folder, options);
    BOOST_TEST_REQUIRE(samples.shape == (std::vector<std::size_t>{40, 9}));
    std::size_t changed = 0;
    for (std::size_t c = 0; c < 40; ++c)
      for (std::size_t j = 0; j < 9; ++j) {
        const double row_value = pixels[(c + 5) % 16 * 9 + j], v = samples.values[c * 9 + j];
        BOOST_TEST((v == 0 || v == 1));
        if (clamped(j)) BOOST_TEST(v == row_value);
        changed += v != row_value;
      }
    BOOST_TEST(changed > 20u); // of some 200 free values; the chains have moved
  };
  const std::vector<std::string> common{"--chains", "40", "--first", "5", "--sweeps", "30"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), common.begin(), common.end());
    return more;
  };
  check(with({"--clamp", "columns=0-2,7"}), [](std::size_t j) { return j < 3 || j == 7; });
  check(with({"--clamp", "rows=2"}), [](std::size_t j) { return j >= 6; });
  check(with({"--clamp", "columns=4", "--clamp", "rows=0", "--start", "random"}),
        [](std::size_t j) { return j < 3 || j == 4; });
}

BOOST_AUTO_TEST_CASE(completions_follow_the_exact_conditional_law) {
  const TemporaryFolder folder;
  const std::vector<double> b{-0.5, 0.5, -0.2, -0.6}, c{-0.4, 0.3}, W{3, -2, -3, 2, -1, 3, 3, -2};
  const std::string run_folder =
      run_given(folder.path(), {{"visible_bias", {4}, b}, {"hidden_bias", {2}, c}, {"W", {4, 2}, W}}, 2,
                {1, 0, 0, 1, 0, 1, 1, 0}, 2);
  // p(v) ∝ exp(b v) Π_j (1 + exp(c_j + Σ_i v_i W_ij)), columns 0 and 3 as in the data row
  const auto weight = [&](const std::array<double, 4>& v) {
    double log_weight = 0;
    for (std::size_t i = 0; i < 4; ++i) log_weight += b[i] * v[i];
    for (std::size_t j = 0; j < 2; ++j) {
      double eta = c[j];
      for (std::size_t i = 0; i < 4; ++i) eta += v[i] * W[2 * i + j];
      log_weight += std::log1p(std::exp(eta));
    }
    return std::exp(log_weight);
  };
  constexpr std::size_t chains = small_samples ? 2000 : 20000;
  /// The largest deviation of a frequency of (v1, v2), in standard errors.
  const auto worst_deviation = [&](const Array& samples) {
    double worst = 0;
    for (std::size_t row = 0; row < 2; ++row) {
      const double end = row == 0 ? 1 : 0;
      std::array<double, 4> law{}, counts{};
      double total = 0;
      for (std::size_t k = 0; k < 4; ++k) total += law[k] = weight({end, double(k % 2), double(k / 2), end});
      for (std::size_t i = row; i < chains; i += 2)
        ++counts[std::size_t(samples.values[4 * i + 1] + 2 * samples.values[4 * i + 2])];
      for (std::size_t k = 0; k < 4; ++k) {
        const double p = law[k] / total, n = double(chains) / 2;
        worst = std::max(worst, std::abs(counts[k] / n - p) / std::sqrt(p * (1 - p) / n));
      }
    }
    return worst;
  };
  const std::vector<std::string> common{"--chains", std::to_string(chains), "--sweeps", "60"};
  std::vector<std::string> clamped = common;
  clamped.insert(clamped.end(), {"--clamp", "columns=0,3"});
  const double given = worst_deviation(sampled(run_folder, clamped)),
               free = worst_deviation(sampled(run_folder, common));
  BOOST_TEST(given < 4.5);
  BOOST_TEST(free > 9); // without the clamp, chains follow another law
}

BOOST_AUTO_TEST_CASE(given_hidden_values_make_known_means) {
  const TemporaryFolder folder;
  const std::vector<double> b{0.3, -0.5, 0.2, 0.1}, W{2, -1, -1.5, 2, 1, 1.5, -2, 1};
  const std::string run_folder =
      run_given(folder.path(), {{"visible_bias", {4}, b}, {"hidden_bias", {2}, {0, 0}}, {"W", {4, 2}, W}}, 2,
                {1, 0, 0, 1}, 2);
  const Array means =
      sampled(run_folder, {"--clamp", "hidden=0,1", "--clamp", "columns=2", "--means", "--chains", "3"});
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < 4; ++i) {
      const double expected = i == 2 ? 0.0 : sigmoid(b[i] + W[2 * i + 1]);
      BOOST_TEST(std::abs(means.values[4 * c + i] - expected) < 1e-14);
    }
}

/// Two modes that no chain leaves: with data starts, latents have to fit the visible values.
BOOST_AUTO_TEST_CASE(chains_start_where_they_are_told) {
  const TemporaryFolder folder;
  const std::string run_folder = run_given(folder.path(),
                                           {{"visible_bias", {4}, {-60, -60, -60, -60}},
                                            {"hidden_bias", {1}, {-240}},
                                            {"W", {4, 1}, {120, 120, 120, 120}}},
                                           1, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 2);
  const Array data = sampled(run_folder, {"--chains", "30", "--sweeps", "20"});
  for (std::size_t i = 0; i < 120; ++i) BOOST_TEST(data.values[i] == (i / 4 % 3 == 0 ? 1 : 0));
  const Array shifted = sampled(run_folder, {"--chains", "30", "--sweeps", "20", "--first", "2"});
  for (std::size_t i = 0; i < 120; ++i) BOOST_TEST(shifted.values[i] == ((i / 4 + 2) % 3 == 0 ? 1 : 0));
  const Array random = sampled(run_folder, {"--chains", "30", "--sweeps", "20", "--start", "random"});
  BOOST_TEST(random.values != data.values);
}

/// Visible units that copy a fair coin above them: Gibbs sweeps never leave the row that chains start at, the
/// sampler that the trial names draws the coin anew in each of its sweeps.
BOOST_AUTO_TEST_CASE(free_chains_take_the_sampler_of_the_trial) {
  const TemporaryFolder folder;
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {4}, {-60, -60, -60, -60}},
                                               {"hidden1_bias", {1}, {0}},
                                               {"hidden2_bias", {1}, {0}},
                                               {"recognition1_bias", {1}, {-240}},
                                               {"W1", {4, 1}, {120, 120, 120, 120}},
                                               {"W2", {1, 1}, {0}}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(folder.path() / "rows.npy", {1, 4}, std::vector<double>{1, 1, 1, 1});
  const std::string run_folder =
      run(folder.path(),
          {"data={type: npy, path: rows.npy}", "model={type: dbn, hidden: [1, 1], parameters: given.npz}",
           "sampler={type: ancestral}", "trainer={method: none, draws: 2, burn_in: 0}"});
  const auto ones = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--chains", "400", "--sweeps", "20"});
    const std::vector<double> v = sampled(run_folder, more).values;
    return std::accumulate(v.begin(), v.end(), 0.0) / 4;
  };
  BOOST_TEST(std::abs(ones({}) - 200) < 45); // 4.5 standard deviations of a count
  BOOST_TEST(ones({"--clamp", "columns=0"}) == 400);
}

/// The rows need the layer above to be on, and the way up, which is no part of the energy, says off: that is
/// where chains of the model start and stay.
BOOST_AUTO_TEST_CASE(free_chains_of_large_belief_nets_start_by_the_way_up) {
  const TemporaryFolder folder;
  const std::size_t n = 14; // too many to enumerate
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {4}, std::vector<double>(4, -60)},
                                               {"hidden1_bias", {n}, std::vector<double>(n, -60)},
                                               {"hidden2_bias", {1}, {-60.0 * double(n)}},
                                               {"recognition1_bias", {n}, std::vector<double>(n, -600)},
                                               {"W1", {4, n}, std::vector<double>(4 * n, 120)},
                                               {"W2", {n, 1}, std::vector<double>(n, 120)}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  write_npy(folder.path() / "rows.npy", {1, 4}, std::vector<double>{1, 1, 1, 1});
  const std::string run_folder =
      run(folder.path(),
          {"data={type: npy, path: rows.npy}", "model={type: dbn, hidden: [14, 1], parameters: given.npz}",
           "sampler={type: ancestral}", "trainer={method: none, draws: 2, burn_in: 0}"});
  for (const double v : sampled(run_folder, {"--sweeps", "2"}).values) BOOST_TEST(v == 0);
  for (const double v : sampled(run_folder, {"--sweeps", "2", "--clamp", "columns=0"}).values)
    BOOST_TEST(v == 1); // latents are drawn given the rows
}

BOOST_AUTO_TEST_CASE(the_picture_shows_rows_the_clamped_part_and_completions) {
  const TemporaryFolder folder;
  const std::string run_folder = run(folder.path());
  const fs::path output = folder.path() / "runs" / "samples of the test";
  const Array samples = sampled(run_folder, {"--clamp", "rows=0", "--chains", "17", "--means"});
  const RawRows data = bars_and_stripes(3, true);
  const auto& pixels = std::get<std::vector<std::uint8_t>>(data.values);
  Tiles tiles{3, 3, {}};
  for (std::size_t strip = 0; strip < 2; ++strip)
    for (int kind = 0; kind < 3; ++kind)
      for (std::size_t i = 72 * strip; i < 72 * (strip + 1); ++i)
        tiles.values.push_back(kind == 2                 ? samples.values[i]
                               : kind == 1 && i % 9 >= 3 ? 0.75 // not the grey between tiles
                                                         : double(pixels[i % (16 * 9)]));
  const GreyImage expected = tile_grid(tiles, {0, 1}, 128, 8),
                  found = decode_png(read_file(output / "samples.png"));
  BOOST_TEST(found.width == expected.width);
  BOOST_TEST(found.pixels == expected.pixels);
  const Array plain = sampled(run_folder, {"--chains", "5"});
  const GreyImage grid = tile_grid({3, 3, plain.values}, {0, 1}, 128);
  BOOST_TEST(decode_png(read_file(output / "samples.png")).pixels == grid.pixels);
}

BOOST_AUTO_TEST_CASE(cores_change_nothing_and_seeds_do) {
  const TemporaryFolder folder;
  const std::string trial = run(folder.path()) + "/0";
  const auto bytes = [&](std::vector<std::string> more) {
    const fs::path output = folder.path() / "once more";
    more.insert(more.begin(), {"sample", trial, "--chains", "200", "--sweeps", "20", "--clamp", "columns=0,8",
                               "--output", output.string()});
    const ProgramResult result = call(more);
    BOOST_TEST_REQUIRE(result.code == 0, result.err);
    return read_file(output / "samples.npy") + read_file(output / "samples.png");
  };
  const std::string one = bytes({"-j", "1"});
  BOOST_TEST(one == bytes({"-j", "2"}));
  BOOST_TEST(one == bytes({"-j", "1", "--seed", "1"}));
  BOOST_TEST(one != bytes({"-j", "1", "--seed", "2"}));
}

BOOST_AUTO_TEST_CASE(a_trial_is_named_in_several_ways) {
  const TemporaryFolder folder;
  const fs::path run_folder = run(folder.path(), {"seeds=2", "trainer.updates=5"});
  const ProgramResult several = call({"sample", run_folder.string()});
  BOOST_TEST(several.code == 2);
  BOOST_TEST(several.err.find("this run has 2 trials; choose one by name or number") != several.err.npos,
             several.err);
  std::vector<fs::path> trials;
  for (const auto& entry : fs::directory_iterator(run_folder / "trials")) trials.push_back(entry.path());
  std::ranges::sort(trials);
  const std::string name = trials[1].filename().string();
  BOOST_TEST(several.err.find("\n    " + name) != several.err.npos, several.err);
  for (const fs::path& path : {run_folder / "1", run_folder / "0001", run_folder / name, trials[1],
                               run_folder / "trials" / "1", trials[1] / ""}) {
    const ProgramResult result = call({"sample", path.string(), "--sweeps", "2"});
    BOOST_TEST(result.code == 0, result.err);
    const fs::path file = trials[1] / "samples" / "samples.npy";
    BOOST_TEST(result.out.starts_with(file.string() + "\n"), result.out);
    BOOST_TEST((read_npy(file).shape == std::vector<std::size_t>{64, 9}));
    fs::remove_all(trials[1] / "samples");
  }
  BOOST_TEST(!fs::exists(trials[0] / "samples"));
}

BOOST_AUTO_TEST_CASE(test_rows_come_first_where_there_are_any) {
  const TemporaryFolder folder;
  const std::string run_folder = run(folder.path(), {"data.split={test: 0.25}", "trainer.updates=5"});
  const std::vector<std::string> clamp{"--clamp", "columns=0-7", "--chains", "24"};
  const auto from = [&](const std::vector<std::string>& more) {
    std::vector<std::string> options = clamp;
    options.insert(options.end(), more.begin(), more.end());
    return sampled(run_folder, options).values;
  };
  BOOST_TEST(from({}) == from({"--from", "test"}));
  const std::vector<double> test = from({}), train = from({"--from", "train"});
  for (std::size_t j = 0; j < 8; ++j) { // 4 test rows, 12 training rows
    BOOST_TEST(test[j] == test[4 * 9 + j]);
    BOOST_TEST(train[j] == train[12 * 9 + j]);
  }
  BOOST_TEST(test != train);
}

BOOST_AUTO_TEST_CASE(categorical_and_continuous_units_are_held) {
  const TemporaryFolder folder;
  const std::string categorical = run(
      folder.path(),
      {"data={type: teacher, rows: 20, model: {type: rbm, visible: {size: 3, units: categorical, q: 3}, "
       "hidden: 2, init: {weights: {normal: 1.0}}}}",
       "model={type: rbm, visible: {size: 3, units: categorical, q: 3}, hidden: 2}", "trainer.updates=5"});
  const Array samples = sampled(categorical, {"--clamp", "columns=3-5", "--sweeps", "5"});
  for (std::size_t c = 0; c < 64; ++c) {
    for (std::size_t j = 0; j < 9; j += 3)
      BOOST_TEST(samples.values[9 * c + j] + samples.values[9 * c + j + 1] + samples.values[9 * c + j + 2] ==
                 1);
    if (c >= 20)
      for (std::size_t j = 3; j < 6; ++j)
        BOOST_TEST(samples.values[9 * c + j] == samples.values[9 * (c - 20) + j]);
  }
  const ProgramResult part = call({"sample", categorical, "--clamp", "columns=3-4"});
  BOOST_TEST(part.err ==
             "error: --clamp: columns 3 to 5 are one categorical unit: clamp all of them or none\n");

  const auto refused = [&](const std::string& values, const std::string& found) {
    const ProgramResult r = call({"sample", categorical, "--clamp", "visible=" + values});
    BOOST_TEST(r.code == 2);
    BOOST_TEST(r.err ==
               "error: --clamp visible=" + values +
                   ": a categorical unit has a 1 in one of its 3 columns and 0 in the others, found " +
                   found + "\n");
  };
  refused("0,1,0,0.5,0.5,0,1,0,0", "0.5,0.5,0");
  refused("0,0,0,0,1,0,1,0,0", "0,0,0");
  refused("0,1,0,0,1,0,1,1,0", "1,1,0");
  refused("0,1,0,1,1,-1,1,0,0", "1,1,-1");

  const TemporaryFolder other;
  write_npy(other.path() / "rows.npy", {2, 4}, std::vector<double>{0.5, -1.5, 2, 3, -7, 1, 1, 0});
  const std::string continuous =
      run(other.path(),
          {"data={type: npy, path: rows.npy}", "model={type: quadratic, dimension: 4, correlation: 0.9}",
           "sampler={type: langevin, adjusted: true, step_size: 0.3}", "trainer={method: none, draws: 2}"});
  const Array means = sampled(continuous, {"--clamp", "columns=0-2", "--chains", "4000", "--sweeps", "100"});
  // Given x, the last coordinate of an equicorrelated Gaussian has mean ρ Σx/(1 + 2ρ) and variance
  // 1 − 3ρ²/(1 + 2ρ), about 0.13.
  for (std::size_t row = 0; row < 2; ++row) {
    double mean = 0;
    for (std::size_t c = row; c < 4000; c += 2) {
      BOOST_TEST(means.values[4 * c] == (row == 0 ? 0.5 : -7));
      mean += means.values[4 * c + 3] / 2000;
    }
    const double sum = row == 0 ? 1.0 : -5.0, variance = 1 - 3 * 0.81 / 2.8;
    BOOST_TEST(std::abs(mean - 0.9 * sum / 2.8) < 4.5 * std::sqrt(variance / 2000));
  }
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_in_words) {
  const TemporaryFolder folder;
  const std::string run_folder = run(folder.path(), {"trainer.updates=5"});
  const std::string trial = run_folder + "/0";
  const auto refused = [&](std::vector<std::string> options, const std::string& message) {
    options.insert(options.begin(), "sample");
    const ProgramResult r = call(options);
    BOOST_TEST(r.code == 2, fmt::format("{}", fmt::join(options, " ")));
    BOOST_TEST(r.out == "");
    BOOST_TEST(r.err.find(message) != r.err.npos, r.err << "lacks: " << message);
  };
  const std::vector<std::pair<std::string, std::string>> clamps{
      {"hiden", "there is no block 'hiden', did you mean 'hidden'?; expected columns=…, rows=… or a block: "
                "visible, hidden"},
      {"colums=1", "did you mean 'columns'?"},
      {"columns", "expected numbers and ranges such as 3,7,10-20, found ''"},
      {"columns=1,", "found ''"},
      {"columns=5-3", "found '5-3'"},
      {"columns=-1", "found '-1'"},
      {"columns=0-9", "there is no 9: the columns are 0 to 8"},
      {"columns=99999999999999999999", "found '99999999999999999999'"},
      {"rows=3", "there is no 3: the rows of the image are 0 to 2"},
      {"columns=0-8", "all visible columns are clamped"},
      {"visible", "all visible columns are clamped"},
      {"hidden", "block 'hidden' is latent"},
      {"hidden=1,0", "block 'hidden' has 6 columns, and 2 values were given"},
      {"hidden=1,0,1,x,0,1", "expected a number, found 'x'"},
      {"hidden=1,0,1,nan,0,1", "expected a number, found 'nan'"},
      {"hidden=1,0,1,-1,0,1", "bernoulli units take values from 0 to 1, found -1"}};
  for (const auto& [clamp, message] : clamps) refused({trial, "--clamp", clamp}, message);
  refused({trial, "--clamp", "hidden=1,0,1,0,0,1", "--clamp", "hidden=1,0,1,0,0,1"}, "has got values before");
  refused({trial, "--from", "test"}, "the data have no test rows");
  refused({trial, "--first", "16"}, "the training rows are 0 to 15");
  refused({trial, "--first", "-1"}, "expected a whole number of at most 64 bits, 0 or more, found '-1'");
  refused({trial, "--seed", "9223372036854775808"}, "of at most 64 bits, found '9223372036854775808'");
  refused({trial, "--seed", "1.5"}, "found '1.5'");
  refused({trial, "--chains", "0"}, "--chains");
  refused({trial, "--sweeps", "-1"}, "--sweeps");
  refused({trial, "--start", "zero"}, "--start");
  refused({trial, "--output", (folder.path() / "experiment.yaml").string()},
          "experiment.yaml: cannot be made");
  refused({run_folder + "/7"}, "this run has no trial 7: they are numbered from 0 to 0");
  refused({run_folder + "/abc"}, "this run has no trial 'abc'");
  refused({(folder.path() / "runs" / "smal").string()}, "there is no such folder, did you mean 'small'?");
  refused({(folder.path() / "runs").string()}, "expected a trial, such as runs/NAME/0");
  refused({(folder.path() / "experiment.yaml").string()}, "expected a trial, such as runs/NAME/0");
  refused({}, "trial is required");
  const fs::path files = fs::directory_iterator(fs::path(run_folder) / "trials")->path();
  BOOST_TEST(!fs::exists(files / "samples"));
  fs::remove(files / "params.npz");
  refused({trial}, "params.npz is missing: the trial has not finished");
  write_file(files / "status.json", R"({"state": "diverged"})");
  refused({trial}, "the trial has diverged, so it has no parameters to sample with");
  fs::remove(files / "config.yaml");
  refused({trial}, "this trial has not begun: config.yaml is missing");
}

BOOST_AUTO_TEST_CASE(given_spins_are_minus_one_or_one) {
  const TemporaryFolder folder;
  const std::string run_folder =
      run(folder.path(), {"data.size=2", "model={type: rbm, hidden: 2, units: spin}", "trainer.updates=5"});
  const Array samples = sampled(run_folder, {"--clamp", "hidden=-1,1", "--sweeps", "2"});
  BOOST_TEST(std::ranges::all_of(samples.values, [](double v) { return v == -1 || v == 1; }));
  const ProgramResult r = call({"sample", run_folder, "--clamp", "hidden=0,1"});
  BOOST_TEST(r.err == "error: --clamp hidden=0,1: spin units take -1 and 1, found 0\n");
}

/// Exact training uses no sampler.
BOOST_AUTO_TEST_CASE(a_sampler_that_does_not_fit_is_named) {
  const TemporaryFolder folder;
  const std::string run_folder =
      run(folder.path(), {"sampler={type: langevin}", "trainer={method: exact, updates: 1}"});
  const ProgramResult r = call({"sample", run_folder, "--sweeps", "1"});
  BOOST_TEST(r.code == 2);
  BOOST_TEST(r.err.starts_with("error: sampler.type langevin, which the run did not use, does not fit the "
                               "model: langevin "),
             r.err);
}

BOOST_AUTO_TEST_CASE(files_that_have_changed_since_the_run_are_refused) {
  const TemporaryFolder folder;
  const std::vector<double> rows{0.5, 1, 2, 3, -7, 1}, others{0.5, 1, 2, 3, -7, 2};
  write_npy(folder.path() / "rows.npy", {3, 2}, rows);
  const std::vector<NamedArray<double>> arrays{{"visible_bias", {2}, {0.3, 0.1}},
                                               {"visible_sigma", {2}, {1, 1}},
                                               {"hidden_bias", {1}, {0.2}},
                                               {"W", {2, 1}, {0.5, 0.1}}};
  write_npz(folder.path() / "given.npz", std::span<const NamedArray<double>>(arrays));
  for (const std::string trainer :
       {"{method: none, draws: 2, burn_in: 0}", "{method: cd, updates: 1, optimizer: {lr: 0.01}}"}) {
    fs::remove_all(folder.path() / "runs");
    const std::string run_folder =
        run(folder.path(), {"data={type: npy, path: rows.npy, standardize: true}",
                            "model={type: rbm, visible: {units: gaussian}, hidden: 1, parameters: given.npz}",
                            "trainer=" + trainer});
    write_npy(folder.path() / "rows.npy", {3, 2}, others);
    const ProgramResult r = call({"sample", run_folder, "--sweeps", "1"});
    BOOST_TEST(r.code == 2);
    BOOST_TEST(r.err.find("the content of a data or parameter file, is not the same as in the run") !=
                   r.err.npos,
               r.err);
    write_npy(folder.path() / "rows.npy", {3, 2}, rows);
    BOOST_TEST(sampled(run_folder, {"--sweeps", "1"}).shape[0] == 64u);
  }
}

BOOST_AUTO_TEST_CASE(models_without_data_start_at_random) {
  const TemporaryFolder folder;
  const std::string run_folder = run(folder.path(), {},
                                     "ebm: 1\nname: small\nmodel: {type: quadratic, dimension: 2}\n"
                                     "trainer: {method: none, draws: 2}\n");
  BOOST_TEST((sampled(run_folder, {"--chains", "7"}).shape == std::vector<std::size_t>{7, 2}));
  for (const auto& [option, value, message] :
       std::vector<std::array<std::string, 3>>{{"--start", "data", "use --start random"},
                                               {"--from", "train", "use --start random"},
                                               {"--clamp", "columns=0", "no data to take values from"},
                                               {"--clamp", "rows=0", "not the pixels of one"}}) {
    const ProgramResult r = call({"sample", run_folder, option, value});
    BOOST_TEST(r.code == 2);
    BOOST_TEST(r.err.find(message) != r.err.npos, r.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
