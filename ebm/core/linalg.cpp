#include "ebm/core/linalg.hpp"

#include <cassert>
#include <string>
#include <xtensor-blas/xblas.hpp>

// OpenBLAS's own header cannot stand beside xtensor-blas, which brings another cblas.h with the same names.
extern "C" {
char* openblas_get_config(void);
char* openblas_get_corename(void);
int openblas_get_parallel(void);
void openblas_set_num_threads(int threads);
}

namespace ebm::linalg {

template <std::floating_point T>
void add_product(const Batch<T>& x, const Batch<T>& W, Transpose transpose, Batch<T>& y) {
  assert(x.shape(1) == W.shape(transpose == Transpose::yes ? 1 : 0) && x.shape(0) == y.shape(0));
  if (x.size() == 0 || W.size() == 0) return;
  xt::blas::gemm(x, W, y, false, transpose == Transpose::yes, T(1), T(1));
}

template <std::floating_point T> void add_outer(const Batch<T>& x, const Batch<T>& y, T alpha, Batch<T>& g) {
  assert(x.shape(0) == y.shape(0) && g.shape(0) == x.shape(1) && g.shape(1) == y.shape(1));
  if (x.size() == 0 || y.size() == 0) return;
  xt::blas::gemm(x, y, g, true, false, alpha, T(1));
}

std::string blas_name() {
  // The configuration string begins "OpenBLAS 0.3.21 ..."; the core type is chosen when the process starts.
  const std::string config = openblas_get_config();
  const std::size_t version_end = config.find(' ', config.find(' ') + 1);
  return config.substr(0, version_end) + " " + openblas_get_corename();
}

void use_one_blas_thread() {
  openblas_set_num_threads(1);
}

bool blas_uses_openmp() {
  constexpr int openmp = 2; // OPENBLAS_OPENMP
  return openblas_get_parallel() == openmp;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void add_product<T>(const Batch<T>&, const Batch<T>&, Transpose, Batch<T>&);                      \
  template void add_outer<T>(const Batch<T>&, const Batch<T>&, T, Batch<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::linalg
