// What a run makes of prepared data: units, draws, pictures.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>

#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"
#include "experiments/run/setup.hpp"
#include "tests/report/png_support.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(prepared_data)

using namespace ebm;
using namespace ebm::tests;
using namespace ebm::experiments;
using ebm::experiments::testing::decode_png;
using ebm::experiments::testing::pixel;
namespace fs = std::filesystem;

namespace {

/// Runs this experiment, of name t, in the folder and gives the folder of its only trial.
fs::path run(const fs::path& base, const std::string& experiment) {
  write_file(base / "t.yaml", "ebm: 1\nname: t\n" + experiment);
  const ProgramResult result =
      run_program({"run", (base / "t.yaml").string(), "output.dir=" + base.string(), "-q"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  return fs::directory_iterator(base / "t" / "trials")->path();
}

std::vector<std::vector<double>> numbers(const fs::path& csv) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(read_file(csv));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

} // namespace

BOOST_AUTO_TEST_CASE(labels_of_a_categorical_block_stay_beside_spins) {
  const Block image{"image", units::Spin{}, 2}, label{"label", units::Categorical{3}, 1},
      hidden{"hidden", units::Spin{}, 2, Role::latent};
  const std::vector<double> rows{0, 1, 0, 1, 0, 1, 0, 1, 0, 0};
  Batch<double> data = make_batch<double>(2, 5);
  std::ranges::copy(rows, data.begin());
  fit_to_units(StateSpace({image, label, hidden}), data, "training");
  BOOST_TEST(std::vector<double>(data.begin(), data.end()) ==
             (std::vector<double>{-1, 1, 0, 1, 0, 1, -1, 1, 0, 0}));
}

BOOST_AUTO_TEST_CASE(spins_are_written_in_one_way) {
  const StateSpace space({Block{"left", units::Spin{}, 1}, Block{"right", units::Spin{}, 2}});
  const auto fit = [&](const std::vector<double>& rows) {
    Batch<double> data = make_batch<double>(rows.size() / 3, 3);
    std::ranges::copy(rows, data.begin());
    fit_to_units(space, data, "training");
    return std::vector<double>(data.begin(), data.end());
  };
  BOOST_TEST(fit({0, 1, 0, 1, 0, 1}) == (std::vector<double>{-1, 1, -1, 1, -1, 1}));
  BOOST_TEST(fit({-1, 1, -1, 1, -1, 1}) == (std::vector<double>{-1, 1, -1, 1, -1, 1}));
  const auto refused = [&](const std::vector<double>& rows, const std::string& why) {
    BOOST_CHECK_EXCEPTION(fit(rows), ebm::InputError, [&](const ebm::InputError& e) {
      return std::string(e.what()).starts_with("training " + why + ": spin units take ");
    });
  };
  BOOST_TEST(fit({-1, 1, 0, 1, -1, 1}) == (std::vector<double>{-1, 1, -1, 1, -1, 1})); // labels beside spins
  refused({0, 1, 1, -1, 1, 1}, "row 1, column 0 is -1, but an earlier value of the column is 0");
  refused({1, 1, -1, 1, 1, 0}, "row 1, column 2 is 0, but an earlier value of the column is -1");
}

// Chains start at the rows of the data, here in their order, and move by steps far below the tolerance.
BOOST_AUTO_TEST_CASE(draws_of_standardised_data_are_in_the_original_units) {
  const TemporaryFolder folder;
  const std::vector<double> rows{1, 100, 5, 2, 500, 5, 6, 300, 5};
  write_npy(folder.path() / "rows.npy", {3, 3}, rows);
  const fs::path trial = run(folder.path(), R"(precision: double
data: {type: npy, path: rows.npy, standardize: true}
model: {type: double_well, dimension: 3}
sampler: {type: metropolis, chains: 3, step_size: 1.0e-12}
trainer: {method: none, burn_in: 0, draws: 1}
evaluation: {metrics: []}
)");
  const Array draws = read_npy(trial / "draws.npy");
  BOOST_TEST(draws.values == rows, boost::test_tools::tolerance(1e-8) << boost::test_tools::per_element());
  double sum = 0, squares = 0, energy = 0;
  for (const double v : draws.values) sum += v, squares += v * v;
  // (x² − 1)² of the standardised values, where the barrier is 1 and the wells are at ±1.
  for (const auto& [mean, column] : {std::pair(3.0, 0u), {300.0, 1u}, {5.0, 2u}}) {
    double variance = 0;
    for (std::size_t i = 0; i < 3; ++i) variance += std::pow(rows[3 * i + column] - mean, 2) / 3;
    for (std::size_t i = 0; i < 3; ++i) {
      const double x = (rows[3 * i + column] - mean) / (variance > 0 ? std::sqrt(variance) : 1);
      energy += std::pow(x * x - 1, 2) / 3;
    }
  }
  const auto observables = numbers(trial / "observables.csv");
  BOOST_TEST_REQUIRE(observables.size() == 1u);
  const auto close = boost::test_tools::tolerance(1e-8);
  BOOST_TEST(observables[0][1] == energy, close);
  BOOST_TEST(observables[0][2] == sum / 9, close);
  BOOST_TEST(observables[0][3] == squares / 9, close);
}

// The left pixels are 0 or 10, the right ones 200 or 210: standardised, they would be alike.
BOOST_AUTO_TEST_CASE(pictures_of_standardised_data_are_in_the_original_units) {
  const TemporaryFolder folder;
  std::vector<double> rows;
  for (int i = 0; i < 20; ++i) rows.insert(rows.end(), {10.0 * (i % 2), 200.0 + 10 * (i / 2 % 2)});
  write_npy(folder.path() / "rows.npy", {20, 1, 2}, rows);
  const fs::path trial = run(folder.path(), R"(data: {type: npy, path: rows.npy, standardize: true}
model: {type: gaussian_mixture, components: 2}
trainer: {method: exact, updates: 1, optimizer: {lr: 1.0e-9}}
evaluation: {metrics: []}
)");
  const GreyImage picture = decode_png(read_file(trial / "figures" / "samples.png"));
  const Tiles tiles{1, 2, std::vector<double>(64 * 2)};
  const GridLayout grid = grid_layout(tiles);
  BOOST_TEST(picture.width == tile_grid(tiles, {}, 0).width);
  for (std::size_t t = 0; t < 64; ++t) {
    BOOST_TEST(pixel(picture, grid, tiles, t, 0, 0) < 60);
    BOOST_TEST(pixel(picture, grid, tiles, t, 0, 1) > 195);
  }
}

// Columns as far apart as those of tables are. A machine without weights is a Gaussian of the mean and
// deviation of each column, 1 and 0 when standardised.
BOOST_AUTO_TEST_CASE(samples_of_standardised_tables_are_in_the_original_units) {
  const TemporaryFolder folder;
  std::string table = "mass,shift,flux,label\n";
  for (int i = 0; i < 40; ++i)
    table += fmt::format("{},{},{},{}\n", 1000 + 50 * (i % 2 * 2 - 1), -3 + 0.002 * (i / 2 % 2 * 2 - 1),
                         5e6 + 1e5 * (i / 4 % 2 * 2 - 1), i % 2);
  write_file(folder.path() / "rows.csv", table);
  const std::string head = "data: {type: csv, path: rows.csv, label_column: label, standardize: true";
  const auto sampled = [&](const fs::path& trial, std::vector<std::string> more) {
    more.insert(more.begin(), {"sample", trial.string(), "--sweeps", "20", "-j", "1"});
    const ProgramResult result = run_program(more);
    BOOST_TEST_REQUIRE(result.code == 0, result.err);
    return read_npy(trial / "samples" / "samples.npy");
  };
  const std::string learning = R"(
trainer: {method: cd, updates: 1, optimizer: {lr: 1.0e-9}}
evaluation: {metrics: []}
)";
  const fs::path free =
      run(folder.path(),
          head + "}\nmodel: {type: gaussian_rbm, hidden: 2, init: {weights: {constant: 0}}}" + learning);
  constexpr std::size_t chains = 4000;
  const Array samples = sampled(free, {"--chains", std::to_string(chains)});
  BOOST_TEST_REQUIRE((samples.shape == std::vector<std::size_t>{chains, 3}));
  const double location[] = {1000, -3, 5e6}, spread[] = {50, 0.002, 1e5};
  for (std::size_t j = 0; j < 3; ++j) {
    double mean = 0, squares = 0;
    for (std::size_t c = 0; c < chains; ++c) {
      const double z = (samples.values[3 * c + j] - location[j]) / spread[j];
      mean += z / chains, squares += z * z / chains;
    }
    BOOST_TEST(std::abs(mean) < 5 / std::sqrt(chains));
    BOOST_TEST(std::abs(squares - 1) < 5 * std::sqrt(2.0 / chains));
  }
  fs::remove_all(folder.path() / "t");

  const fs::path labelled = run(
      folder.path(), head +
                         ", append_labels: true}\nmodel: {type: classification_rbm, classes: 2, hidden: 2, "
                         "visible: {units: gaussian}, init: {weights: {normal: 1}}}" +
                         learning);
  const Array given = sampled(labelled, {"--clamp", "visible=1080,-2.998,5050000", "--chains", "5"});
  BOOST_TEST_REQUIRE((given.shape == std::vector<std::size_t>{5, 5}));
  for (std::size_t c = 0; c < 5; ++c) {
    BOOST_TEST(given.values[5 * c] == 1080, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(given.values[5 * c + 1] == -2.998, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(given.values[5 * c + 2] == 5050000, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(given.values[5 * c + 3] + given.values[5 * c + 4] == 1);
  }
}

BOOST_AUTO_TEST_CASE(pictures_leave_labels_out) {
  const TemporaryFolder folder;
  write_file(folder.path() / "rows.csv", "a,b,c,d,label\n1,0,1,0,0\n0,1,0,1,2\n1,1,0,0,1\n0,0,1,1,2\n");
  for (const std::string units : {"bernoulli", "spin"}) {
    const fs::path trial = run(
        folder.path(), "data: {type: csv, path: rows.csv, label_column: label, image: [2, 2], append_labels: "
                       "true}\nmodel: {type: rbm, hidden: 3, units: " +
                           units + ", init: {weights: {normal: 1}}}\n" + R"(sampler: {type: gibbs, chains: 10}
trainer: {method: pcd, updates: 5}
evaluation: {metrics: [log_likelihood]}
)");
    const Array W = read_npz(trial / "params.npz").at("W");
    BOOST_TEST_REQUIRE((W.shape == std::vector<std::size_t>{7, 3}));
    Tiles filters{2, 2, {}};
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t i = 0; i < 4; ++i) filters.values.push_back(W.values[i * 3 + j]);
    BOOST_TEST((decode_png(read_file(trial / "figures" / "filters.png")).pixels ==
                tile_grid(filters, symmetric_scale(filters.values), 0).pixels));
    const Tiles samples{2, 2, std::vector<double>(64 * 4)};
    const GreyImage picture = decode_png(read_file(trial / "figures" / "samples.png"));
    BOOST_TEST(picture.width == tile_grid(samples, {}, 0).width);
    BOOST_TEST(picture.height == tile_grid(samples, {}, 0).height);
    fs::remove_all(folder.path() / "t");
  }
}

BOOST_AUTO_TEST_CASE(rows_of_a_teacher_are_prepared_like_others) {
  const TemporaryFolder folder;
  const auto checked = [&](const std::string& more) {
    write_file(
        folder.path() / "t.yaml",
        "ebm: 1\nname: t\ndata: {type: teacher, rows: 10, model: {type: rbm, visible: 3, hidden: 2}, " +
            more + "}\nmodel: {type: rbm, hidden: 2}\ntrainer: {method: cd, updates: 1}\n");
    return run_program({"check", (folder.path() / "t.yaml").string()});
  };
  BOOST_TEST(checked("split: {test: 0.3}, subset: 7, validation: 0.5").code == 0);
  for (const std::string more : {"subset: 11", "split: {test: 0.3}, subset: 8"}) {
    const ProgramResult refused = checked(more);
    BOOST_TEST(refused.code == 2);
    BOOST_TEST(refused.err.find("subset asks for") != std::string::npos, refused.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
