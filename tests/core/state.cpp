// When a state knows the bits of its blocks.
#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>

#include "ebm/core/space.hpp"

BOOST_AUTO_TEST_SUITE(states_and_bits)

using namespace ebm;

using Types = std::tuple<float, double>;

namespace {

const StateSpace space({Block{"v", units::Bernoulli{}, 70}, Block{"c", units::Categorical{3}, 4},
                        Block{"s", units::Spin{}, 5}, Block{"r", units::Real{}, 2}});
constexpr BlockId v = 0, c = 1, s = 2, r = 3;

/// Sets values and bits of every two-valued block.
template <class T> void fill(State<T>& x, unsigned seed) {
  std::mt19937 engine(seed);
  for (const BlockId b : {v, s}) {
    const ValuesAndBits<T> to = x.write_both(b);
    to.ones.clear();
    for (std::size_t i = 0; i < x.chains(); ++i)
      for (std::size_t j = 0; j < to.values.shape(1); ++j) {
        const bool one = engine() % 3 == 0;
        to.values(i, j) = one ? to.high : to.low;
        to.ones.row(i)[j / 64] |= std::uint64_t(one) << (j % 64);
      }
  }
}

template <class T> State<T> filled(std::size_t chains, unsigned seed) {
  State<T> x(space, chains);
  fill(x, seed);
  return x;
}

/// Whether block b has bits, and they are those of its values.
template <class T> bool has_its_bits(const State<T>& x, BlockId b) {
  const linalg::Factor<T> f = x.factor(b);
  if (f.ones == nullptr || f.ones->rows() != x.chains()) return false;
  for (std::size_t i = 0; i < x.chains(); ++i)
    for (std::size_t j = 0; j < f.values.shape(1); ++j)
      if (f.values(i, j) != ((*f.ones)(i, j) ? f.high : f.low)) return false;
  return true;
}

template <class T> bool has_bits(const State<T>& x, BlockId b) {
  return x.factor(b).ones != nullptr;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_state_has_no_bits_until_they_are_found, T, Types) {
  State<T> x(space, 3);
  BOOST_TEST((x.two_valued(v) && !x.two_valued(c) && x.two_valued(s) && !x.two_valued(r)));
  for (BlockId b = 0; b < space.size(); ++b) {
    BOOST_TEST(!has_bits(x, b));
    x.find_bits(b);
  }
  BOOST_TEST((has_its_bits(x, v) && has_its_bits(x, s)));
  BOOST_TEST((!has_bits(x, c) && !has_bits(x, r)));
  BOOST_TEST((x.factor(v).low == T(0) && x.factor(s).low == T(-1) && x.factor(s).high == T(1)));
  BOOST_TEST(x.factor(v).ones->count() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(writing_both_forms_makes_bits_known, T, Types) {
  State<T> x = filled<T>(3, 1);
  BOOST_TEST((has_its_bits(x, v) && has_its_bits(x, s)));
  State<T> copy = x;
  BOOST_TEST(has_its_bits(copy, v));
  fill(copy, 2);
  BOOST_TEST((has_its_bits(copy, v) && has_its_bits(x, v)));
  BOOST_TEST((copy == x) == false);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(whoever_writes_values_loses_the_bits_of_that_block, T, Types) {
  State<T> x = filled<T>(3, 1);
  x.values(v)(1, 69) = T(1);
  BOOST_TEST((!has_bits(x, v) && has_its_bits(x, s)));
  x.find_bits(v);
  BOOST_TEST(has_its_bits(x, v));
  BOOST_TEST((*x.factor(v).ones)(1, 69));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(grey_values_have_no_bits_until_they_are_replaced, T, Types) {
  for (const T grey : {T(0.5), std::numeric_limits<T>::quiet_NaN(), T(-1)}) {
    State<T> x = filled<T>(4, 3);
    x.values(v)(2, 65) = grey;
    x.find_bits(v);
    BOOST_TEST(!has_bits(x, v));
    x.values(v)(2, 65) = T(1);
    x.find_bits(v);
    BOOST_TEST(has_its_bits(x, v));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_copied_with_their_bits, T, Types) {
  const State<T> from = filled<T>(9, 4);
  State<T> to(space, 4);
  copy_rows(space, from, 3, to);
  BOOST_TEST((has_its_bits(to, v) && has_its_bits(to, s)));
  BOOST_TEST((!has_bits(to, c) && !has_bits(to, r)));
  for (std::size_t i = 0; i < 4; ++i)
    for (BlockId b = 0; b < space.size(); ++b)
      BOOST_TEST(std::ranges::equal(row(to[b], i), row(from[b], i + 3)));
  State<T> without = from;
  without.values(s);
  copy_rows(space, without, 0, to);
  BOOST_TEST((has_its_bits(to, v) && !has_bits(to, s)));
  copy_rows(space, from, 5, to);
  BOOST_TEST((has_its_bits(to, v) && has_its_bits(to, s)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_factor_has_bits_only_if_all_chains_have, T, Types) {
  State<T> known = filled<T>(5, 5), half = known, to(space, 8);
  half.values(v)(3, 0) = T(0.25);
  half.find_bits(v);
  to.copy_chains(v, known, 0, 5, 0); // without room bits are not copied
  BOOST_TEST(!has_bits(to, v));
  to.make_room_for_bits(v);
  BOOST_TEST(!has_bits(to, v));
  to.copy_chains(v, known, 0, 5, 0);
  BOOST_TEST(!has_bits(to, v));
  to.copy_chains(v, half, 0, 3, 5); // chains whose bits are known, of a block where not all are
  BOOST_TEST(has_its_bits(to, v));
  to.copy_chains(v, half, 3, 1, 6); // the grey one
  BOOST_TEST(!has_bits(to, v));
  to.copy_chains(v, known, 3, 1, 6);
  BOOST_TEST(has_its_bits(to, v));
  State<T> lost = known;
  lost.values(v);
  to.copy_chains(v, lost, 1, 1, 0);
  BOOST_TEST(!has_bits(to, v));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(blocks_are_copied_with_what_is_known, T, Types) {
  const State<T> from = filled<T>(3, 6);
  State<T> to(space, 3);
  to.copy_block(v, from);
  BOOST_TEST((has_its_bits(to, v) && !has_bits(to, s)));
  BOOST_TEST(std::ranges::equal(all(to[v]), all(from[v])));
  to = from;
  to.copy_block(s, State<T>(space, 3));
  BOOST_TEST((has_its_bits(to, v) && !has_bits(to, s)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(copied_values_have_no_bits, T, Types) {
  State<T> x = filled<T>(4, 7);
  const State<T> from = x;
  x.copy_values(v, make_batch<T>(2, 70, T(0.5)), 1);
  BOOST_TEST((!has_bits(x, v) && has_its_bits(x, s)));
  BOOST_TEST((x[v](0, 3) == from[v](0, 3) && x[v](1, 0) == T(0.5) && x[v](2, 69) == T(0.5)));
  BOOST_TEST(x[v](3, 69) == from[v](3, 69));
  x.copy_chains(v, from, 1, 2, 1);
  BOOST_TEST(has_its_bits(x, v));
  // Legal values lose them as well, until they are looked for.
  x.copy_values(v, make_batch<T>(1, 70, T(1)), 3);
  BOOST_TEST(!has_bits(x, v));
  x.find_bits(v);
  BOOST_TEST(has_its_bits(x, v));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(equality_ignores_bits, T, Types) {
  const State<T> x = filled<T>(3, 8);
  State<T> y = x;
  y.values(v);
  BOOST_TEST(!has_bits(y, v));
  BOOST_TEST((x == y));
  y.values(r)(2, 1) += T(1);
  BOOST_TEST((x == y) == false);
  BOOST_TEST((State<T>(space, 2) == State<T>(space, 3)) == false);
}

BOOST_AUTO_TEST_SUITE_END()
