#include "ebm/core/linalg.hpp"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <map>
#include <string>
#include <xtensor-blas/xblas.hpp>
#include <xtensor-blas/xlapack.hpp>

#include "ebm/core/binary/products.hpp"
#include "ebm/core/parallel.hpp"

// OpenBLAS's own header cannot stand beside xtensor-blas, which brings another cblas.h with the same names.
extern "C" {
char* openblas_get_config(void);
char* openblas_get_corename(void);
int openblas_get_num_threads(void);
int openblas_get_parallel(void);
void openblas_set_num_threads(int threads);
}

namespace ebm::linalg {
namespace {

/// C += op(A) op(B) with m rows, n columns and inner length k.
template <class T>
void gemm(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k, const T* A,
          std::size_t lda, const T* B, std::size_t ldb, T* C, std::size_t ldc) {
  using Index = xt::blas_index_t;
  cxxblas::gemm<Index>(cxxblas::RowMajor, transpose_a ? cxxblas::Trans : cxxblas::NoTrans,
                       transpose_b ? cxxblas::Trans : cxxblas::NoTrans, Index(m), Index(n), Index(k), T(1), A,
                       Index(lda), B, Index(ldb), T(1), C, Index(ldc));
}

template <class T> binary::View<T> view(Batch<T>& m) {
  return {m.data(), m.shape(0), m.shape(1), m.shape(1)};
}
template <class T> binary::View<const T> view(const Batch<T>& m) {
  return {m.data(), m.shape(0), m.shape(1), m.shape(1)};
}

/// y with row c times scale · weights[c].
template <class T>
const Batch<T>& weighted(const Batch<T>& y, std::span<const double> weights, double scale) {
  thread_local Batch<T> scaled;
  reshape(scaled, y.shape(0), y.shape(1));
  for (std::size_t c = 0; c < weights.size(); ++c) {
    const T w = T(scale * weights[c]);
    const std::span<const T> from = row(y, c);
    const std::span<T> to = row(scaled, c);
    for (std::size_t j = 0; j < to.size(); ++j) to[j] = w * from[j];
  }
  return scaled;
}

/// g += xᵀ y, by parts of a fixed number of columns on all threads.
template <class T> void add_dense_outer(const Batch<T>& x, const Batch<T>& y, Batch<T>& g) {
  constexpr std::size_t part = 128;
  const std::size_t rows = x.shape(0), m = g.shape(0), n = g.shape(1);
  parallel::for_each((n + part - 1) / part, [&](std::size_t i) {
    const std::size_t first = i * part, columns = std::min(part, n - first);
    gemm<T>(true, false, m, columns, rows, x.data(), m, y.data() + first, n, g.data() + first, n);
  });
}

std::size_t count_runs(std::span<const double> weights) {
  std::size_t runs = 0;
  for (std::size_t i = 0; i < weights.size(); i = binary::end_of_run(weights, i)) ++runs;
  return runs;
}

} // namespace

// The bounds were measured (benchmarks/kernels.cpp, and sizes around them). Panels are computed whole, so
// that narrow results waste part of them; packing and lists are paid before the first addition; tables are
// filled once for all rows.
Kernel product_kernel(std::size_t rows, std::size_t k, std::size_t n, std::size_t ones, double low) {
  constexpr std::size_t narrowest = 16, panel = 64, wide = 128, few_rows = 8, rows_for_narrow = 24;
  constexpr std::size_t rows_for_tables = 32, k_for_tables = 128, n_for_tables = 32;
  const std::size_t fewest = n >= wide && k >= wide ? few_rows : rows_for_narrow;
  if (n < narrowest || rows < fewest || rows * k * n < 1u << 15) return Kernel::dense;
  const double computed = n <= 16 ? 16 : n <= 32 ? 32 : double((n + panel - 1) / panel * panel);
  if (low == 0 && double(ones) < 0.4 * double(n) / computed * double(rows) * double(k))
    return Kernel::row_sums;
  const bool tables = rows >= rows_for_tables && k >= k_for_tables && n >= n_for_tables;
  return tables ? Kernel::tables : Kernel::dense;
}

Kernel outer_kernel(std::size_t rows, std::size_t m, std::size_t n, std::size_t ones, double low,
                    std::size_t runs) {
  constexpr std::size_t narrowest = 16, rows_for_sums = 24, smallest_side = 64, rows_for_tables = 64,
                        rows_a_run = 48;
  if (n < narrowest || rows * m * n < 1u << 15) return Kernel::dense;
  const bool large = m >= smallest_side && n >= smallest_side;
  if (runs != 0 && large && rows >= rows_a_run * runs) return Kernel::counts;
  if (low == 0 && rows >= rows_for_sums && double(ones) < 0.3 * double(rows) * double(m))
    return Kernel::row_sums;
  return rows >= rows_for_tables && large ? Kernel::tables : Kernel::dense;
}

template <std::floating_point T>
void add_product(const Factor<T>& x, const Batch<T>& W, Transpose transpose, Batch<T>& y, Columns columns) {
  const bool transposed = transpose == Transpose::yes;
  const std::size_t rows = x.values.shape(0), k = x.values.shape(1), all = W.shape(transposed ? 0 : 1);
  const std::size_t n = std::min(columns.count, all - columns.first);
  assert(k == W.shape(transposed ? 1 : 0) && rows == y.shape(0) && n == y.shape(1));
  if (x.values.size() == 0 || n == 0) return;
  const T* from = W.data() + columns.first * (transposed ? W.shape(1) : 1);
  const Kernel kernel =
      x.ones == nullptr ? Kernel::dense : product_kernel(rows, k, n, x.ones->count(), double(x.low));
  const binary::View<const T> part{from, transposed ? n : k, transposed ? k : n, W.shape(1)};
  if (kernel == Kernel::row_sums)
    binary::add_row_sums<T>(*x.ones, x.high, part, transposed, view(y));
  else if (kernel == Kernel::tables)
    binary::add_table_sums<T>(*x.ones, x.low, x.high, part, transposed, view(y));
  else
    gemm<T>(false, transposed, rows, n, k, x.values.data(), k, from, W.shape(1), y.data(), n);
}

template <std::floating_point T>
void add_weighted_rows(const Batch<T>& x, std::span<const double> weights, double scale, std::span<T> to) {
  thread_local std::vector<double> sums;
  sums.assign(to.size(), 0.0);
  double* const sum = sums.data();
  for (std::size_t c = 0; c < x.shape(0); ++c) {
    const double weight = scale * weights[c];
    const T* const from = row(x, c).data();
    for (std::size_t j = 0; j < to.size(); ++j) sum[j] += weight * double(from[j]);
  }
  for (std::size_t j = 0; j < to.size(); ++j) to[j] = T(double(to[j]) + sum[j]);
}

template <std::floating_point T>
void add_outer(const Factor<T>& x, const Factor<T>& y, std::span<const double> weights, Batch<T>& g,
               double scale) {
  const std::size_t rows = x.values.shape(0), m = g.shape(0), n = g.shape(1);
  assert(rows == y.values.shape(0) && rows == weights.size() && m == x.values.shape(1) &&
         n == y.values.shape(1));
  if (x.values.size() == 0 || y.values.size() == 0) return;
  const Kernel kernel = x.ones == nullptr ? Kernel::dense
                                          : outer_kernel(rows, m, n, x.ones->count(), double(x.low),
                                                         y.ones != nullptr ? count_runs(weights) : 0);
  switch (kernel) {
  case Kernel::counts:
    return binary::add_count_outer<T>(*x.ones, x.low, x.high, *y.ones, y.low, y.high, weights, scale,
                                      view(g));
  case Kernel::row_sums:
    return binary::add_sum_outer<T>(*x.ones, x.high, weights, scale, view(y.values), view(g));
  case Kernel::tables:
    return binary::add_table_outer<T>(*x.ones, x.low, x.high, weights, scale, view(y.values), view(g));
  case Kernel::dense:
    return add_dense_outer(x.values, weighted(y.values, weights, scale), g);
  }
}

bool cholesky(Batch<double>& A) {
  const std::size_t n = A.shape(0);
  // LAPACK counts columns first: its upper factor of the transpose is the lower one here.
  return cxxlapack::potrf<int>('U', int(n), A.data(), int(n)) == 0;
}

std::string blas_name() {
  const BlasLibrary library = blas_library();
  return "OpenBLAS " + library.version + " " + library.core;
}

BlasLibrary blas_library() {
  // The configuration begins "OpenBLAS 0.3.21 ...".
  const std::string config = openblas_get_config();
  const std::size_t begin = std::min(config.find(' '), config.size() - 1) + 1;
  return {config.substr(begin, config.find(' ', begin) - begin), openblas_get_corename(),
          BlasThreading(openblas_get_parallel()), std::size_t(openblas_get_num_threads())};
}

std::optional<machine::Vectors> vectors_of_core(std::string_view core) {
  using enum machine::Vectors;
  // OpenBLAS's own names, small letters.
  static const std::map<std::string, machine::Vectors, std::less<>> known{{"sapphirerapids", avx512},
                                                                          {"cooperlake", avx512},
                                                                          {"skylakex", avx512},
                                                                          {"zen", avx2},
                                                                          {"haswell", avx2},
                                                                          {"excavator", avx2},
                                                                          {"steamroller", avx},
                                                                          {"piledriver", avx},
                                                                          {"bulldozer", avx},
                                                                          {"sandybridge", avx},
                                                                          {"nehalem", sse},
                                                                          {"penryn", sse},
                                                                          {"dunnington", sse},
                                                                          {"core2", sse},
                                                                          {"prescott", sse},
                                                                          {"atom", sse},
                                                                          {"nano", sse},
                                                                          {"bobcat", sse},
                                                                          {"barcelona", sse},
                                                                          {"opteron", sse},
                                                                          {"opteron_sse3", sse},
                                                                          {"athlon", sse},
                                                                          {"northwood", sse},
                                                                          {"banias", sse},
                                                                          {"coppermine", sse},
                                                                          {"katmai", sse},
                                                                          {"generic", sse}};
  std::string small(core);
  std::ranges::transform(small, small.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  const auto found = known.find(small);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

void use_one_blas_thread() {
  openblas_set_num_threads(1);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void add_product<T>(const Factor<T>&, const Batch<T>&, Transpose, Batch<T>&, Columns);            \
  template void add_weighted_rows<T>(const Batch<T>&, std::span<const double>, double, std::span<T>);        \
  template void add_outer<T>(const Factor<T>&, const Factor<T>&, std::span<const double>, Batch<T>&, double);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::linalg
