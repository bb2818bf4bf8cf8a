// Products of states with weights. The only user of BLAS, and the only place that knows which kernel
// multiplies: sums of the rows that the set bits choose, tables of partial sums, counts of common bits, or a
// dense product. The choice depends on shapes and densities alone, never on timing. `add_product` runs on the
// calling thread, since work is split over chains above this layer; `add_outer` sums over all chains and
// splits the columns of its result.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ebm/core/bits.hpp"
#include "ebm/core/machine.hpp"
#include "ebm/core/tensor.hpp"

namespace ebm::linalg {

enum class Transpose : bool { no, yes };

/// Values [rows, k] of which it may be known that they are `low` and `high` only, `high` where the bits are
/// set.
template <std::floating_point T> struct Factor {
  Factor(const Batch<T>& x) : values(x) {}
  Factor(const Batch<T>& x, const BitRows& bits, T low_value, T high_value)
      : values(x), ones(&bits), low(low_value), high(high_value) {}
  const Batch<T>& values;
  const BitRows* ones = nullptr;
  T low = 0, high = 1;
};

/// Columns of a product that are wanted.
struct Columns {
  std::size_t first = 0, count = std::size_t(-1);
};

/// y += x W, or x Wᵀ: x [chains, k], W [k, n] (or [n, k]), y [chains, n]. With `columns`, only those of the
/// product, and y [chains, columns.count].
template <std::floating_point T>
void add_product(const Factor<T>& x, const Batch<T>& W, Transpose transpose, Batch<T>& y,
                 Columns columns = {});

/// to += scale Σ_c weight_c x_c, summed in double: x [chains, n], to [n].
template <std::floating_point T>
void add_weighted_rows(const Batch<T>& x, std::span<const double> weights, double scale, std::span<T> to);

/// g += scale Σ_c weight_c x_c y_cᵀ: x [chains, m], y [chains, n], g [m, n].
template <std::floating_point T>
void add_outer(const Factor<T>& x, const Factor<T>& y, std::span<const double> weights, Batch<T>& g,
               double scale = 1);

/// Turns a symmetric matrix into its lower Cholesky factor (what stands above the diagonal is unspecified);
/// false where it is not positive definite.
bool cholesky(Batch<double>& A);

/// The kernels, and which one a product gets.
enum class Kernel : std::uint8_t { dense, row_sums, tables, counts };

/// For x [rows, k] with `ones` bits set (`low` is its lower value) times W with n columns.
Kernel product_kernel(std::size_t rows, std::size_t k, std::size_t n, std::size_t ones, double low);

/// For the sum over `rows` chains of x yᵀ, g [m, n], with `ones` bits of x set. `runs` is the number of runs
/// of equal weights where y is known to be two-valued as well, else 0: counting passes over g for each run.
Kernel outer_kernel(std::size_t rows, std::size_t m, std::size_t n, std::size_t ones, double low,
                    std::size_t runs);

/// "OpenBLAS 0.3.21 SkylakeX", for provenance.
std::string blas_name();

/// What the BLAS library does with several threads. A pool of its own would fight with libgomp's.
enum class BlasThreading : std::uint8_t { none = 0, own_pool = 1, openmp = 2 }; // OpenBLAS's numbers

struct BlasLibrary {
  std::string version; ///< "0.3.21"
  std::string core;    ///< the core type whose kernels it uses, chosen when the process starts: "SkylakeX"
  BlasThreading threading = BlasThreading::none;
  std::size_t threads = 1; ///< of a product, when nobody says otherwise
};

BlasLibrary blas_library();

/// What the kernels of a core type of OpenBLAS use; nothing for a name that is not known here. Case does not
/// matter.
std::optional<machine::Vectors> vectors_of_core(std::string_view core);

/// One BLAS thread for the whole process; call before any product.
void use_one_blas_thread();

} // namespace ebm::linalg
