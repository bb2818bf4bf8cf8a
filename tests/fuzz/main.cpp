// The fuzzer of whichever target is linked with it; main itself is libFuzzer's.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ebm::tests::fuzz::targets().front()({reinterpret_cast<const char*>(data), size});
  return 0;
}
