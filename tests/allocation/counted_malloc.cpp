#include "tests/allocation/counted_malloc.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <dlfcn.h>
#include <execinfo.h>
#include <sstream>
#include <string_view>

// glibc's own names of what is replaced below.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<bool> counting = false;
std::atomic<std::size_t> calls = 0;
std::array<void*, 24> stack;
int depth = 0;

/// OpenBLAS's kernels for small matrices take memory of their own on some CPUs, in no step of ours.
bool inside_blas(void* caller) {
  Dl_info info;
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::string_view(info.dli_fname).find("openblas") != std::string_view::npos;
}

/// `caller` is the address that malloc returns to.
void note(void* caller) {
  if (!counting.load(std::memory_order_relaxed)) return;
  counting = false; // taking the stack may allocate
  if (!inside_blas(caller) && calls.fetch_add(1) == 0) depth = backtrace(stack.data(), int(stack.size()));
  counting = true;
}

} // namespace

extern "C" {
void* malloc(std::size_t n) {
  note(__builtin_return_address(0));
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  note(__builtin_return_address(0));
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  note(__builtin_return_address(0));
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  note(__builtin_return_address(0));
  *p = __libc_memalign(alignment, n);
  return *p == nullptr ? ENOMEM : 0;
}
}

namespace ebm::tests {

CountAllocations::CountAllocations() {
  calls = 0;
  depth = 0;
  counting = true;
}
CountAllocations::~CountAllocations() {
  counting = false;
}
std::size_t CountAllocations::count() const {
  return calls;
}
std::string CountAllocations::first() const {
  counting = false;
  std::ostringstream text;
  char** names = backtrace_symbols(stack.data(), depth);
  for (int i = 0; i < depth; ++i) text << "\n  " << names[i];
  return text.str();
}

} // namespace ebm::tests
