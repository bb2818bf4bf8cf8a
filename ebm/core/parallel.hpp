// Threads: fixed work items over TBB, so that trials and the chains inside a trial share one pool of workers
// and nothing is oversubscribed. BLAS and OpenMP stay at one thread inside every worker.
#pragma once
#include <cstddef>
#include <memory>
#include <type_traits>

namespace ebm::parallel {

struct Range {
  std::size_t first, count;
};

/// n rows cut into ranges of at most `largest`, as even as possible. The cut depends on n alone and is part
/// of the result: matrix products round differently for other row counts.
class WorkItems {
 public:
  static constexpr std::size_t default_rows = 64;
  explicit WorkItems(std::size_t n, std::size_t largest = default_rows)
      : n_(n), items_(n == 0 ? 0 : (n + largest - 1) / largest) {}
  std::size_t size() const { return items_; }
  Range operator[](std::size_t i) const {
    const std::size_t first = n_ * i / items_;
    return {first, n_ * (i + 1) / items_ - first};
  }

 private:
  std::size_t n_, items_;
};

namespace detail {
enum class Waiting { on_these_items, on_any };
void run(std::size_t n, void* context, void (*body)(void*, std::size_t), Waiting waiting);

template <class F> void run(std::size_t n, F& f, Waiting waiting) {
  if (n == 0) return;
  if (n == 1) return f(std::size_t(0));
  const auto body = [](void* g, std::size_t i) { (*static_cast<F*>(g))(i); };
  run(n, const_cast<std::remove_const_t<F>*>(&f), body, waiting);
}
} // namespace detail

/// f(i) for i in [0, n), each once, in any order and on any thread. Exceptions reach the caller. A thread
/// that waits here works on nothing but these items.
template <class F> void for_each(std::size_t n, F&& f) {
  detail::run(n, f, detail::Waiting::on_these_items);
}

/// The same, but a thread that waits here helps inside the items that others still work on.
template <class F> void share_out(std::size_t n, F&& f) {
  detail::run(n, f, detail::Waiting::on_any);
}

/// f(first, count) for pieces of [0, n) of about 64 KiB of float each, on all threads: for work on single
/// elements, whose result does not depend on the pieces.
template <class F> void for_each_piece(std::size_t n, F&& f) {
  constexpr std::size_t piece = 1u << 14;
  const WorkItems pieces(n, piece);
  for_each(pieces.size(), [&](std::size_t i) { f(pieces[i].first, pieces[i].count); });
}

/// While it lives, the process works on at most `threads` cores, and BLAS and OpenMP run one thread each.
class Threads {
 public:
  explicit Threads(std::size_t threads);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Cores this process may run on.
std::size_t available_cores();

} // namespace ebm::parallel
