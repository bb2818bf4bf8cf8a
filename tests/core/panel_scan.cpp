// The vectorised scan of a panel against a plain loop in double precision.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "ebm/core/units/panel_scan.hpp"

BOOST_AUTO_TEST_SUITE(scan_of_a_panel)

using namespace ebm;

namespace {

template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();
template <class T> constexpr TwoValuedUnit<T> bernoulli{1, 0, 1};
template <class T> constexpr TwoValuedUnit<T> spin{2, -1, 1};
constexpr std::size_t left = 5, right = 3; // columns before and behind the panel

/// A panel with NaN wherever the scan has no business to look, so that one value too many shows.
template <class T> struct Panel {
  Batch<T> eta, uniform, J, x; // [chains, sites], [chains, n], [n, n], [chains, n]
  TwoValuedUnit<T> unit;

  Panel(std::size_t chains, std::size_t sites, const TwoValuedUnit<T>& u, unsigned seed)
      : eta(make_batch<T>(chains, sites)), uniform(make_batch<T>(chains, left + sites + right, nan<T>)),
        J(make_batch<T>(left + sites + right, left + sites + right, nan<T>)), x(uniform), unit(u) {
    std::mt19937 generator(seed);
    const auto between = [&](double a, double b) {
      return T(a + (b - a) * (double(generator() >> 9) + 0.5) * 0x1p-23);
    };
    for (T& e : all(eta)) e = between(-3, 3);
    for (std::size_t c = 0; c < chains; ++c)
      for (std::size_t i = 0; i < sites; ++i) {
        uniform(c, left + i) = between(0, 1);
        // Every third value is a mean, as grey data are.
        x(c, left + i) =
            i % 3 == 2 ? between(double(u.low), double(u.high)) : (generator() % 2 == 0 ? u.low : u.high);
      }
    for (std::size_t i = 0; i < sites; ++i)
      for (std::size_t r = i + 1; r < sites; ++r) J(left + i, left + r) = between(-0.7, 0.7);
  }
  Batch<T> scan() const {
    Batch<T> drawn = x;
    scan_panel<T>(eta, uniform, J, left, unit, drawn);
    return drawn;
  }
};

struct Outcome {
  std::size_t wrong = 0, undecided = 0, all = 0;
};

/// Compares `drawn` with a scan in double. Decisions closer than rounding are not judged; the fields follow
/// what was drawn there.
template <class T> void compare(const Panel<T>& p, const Batch<T>& drawn, Outcome& o) {
  const double margin = (sizeof(T) == 4 ? 1e-5 : 1e-13) * double(p.unit.log_odds);
  const std::size_t sites = p.eta.shape(1);
  for (std::size_t c = 0; c < p.eta.shape(0); ++c) {
    std::vector<double> eta(row(p.eta, c).begin(), row(p.eta, c).end());
    for (std::size_t i = 0; i < sites; ++i, ++o.all) {
      const double u = double(p.uniform(c, left + i)),
                   g = double(p.unit.log_odds) * eta[i] - std::log(u / (1 - u));
      const T x = drawn(c, left + i);
      if (std::abs(g) < margin) {
        ++o.undecided;
        o.wrong += x != p.unit.low && x != p.unit.high;
      } else {
        o.wrong += x != (g > 0 ? p.unit.high : p.unit.low);
      }
      for (std::size_t r = i + 1; r < sites; ++r)
        eta[r] += double(p.J(left + i, left + r)) * (double(x) - double(p.x(c, left + i)));
    }
    for (std::size_t j = 0; j < drawn.shape(1); ++j)
      if (j < left || j >= left + sites) o.wrong += !std::isnan(drawn(c, j));
  }
}

template <class T> void agrees_with_the_plain_loop() {
  Outcome o;
  unsigned seed = 1;
  for (const TwoValuedUnit<T>& unit : {bernoulli<T>, spin<T>})
    for (const std::size_t chains : {1u, 3u, 8u, 16u, 17u, 50u, 64u})
      for (const std::size_t sites : {1u, 2u, 7u, 8u, 16u, 33u, 63u, 64u}) {
        const Panel<T> p(chains, sites, unit, ++seed);
        compare(p, p.scan(), o);
      }
  BOOST_TEST(o.wrong == 0u);
  BOOST_TEST(o.undecided * 1000 < o.all);
}

bool same_bits(const Batch<float>& a, std::size_t row_of_a, const Batch<float>& b, std::size_t row_of_b) {
  return std::memcmp(row(a, row_of_a).data(), row(b, row_of_b).data(), row(a, row_of_a).size_bytes()) == 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(floats_agree_with_the_plain_loop) {
  agrees_with_the_plain_loop<float>();
}
BOOST_AUTO_TEST_CASE(doubles_agree_with_the_plain_loop) {
  agrees_with_the_plain_loop<double>();
}

BOOST_AUTO_TEST_CASE(a_panel_may_be_the_whole_block) {
  // The last row then ends where the arrays end.
  for (const std::size_t sites : {1u, 15u, 64u}) {
    Panel<float> p(17, sites, spin<float>, 5);
    Batch<float> uniform = p.eta, J = make_batch<float>(sites, sites), x = p.eta;
    for (std::size_t c = 0; c < 17; ++c)
      for (std::size_t i = 0; i < sites; ++i) {
        uniform(c, i) = p.uniform(c, left + i);
        x(c, i) = p.x(c, left + i);
      }
    for (std::size_t i = 0; i < sites; ++i)
      for (std::size_t r = i + 1; r < sites; ++r) J(i, r) = p.J(left + i, left + r);
    scan_panel<float>(p.eta, uniform, J, 0, p.unit, x);
    const Batch<float> expected = p.scan();
    for (std::size_t c = 0; c < 17; ++c)
      for (std::size_t i = 0; i < sites; ++i) BOOST_TEST(x(c, i) == expected(c, left + i));
  }
}

BOOST_AUTO_TEST_CASE(uniforms_near_the_ends_of_their_range_decide_well) {
  for (const double u : {0x1p-24, 3 * 0x1p-24, 0x1p-12, 0.25, 0.4, 0.5, 0.6, 0.75, 1 - 0x1p-12, 1 - 0x1p-24})
    for (const double distance : {-1e-5, 1e-5})
      for (const auto& unit : {bernoulli<float>, spin<float>}) {
        const double log_odds = std::log(u / (1 - u)) + distance * (1 + std::abs(std::log(u / (1 - u))));
        const Batch<float> eta = make_batch<float>(1, 1, float(log_odds / double(unit.log_odds))),
                           uniform = make_batch<float>(1, 1, float(u)), J = make_batch<float>(1, 1);
        Batch<float> x = J;
        scan_panel<float>(eta, uniform, J, 0, unit, x);
        BOOST_TEST(x(0, 0) == (distance > 0 ? unit.high : unit.low), "u = " << u << ", " << distance);
      }
}

BOOST_AUTO_TEST_CASE(infinite_fields_are_certain) {
  const float big = std::numeric_limits<float>::infinity();
  Panel<float> p(2, 9, bernoulli<float>, 7);
  for (std::size_t i = 0; i < 9; ++i) {
    p.eta(0, i) = big;
    p.eta(1, i) = -big;
  }
  const Batch<float> x = p.scan();
  for (std::size_t i = 0; i < 9; ++i) {
    BOOST_TEST(x(0, left + i) == 1.0f);
    BOOST_TEST(x(1, left + i) == 0.0f);
  }
}

BOOST_AUTO_TEST_CASE(a_nan_stays_visible_in_its_chain_only) {
  for (const auto& unit : {bernoulli<float>, spin<float>})
    for (const std::size_t bad : {0u, 12u, 40u}) {
      Panel<float> p(50, 41, unit, 11);
      const Batch<float> clean = p.scan();
      p.eta(20, bad) = nan<float>;
      const Batch<float> x = p.scan();
      for (std::size_t c = 0; c < 50; ++c)
        if (c != 20) BOOST_TEST(same_bits(x, c, clean, c));
      for (std::size_t i = 0; i < bad; ++i) BOOST_TEST(x(20, left + i) == clean(20, left + i));
      for (std::size_t i = bad; i < 41; ++i) BOOST_TEST(std::isnan(x(20, left + i)));
    }
}

BOOST_AUTO_TEST_CASE(a_chain_does_not_depend_on_its_company) {
  const Panel<float> together(50, 41, spin<float>, 13);
  const Batch<float> x = together.scan();
  for (std::size_t c = 0; c < 50; ++c) {
    Panel<float> alone(1, 41, spin<float>, 13);
    alone.J = together.J;
    std::ranges::copy(row(together.eta, c), row(alone.eta, 0).begin());
    std::ranges::copy(row(together.uniform, c), row(alone.uniform, 0).begin());
    std::ranges::copy(row(together.x, c), row(alone.x, 0).begin());
    BOOST_TEST(same_bits(alone.scan(), 0, x, c));
  }
}

BOOST_AUTO_TEST_SUITE_END()
