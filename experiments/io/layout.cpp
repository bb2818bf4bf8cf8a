#include "experiments/io/layout.hpp"

#include "ebm/core/error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

namespace ebm::experiments {

void throw_at(const std::string& where, std::size_t offset, const std::string& message) {
  throw InputError(fmt::format("{}: offset {}: {}", where, offset, message));
}

void require_bytes(const std::string& where, std::size_t size, std::size_t offset, std::size_t count,
                   const std::string& what) {
  const std::size_t found = size - offset;
  if (found < count)
    throw_at(where, offset,
             fmt::format("expected {} bytes of {}, found {} (file truncated?)", count, what, found));
}

void require_exact_data(const std::string& where, std::size_t size, std::size_t offset,
                        std::span<const std::size_t> shape, std::size_t element_size) {
  std::size_t expected = element_size;
  for (const std::size_t extent : shape) {
    // A zero extent must not hide the others: the shape itself has to make sense.
    const std::size_t factor = std::max<std::size_t>(extent, 1);
    if (expected > std::numeric_limits<std::size_t>::max() / factor)
      throw_at(where, offset,
               fmt::format("expected data of shape [{}], more than memory can address, found {} bytes",
                           fmt::join(shape, ", "), size - offset));
    expected *= factor;
  }
  if (std::ranges::find(shape, std::size_t{0}) != shape.end()) expected = 0;
  require_bytes(where, size, offset, expected, "data");
  if (size - offset > expected)
    throw_at(where, offset,
             fmt::format("expected {} bytes of data, found {} (trailing bytes?)", expected, size - offset));
}

} // namespace ebm::experiments
