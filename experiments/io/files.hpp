// Whole files in, whole files out. Every failure is an InputError with the path and the system's reason.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ebm/core/error.hpp"
#include "experiments/io/stream_hash.hpp"

namespace ebm::experiments {

/// There is no room for what was to be written: nothing is wrong with the work itself, which can go on later.
class DiskFullError : public InputError {
 public:
  using InputError::InputError;
};

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

/// The same of a regular file only: a pipe or a device in a run's folder is an error, not an endless wait.
std::string read_regular(const std::filesystem::path& path);

/// Replaces the file: readers, and whoever looks after a crash, see either all of the old content or all of
/// the new, which is on disk at return. A symbolic link keeps its place; devices and directories are errors.
/// With `previous`, the old file gets that name.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomically(const std::filesystem::path& path, std::string_view text,
                      const std::optional<std::filesystem::path>& previous = std::nullopt);

/// Removes what write_atomically left in this folder when its process was killed. Only for folders that no
/// process writes to.
void remove_temporary_files(const std::filesystem::path& folder);

/// A file that grows. What is appended goes to the system at once: a killed process loses none.
class AppendFile {
 public:
  /// Keeps the bytes at the beginning that `kept` has seen. Throws InputError if there are fewer.
  explicit AppendFile(const std::filesystem::path& path, StreamHash kept = {});

  /// At the end of a file of lines; a last line that was cut short is ended.
  static AppendFile at_end(const std::filesystem::path& path);

  /// `line` comes without its newline.
  void append(std::string_view line);
  /// Lines that have their newlines.
  void append_text(std::string_view text);
  void append(std::span<const std::byte> bytes);

  /// Returns when everything is on disk.
  void flush();

  /// Of all that is in the file.
  const StreamHash& hash() const { return hash_; }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  StreamHash hash_;
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
