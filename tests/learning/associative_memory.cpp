// The storage rules against their definitions, and what each of them is known to hold.
#include "ebm/learning/associative_memory.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/diagnostics/recall.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

using Precisions = std::tuple<double, float>;

template <class T> Batch<T> patterns_of(const std::vector<std::vector<int>>& rows) {
  Batch<T> x = make_batch<T>(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(rows[i], row(x, i).begin());
  return x;
}

template <class T> Batch<T> random_patterns(std::size_t rows, std::size_t n, std::uint64_t seed) {
  Batch<T> x = make_batch<T>(rows, n);
  random::Draws(random::Key{seed}).uniforms({random::Stream::law, 0, 0, 0}, x);
  for (T& v : all(x)) v = v < T(0.5) ? T(-1) : T(1);
  return x;
}

template <class T> AnyEnergy<T> memory_of(StorageRule rule, const Batch<T>& patterns) {
  AnyEnergy<T> e(make_hopfield<T>({patterns.shape(1)}));
  for (ParameterArray<T>& a : e.parameters()) a.value.fill(T(7)); // storing leaves nothing of what was there
  store(rule, patterns, e);
  return e;
}

/// The projection on the span of the patterns, by Gram-Schmidt.
std::vector<std::vector<double>> projection(const Batch<double>& patterns) {
  const std::size_t n = patterns.shape(1);
  std::vector<std::vector<double>> base, P(n, std::vector<double>(n, 0.0));
  for (std::size_t k = 0; k < patterns.shape(0); ++k) {
    std::vector<double> v(row(patterns, k).begin(), row(patterns, k).end());
    for (const auto& b : base) {
      double along = 0;
      for (std::size_t i = 0; i < n; ++i) along += v[i] * b[i];
      for (std::size_t i = 0; i < n; ++i) v[i] -= along * b[i];
    }
    double square = 0;
    for (const double x : v) square += x * x;
    for (double& x : v) x /= std::sqrt(square);
    base.push_back(v);
  }
  for (const auto& b : base)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) P[i][j] += b[i] * b[j];
  return P;
}

template <class T> std::string refusal(const Batch<T>& patterns) {
  BOOST_TEST_REQUIRE(linear_dependence(patterns).has_value());
  try {
    memory_of(StorageRule::pseudo_inverse, patterns);
  } catch (const InputError& e) {
    BOOST_TEST(e.what() == *linear_dependence(patterns));
    const std::string what = e.what();
    return what.substr(what.find("but ") + 4);
  }
  return "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(associative_memory)

BOOST_AUTO_TEST_CASE_TEMPLATE(hebbian_couplings_are_mean_products, T, Precisions) {
  const Batch<T> x = random_patterns<T>(5, 11, 1);
  const AnyEnergy<T> e = memory_of(StorageRule::hebbian, x);
  const Batch<T>& J = e.parameters().find("J")->value;
  for (std::size_t i = 0; i < 11; ++i)
    for (std::size_t j = 0; j < 11; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < 5; ++k) sum += double(x(k, i)) * double(x(k, j));
      BOOST_TEST(J(i, j) == (i == j ? T(0) : T(sum / 11)));
    }
  for (const T b : all(e.parameters().find("visible_bias")->value)) BOOST_TEST(b == T(0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pseudo_inverse_couplings_are_a_projection, T, Precisions) {
  const double tolerance = std::same_as<T, double> ? 1e-13 : 1e-7;
  for (const std::size_t rows : {1u, 6u, 30u}) {
    const Batch<T> x = random_patterns<T>(rows, 40, 2);
    const AnyEnergy<T> e = memory_of(StorageRule::pseudo_inverse, x);
    const Batch<T>& J = e.parameters().find("J")->value;
    Batch<double> in_double = make_batch<double>(rows, 40);
    std::ranges::copy(all(x), in_double.data());
    const auto P = projection(in_double);
    double worst = 0;
    for (std::size_t i = 0; i < 40; ++i)
      for (std::size_t j = 0; j < 40; ++j)
        worst = std::max(worst, std::abs(double(J(i, j)) - (i == j ? 0 : P[i][j])));
    BOOST_TEST(worst < tolerance);
    for (const T b : all(e.parameters().find("visible_bias")->value)) BOOST_TEST(b == T(0));
  }
}

BOOST_AUTO_TEST_CASE(both_rules_agree_on_orthogonal_patterns) {
  const Batch<double> x = patterns_of<double>({{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}});
  const AnyEnergy<double> hebbian = memory_of(StorageRule::hebbian, x),
                          inverse = memory_of(StorageRule::pseudo_inverse, x);
  const auto a = all(hebbian.parameters().find("J")->value), b = all(inverse.parameters().find("J")->value);
  for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(std::abs(a[i] - b[i]) < 1e-15);
}

BOOST_AUTO_TEST_CASE(dependent_patterns_are_named) {
  const std::vector<int> a{1, 1, 1, 1, 1, 1}, b{1, -1, 1, -1, 1, -1}, c{1, 1, -1, -1, 1, 1},
      d{-1, 1, 1, -1, -1, 1}, minus_b{-1, 1, -1, 1, -1, 1};
  BOOST_TEST(refusal(patterns_of<double>({a, b, c, b, d})) == "row 3 (counted from 0) is row 1 again");
  BOOST_TEST(refusal(patterns_of<float>({a, b, minus_b})) == "row 2 (counted from 0) is row 1 turned round");
  BOOST_TEST(refusal(patterns_of<double>({a, a})) == "row 1 (counted from 0) is row 0 again");
  // s_4 = s_0 - s_1 + s_2, site by site; row 3 has no part in it.
  BOOST_TEST(refusal(patterns_of<double>({{1, 1, 1, -1, 1, 1},
                                          {1, 1, -1, -1, -1, 1},
                                          {1, -1, -1, -1, -1, -1},
                                          {-1, 1, 1, -1, 1, 1},
                                          {1, -1, 1, -1, 1, -1}})) ==
             "row 4 (counted from 0) is a linear combination of the rows 0, 1 and 2");
  BOOST_TEST(refusal(patterns_of<double>({{1, 1}, {1, -1}, {-1, 1}})) == "3 rows of 2 spins never are");
  BOOST_TEST(linear_dependence(patterns_of<double>({{1, 1}, {1, -1}})).value() ==
             "the pseudo-inverse rule needs fewer rows than spins: with 2 of each, all couplings are 0");
  BOOST_TEST(!linear_dependence(patterns_of<double>({a, b, c, d})).has_value());
  BOOST_TEST(!linear_dependence(random_patterns<float>(199, 200, 3)).has_value());
}

BOOST_AUTO_TEST_CASE(only_spins_with_dense_couplings_store) {
  const auto refused = [](const Variant& v) {
    const auto why = check_storage(build_model(v, 4));
    return why && why->find("model.type hopfield, or boltzmann_machine") != std::string::npos;
  };
  BOOST_TEST(!refused({"hopfield", ""}));
  BOOST_TEST(!refused({"boltzmann_machine", "units: spin"}));
  BOOST_TEST(refused({"boltzmann_machine", ""}));
  BOOST_TEST(refused({"boltzmann_machine", "units: spin, hidden: 2"}));
  BOOST_TEST(refused({"boltzmann_machine", "units: spin, edges: [0, 1, 1, 2]"}));
  BOOST_TEST(refused({"boltzmann_machine", "units: spin, couplings: []"}));
  BOOST_TEST(refused({"ising", "size: [4]"}));
  BOOST_TEST(refused({"rbm", "units: spin"}));
  BOOST_TEST(refused({"double_well", "dimension: 4"}));
}

// Amit, Gutfreund & Sompolinsky 1985: up to 0.138 n random patterns the fixed points of the Hebbian rule are
// close to them, m = 0.9996 at 0.08 n; far above, the memory is lost. The pseudo-inverse rule keeps n - 1.
BOOST_AUTO_TEST_CASE(the_hebbian_rule_forgets_what_the_pseudo_inverse_keeps) {
  constexpr std::size_t n = 200;
  const random::Draws draws(random::Key{1});
  const auto recalled = [&](StorageRule rule, std::size_t rows) {
    const Batch<float> x = random_patterns<float>(rows, n, 4);
    return recall(memory_of(rule, x), Rows<float>{&x, {}}, {}, draws);
  };
  const Recall below = recalled(StorageRule::hebbian, 16), above = recalled(StorageRule::hebbian, 60),
               kept = recalled(StorageRule::pseudo_inverse, 60);
  BOOST_TEST(below.overlap > 0.98);
  BOOST_TEST(below.stable > 0.5);
  BOOST_TEST(above.overlap < 0.6);
  BOOST_TEST(above.stable < 0.05);
  BOOST_TEST(kept.overlap > 0.98);
  BOOST_TEST(kept.stable == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
