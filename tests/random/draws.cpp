#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "ebm/random/draws.hpp"
#include "ebm/random/philox.hpp"

BOOST_AUTO_TEST_SUITE(random_draws)

using namespace ebm;
using namespace ebm::random;

namespace {
using Words = std::array<std::uint32_t, 4>;
const Address somewhere{Stream::gibbs, 5, 17, 3};
} // namespace

BOOST_AUTO_TEST_CASE(philox_known_answers) {
  // Random123 1.14, tests/kat_vectors, philox4x32 with 10 rounds.
  BOOST_TEST((philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  BOOST_TEST((philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  BOOST_TEST((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(a_batch_and_single_draws_are_the_same_function) {
  const Draws draws({0x123456789abcdef0});
  Batch<double> u = make_batch<double>(3, 150), n = u;
  draws.uniforms(somewhere, u);
  draws.normals(somewhere, n);
  for (std::uint32_t c = 0; c < 3; ++c)
    for (const std::uint32_t j : {0u, 1u, 15u, 16u, 63u, 64u, 100u, 149u}) {
      Address own = somewhere;
      own.first_chain += c;
      BOOST_TEST(u(c, j) == draws.uniform(own, j));
      BOOST_TEST(n(c, j) == draws.normal(own, j));
    }
}

BOOST_AUTO_TEST_CASE(rows_do_not_depend_on_the_batch_they_are_in) {
  const Draws draws({9});
  Batch<float> all = make_batch<float>(8, 70), tail = make_batch<float>(3, 70);
  draws.uniforms(somewhere, all);
  Address later = somewhere;
  later.first_chain += 5;
  draws.uniforms(later, tail);
  for (std::size_t c = 0; c < 3; ++c) BOOST_TEST(std::ranges::equal(row(all, c + 5), row(tail, c)));
}

BOOST_AUTO_TEST_CASE(every_part_of_the_address_counts) {
  const Draws draws({9}), other({10});
  std::set<double> seen;
  Address a = somewhere;
  seen.insert(draws.uniform(a, 0));
  seen.insert(other.uniform(a, 0));
  seen.insert(draws.uniform(a, 1));
  seen.insert(draws.derived(1).uniform(a, 0));
  a.sweep += std::uint64_t(1) << 33;
  seen.insert(draws.uniform(a, 0));
  a.block = 4;
  seen.insert(draws.uniform(a, 0));
  a.stream = Stream::noise;
  seen.insert(draws.uniform(a, 0));
  BOOST_TEST(seen.size() == 7u);
}

BOOST_AUTO_TEST_CASE(moments_and_range) {
  const Draws draws({11});
  Batch<double> u = make_batch<double>(1000, 200), n = u;
  Batch<float> f = make_batch<float>(1000, 200);
  draws.uniforms(somewhere, u);
  draws.uniforms(somewhere, f);
  draws.normals(somewhere, n);
  const double count = double(u.size());
  double mean_u = 0, mean_n = 0, square = 0, fourth = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    BOOST_TEST_REQUIRE((u.data()[i] > 0 && u.data()[i] < 1 && f.data()[i] > 0 && f.data()[i] < 1));
    mean_u += u.data()[i] / count;
    const double x = n.data()[i];
    mean_n += x / count;
    square += x * x / count;
    fourth += x * x * x * x / count;
  }
  BOOST_TEST(std::abs(mean_u - 0.5) < 4.5 * std::sqrt(1 / 12.0 / count));
  BOOST_TEST(std::abs(mean_n) < 4.5 / std::sqrt(count));
  BOOST_TEST(std::abs(square - 1) < 4.5 * std::sqrt(2 / count));
  BOOST_TEST(std::abs(fourth - 3) < 4.5 * std::sqrt(96 / count));
}

BOOST_AUTO_TEST_CASE(choices_are_fair_and_permutations_complete) {
  const Draws draws({12});
  std::vector<std::uint32_t> picks(60000);
  draws.choices(somewhere, 0, 6, picks);
  std::array<int, 6> counts{};
  for (const std::uint32_t p : picks) ++counts.at(p);
  for (const int c : counts) BOOST_TEST(std::abs(c - 10000) < 4.5 * std::sqrt(60000 * 5 / 36.0));
  std::vector<std::uint32_t> order(1000);
  permutation(draws, somewhere, order);
  BOOST_TEST(std::set<std::uint32_t>(order.begin(), order.end()).size() == 1000u);
}

BOOST_AUTO_TEST_CASE(acceptance_follows_the_ratio_and_refuses_a_nan) {
  const Draws draws({14});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> ratio{nan, -infinity, -0.0, infinity};
  std::vector<std::uint8_t> accepted(ratio.size());
  draws.accept(somewhere, 0, ratio, accepted);
  BOOST_TEST((accepted == std::vector<std::uint8_t>{0, 0, 1, 1}));
  ratio.assign(40000, std::log(0.3));
  accepted.resize(ratio.size());
  draws.accept(somewhere, 1, ratio, accepted);
  const double share = double(std::ranges::count(accepted, 1)) / double(accepted.size());
  BOOST_TEST(std::abs(share - 0.3) < 4.5 * std::sqrt(0.3 * 0.7 / double(accepted.size())));
}

BOOST_AUTO_TEST_CASE(a_nan_does_not_become_a_legal_value) {
  const Draws draws({13});
  for (const Unit& unit : {Unit(units::Bernoulli{}), Unit(units::Spin{}), Unit(units::Categorical{2})}) {
    const Block block{"b", unit, 40};
    Batch<float> eta = make_batch<float>(2, block.natural_columns(), std::numeric_limits<float>::quiet_NaN()),
                 noise;
    State<float> x(StateSpace({block}), 2);
    Batch<float> means;
    draws.units(somewhere, block, eta, noise, x, 0, &means);
    BOOST_TEST(std::isnan(x[0](0, 0)));
    BOOST_TEST(std::isnan(x[0](1, 0)));
    BOOST_TEST(std::isnan(means(1, 39)));
    BOOST_TEST((x.factor(0).ones == nullptr));
  }
}

BOOST_AUTO_TEST_SUITE_END()
