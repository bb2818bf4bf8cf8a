#define BOOST_TEST_MODULE ebm
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "ebm/core/parallel.hpp"

namespace {

/// As the program does: BLAS runs one thread inside every worker. At least four workers, for the tests that
/// compare thread counts.
struct Workers {
  ebm::parallel::Threads threads{std::max<std::size_t>(4, ebm::parallel::available_cores())};
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(Workers);
