#include "experiments/store/checkpoint.hpp"

#include "experiments/spec/experiment.hpp"
#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

bool accepts(std::string file) try {
  experiments::CheckpointReader reader(std::move(file));
  std::uint64_t n = 0;
  std::vector<double> x(3);
  std::vector<std::uint8_t> bytes;
  reader("n", n), reader("x", std::span(x)), reader("bytes", bytes);
  return true;
} catch (const InputError&) {
  return false;
}

/// As a whole file, and as the records of one, since no fuzzer guesses their checksum.
const Registered checkpoint("checkpoint", [](std::string_view bytes) {
  const std::string records(bytes), hash = experiments::content_hash(records);
  const bool file = accepts(records);
  return accepts("ebm-checkpoint 1 " + std::to_string(records.size()) + " " + hash + "\n" + records) || file;
});

} // namespace
} // namespace ebm::tests::fuzz
