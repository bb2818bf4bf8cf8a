#include "ebm/core/parallel.hpp"

#include <omp.h>
#if defined(EBM_TSAN)
#include <sanitizer/tsan_interface.h>
#endif
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include "ebm/core/linalg.hpp"

namespace ebm::parallel {

namespace {
/// What was written before giving may be read after taking. TBB sees to that, but the thread sanitizer does
/// not see it, as Debian's TBB is built without.
class HandOver {
 public:
#if defined(EBM_TSAN)
  void give() {
    __tsan_release(this);
  }
  void take() {
    __tsan_acquire(this);
  }
#else
  void give() {}
  void take() {}
#endif
  struct GivingAtEnd {
    HandOver& to;
    ~GivingAtEnd() { to.give(); }
  };
  struct TakingAtEnd {
    HandOver& from;
    ~TakingAtEnd() { from.take(); }
  };
};
} // namespace

namespace detail {
void run(std::size_t n, void* context, void (*body)(void*, std::size_t), Waiting waiting) {
  HandOver to_items, from_items;
  const auto work = [&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, n, 1),
        [&](const tbb::blocked_range<std::size_t>& r) {
          to_items.take();
          const HandOver::GivingAtEnd also_by_exception{from_items};
          for (std::size_t i = r.begin(); i != r.end(); ++i) body(context, i);
        },
        tbb::simple_partitioner());
  };
  to_items.give();
  const HandOver::TakingAtEnd also_by_exception{from_items};
  // Isolated: a thread that waits for its items must not pick up another trial meanwhile.
  if (waiting == Waiting::on_these_items)
    tbb::this_task_arena::isolate(work);
  else
    work();
}
} // namespace detail

namespace {
/// OpenBLAS on OpenMP asks each calling thread for its own thread count, so every worker has to be told.
class OneThreadInside : public tbb::task_scheduler_observer {
 public:
  OneThreadInside() { observe(true); }
  ~OneThreadInside() override { observe(false); }
  void on_scheduler_entry(bool) override { omp_set_num_threads(1); }
};
} // namespace

struct Threads::Impl {
  explicit Impl(std::size_t n) : limit(tbb::global_control::max_allowed_parallelism, n) {}
  tbb::global_control limit;
  OneThreadInside observer;
};

Threads::Threads(std::size_t threads) : impl_(std::make_unique<Impl>(threads)) {
  omp_set_num_threads(1);
  linalg::use_one_blas_thread();
}
Threads::~Threads() = default;

std::size_t available_cores() {
  return std::size_t(tbb::info::default_concurrency());
}

} // namespace ebm::parallel
