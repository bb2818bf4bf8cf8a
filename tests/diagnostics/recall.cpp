// Recall at zero temperature, against dynamics that ask the energy for every single move.
#include "ebm/diagnostics/recall.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/parallel.hpp"
#include "ebm/laws/energy_laws.hpp"
#include "ebm/learning/associative_memory.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

using Precisions = std::tuple<double, float>;
const random::Draws draws(random::Key{20240501});

Batch<double> random_rows(const AnyEnergy<double>& e, std::size_t rows) {
  return laws::random_state(e.space(), rows, {5})[0];
}

double energy_of(const AnyEnergy<double>& e, const State<double>& x) {
  double energy = 0;
  e.energy(x, {&energy, 1});
  return energy;
}

/// One sweep in this order by energies alone; whether a unit changed.
bool sweep(const AnyEnergy<double>& e, State<double>& x, std::span<const std::uint32_t> order) {
  bool changed = false;
  const auto [low, high] = two_values(e.space()[0]).value();
  for (const std::uint32_t i : order) {
    const double own = x[0](0, i), before = energy_of(e, x);
    x.values(0)(0, i) = own == high ? low : high;
    if (energy_of(e, x) < before)
      changed = true;
    else
      x.values(0)(0, i) = own;
  }
  return changed;
}

Recall slow_recall(const AnyEnergy<double>& e, const Batch<double>& rows, const RecallOptions& options) {
  const std::size_t n = rows.shape(1);
  const auto [low, high] = two_values(e.space()[0]).value();
  Recall sum;
  std::vector<std::uint32_t> order(n);
  for (std::size_t r = 0; r < rows.shape(0); ++r) {
    State<double> x(e.space(), 1);
    const auto shuffle = [&](std::uint64_t s) {
      random::permutation(draws, {random::Stream::evaluation, s, std::uint32_t(r), 0}, order);
    };
    const auto start = [&] { std::ranges::copy(row(rows, r), x.values(0).begin()); };
    shuffle(0);
    start();
    sum.stable += sweep(e, x, order) ? 0 : 1;
    start();
    for (std::size_t k = 0; k < std::size_t(std::lround(options.corruption * double(n))); ++k)
      x.values(0)(0, order[k]) = low + high - x[0](0, order[k]);
    for (std::uint64_t s = 1; s <= options.sweeps; ++s) {
      shuffle(s);
      if (!sweep(e, x, order)) break;
    }
    double overlap = 0;
    for (std::size_t i = 0; i < n; ++i) overlap += x[0](0, i) == rows(r, i) ? 1 : -1;
    sum.overlap += overlap / double(n);
  }
  return {sum.overlap / double(rows.shape(0)), sum.stable / double(rows.shape(0))};
}

std::string refusal(const Variant& v, double value = 1) {
  const AnyEnergy<double> e = build_model(v, 4);
  const Batch<double> rows = make_batch<double>(3, 4, value);
  return check_recall(e, Rows<double>{&rows, {}}).value_or("");
}

} // namespace

BOOST_AUTO_TEST_SUITE(recall_at_zero_temperature)

BOOST_AUTO_TEST_CASE(every_move_lowers_the_energy) {
  for (const Variant& v : std::vector<Variant>{{"hopfield", ""},
                                               {"boltzmann_machine", "units: spin"},
                                               {"boltzmann_machine", "units: bernoulli"},
                                               {"boltzmann_machine", "units: spin, couplings: []"},
                                               {"ising", "size: [5, 8]"}}) {
    const AnyEnergy<double> e = build_model(v, 40);
    const Batch<double> rows = random_rows(e, 50); // several work items
    for (const RecallOptions& o : {RecallOptions{}, {0.3, 100}, {0.4, 1}, {0.0, 2}}) {
      const Recall fast = recall(e, Rows<double>{&rows, {}}, o, draws), slow = slow_recall(e, rows, o);
      BOOST_TEST(std::abs(fast.overlap - slow.overlap) < 1e-14, v.name() << ", corruption " << o.corruption);
      BOOST_TEST(fast.stable == slow.stable, v.name());
      BOOST_TEST(std::abs(fast.overlap) < 0.999); // random rows are no fixed points
    }
  }
}

BOOST_AUTO_TEST_CASE(one_pattern_attracts_its_half_of_all_states) {
  AnyEnergy<double> e = build_model({"hopfield", ""}, 41);
  const Batch<double> rows = random_rows(e, 1);
  for (auto& a : e.parameters()) a.value.fill(0);
  Batch<double>& J = e.parameters().find("J")->value;
  for (std::size_t i = 0; i < 41; ++i)
    for (std::size_t j = 0; j < 41; ++j) J(i, j) = i == j ? 0 : rows(0, i) * rows(0, j) / 41;
  const auto overlap = [&](double corruption) {
    return recall(e, Rows<double>{&rows, {}}, {corruption, 100}, draws).overlap;
  };
  for (const double corruption : {0.0, 0.1, 0.3, 0.46}) BOOST_TEST(overlap(corruption) == 1.0);
  for (const double corruption : {0.54, 0.8, 1.0}) BOOST_TEST(overlap(corruption) == -1.0);
}

// Hebbian fields are multiples of 1/n, which neither precision holds: a unit between two values must still
// see that both are the same. With integers in place of multiples there is no rounding.
BOOST_AUTO_TEST_CASE_TEMPLATE(units_in_no_field_keep_their_value, T, Precisions) {
  for (const auto& [n, rows] : {std::pair<std::size_t, std::size_t>{21, 4}, {21, 6}, {33, 8}, {101, 24}}) {
    AnyEnergy<T> e(make_hopfield<T>({n}));
    AnyEnergy<double> integers(make_hopfield<double>({n}));
    const Batch<double> patterns = random_rows(integers, rows);
    Batch<T> stored = make_batch<T>(rows, n);
    std::ranges::copy(all(patterns), stored.data());
    store(StorageRule::hebbian, stored, e);
    store(StorageRule::hebbian, patterns, integers);
    for (double& v : all(integers.parameters().find("J")->value)) v = std::round(v * double(n));
    for (const double corruption : {0.0, 0.2}) {
      const Recall given = recall(e, Rows<T>{&stored, {}}, {corruption, 100}, draws),
                   expected = slow_recall(integers, patterns, {corruption, 100});
      BOOST_TEST(std::abs(given.overlap - expected.overlap) < 1e-14, n << " spins, " << rows << " patterns");
      BOOST_TEST(given.stable == expected.stable);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_fields_nothing_moves) {
  AnyEnergy<double> e = build_model({"hopfield", ""}, 40);
  for (auto& a : e.parameters()) a.value.fill(0);
  const Batch<double> rows = random_rows(e, 20);
  // Exactly round(corruption n) units are turned: 0.11 of 40 are 4, 0.12 are 5.
  for (const auto& [corruption, turned] : {std::pair(0.0, 0), {0.11, 4}, {0.12, 5}, {0.5, 20}, {1.0, 40}}) {
    const Recall r = recall(e, Rows<double>{&rows, {}}, {corruption, 100}, draws);
    BOOST_TEST(std::abs(r.overlap - (1 - turned / 20.0)) < 1e-14);
    BOOST_TEST(r.stable == 1.0);
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_and_any_order_of_calls) {
  const AnyEnergy<double> e = build_model({"hopfield", ""}, 60);
  const Batch<double> rows = random_rows(e, 100);
  std::vector<double> overlaps;
  for (const std::size_t threads : {1u, 2u, 4u, 1u}) {
    const parallel::Threads limit(threads);
    overlaps.push_back(recall(e, Rows<double>{&rows, {}}, {}, draws).overlap);
  }
  for (const double o : overlaps) BOOST_TEST(o == overlaps[0]);
  BOOST_TEST(recall(e, Rows<double>{&rows, {}}, {}, draws.derived(2)).overlap != overlaps[0]);
}

BOOST_AUTO_TEST_CASE(what_has_no_recall_says_why) {
  BOOST_TEST(refusal({"hopfield", ""}) == "");
  BOOST_TEST(refusal({"ising", "size: [4]"}) == "");
  const std::string values = "recall needs visible units of two values, bernoulli or spin, and no others";
  BOOST_TEST(refusal({"rbm", "hidden: 2"}) == values);
  BOOST_TEST(refusal({"potts", "size: [2], q: 2"}) == values);
  BOOST_TEST(refusal({"double_well", "dimension: 4"}) == values);
  BOOST_TEST(refusal({"hopfield", ""}, 0.5) ==
             "recall needs rows of two values, and row 0 holds 0.500000: use data.binarize");
}

BOOST_AUTO_TEST_SUITE_END()
