// Products with and without bits, and which kernel they get.
#include <boost/test/unit_test.hpp>

#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "product_support.hpp"

BOOST_AUTO_TEST_SUITE(products)

using namespace ebm;
using namespace ebm::products_test;
using linalg::Columns, linalg::Factor, linalg::Kernel, linalg::Transpose;

using Types = std::tuple<float, double>;

namespace {

template <class T> Factor<T> factor(const TwoForms<T>& x) {
  return {x.values, x.ones, x.low, x.high};
}

/// Operands of a product that gets `kernel` if its bits are used.
struct Case {
  Kernel kernel;
  std::size_t rows;
  double density, low;
};
const std::vector<Case> product_cases{
    {Kernel::row_sums, 50, 0.1, 0}, {Kernel::row_sums, 9, 0.1, 0}, {Kernel::tables, 50, 0.6, 0},
    {Kernel::tables, 50, 0.1, -1},  {Kernel::dense, 7, 0.6, 0},    {Kernel::dense, 3, 0.1, 0},
};
const std::vector<Case> outer_cases{
    {Kernel::row_sums, 90, 0.1, 0}, {Kernel::tables, 90, 0.6, 0},  {Kernel::tables, 90, 0.1, -1},
    {Kernel::dense, 10, 0.1, 0},    {Kernel::counts, 190, 0.3, 0}, {Kernel::counts, 190, 0.3, -1},
};
constexpr std::size_t inner = 131, wide = 150; // columns of x and of the result

template <class T> struct OuterOperands {
  OuterOperands(const Case& c, std::mt19937& engine)
      : x(two_forms<T>(c.rows, inner, c.density, T(c.low), T(1), engine)),
        y(two_forms<T>(c.rows, wide, 0.5, T(c.low), T(1), engine)),
        weights(chain_weights(ChainWeights::runs, c.rows, engine)),
        start(random_batch<T>(inner, wide, engine)), counts(c.kernel == Kernel::counts) {
    if (!counts) y.values = random_batch<T>(c.rows, wide, engine);
  }
  Kernel chosen() const {
    return linalg::outer_kernel(x.values.shape(0), inner, wide, x.ones.count(), double(x.low),
                                counts ? 2 : 0);
  }
  Batch<T> result() const {
    Batch<T> g = start;
    linalg::add_outer<T>(factor(x), counts ? factor(y) : Factor<T>(y.values), weights, g, 0.5);
    return g;
  }
  TwoForms<T> x, y;
  std::vector<double> weights;
  Batch<T> start;
  bool counts;
};

/// Columns [first, first + count) of a matrix.
template <class T> Batch<T> columns_of(const Batch<T>& m, std::size_t first, std::size_t count) {
  Batch<T> part = make_batch<T>(m.shape(0), count);
  for (std::size_t i = 0; i < m.shape(0); ++i)
    std::copy_n(row(m, i).data() + first, count, row(part, i).data());
  return part;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products_are_the_same_with_and_without_bits, T, Types) {
  std::mt19937 engine(1);
  for (const Case& c : product_cases)
    for (const bool transposed : {false, true}) {
      const TwoForms<T> x = two_forms<T>(c.rows, inner, c.density, T(c.low), T(1), engine);
      BOOST_TEST((linalg::product_kernel(c.rows, inner, wide, x.ones.count(), c.low) == c.kernel));
      const Batch<T> W = random_batch<T>(transposed ? wide : inner, transposed ? inner : wide, engine),
                     start = random_batch<T>(c.rows, wide, engine);
      const Expected e = plain_product(x.values, W, transposed, start);
      Batch<T> with = start, without = start;
      linalg::add_product<T>(factor(x), W, Transpose(transposed), with);
      linalg::add_product<T>(x.values, W, Transpose(transposed), without);
      BOOST_TEST(worst(with, e) <= 1, "with bits, case " << c.rows << ", " << c.density << ", " << c.low);
      BOOST_TEST(worst(without, e) <= 1, "without bits, " << c.rows << " rows");
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(columns_of_a_product_are_the_columns_of_the_whole, T, Types) {
  std::mt19937 engine(2);
  for (const Case& c : product_cases)
    for (const bool transposed : {false, true})
      for (const Columns part :
           {Columns{0, 100}, Columns{37, 64}, Columns{5}, Columns{149, 1}, Columns{150}}) {
        const TwoForms<T> x = two_forms<T>(c.rows, inner, c.density, T(c.low), T(1), engine);
        const Batch<T> W = random_batch<T>(transposed ? wide : inner, transposed ? inner : wide, engine),
                       start = random_batch<T>(c.rows, wide, engine);
        const std::size_t n = std::min(part.count, wide - part.first);
        Expected e = plain_product(x.values, W, transposed, start);
        e = {columns_of(e.value, part.first, n), columns_of(e.bound, part.first, n)};
        for (const Factor<T>& f : {factor(x), Factor<T>(x.values)}) {
          Batch<T> y = columns_of(start, part.first, n);
          linalg::add_product<T>(f, W, Transpose(transposed), y, part);
          BOOST_TEST(worst(y, e) <= 1, c.rows << " rows, columns from " << part.first);
        }
      }
}

// A constant weight on many equal rows rounds the same way every time in single precision.
BOOST_AUTO_TEST_CASE(weighted_rows_are_summed_in_double) {
  constexpr std::size_t n = 60000;
  Batch<float> x = make_batch<float>(n, 1);
  x.fill(1);
  std::vector<float> sum{0.0f};
  linalg::add_weighted_rows<float>(x, std::vector<double>(n, 0.7 / n), -1.0, sum);
  BOOST_TEST(std::abs(double(sum[0]) + 0.7) < 1e-7);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outer_products_are_the_same_with_and_without_bits, T, Types) {
  std::mt19937 engine(3);
  for (const Case& c : outer_cases) {
    const OuterOperands<T> o(c, engine);
    BOOST_TEST((o.chosen() == c.kernel));
    const Expected e = plain_outer(o.x.values, o.y.values, o.weights, 0.5, o.start);
    Batch<T> without = o.start;
    linalg::add_outer<T>(o.x.values, o.y.values, o.weights, without, 0.5);
    BOOST_TEST(worst(o.result(), e) <= 1, "with bits, case " << c.rows << ", " << c.density << ", " << c.low);
    BOOST_TEST(worst(without, e) <= 1, "without bits");
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(broken_operands_are_caught, T, Types) {
  std::mt19937 engine(4);
  for (const Case& c : product_cases) {
    if (c.kernel == Kernel::dense) continue; // does not look at the bits
    const TwoForms<T> x = two_forms<T>(c.rows, inner, c.density, T(c.low), T(1), engine),
                      shifted = with_shifted_bits(x);
    const Batch<T> W = random_batch<T>(inner, wide, engine), start = random_batch<T>(c.rows, wide, engine);
    Batch<T> y = start;
    linalg::add_product<T>(Factor<T>(x.values, shifted.ones, x.low, x.high), W, Transpose::no, y);
    BOOST_TEST(worst(y, plain_product(x.values, W, false, start)) > 100);
  }
  for (const Case& c : outer_cases) {
    OuterOperands<T> o(c, engine);
    const Expected e = plain_outer(o.x.values, o.y.values, o.weights, 0.5, o.start);
    o.weights[0] = -o.weights[0];
    BOOST_TEST(worst(o.result(), e) > 100);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_gradient_does_not_depend_on_the_number_of_threads, T, Types) {
  std::mt19937 engine(5);
  for (const Case& c : outer_cases) {
    const OuterOperands<T> o(c, engine);
    std::vector<Batch<T>> results;
    for (const std::size_t n : {1u, 4u}) {
      const parallel::Threads threads(n);
      results.push_back(o.result());
    }
    BOOST_TEST(std::ranges::equal(all(results[0]), all(results[1])), "kernel " << int(c.kernel));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_reaches_the_product, T, Types) {
  std::mt19937 engine(6);
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const Case& c : product_cases)
    for (const bool transposed : {false, true}) {
      TwoForms<T> x = two_forms<T>(c.rows, inner, c.density, T(c.low), T(1), engine);
      const Batch<T> W = random_batch<T>(transposed ? wide : inner, transposed ? inner : wide, engine);
      Batch<T> hidden = W;
      for (T& w : row(hidden, transposed ? 149 : 130)) w = nan; // the last column, or the last row
      Batch<T> y = make_batch<T>(c.rows, wide);
      linalg::add_product<T>(factor(x), hidden, Transpose(transposed), y);
      for (std::size_t i = 0; i < c.rows; ++i)
        if (c.low != 0 || x.ones(i, inner - 1)) BOOST_TEST_REQUIRE(std::isnan(y(i, wide - 1)));
      Batch<T> grey = make_batch<T>(c.rows, wide);
      x.values(0, inner - 1) = nan;
      linalg::add_product<T>(x.values, W, Transpose(transposed), grey);
      BOOST_TEST((std::isnan(grey(0, 0)) && std::isnan(grey(0, wide - 1))));
      BOOST_TEST(std::isfinite(grey(1, 0)));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_reaches_the_gradient, T, Types) {
  std::mt19937 engine(7);
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const Case& c : outer_cases) {
    OuterOperands<T> o(c, engine);
    const Batch<T> y = o.y.values;
    o.y.values(c.rows - 1, wide - 1) = nan;
    for (std::size_t i = 0; !o.counts && i < inner; ++i)
      if (c.low != 0 || o.x.ones(c.rows - 1, i)) BOOST_TEST_REQUIRE(std::isnan(o.result()(i, wide - 1)));
    o.y.values = y;
    o.x.values(0, inner - 1) = nan;
    Batch<T> g = o.start;
    linalg::add_outer<T>(o.x.values, o.y.values, o.weights, g);
    BOOST_TEST((std::isnan(g(inner - 1, 0)) && std::isfinite(g(0, 0))));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(empty_operands_add_nothing, T, Types) {
  const Batch<T> none = make_batch<T>(0, 5), narrow = make_batch<T>(5, 0), W = make_batch<T>(0, 3, T(2));
  Batch<T> y = make_batch<T>(5, 3, T(1)), g = make_batch<T>(5, 5, T(1)), no_rows = make_batch<T>(0, 3);
  linalg::add_product<T>(narrow, W, Transpose::no, y);
  linalg::add_product<T>(none, make_batch<T>(5, 3), Transpose::no, no_rows);
  linalg::add_outer<T>(none, none, {}, g);
  BOOST_TEST((std::ranges::count(all(y), T(1)) == 15 && std::ranges::count(all(g), T(1)) == 25));
}

BOOST_AUTO_TEST_CASE(the_kernel_of_a_product_depends_on_shape_and_density) {
  struct Row {
    std::size_t rows, k, n, ones;
    double low;
    Kernel kernel;
  };
  const std::vector<Row> table{{64, 784, 500, 0, 0, Kernel::row_sums},
                               {64, 784, 500, 19599, 0, Kernel::row_sums}, // below 0.4 of 500 / 512
                               {64, 784, 500, 19600, 0, Kernel::tables},
                               {64, 784, 500, 50176, 0, Kernel::tables},
                               {64, 784, 500, 0, -1, Kernel::tables},
                               {31, 784, 500, 0, 0, Kernel::row_sums},
                               {31, 784, 500, 24304, 0, Kernel::dense},
                               {32, 784, 500, 25088, 0, Kernel::tables},
                               {31, 784, 500, 0, -1, Kernel::dense},
                               {8, 784, 500, 0, 0, Kernel::row_sums},
                               {7, 784, 500, 0, 0, Kernel::dense},
                               {10, 784, 25, 0, 0, Kernel::dense},
                               {24, 784, 25, 0, 0, Kernel::row_sums},
                               {64, 784, 15, 0, 0, Kernel::dense},
                               {50, 25, 784, 1250, 0, Kernel::dense},
                               {32, 32, 32, 0, 0, Kernel::row_sums}, // 2^15 terms
                               {32, 32, 31, 0, 0, Kernel::dense},
                               {32, 32, 32, 1024, 0, Kernel::dense},
                               {1, 1, 1, 1, 0, Kernel::dense},
                               {0, 784, 500, 0, 0, Kernel::dense},
                               {1000000, 1000, 1000, 1000000, 0, Kernel::row_sums}};
  for (const Row& r : table)
    for (int again = 0; again < 2; ++again)
      BOOST_TEST((linalg::product_kernel(r.rows, r.k, r.n, r.ones, r.low) == r.kernel),
                 r.rows << " x " << r.k << " x " << r.n << ", " << r.ones << " ones, low " << r.low);
}

BOOST_AUTO_TEST_CASE(the_kernel_of_an_outer_product_depends_on_shape_and_density) {
  struct Row {
    std::size_t rows, m, n, ones;
    double low;
    std::size_t runs;
    Kernel kernel;
  };
  const std::vector<Row> table{{200, 784, 500, 0, 0, 1, Kernel::counts},
                               {200, 784, 500, 156800, -1, 1, Kernel::counts},
                               {1, 784, 500, 0, 0, 1, Kernel::dense},
                               {200, 784, 500, 39199, 0, 4, Kernel::counts},
                               {200, 784, 500, 39199, 0, 5, Kernel::row_sums},
                               {200, 784, 500, 78400, -1, 200, Kernel::tables},
                               {32, 32, 31, 0, 0, 1, Kernel::dense},
                               {32, 32, 32, 0, 0, 1, Kernel::row_sums}, // 2^15 terms
                               {200, 784, 500, 47039, 0, 0, Kernel::row_sums},
                               {200, 784, 500, 47040, 0, 0, Kernel::tables}, // density 0.3
                               {200, 784, 500, 0, -1, 0, Kernel::tables},
                               {24, 784, 500, 0, 0, 0, Kernel::row_sums},
                               {23, 784, 500, 0, 0, 0, Kernel::dense},
                               {63, 784, 500, 49392, 0, 0, Kernel::dense},
                               {64, 784, 500, 50176, 0, 0, Kernel::tables},
                               {64, 63, 500, 4032, 0, 0, Kernel::dense},
                               {64, 64, 500, 4096, 0, 0, Kernel::tables},
                               {64, 63, 500, 0, 0, 0, Kernel::row_sums}};
  for (const Row& r : table)
    for (int again = 0; again < 2; ++again)
      BOOST_TEST((linalg::outer_kernel(r.rows, r.m, r.n, r.ones, r.low, r.runs) == r.kernel),
                 r.rows << " x " << r.m << " x " << r.n << ", " << r.ones << " ones, low " << r.low);
}

BOOST_AUTO_TEST_SUITE_END()
