#include "experiments/io/stream_hash.hpp"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <xxhash.h>

#include "ebm/core/error.hpp"

namespace ebm::experiments {

void StreamHash::Free::operator()(void* state) const {
  XXH3_freeState(static_cast<XXH3_state_t*>(state));
}

StreamHash::StreamHash() : state_(XXH3_createState()) {
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_.get()));
}

void StreamHash::add(std::string_view bytes) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_.get()), bytes.data(), bytes.size());
  size_ += bytes.size();
}

std::uint64_t StreamHash::value() const {
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_.get()));
}

StreamHash hash_of_prefix(const std::filesystem::path& path, std::uint64_t bytes) {
  StreamHash hash;
  std::ifstream in(path, std::ios::binary);
  std::array<char, 65536> part{};
  std::uint64_t left = bytes;
  while (left != 0 && in.read(part.data(), std::streamsize(std::min<std::uint64_t>(left, part.size())))) {
    hash.add({part.data(), std::size_t(in.gcount())});
    left -= std::uint64_t(in.gcount());
  }
  if (left != 0) throw InputError(fmt::format("{}: has fewer than {} bytes", path.string(), bytes));
  return hash;
}

} // namespace ebm::experiments
