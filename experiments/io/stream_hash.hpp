// XXH3 of bytes that come one after the other.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace ebm::experiments {

class StreamHash {
 public:
  StreamHash();
  void add(std::string_view bytes);
  std::uint64_t value() const;
  std::uint64_t size() const { return size_; } ///< bytes added

 private:
  struct Free {
    void operator()(void* state) const;
  };
  std::unique_ptr<void, Free> state_;
  std::uint64_t size_ = 0;
};

/// Of the first bytes of a file. Throws InputError if it has fewer.
StreamHash hash_of_prefix(const std::filesystem::path& path, std::uint64_t bytes);

} // namespace ebm::experiments
