// Memory for vector loads.
#pragma once
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace ebm {

/// Memory that begins at a cache line, so that no vector load crosses one, and elements that a vector does
/// not clear when it grows.
template <class T> struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};
  LineAllocator() = default;
  template <class U> LineAllocator(const LineAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, line); }
  template <class U> void construct(U* p) noexcept { ::new (static_cast<void*>(p)) U; }
  template <class U, class... Args> void construct(U* p, Args&&... args) {
    ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
  }
  bool operator==(const LineAllocator&) const = default;
};
template <class T> using LineVector = std::vector<T, LineAllocator<T>>;

} // namespace ebm
