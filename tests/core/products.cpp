// Every kernel for two-valued operands against the plain loops of product_support.hpp.
#include <boost/test/unit_test.hpp>

#include "product_support.hpp"

BOOST_AUTO_TEST_SUITE(products_with_bits)

using namespace ebm;
using namespace ebm::products_test;

using Types = std::tuple<float, double>;

namespace {

enum class Product { row_sums, tables };
enum class Outer { sums, tables, counts };

struct Shape {
  std::size_t rows, k, n;
};

// Panels are 16 to 64 columns wide; a pass takes 64 rows of W with tables, 128 with row sums.
const std::vector<Shape> shapes{{1, 1, 1},    {1, 65, 33},  {7, 3, 5},     {7, 130, 129},
                                {64, 64, 32}, {64, 257, 7}, {130, 65, 33}, {130, 131, 65}};
// A pass takes 64 chains with tables, 256 with sums.
const std::vector<Shape> outer_shapes{{1, 1, 1},    {1, 65, 33},  {7, 3, 5},     {7, 130, 129},
                                      {64, 64, 32}, {65, 7, 130}, {130, 65, 33}, {300, 66, 17}};
const std::vector<double> densities{0, 0.1, 0.5, 1};

template <class T>
void multiply(Product kernel, const TwoForms<T>& x, const Framed<T>& W, bool transposed, Framed<T>& y) {
  if (kernel == Product::row_sums)
    binary::add_row_sums<T>(x.ones, x.high, W.view(), transposed, y.view());
  else
    binary::add_table_sums<T>(x.ones, x.low, x.high, W.view(), transposed, y.view());
}

template <class T>
void multiply(Outer kernel, const TwoForms<T>& x, const TwoForms<T>& y, const std::vector<double>& weights,
              double scale, Framed<T>& g) {
  const Framed<T> values(y.values, std::numeric_limits<T>::quiet_NaN());
  if (kernel == Outer::sums)
    binary::add_sum_outer<T>(x.ones, x.high, weights, scale, values.view(), g.view());
  else if (kernel == Outer::tables)
    binary::add_table_outer<T>(x.ones, x.low, x.high, weights, scale, values.view(), g.view());
  else
    binary::add_count_outer<T>(x.ones, x.low, x.high, y.ones, y.low, y.high, weights, scale, g.view());
}

template <class T> void check_product(Product kernel, Shape s, double density, T low, T high) {
  std::mt19937 engine(unsigned(s.rows + s.k + s.n));
  const TwoForms<T> x = two_forms<T>(s.rows, s.k, density, low, high, engine);
  for (const bool transposed : {false, true}) {
    const Batch<T> W = random_batch<T>(transposed ? s.n : s.k, transposed ? s.k : s.n, engine),
                   start = random_batch<T>(s.rows, s.n, engine);
    Framed<T> y(start, T(77));
    multiply<T>(kernel, x, Framed<T>(W, std::numeric_limits<T>::quiet_NaN()), transposed, y);
    const double off = worst(y.inner(), plain_product(x.values, W, transposed, start));
    BOOST_TEST(off <= 1, (kernel == Product::tables ? "tables " : "row sums ")
                             << s.rows << " x " << s.k << " x " << s.n << ", density " << density << ", "
                             << low << " or " << high << (transposed ? ", transposed: " : ": ") << off);
    BOOST_TEST(y.untouched_outside());
  }
}

template <class T>
void check_outer(Outer kernel, Shape s, double density, T low, T high, ChainWeights kind, bool real_y) {
  std::mt19937 engine(unsigned(s.rows + s.k + s.n));
  const TwoForms<T> x = two_forms<T>(s.rows, s.k, density, low, high, engine);
  TwoForms<T> y = two_forms<T>(s.rows, s.n, 0.4, low, high, engine);
  if (real_y) y.values = random_batch<T>(s.rows, s.n, engine);
  const Batch<T> start = random_batch<T>(s.k, s.n, engine);
  const std::vector<double> weights = chain_weights(kind, s.rows, engine);
  const double scale = -1.5;
  Framed<T> g(start, T(77));
  multiply<T>(kernel, x, y, weights, scale, g);
  const double off = worst(g.inner(), plain_outer(x.values, y.values, weights, scale, start));
  BOOST_TEST(off <= 1, "outer kernel " << int(kernel) << ", " << s.rows << " x " << s.k << " x " << s.n
                                       << ", density " << density << ", " << low << " or " << high
                                       << ", weights " << int(kind) << ": " << off);
  BOOST_TEST(g.untouched_outside());
}

/// Operands that leave no room for a mistake to hide.
template <class T> struct Hard {
  std::mt19937 engine{11};
  TwoForms<T> x = two_forms<T>(70, 131, 0.5, T(0), T(1), engine),
              y = two_forms<T>(70, 66, 0.5, T(0), T(1), engine);
  Batch<T> W = random_batch<T>(131, 66, engine), product = random_batch<T>(70, 66, engine),
           outer = random_batch<T>(131, 66, engine);
  std::vector<double> weights = chain_weights(ChainWeights::arbitrary, 70, engine);
};

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(row_sums_are_the_plain_product, T, Types) {
  for (const Shape& s : shapes)
    for (const double density : densities) {
      check_product<T>(Product::row_sums, s, density, T(0), T(1));
      check_product<T>(Product::row_sums, s, density, T(0), T(-0.75));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(table_sums_are_the_plain_product, T, Types) {
  for (const Shape& s : shapes)
    for (const double density : densities) {
      check_product<T>(Product::tables, s, density, T(0), T(1));
      check_product<T>(Product::tables, s, density, T(-1), T(1));
    }
  check_product<T>(Product::tables, {64, 70, 40}, 0.5, T(0.25), T(-0.75));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outer_sums_are_the_plain_outer_product, T, Types) {
  for (const Shape& s : outer_shapes)
    for (const double density : densities)
      for (const auto kind : {ChainWeights::equal, ChainWeights::runs, ChainWeights::arbitrary})
        check_outer<T>(Outer::sums, s, density, T(0), T(1), kind, true);
  check_outer<T>(Outer::sums, {64, 70, 40}, 0.5, T(0), T(-0.75), ChainWeights::runs, true);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outer_tables_are_the_plain_outer_product, T, Types) {
  for (const Shape& s : outer_shapes)
    for (const double density : densities)
      for (const auto kind : {ChainWeights::equal, ChainWeights::runs, ChainWeights::arbitrary})
        for (const T low : {T(0), T(-1)}) check_outer<T>(Outer::tables, s, density, low, T(1), kind, true);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outer_counts_are_the_plain_outer_product, T, Types) {
  for (const Shape& s : outer_shapes)
    for (const double density : densities)
      for (const auto kind : {ChainWeights::equal, ChainWeights::runs, ChainWeights::arbitrary})
        for (const T low : {T(0), T(-1)}) check_outer<T>(Outer::counts, s, density, low, T(1), kind, false);
}

BOOST_AUTO_TEST_CASE(counts_with_equal_weights_are_exact) {
  // 200 chains of weight 1: every count is a whole number that float holds.
  std::mt19937 engine(21);
  const auto x = two_forms<float>(200, 70, 0.3, -1, 1, engine),
             y = two_forms<float>(200, 66, 0.6, 0, 1, engine);
  const std::vector<double> weights(200, 1.0);
  Framed<float> g(make_batch<float>(70, 66), 77);
  multiply<float>(Outer::counts, x, y, weights, 1, g);
  const Expected e = plain_outer(x.values, y.values, weights, 1, make_batch<float>(70, 66));
  const Batch<float> got = g.inner();
  for (std::size_t i = 0; i < got.size(); ++i) BOOST_TEST_REQUIRE(double(got.data()[i]) == e.value.data()[i]);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(broken_products_are_caught, T, Types) {
  const Hard<T> h;
  const Framed<T> W(h.W, T(0));
  const Expected e = plain_product(h.x.values, h.W, false, h.product);
  Batch<T> flipped = h.W;
  flipped(130, 65) = -flipped(130, 65);
  for (const Product kernel : {Product::row_sums, Product::tables}) {
    Framed<T> right(h.product, T(0)), shifted = right, sign = right, forgotten(make_batch<T>(70, 66), T(0));
    multiply<T>(kernel, h.x, W, false, right);
    BOOST_TEST(worst(right.inner(), e) <= 1);
    multiply<T>(kernel, with_shifted_bits(h.x), W, false, shifted);
    BOOST_TEST(worst(shifted.inner(), e) > 100);
    multiply<T>(kernel, h.x, Framed<T>(flipped, T(0)), false, sign);
    BOOST_TEST(worst(sign.inner(), e) > 100);
    multiply<T>(kernel, h.x, W, false, forgotten);
    BOOST_TEST(worst(forgotten.inner(), e) > 100);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(broken_outer_products_are_caught, T, Types) {
  const Hard<T> h;
  const Expected e = plain_outer(h.x.values, h.y.values, h.weights, 2, h.outer);
  std::vector<double> flipped = h.weights;
  flipped.back() = -flipped.back();
  for (const Outer kernel : {Outer::sums, Outer::tables, Outer::counts}) {
    Framed<T> right(h.outer, T(0)), shifted = right, sign = right, forgotten(make_batch<T>(131, 66), T(0));
    multiply<T>(kernel, h.x, h.y, h.weights, 2, right);
    BOOST_TEST(worst(right.inner(), e) <= 1);
    multiply<T>(kernel, with_shifted_bits(h.x), h.y, h.weights, 2, shifted);
    BOOST_TEST(worst(shifted.inner(), e) > 100);
    multiply<T>(kernel, h.x, h.y, flipped, 2, sign);
    BOOST_TEST(worst(sign.inner(), e) > 100);
    multiply<T>(kernel, h.x, h.y, h.weights, 2, forgotten);
    BOOST_TEST(worst(forgotten.inner(), e) > 100);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_in_a_weight_reaches_the_rows_that_use_it, T, Types) {
  Hard<T> h;
  const std::size_t at = 77, column = 65;
  h.W(at, column) = std::numeric_limits<T>::quiet_NaN();
  for (const Product kernel : {Product::row_sums, Product::tables}) {
    Framed<T> y(h.product, T(0));
    multiply<T>(kernel, h.x, Framed<T>(h.W, T(0)), false, y);
    const Batch<T> got = y.inner();
    for (std::size_t i = 0; i < 70; ++i)
      for (std::size_t j = 0; j < 66; ++j)
        BOOST_TEST_REQUIRE(std::isnan(got(i, j)) == (j == column && h.x.ones(i, at)));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_in_a_chains_weight_reaches_the_gradient, T, Types) {
  Hard<T> h;
  const std::size_t chain = 33;
  h.weights[chain] = std::numeric_limits<double>::quiet_NaN();
  for (const Outer kernel : {Outer::sums, Outer::tables, Outer::counts}) {
    Framed<T> g(h.outer, T(0));
    multiply<T>(kernel, h.x, h.y, h.weights, 1, g);
    const Batch<T> got = g.inner();
    for (std::size_t i = 0; i < 131; ++i)
      if (h.x.ones(chain, i)) BOOST_TEST_REQUIRE(std::isnan(got(i, 0)));
  }
}

BOOST_AUTO_TEST_CASE(more_rows_than_sixteen_bits_count) {
  const std::size_t many = (1u << 16) + 10;
  std::mt19937 engine(31);
  const auto x = two_forms<float>(many, 3, 0.5, 0, 1, engine), y = two_forms<float>(2, 3, 0.5, 0, 1, engine),
             wide = two_forms<float>(2, many, 0.5, 0, 1, engine);
  const Batch<float> W = random_batch<float>(3, 2, engine), start = random_batch<float>(many, 2, engine),
                     g_start = random_batch<float>(many, 3, engine);
  const std::vector<double> weights{1, -2};
  for (const Product kernel : {Product::row_sums, Product::tables}) {
    Framed<float> to(start, 0);
    multiply<float>(kernel, x, Framed<float>(W, 0), false, to);
    BOOST_TEST(worst(to.inner(), plain_product(x.values, W, false, start)) <= 1);
  }
  for (const Outer kernel : {Outer::sums, Outer::tables, Outer::counts}) {
    Framed<float> g(g_start, 0);
    multiply<float>(kernel, wide, y, weights, 1, g);
    BOOST_TEST(worst(g.inner(), plain_outer(wide.values, y.values, weights, 1, g_start)) <= 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
