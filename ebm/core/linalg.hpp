// The only user of BLAS. Every call runs on the calling thread: work is split over chains, above this layer.
#pragma once
#include <string>

#include "ebm/core/tensor.hpp"

namespace ebm::linalg {

enum class Transpose : bool { no, yes };

/// y += x W, or x Wᵀ: x [chains, k], W [k, n] (or [n, k]), y [chains, n].
template <std::floating_point T>
void add_product(const Batch<T>& x, const Batch<T>& W, Transpose transpose, Batch<T>& y);

/// g += alpha xᵀ y: x [chains, m], y [chains, n], g [m, n].
template <std::floating_point T> void add_outer(const Batch<T>& x, const Batch<T>& y, T alpha, Batch<T>& g);

/// "OpenBLAS 0.3.21 SkylakeX", for provenance.
std::string blas_name();

/// One BLAS thread for the whole process; call before any product.
void use_one_blas_thread();

/// True when the BLAS library was built on OpenMP (its own pool of threads would fight with libgomp's).
bool blas_uses_openmp();

} // namespace ebm::linalg
