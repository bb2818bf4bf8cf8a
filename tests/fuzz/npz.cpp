#include "experiments/io/npz.hpp"

#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

const Registered npz("npz", [](std::string_view bytes) {
  for (const auto& [name, array] : experiments::read_npz(FileOf(bytes).path()))
    require(array.size() == array.values.size(), "the shape fits the values");
  return true;
});

} // namespace
} // namespace ebm::tests::fuzz
