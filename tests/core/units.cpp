// Unit kinds against enumeration, quadrature and the log-normalisers of the conformance collection (its
// README).
#include "ebm/adaptors/annealed.hpp"
#include "ebm/adaptors/tempered.hpp"
#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/core/units/kernels.hpp"
#include "tests/core/unit_support.hpp"

BOOST_AUTO_TEST_SUITE(units_of_all_kinds)

using namespace ebm;
using namespace ebm::tests;

namespace {

template <class T> double log_normaliser(const Unit& unit, std::vector<T> eta, std::size_t sites) {
  const Block block{"b", unit, sites};
  Batch<T> row_of_eta = make_batch<T>(1, eta.size());
  std::ranges::copy(eta, row_of_eta.data());
  std::vector<double> a(1, 0.0);
  add_log_normalisers<T>(block, row_of_eta, a);
  return a[0];
}

/// eta·mean of one site of a block whose sites are alike.
template <class T> double mean_exponent(const Block& block, const Batch<T>& eta, const Batch<T>& means) {
  std::vector<double> sum(1, 0.0);
  add_linear<T>(block, eta, means, sum);
  return sum[0] / double(block.sites);
}

} // namespace

BOOST_AUTO_TEST_CASE(log_normalisers_have_their_known_values) {
  BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, {-3, -4, -5}, 3) - 0.073452627981) < 1e-12);
  BOOST_TEST(std::abs(log_normaliser<double>(units::Spin{}, {-3, -4, -5}, 3) - 12.002856490410) < 1e-11);
  BOOST_TEST(std::abs(log_normaliser<float>(units::Bernoulli{}, {-3, -4, -5}, 3) - 0.073452627981) < 1e-7);
  BOOST_TEST(std::abs(log_normaliser<double>(units::Rectified{}, {0.7, 1.3}, 1) - 0.662017632046) < 1e-12);
  BOOST_TEST(std::abs(log_normaliser<double>(units::Rectified{}, {-2, 0.5}, 1) + 0.792576321692) < 1e-12);
}

BOOST_AUTO_TEST_CASE(two_categories_are_a_bernoulli_unit) {
  for (const double eta : {-30.0, -1.0, 0.0, 2.5, 700.0})
    BOOST_TEST(std::abs(log_normaliser<double>(units::Categorical{2}, {0, eta}, 1) -
                        log_normaliser<double>(units::Bernoulli{}, {eta}, 1)) < 1e-12 * (1 + std::abs(eta)));
}

namespace {

/// The functions of one unit against its law, at natural parameters that T holds exactly.
template <class U, class T>
void check_unit(const U& unit, const std::vector<T>& eta, const UnitLaw& law, double cancelled) {
  const double size = 1 + std::abs(law.log_normaliser);
  BOOST_TEST(std::abs(unit.log_normaliser(eta.data()) - law.log_normaliser) <=
             1e-13 * size + 1e-16 * cancelled);
  std::vector<T> m(unit.width());
  unit.mean(eta.data(), m.data());
  for (std::size_t i = 0; i < m.size(); ++i)
    BOOST_TEST(std::abs(double(m[i]) - law.mean[i]) <=
               1e-13 * std::abs(law.mean[i]) + rounding<T> * (1 + std::abs(law.mean[i])));
  BOOST_TEST(std::abs(unit.variance(eta.data()) - law.variance) <= 1e-12 * law.variance + 1e-15 * size);
  if constexpr (U::discrete) {
    // Means round, and the entropy falls by eta for each unit of the mean.
    const double steepest =
        1 + std::abs(double(*std::ranges::max_element(eta, {}, [](T v) { return std::abs(v); })));
    BOOST_TEST(std::abs(unit.entropy(m.data()) - law.entropy) <=
               4 * rounding<T> * double(unit.levels()) * steepest);
  }
}

/// No value is likelier than the mode.
template <class U, class T> void check_mode(const U& unit, const std::vector<T>& eta, const UnitLaw& law) {
  std::vector<T> mode(unit.width());
  unit.mode(eta.data(), mode.data());
  if constexpr (U::discrete) {
    std::vector<T> level(unit.width());
    unit.set_level(unit.level(mode.data()), level.data());
    BOOST_TEST(level == mode);
    const double largest = *std::ranges::max_element(law.probabilities);
    BOOST_TEST(law.probabilities[unit.level(mode.data())] >= largest * (1 - 1e-10));
  } else {
    const double lowest = std::same_as<U, units::Rectified> ? 0 : -infinity;
    const double width = std::sqrt(law.variance), at = unit.linear(eta.data(), mode.data());
    for (const double step : {-1.0, -0.01, 0.01, 1.0}) {
      const T other = T(std::max(lowest, double(mode[0]) + step * width));
      BOOST_TEST(unit.linear(eta.data(), &other) <= at + 1e-12 * std::abs(at));
    }
  }
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(units_have_the_law_of_their_density, T, Precisions) {
  for (const UnitCase& c : unit_cases()) BOOST_TEST_CONTEXT(c.name()) {
      const std::vector<T> eta = c.natural<T>();
      const UnitLaw law = law_of(c.unit, eta);
      std::visit(
          [&]<class U>(const U& unit) {
            if constexpr (U::exact_law && U::has_conditional) {
              check_unit(unit, eta, law, c.cancelled());
              check_mode(unit, eta, law);
            }
          },
          c.unit);
    }
}

// The kernels have vectorised forms of their own for two-valued units, in T.
BOOST_AUTO_TEST_CASE_TEMPLATE(whole_blocks_have_the_same_law, T, Precisions) {
  constexpr std::size_t sites = 19; // whole vectors and a tail
  for (const UnitCase& c : unit_cases()) BOOST_TEST_CONTEXT(c.name()) {
      const Block block{"b", c.unit, sites};
      const std::vector<T> eta = c.natural<T>();
      const UnitLaw law = law_of(c.unit, eta);
      Batch<T> natural = make_batch<T>(1, block.natural_columns()), means = make_batch<T>(1, block.columns());
      for (std::size_t i = 0; i < natural.size(); ++i) natural.data()[i] = eta[i % eta.size()];
      unit_means(block, natural, means);
      for (std::size_t i = 0; i < means.size(); ++i) {
        const double expected = law.mean[i % block.width()];
        BOOST_TEST(std::abs(double(means.data()[i]) - expected) <=
                   16 * rounding<T> * (1 + std::abs(expected)));
      }
      std::vector<double> a(1, 0.0), entropy(1, 0.0);
      add_log_normalisers<T>(block, natural, a);
      BOOST_TEST(std::abs(a[0] / sites - law.log_normaliser) <=
                 (16 * rounding<T> + 1e-13) * (1 + std::abs(law.log_normaliser)) + 1e-16 * c.cancelled());
      Batch<double> variances = make_batch<double>(1, sites);
      unit_variances(block, natural, variances);
      BOOST_TEST(std::abs(variances(0, sites - 1) - law.variance) <=
                 1e-12 * law.variance + 1e-15 * (1 + std::abs(law.log_normaliser)));
      if (!block.discrete()) continue;
      add_entropies<T>(block, means, entropy);
      const double expected = law.log_normaliser - mean_exponent(block, natural, means);
      BOOST_TEST(std::abs(entropy[0] / sites - expected) <=
                 16 * rounding<T> * (1 + std::abs(law.log_normaliser)) * double(block.levels()));
    }
}

BOOST_AUTO_TEST_CASE(base_measures_are_binomial_coefficients) {
  for (const std::uint32_t n : {1u, 2u, 7u, 40u, 1000u})
    for (std::uint32_t k = 0; k <= n; ++k) {
      const double x = k;
      BOOST_TEST(std::abs(units::Binomial{n}.log_base(&x) - double(log_choose(n, k))) < 1e-14 * n);
    }
}

// A(beta eta) is the log-normaliser of base · exp(−beta E): the base measure has no temperature.
BOOST_AUTO_TEST_CASE(tempering_leaves_the_base_measure_alone) {
  for (const UnitCase& c : unit_cases())
    for (const double beta : {0.01, 0.3, 1.0, 2.5}) BOOST_TEST_CONTEXT(c.name() << " at beta " << beta) {
        const StateSpace space = single_block("b", c.unit, 1);
        Batch<double> eta = make_batch<double>(1, c.eta.size());
        std::ranges::copy(c.eta, eta.data());
        const IndependentUnits<double> e(space, {eta});
        const State<double> x(space, 1);
        double f = 0;
        derive::block_free_energy(Tempered(e, beta), x, std::array{BlockId(0)}, {&f, 1});
        const double expected = law_of(c.unit, c.eta, beta).log_normaliser;
        BOOST_TEST(std::abs(f + expected) <= 1e-12 * (1 + std::abs(expected)));
      }
}

BOOST_AUTO_TEST_CASE(rows_of_any_length_are_summed_alike) {
  // 64 terms go through one logarithm and the tail through its own: every split must agree with the plain
  // sum.
  for (const std::size_t n : {1u, 7u, 16u, 63u, 64u, 65u, 500u, 1500u}) {
    std::vector<double> eta(n);
    double plain = 0;
    for (std::size_t i = 0; i < n; ++i) {
      eta[i] = 12 * std::sin(double(i) + 0.3);
      plain += softplus(eta[i]);
    }
    BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, eta, n) - plain) < 1e-11 * plain);
    const std::vector<float> single(eta.begin(), eta.end());
    BOOST_TEST(std::abs(log_normaliser<float>(units::Bernoulli{}, single, n) - plain) < 1e-5 * plain);
  }
}

BOOST_AUTO_TEST_CASE(extremes_stay_finite) {
  for (const double eta : {-800.0, 800.0}) {
    BOOST_TEST(std::abs(log_normaliser<double>(units::Bernoulli{}, std::vector<double>(20, eta), 20) -
                        20 * std::max(eta, 0.0)) < 1e-9);
    BOOST_TEST(std::abs(log_normaliser<double>(units::Spin{}, std::vector<double>(20, eta), 20) -
                        20 * 800.0) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(log_sums_of_nothing_and_of_zeros) {
  LogSum sum;
  BOOST_TEST(sum.value() == -infinity);
  sum.add(-infinity);
  BOOST_TEST(sum.value() == -infinity);
  sum.add(3.0);
  sum.add(3.0);
  BOOST_TEST(std::abs(sum.value() - 3 - std::log(2.0)) < 1e-15);
  BOOST_TEST(log_add(-infinity, -infinity) == -infinity);
  LogSum bad, total;
  bad.add(std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(std::isnan(bad.value()));
  total.add(1.0);
  total.add(bad);
  BOOST_TEST(std::isnan(total.value()));
}

BOOST_AUTO_TEST_CASE(work_items_cover_every_row_once) {
  for (const std::size_t n : {0u, 1u, 63u, 64u, 65u, 100u, 1000u}) {
    const parallel::WorkItems items(n);
    std::size_t next = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      BOOST_TEST(items[i].first == next);
      BOOST_TEST((items[i].count >= 1 && items[i].count <= parallel::WorkItems::default_rows));
      next += items[i].count;
    }
    BOOST_TEST(next == n);
  }
}

BOOST_AUTO_TEST_CASE(blas_is_the_openmp_build) {
  BOOST_TEST((linalg::blas_library().threading == linalg::BlasThreading::openmp));
}

BOOST_AUTO_TEST_SUITE_END()
