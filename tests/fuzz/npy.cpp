#include "experiments/io/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

const Registered npy("npy", [](std::string_view bytes) {
  const experiments::Array array = experiments::parse_npy(std::as_bytes(std::span(bytes)), "fuzz");
  require(array.size() == array.values.size(), "the shape fits the values");
  const auto written = experiments::format_npy(array.shape, std::span<const double>(array.values));
  const experiments::Array again = experiments::parse_npy(written, "written");
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  require(again.shape == array.shape, "what was read is written with its shape");
  require(std::ranges::equal(again.values, array.values, {}, bits, bits), "and with its values");
  return true;
});

} // namespace
} // namespace ebm::tests::fuzz
