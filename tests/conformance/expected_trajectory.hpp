// Learning curves under the expected CD-k gradient (conformance/trajectories.json, the rows "expected CD-k").
#pragma once
#include "tests/conformance/expected_contrastive.hpp"
#include "tests/conformance/known_answers.hpp"

#include "ebm/learning/initialise.hpp"
#include "ebm/learning/optimizer.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "experiments/data/patterns.hpp"

#include <cstdint>

namespace ebm::conformance {

struct KnownPoint {
  std::uint64_t update;
  double total_log_likelihood; ///< over the listed patterns, in nats
};

inline constexpr double trajectory_tolerance = 1e-4; ///< absolute

inline void check_point(const std::string& curve, const KnownPoint& known, double total) {
  const double error = std::abs(total - known.total_log_likelihood);
  std::ostringstream message;
  message.precision(12);
  message << curve << " after " << known.update << " updates: " << total << ", expected "
          << known.total_log_likelihood << ", error " << error;
  BOOST_TEST(error <= trajectory_tolerance, message.str());
}

struct ExpectedCurve {
  const char* name;
  std::size_t side, hidden, sweeps; ///< of the patterns, of the machine, k
  std::vector<KnownPoint> points;
};

inline const std::vector<ExpectedCurve> expected_curves{
    {"RBM 4x4, bars and stripes 2x2, expected CD-1",
     2,
     4,
     1,
     {{1000, -20.78125952166076},
      {5000, -17.800027782064873},
      {10000, -14.901992402101445},
      {20000, -14.449058030402714},
      {50000, -14.487125444283354}}},
    {"RBM 9x4, bars and stripes 3x3, expected CD-1",
     3,
     4,
     1,
     {{1000, -91.24284393972923},
      {2000, -85.2053072805349},
      {5000, -65.1167841603336},
      {10000, -66.36495172475877},
      {20000, -70.67778472814427}}},
    {"RBM 9x4, bars and stripes 3x3, expected CD-10",
     3,
     4,
     10,
     {{1000, -90.90483313858903}, {2000, -84.8512354576228}, {5000, -60.80207014355594}}}};

/// Learns as the collection says (W = 0.1·sin(k + 1), biases 0, theta += 0.1 · ascent, in double) and checks
/// the points up to `last`.
inline void check_expected(const ExpectedCurve& known, std::uint64_t last) {
  const experiments::RawRows raw = experiments::bars_and_stripes(known.side, true);
  const auto& bytes = std::get<std::vector<std::uint8_t>>(raw.values);
  const Batch<double> data = matrix<double>({bytes.begin(), bytes.end()}, raw.columns);
  const Rows<double> rows{&data, {}};
  RbmOptions options;
  options.visible.size = raw.columns;
  options.hidden.size = known.hidden;
  AnyEnergy<double> e(make_rbm<double>(options));
  initialise(e, {{"weights", {InitialiserKind::sine, 0.1}}, {"biases", {InitialiserKind::constant, 0.0}}},
             &rows, random::Draws(random::Key{1}));
  OptimizerOptions plain;
  plain.lr = 0.1;
  const Optimizer<double> optimizer(plain);
  auto state = optimizer.init(e.parameters());
  ExpectedContrastive<double> contrastive(e.space(), rows);
  Parameters<double> g = e.parameters();
  double largest = 0;
  std::uint64_t update = 0;
  for (const KnownPoint& point : known.points) {
    if (point.update > last) break;
    for (; update < point.update; ++update) {
      g.fill(0.0);
      contrastive.add_gradient(e, known.sweeps, g);
      optimizer.update(e.parameters(), g, plain.lr, state);
    }
    double total = -double(rows.size()) * exact_log_partition(e);
    for (const double f : row_free_energies(e, rows)) total -= f;
    largest = std::max(largest, std::abs(total - point.total_log_likelihood));
    check_point(known.name, point, total);
  }
  BOOST_TEST_MESSAGE(known.name << ", to update " << update << ": largest error " << largest << ", allowed "
                                << trajectory_tolerance);
}

} // namespace ebm::conformance
