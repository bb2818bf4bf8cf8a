// Vectorised kernels for sums over very many states whose terms are products.
#pragma once
#include <span>
#include <utility>

#include "ebm/core/line_allocator.hpp"
#include "ebm/core/tensor.hpp"

namespace ebm::numerics {

/// to[k] = e^from[k] rounded to T, and 0 where that is subnormal, as later products would be slow; `to` is
/// not `from`.
template <std::floating_point T> void exponentials(std::span<const double> from, std::span<T> to);

/// Σ_k scale[k] e^y[k] as (largest y, sum relative to its exponential); an empty scale stands for ones.
std::pair<double, double> sum_of_exponentials(std::span<const double> y, std::span<const double> scale);

/// Σ_s weight[s] Π_{i in s} e^x[i] over all subsets s of x, numbered by their bits; `scratch` has as many
/// entries as `weight`. A state costs one multiplication and addition. The caller keeps the products in
/// range.
inline constexpr std::size_t subset_size = 10;
double sum_of_subset_products(std::span<const double, subset_size> x,
                              std::span<const double, std::size_t(1) << subset_size> weight,
                              std::span<double> scratch);

/// Products over k of factors 1 + a_rk b_sk for a tile of rows r of a and s of b at once: as many products as
/// the registers hold. Rows stand in tiles: [tiles, columns / lanes, rows of a tile, lanes].
struct FactorTile {
  std::size_t lanes, a_rows, b_rows;
};
template <std::floating_point T> FactorTile factor_tile();
inline constexpr std::size_t largest_factor_tile = 16; ///< a_rows · b_rows at most

/// e^x of the rows of x [rows, whole lanes] in tiles of `tile_rows`; rows of 0 fill the last tile.
template <std::floating_point T>
LineVector<T> tiled_exponentials(const Batch<double>& x, std::size_t tile_rows);

/// a = each of the a_rows rows of a tile times `common` [columns].
template <std::floating_point T> void scale_tile(std::span<const T> common, const T* tile, std::span<T> a);

/// mantissa[r · b_rows + s] · 2^exponent[…] = Π_k (1 + a_rk b_sk) for one tile of a and one of b, not
/// negative. At the column groups `run_ends` (counted in lanes) exponents are split off; between two of them
/// a lane's product must stay below half the largest T. Mantissas lie in [1, 2^lanes].
template <std::floating_point T>
void factor_products(const T* a, const T* b, std::span<const std::size_t> run_ends, double* mantissa,
                     double* exponent);

} // namespace ebm::numerics
