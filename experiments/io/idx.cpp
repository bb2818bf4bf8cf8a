#include "experiments/io/idx.hpp"

#include "experiments/io/gzip.hpp"
#include "experiments/io/layout.hpp"

#include <fmt/format.h>
#include <string>

namespace ebm::experiments {

ByteArray read_idx(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::string text = read_maybe_gzip(path);
  const auto byte = [&](std::size_t offset) { return static_cast<std::uint8_t>(text[offset]); };
  require_bytes(where, text.size(), 0, 4, "idx magic");
  if (byte(0) != 0 || byte(1) != 0)
    throw_at(where, 0, fmt::format("expected the idx magic 00 00, found {:02x} {:02x}", byte(0), byte(1)));
  if (byte(2) != 0x08)
    throw_at(where, 2, fmt::format("expected type 08 (unsigned byte), found {:02x}", byte(2)));
  const std::size_t rank = byte(3);
  if (rank < 1 || rank > 3) throw_at(where, 3, fmt::format("expected 1 to 3 dimensions, found {}", rank));

  const std::size_t start = 4 + 4 * rank;
  require_bytes(where, text.size(), 4, 4 * rank, "dimensions");
  ByteArray array;
  for (std::size_t at = 4; at < start; at += 4) // big-endian
    array.shape.push_back(std::size_t{byte(at)} << 24 | std::size_t{byte(at + 1)} << 16 |
                          std::size_t{byte(at + 2)} << 8 | std::size_t{byte(at + 3)});
  require_exact_data(where, text.size(), start, array.shape, 1);
  array.values.assign(text.begin() + static_cast<std::ptrdiff_t>(start), text.end());
  return array;
}

} // namespace ebm::experiments
