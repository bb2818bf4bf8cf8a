// Draws of two-valued units in one pass against log-odds, uniform and comparison one after the other.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "ebm/core/parallel.hpp"
#include "ebm/random/philox_group.hpp"
#include "ebm/random/two_valued.hpp"

BOOST_AUTO_TEST_SUITE(two_valued_draws)

using namespace ebm;
using namespace ebm::random;

using Types = std::tuple<float, double>;

namespace {

constexpr Key key{0x0123456789abcdef};
const Address somewhere{Stream::gibbs, (std::uint64_t(7) << 32) + 5, 17, 3};

/// Room for a draw whose bits begin as ones, so that what is not written shows.
template <class T> struct Drawn {
  Drawn(std::size_t rows, std::size_t columns, T low_value)
      : x(make_batch<T>(rows, columns, T(77))), means(make_batch<T>(rows, columns, T(77))), low(low_value) {
    ones.reshape(rows, columns);
    for (std::size_t i = 0; i < rows; ++i) std::ranges::fill(ones.row(i), ~std::uint64_t(0));
  }
  bool draw(const Address& a, const Batch<T>& eta, T scale, bool with_means = true) {
    return draw_two_valued<T>(key, a, eta, scale, ValuesAndBits<T>{x, ones, low, T(1)},
                              with_means ? &means : nullptr);
  }
  /// Values are low and high only, the bits are theirs, and zero after the last column.
  bool bits_agree() const {
    for (std::size_t i = 0; i < x.shape(0); ++i)
      for (std::size_t j = 0; j < 64 * ones.words_per_row(); ++j)
        if (j < x.shape(1) ? x(i, j) != (ones(i, j) ? T(1) : low) : ones(i, j)) return false;
    return true;
  }
  Batch<T> x, means;
  BitRows ones;
  T low;
};

template <class T> Batch<T> log_odds(std::size_t rows, std::size_t columns) {
  std::mt19937 engine(unsigned(rows + columns));
  std::normal_distribution<double> normal(0, 4);
  Batch<T> eta = make_batch<T>(rows, columns);
  for (T& e : all(eta)) e = T(normal(engine));
  return eta;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Decisions taken, too close to the threshold to be judged, and wrong; and how far means are off.
struct Tally {
  std::size_t draws = 0, close = 0, wrong = 0;
  double worst_mean = 0;
};

template <class T>
void compare(const Drawn<T>& d, const Address& a, const Batch<T>& eta, T scale, Tally& tally) {
  Batch<T> u = make_batch<T>(eta.shape(0), eta.shape(1));
  Draws(key).uniforms(a, u);
  for (std::size_t i = 0; i < eta.size(); ++i) {
    const double p = sigmoid(double(scale) * double(eta.data()[i])), distance = double(u.data()[i]) - p;
    ++tally.draws;
    if (std::abs(distance) < 1e-6)
      ++tally.close;
    else
      tally.wrong += (d.x.data()[i] == T(1)) != (distance < 0);
    const double mean = double(d.low) + (1 - double(d.low)) * p;
    tally.worst_mean = std::max(tally.worst_mean, std::abs(double(d.means.data()[i]) - mean));
  }
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(draws_are_uniforms_below_the_probability, T, Types) {
  Tally tally, shifted;
  for (const std::size_t columns : {1u, 63u, 64u, 65u, 784u})
    for (const T low : {T(0), T(-1)})
      for (const T scale : {T(1), T(2), T(-0.7)}) {
        const Batch<T> eta = log_odds<T>(20, columns);
        Drawn<T> d(20, columns, low), without_means = d;
        BOOST_TEST(d.draw(somewhere, eta, scale));
        BOOST_TEST(d.bits_agree());
        compare(d, somewhere, eta, scale, tally);
        BOOST_TEST(without_means.draw(somewhere, eta, scale, false));
        BOOST_TEST((without_means.x == d.x));
        BOOST_TEST(without_means.means(19, columns - 1) == T(77));
        Address other = somewhere; // the broken twin: uniforms of another block
        ++other.block;
        compare(d, other, eta, scale, shifted);
      }
  BOOST_TEST(tally.wrong == 0u);
  BOOST_TEST(double(tally.close) < 1e-4 * double(tally.draws));
  BOOST_TEST(tally.worst_mean < (sizeof(T) == 4 ? 1e-6 : 1e-14));
  BOOST_TEST(double(shifted.wrong) > 0.05 * double(shifted.draws));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(extreme_log_odds_are_certain, T, Types) {
  using Limits = std::numeric_limits<T>;
  for (const T low : {T(0), T(-1)})
    for (const T scale : {T(1), T(2)})
      for (const T size : {T(100), T(1e30), Limits::max(), Limits::infinity()})
        for (const T eta : {size, -size}) {
          Drawn<T> d(40, 130, low);
          const T certain = eta > 0 ? T(1) : low;
          BOOST_TEST(d.draw(somewhere, make_batch<T>(40, 130, eta), scale));
          BOOST_TEST(d.bits_agree());
          BOOST_TEST(std::ranges::count(all(d.x), certain) == 40 * 130, eta << " gives " << certain);
          BOOST_TEST(std::ranges::all_of(
              all(d.means), [certain](T m) { return std::abs(double(m) - double(certain)) < 1e-30; }));
        }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(log_odds_next_to_zero_are_even, T, Types) {
  using Limits = std::numeric_limits<T>;
  for (const T eta : {T(0), -T(0), Limits::denorm_min(), -Limits::denorm_min(), Limits::min()}) {
    Drawn<T> d(20, 130, T(0));
    BOOST_TEST(d.draw(somewhere, make_batch<T>(20, 130, eta), T(1)));
    BOOST_TEST(d.bits_agree());
    Batch<T> u = make_batch<T>(20, 130);
    Draws(key).uniforms(somewhere, u);
    for (std::size_t i = 0; i < u.size(); ++i)
      BOOST_TEST_REQUIRE((d.x.data()[i] == T(1)) == (u.data()[i] < T(0.5)));
    BOOST_TEST(std::ranges::count(all(d.means), T(0.5)) == 20 * 130);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_stays_one_and_others_are_drawn_as_before, T, Types) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const std::size_t columns : {1u, 64u, 100u, 129u})
    for (const std::size_t at : {std::size_t(0), columns / 2, columns - 1}) {
      Batch<T> eta = log_odds<T>(3, columns);
      Drawn<T> clean(3, columns, T(-1)), d = clean;
      clean.draw(somewhere, eta, T(2));
      eta(1, at) = nan;
      BOOST_TEST(!d.draw(somewhere, eta, T(2)));
      BOOST_TEST((std::isnan(d.x(1, at)) && std::isnan(d.means(1, at))));
      d.x(1, at) = clean.x(1, at);
      d.means(1, at) = clean.means(1, at);
      BOOST_TEST((d.x == clean.x && d.means == clean.means));
      BOOST_TEST(!d.draw(somewhere, eta, T(2), false));
      BOOST_TEST(std::isnan(d.x(1, at)));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_knows_its_bits_unless_there_is_a_nan, T, Types) {
  for (const Unit& unit : {Unit(units::Bernoulli{}), Unit(units::Spin{})}) {
    const Block block{"b", unit, 70};
    State<T> x(StateSpace({block}), 4);
    Batch<T> eta = log_odds<T>(4, 70), noise;
    const Draws draws(key);
    draws.units(somewhere, block, eta, noise, x, 0);
    BOOST_TEST((x.factor(0).ones != nullptr));
    eta(3, 69) = std::numeric_limits<T>::quiet_NaN();
    draws.units(somewhere, block, eta, noise, x, 0);
    BOOST_TEST((x.factor(0).ones == nullptr));
    BOOST_TEST((std::isnan(x[0](3, 69)) && !std::isnan(x[0](3, 68))));
    eta(3, 69) = T(0);
    draws.units(somewhere, block, eta, noise, x, 0);
    BOOST_TEST((x.factor(0).ones != nullptr));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(chains_do_not_depend_on_the_batch_they_are_in, T, Types) {
  const Batch<T> eta = log_odds<T>(11, 100);
  Drawn<T> whole(11, 100, T(0));
  whole.draw(somewhere, eta, T(1));
  for (const parallel::Range part : {parallel::Range{0, 4}, {4, 1}, {5, 6}}) {
    Batch<T> own = make_batch<T>(part.count, 100);
    std::copy_n(row(eta, part.first).data(), own.size(), own.data());
    Address a = somewhere;
    a.first_chain += std::uint32_t(part.first);
    Drawn<T> d(part.count, 100, T(0));
    d.draw(a, own, T(1));
    for (std::size_t i = 0; i < part.count; ++i) {
      BOOST_TEST(std::ranges::equal(row(d.x, i), row(whole.x, part.first + i)));
      BOOST_TEST(std::ranges::equal(row(d.means, i), row(whole.means, part.first + i)));
      BOOST_TEST(std::ranges::equal(d.ones.row(i), whole.ones.row(part.first + i)));
    }
  }
}

BOOST_AUTO_TEST_CASE(groups_are_the_single_counter_function) {
  std::mt19937_64 engine(12);
  for (int trial = 0; trial < 2000; ++trial) {
    const Key own{engine()};
    const Address a{Stream(1 + engine() % 15), engine() >> 18, std::uint32_t(engine()),
                    std::uint8_t(engine())};
    const std::uint32_t column = std::uint32_t(engine()) >> engine() % 32, r = std::uint32_t(engine() % 100);
    std::array<std::uint32_t, group_columns> words;
    philox_group(own, a, r, column / group_columns, 0, words.data());
    Address shifted = a;
    shifted.first_chain += r;
    BOOST_TEST_REQUIRE(unit_interval<double>(words[column % group_columns]) ==
                       Draws(own).uniform(shifted, column));
  }
}

BOOST_AUTO_TEST_CASE(uniforms_never_reach_zero_or_one) {
  BOOST_TEST((unit_interval<float>(0) > 0 && unit_interval<float>(0xffffffffu) < 1));
  BOOST_TEST((unit_interval<double>(0) > 0 && unit_interval<double>(0xffffffffu) < 1));
}

BOOST_AUTO_TEST_SUITE_END()
