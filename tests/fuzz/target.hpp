// What the fuzzers and the replay of their corpus share. A target is a name, which its corpus folder has too,
// and a function that reads arbitrary bytes. The promise under test: any bytes give a value or an InputError
// (or diagnostics), and memory follows what was read.
#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "ebm/core/error.hpp"

namespace ebm::tests::fuzz {

/// Whether the bytes are a value. InputError means no; anything else thrown is a bug.
using Accepts = bool (*)(std::string_view bytes);

struct Target {
  std::string_view name;
  Accepts accepts;
  bool operator()(std::string_view bytes) const {
    try {
      return accepts(bytes);
    } catch (const InputError&) {
      return false;
    }
  }
};

/// Those that are linked: one in a fuzzer, all in the unit tests.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

/// A constant of this type adds a target.
struct Registered {
  Registered(std::string_view name, Accepts accepts) { targets().push_back({name, accepts}); }
};

/// For what must hold of every value that was read.
inline void require(bool condition, const std::string& what) {
  if (!condition) throw std::logic_error(what);
}

/// Bytes as a file in memory, for readers that open a path.
class FileOf {
 public:
  explicit FileOf(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || ::write(descriptor_, bytes.data(), bytes.size()) != ::ssize_t(bytes.size()))
      throw std::system_error(errno, std::generic_category(), "memfd");
  }
  ~FileOf() { ::close(descriptor_); }
  FileOf(const FileOf&) = delete;
  FileOf& operator=(const FileOf&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

} // namespace ebm::tests::fuzz
