#include "tests/allocation/counted_malloc.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <execinfo.h>
#include <sstream>

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

void note() {
  if (!counting.load(std::memory_order_relaxed) || calls.fetch_add(1) != 0) return;
  counting = false; // taking the stack may allocate
  depth = backtrace(stack.data(), int(stack.size()));
  counting = true;
}

} // namespace

extern "C" {
void* malloc(std::size_t n) {
  note();
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  note();
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  note();
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  note();
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
  note();
  return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  note();
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
