#include "experiments/io/idx.hpp"

#include <functional>
#include <numeric>

#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

const Registered idx("idx", [](std::string_view bytes) {
  const experiments::ByteArray array = experiments::read_idx(FileOf(bytes).path());
  const std::size_t size =
      std::accumulate(array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>());
  require(size == array.values.size(), "the shape fits the values");
  return true;
});

} // namespace
} // namespace ebm::tests::fuzz
