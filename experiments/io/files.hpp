// Whole files in, whole files out. Every failure is an InputError with the path and the system's reason.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ebm::experiments {

/// Owns a POSIX file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const { return number_; }

 private:
  int number_;
};

/// The bytes of the file, unchanged; pipes and devices work too.
std::string read_text(const std::filesystem::path& path);

/// Replaces the file: readers, and whoever looks after a crash, see either all of the old content or all of
/// the new, which is on disk at return. A symbolic link keeps its place; devices and directories are errors.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomically(const std::filesystem::path& path, std::string_view text);

/// A log that grows by lines. Each line goes to the system at once: a killed process loses none.
class AppendFile {
 public:
  /// Empties the file if it exists.
  explicit AppendFile(const std::filesystem::path& path);

  /// `line` comes without its newline.
  void append(std::string_view line);

  /// Returns when all lines are on disk.
  void flush();

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

/// All that a source gives: read(destination, capacity) returns how many bytes it put there, 0 at the end.
/// Memory follows what was read, never what a header claims.
template <typename Read> std::string read_all(Read read) {
  std::string bytes;
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(used == 0 ? 65536 : 2 * used);
    const std::size_t count = read(bytes.data() + used, bytes.size() - used);
    if (count == 0) break;
    used += count;
  }
  bytes.resize(used);
  return bytes;
}

} // namespace ebm::experiments
