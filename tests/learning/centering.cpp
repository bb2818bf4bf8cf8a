// Centred and enhanced gradients: known numbers, the change of coordinates, what they are for.
#include <boost/test/unit_test.hpp>

#include "ebm/core/graph.hpp"
#include "ebm/learning/trainer.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/data/map_visitor.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(centering)

using namespace ebm;
using namespace ebm::tests;

namespace {

const random::Draws draws(random::Key{20240502});

CenteringOptions of_kind(GradientKind kind, OffsetSource offsets = OffsetSource::data, double decay = 0) {
  return {kind, offsets, decay};
}

void set(ParameterArray<double>& a, std::vector<double> values) {
  std::ranges::copy(values, a.value.data());
}
double distance(const Parameters<double>& a, const Parameters<double>& b) {
  double d = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t i = 0; i < a[k].value.size(); ++i)
      d = std::max(d, std::abs(a[k].value.data()[i] - b[k].value.data()[i]));
  return d;
}

/// An RBM of 2 + 2 units and the gradient of the known numbers.
struct Known {
  AnyEnergy<double> e = build_model({"rbm", "visible: 2, hidden: 2"}, 2);
  Parameters<double> g = e.parameters();
  Known() {
    set(*g.find("W"), {0.3, 0.5, -0.4, 0.8});
    set(*g.find("visible_bias"), {2, 4});
    set(*g.find("hidden_bias"), {-2, -1});
  }
};

} // namespace

// Numbers: conformance/README.md, "Centred gradient".
BOOST_AUTO_TEST_CASE(the_known_numbers) {
  Known known;
  Parameters<double> expected = known.g;
  set(*expected.find("W"), {1.1, 0.6, 0.2, 0.5});
  set(*expected.find("visible_bias"), {1.77, 3.88});
  set(*expected.find("hidden_bias"), {-2.65, -1.55});
  const Centering<double> centering(of_kind(GradientKind::centred));
  auto state = centering.init(known.e);
  centering.move_offsets({{{0.5, 0.5}, {0.1, 0.2}}, {}}, state);
  centering.transform(known.e.parameters(), state, known.g);
  BOOST_TEST(distance(known.g, expected) < 1e-15);
}

BOOST_AUTO_TEST_CASE(offsets_of_zero_change_nothing) {
  Known known;
  const Parameters<double> before = known.g;
  const Centering<double> centering(of_kind(GradientKind::centred));
  auto state = centering.init(known.e);
  centering.move_offsets({{{0, 0}, {0, 0}}, {}}, state);
  centering.transform(known.e.parameters(), state, known.g);
  BOOST_TEST(distance(known.g, before) == 0);
}

BOOST_AUTO_TEST_CASE(offsets_follow_what_the_options_say) {
  const Known known;
  const PhaseMeans first{{{0.2, 0.4}, {0.6, 0.8}}, {{0.4, 0.8}, {0.2, 0.4}}},
      second{{{0.7, 0.4}, {0.6, 0.8}}, {{0.9, 0.8}, {0.2, 0.4}}};
  const auto offset = [&](CenteringOptions o) {
    const Centering<double> centering(o);
    auto state = centering.init(known.e);
    centering.move_offsets(first, state);
    centering.move_offsets(second, state);
    return state.offsets[0][0];
  };
  const auto centred = GradientKind::centred;
  BOOST_TEST(std::abs(offset(of_kind(centred, OffsetSource::data, 0.9)) - (0.9 * 0.2 + 0.1 * 0.7)) < 1e-15);
  BOOST_TEST(std::abs(offset(of_kind(centred, OffsetSource::model, 0.9)) - (0.9 * 0.4 + 0.1 * 0.9)) < 1e-15);
  BOOST_TEST(std::abs(offset(of_kind(centred, OffsetSource::average, 0.9)) - (0.9 * 0.3 + 0.1 * 0.8)) <
             1e-15);
  BOOST_TEST(std::abs(offset(of_kind(GradientKind::enhanced, OffsetSource::data, 0.9)) - 0.8) < 1e-15);
}

namespace {

/// One parameter: an entry of an array, or a pair of a symmetric one.
struct Coordinate {
  std::size_t array, i, j;
};

/// Those of the biases, or those of the couplings.
std::vector<Coordinate> coordinates(const Parameters<double>& p, ParameterRole role) {
  std::vector<Coordinate> all;
  for (std::size_t k = 0; k < p.size(); ++k)
    for (std::size_t i = 0; p[k].role == role && i < p[k].value.shape(0); ++i)
      for (std::size_t j = 0; j < p[k].value.shape(1); ++j)
        if (!p[k].symmetric || i / p[k].site_width < j / p[k].site_width) all.push_back({k, i, j});
  return all;
}
double at(const Parameters<double>& p, const Coordinate& c) {
  return p[c.array].value(c.i, c.j);
}
/// 1 for this parameter, 0 for all others.
Parameters<double> unit(const Parameters<double>& like, const Coordinate& c) {
  Parameters<double> u = like;
  u.fill(0);
  u[c.array].value(c.i, c.j) = 1;
  if (u[c.array].symmetric) u[c.array].value(c.j, c.i) = 1;
  return u;
}

/// Σ of (x̃ − offset)(x̃' − offset) over what the coupling is between, chain by chain.
std::vector<double> deviations(const AnyEnergy<double>& e, const Coordinate& c, const BlockMeans& offsets,
                               const State<double>& x) {
  const ParameterArray<double>& a = e.parameters()[c.array];
  const BlockId first = *a.row_block, second = *a.column_block;
  const auto deviation = [&](BlockId b, std::size_t column, std::size_t chain) {
    const double seen = column_scale(e.parameters(), arrays_of(e.parameters(), b), column).seen;
    return seen * (x[b](chain, column) - offsets[b][column]);
  };
  std::vector<double> sums(x.chains());
  for (std::size_t n = 0; n < x.chains(); ++n)
    if (a.graph == nullptr) {
      sums[n] = deviation(first, c.i, n) * deviation(second, c.j, n);
    } else {
      const auto [p, q] = a.graph->edges()[c.j];
      for (std::size_t k = 0; k < a.site_width; ++k)
        sums[n] += deviation(first, p * a.site_width + k, n) * deviation(first, q * a.site_width + k, n);
    }
  return sums;
}

struct Centred {
  AnyEnergy<double> e;
  Centering<double> centering{of_kind(GradientKind::centred)};
  Centering<double>::state_type state = centering.init(e);
  explicit Centred(AnyEnergy<double> energy) : e(std::move(energy)) {
    PhaseMeans means;
    set_zero(e.space(), means.data);
    for (BlockId b = 0; b < e.space().size(); ++b)
      for (std::size_t j = 0; j < means.data[b].size(); ++j)
        means.data[b][j] = std::sin(double(3 * b + j + 1));
    centering.move_offsets(means, state);
  }
  /// P u: what steepest descent on the centred machine makes of the gradient u.
  Parameters<double> transformed(Parameters<double> u) {
    centering.transform(e.parameters(), state, u);
    return u;
  }
};

} // namespace

// Steepest descent in other coordinates multiplies the gradient by P = A Aᵀ, where A takes the coordinates of
// the centred machine to the parameters. Moving one coupling of the centred machine moves the energy by
// −(x̃ − mu)(x̃' − mu) and a constant; P of a coupling is that column of A, and the biases of the centred
// machine are those of the ordinary one. So P is known: it is [[1, −Cᵀ], [−C, 1 + C Cᵀ]].
BOOST_AUTO_TEST_CASE(it_is_the_gradient_of_the_machine_that_sees_deviations) {
  std::size_t models = 0;
  for (const Variant& m : model_variants()) {
    AnyEnergy<double> energy = build_model(m, 3);
    if (!supports(energy, Capability::parameters)) continue;
    if (Centering<double>(of_kind(GradientKind::centred)).check(energy.parameters())) continue;
    ++models;
    Centred c(std::move(energy));
    const Parameters<double> theta = c.e.parameters();
    const auto couplings = coordinates(theta, ParameterRole::weight),
               biases = coordinates(theta, ParameterRole::bias);
    State<double> x(c.e.space(), 5);
    for (BlockId b = 0; b < c.e.space().size(); ++b)
      draws.uniforms({random::Stream::law, 0, 0, std::uint8_t(b)}, x.values(b));
    std::vector<double> before(x.chains()), after(x.chains());
    c.e.energy(x, before);
    Batch<double> C = make_batch<double>(biases.size(), couplings.size());
    double worst = 0;
    for (std::size_t k = 0; k < couplings.size(); ++k) {
      const Parameters<double> moved = c.transformed(unit(theta, couplings[k]));
      for (std::size_t l = 0; l < couplings.size(); ++l)
        worst = std::max(worst, std::abs(at(moved, couplings[l]) - (k == l ? 1 : 0)));
      for (std::size_t b = 0; b < biases.size(); ++b) C(b, k) = -at(moved, biases[b]);
      c.e.parameters().add_scaled(1, moved);
      c.e.energy(x, after);
      c.e.parameters() = theta;
      const std::vector<double> d = deviations(c.e, couplings[k], c.state.offsets, x);
      for (std::size_t n = 1; n < x.chains(); ++n)
        worst = std::max(worst, std::abs((after[n] - before[n] + d[n]) - (after[0] - before[0] + d[0])));
    }
    for (std::size_t b = 0; b < biases.size(); ++b) {
      const Parameters<double> moved = c.transformed(unit(theta, biases[b]));
      for (std::size_t k = 0; k < couplings.size(); ++k)
        worst = std::max(worst, std::abs(at(moved, couplings[k]) + C(b, k)));
      for (std::size_t other = 0; other < biases.size(); ++other) {
        double expected = b == other ? 1 : 0;
        for (std::size_t k = 0; k < couplings.size(); ++k) expected += C(b, k) * C(other, k);
        worst = std::max(worst, std::abs(at(moved, biases[other]) - expected));
      }
    }
    BOOST_TEST(worst < 1e-11, m.name() << ": off by " << worst);
  }
  BOOST_TEST(models > 90u);
}

BOOST_AUTO_TEST_CASE(models_without_couplings_of_blocks_have_nothing_to_centre) {
  const AnyEnergy<double> e = build_model({"gaussian_mixture", "components: 2, dimension: 2"}, 2),
                          net = build_model({"dbn", "visible: 2, hidden: [2, 1]"}, 2);
  BOOST_TEST(bool(Centering<double>(of_kind(GradientKind::enhanced)).check(e.parameters())));
  BOOST_TEST(bool(Centering<double>(of_kind(GradientKind::centred)).check(net.parameters())));
  BOOST_TEST(!Centering<double>(of_kind(GradientKind::ordinary)).check(e.parameters()));
  const Centering<double> follows_model(of_kind(GradientKind::centred, OffsetSource::model));
  auto state = follows_model.init(e);
  BOOST_CHECK_THROW(follows_model.move_offsets({{{0, 0}, {0, 0}}, {}}, state), CapabilityError);
}

namespace {

Batch<double> bars_and_stripes(const std::string& side) {
  const auto raw = experiments::data_testing::load("bars_and_stripes", {{"size", side}}).train;
  Batch<double> rows = make_batch<double>(raw.rows, raw.columns);
  std::ranges::copy(experiments::data_testing::bytes(raw), rows.data());
  return rows;
}

AnyEstimator<double> exact_estimator() {
  return estimators(sampler_variants()[0], 1).back().estimator;
}

/// `updates` exact updates on all rows.
void learn(AnyEnergy<double>& e, const Batch<double>& rows, CenteringOptions centering, double lr,
           std::uint64_t updates) {
  TrainerOptions o;
  o.updates = updates;
  o.optimizer.lr = lr;
  o.centering = centering;
  const Trainer<double> trainer(exact_estimator(), o, rows.shape(0),
                                [&](std::uint64_t) -> const Batch<double>& { return rows; });
  auto state = trainer.init(e, draws);
  for (std::uint64_t t = 0; t < updates; ++t) trainer.step(e, state, draws);
}

double mean_log_likelihood(const AnyEnergy<double>& e, const Batch<double>& rows) {
  State<double> x(e.space(), rows.shape(0));
  Rows<double>{&rows, {}}.copy_to(e.space(), 0, x);
  std::vector<double> f(rows.shape(0));
  derive::free_energy(e, x, f);
  double sum = 0;
  for (const double v : f) sum -= v;
  return sum / double(f.size()) - exact_log_partition(e);
}

/// The same law with value 1 of some units called 0.
void flip(Parameters<double>& p, const std::vector<std::size_t>& visible,
          const std::vector<std::size_t>& hidden) {
  Batch<double>&W = p.find("W")->value, &b = p.find("visible_bias")->value, &c = p.find("hidden_bias")->value;
  for (const std::size_t i : visible) {
    b(0, i) = -b(0, i);
    for (std::size_t j = 0; j < W.shape(1); ++j) c(0, j) += W(i, j), W(i, j) = -W(i, j);
  }
  for (const std::size_t j : hidden) {
    c(0, j) = -c(0, j);
    for (std::size_t i = 0; i < W.shape(0); ++i) b(0, i) += W(i, j), W(i, j) = -W(i, j);
  }
}

} // namespace

// ∇W' = Cov_model(v, h) − Cov_data(v, h), for −mean log p: Cho, Raiko & Ilin 2011, equation of ∇_e W.
BOOST_AUTO_TEST_CASE(the_enhanced_gradient_is_a_difference_of_covariances) {
  const AnyEnergy<double> e = build_model({"rbm", "visible: 4, hidden: 3"}, 4);
  const Batch<double> rows = bars_and_stripes("2");
  const AnyEstimator<double> exact = exact_estimator();
  auto memory = exact.init(e, Rows<double>{&rows, {}}, draws);
  Parameters<double> g = e.parameters();
  g.fill(0);
  PhaseMeans means;
  exact.estimate(e, Rows<double>{&rows, {}}, memory, draws, g, &means);
  const Batch<double> ordinary = g.find("W")->value;
  const Centering<double> centering(of_kind(GradientKind::enhanced));
  auto state = centering.init(e);
  centering.move_offsets(means, state);
  centering.transform(e.parameters(), state, g);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      // ordinary: E_model[v h] − E_data[v h]
      const double covariances =
          ordinary(i, j) - means.model[0][i] * means.model[1][j] + means.data[0][i] * means.data[1][j];
      BOOST_TEST(std::abs(g.find("W")->value(i, j) - covariances) < 1e-15);
    }
}

BOOST_AUTO_TEST_CASE(what_is_learned_does_not_depend_on_which_value_is_called_one) {
  const Batch<double> rows = bars_and_stripes("2");
  const std::vector<std::size_t> visible{0, 2}, hidden{1};
  Batch<double> flipped_rows = rows;
  for (const std::size_t i : visible)
    for (std::size_t n = 0; n < rows.shape(0); ++n) flipped_rows(n, i) = 1 - rows(n, i);
  const auto difference = [&](CenteringOptions centering) {
    AnyEnergy<double> e = build_model({"rbm", "visible: 4, hidden: 3"}, 4), twin = e;
    flip(twin.parameters(), visible, hidden);
    learn(e, rows, centering, 0.2, 50);
    learn(twin, flipped_rows, centering, 0.2, 50);
    flip(twin.parameters(), visible, hidden);
    return distance(e.parameters(), twin.parameters());
  };
  BOOST_TEST(difference(of_kind(GradientKind::enhanced)) < 1e-12);
  BOOST_TEST(difference(of_kind(GradientKind::centred, OffsetSource::data, 0.9)) < 1e-12);
  BOOST_TEST(difference(of_kind(GradientKind::centred, OffsetSource::average, 0.5)) < 1e-12);
  BOOST_TEST(difference(of_kind(GradientKind::ordinary)) > 0.1);
}

BOOST_AUTO_TEST_CASE(columns_that_never_change_give_finite_updates) {
  Batch<double> rows = bars_and_stripes("2");
  for (std::size_t n = 0; n < rows.shape(0); ++n) rows(n, 0) = 0, rows(n, 1) = 1;
  for (const GradientKind kind : {GradientKind::centred, GradientKind::enhanced}) {
    AnyEnergy<double> e = build_model({"rbm", "visible: 4, hidden: 3"}, 4);
    BOOST_CHECK_NO_THROW(learn(e, rows, of_kind(kind), 0.5, 200)); // it would name an array with a NaN
    BOOST_TEST(std::isfinite(mean_log_likelihood(e, rows)));
  }
}

// 3×3 bars and stripes, whose own frequencies have −2.5993 nats a row; all updates are exact.
BOOST_AUTO_TEST_CASE(bars_and_stripes_are_learned_faster) {
  const Batch<double> rows = bars_and_stripes("3");
  const auto after = [&](CenteringOptions centering, std::uint64_t updates) {
    AnyEnergy<double> e = build_model({"rbm", "visible: 9, hidden: 6"}, 9);
    for (auto& a : e.parameters())
      for (double& v : all(a.value)) v *= a.role == ParameterRole::weight ? 0.1 : 0;
    learn(e, rows, centering, 0.2, updates);
    return mean_log_likelihood(e, rows);
  };
  struct Expected {
    std::uint64_t updates;
    double ordinary, centred, enhanced;
  };
  for (const auto& [updates, ordinary, centred, enhanced] : {Expected{100, -6.1505, -6.0656, -6.0656},
                                                             {300, -5.7543, -5.6203, -5.6203},
                                                             {1000, -4.4667, -3.3157, -3.3158},
                                                             {2000, -3.1137, -2.7666, -2.7666}}) {
    BOOST_TEST(std::abs(after(of_kind(GradientKind::ordinary), updates) - ordinary) < 1e-4);
    BOOST_TEST(std::abs(after(of_kind(GradientKind::centred, OffsetSource::data, 0.99), updates) - centred) <
               1e-4);
    BOOST_TEST(std::abs(after(of_kind(GradientKind::enhanced), updates) - enhanced) < 1e-4);
    BOOST_TEST(centred > ordinary);
  }
}

BOOST_AUTO_TEST_SUITE_END()
