// In place of a compiler's own: Clang cannot read GCC's, and the runtime that belongs to Clang's would be a
// second one beside libgomp, which OpenBLAS brings.
#pragma once

extern "C" void omp_set_num_threads(int threads);
