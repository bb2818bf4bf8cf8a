#include "ebm/core/machine.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <unistd.h>

namespace ebm::machine {

std::string_view name_of(Vectors vectors) {
  constexpr std::array<std::string_view, 4> names{"SSE", "AVX", "AVX2", "AVX-512"};
  return names[std::size_t(vectors)];
}

// AVX-512 counts from its VL part on, which OpenBLAS's kernels need as well.
Vectors compiled_vectors() {
#if defined(__AVX512F__) && defined(__AVX512VL__)
  return Vectors::avx512;
#elif defined(__AVX2__)
  return Vectors::avx2;
#elif defined(__AVX__)
  return Vectors::avx;
#else
  return Vectors::sse;
#endif
}

Vectors cpu_vectors() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return Vectors::avx512;
  if (__builtin_cpu_supports("avx2")) return Vectors::avx2;
  if (__builtin_cpu_supports("avx")) return Vectors::avx;
#endif
  return Vectors::sse;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      return line.substr(std::min(line.find_first_not_of(": \t", line.find(':')), line.size()));
  return "";
}

std::size_t cores() {
  return std::size_t(::sysconf(_SC_NPROCESSORS_ONLN));
}

std::size_t memory() {
  return std::size_t(::sysconf(_SC_PHYS_PAGES)) * std::size_t(::sysconf(_SC_PAGESIZE));
}

} // namespace ebm::machine
