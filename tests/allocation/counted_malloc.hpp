// Counts the calls of malloc and its kin in this program, those from inside OpenBLAS excepted.
#pragma once
#include <cstddef>
#include <string>

namespace ebm::tests {

/// While it lives, allocations are counted.
class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
  std::size_t count() const;
  /// Addresses of the calls that led to the first one, to be read with addr2line.
  std::string first() const;
};

} // namespace ebm::tests
