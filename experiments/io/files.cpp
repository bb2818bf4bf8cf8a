#include "experiments/io/files.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(const fs::path& path, const char* action) {
  const int number = errno;
  const std::string what =
      fmt::format("{}: cannot {}: {}", path.string(), action, std::generic_category().message(number));
  if (number == ENOSPC || number == EDQUOT || number == EFBIG) throw DiskFullError(what);
  throw InputError(what);
}

void write_all(const Descriptor& file, const fs::path& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.number(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(path, "write");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void synchronize(const Descriptor& file, const fs::path& path) {
  // EINVAL: a pipe, a device or a file system without fsync, where there is nothing to wait for.
  if (::fsync(file.number()) != 0 && errno != EINVAL) throw_errno(path, "synchronize to disk");
}

/// Where the bytes go in the end: rename() would replace a link, or a device such as /dev/null.
fs::path final_target(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (!fs::is_regular_file(status))
    throw InputError(path.string() + ": expected a regular file or a new name to write to, found a " +
                     (fs::is_directory(status) ? "directory" : "device, pipe or socket"));
  return fs::canonical(path, error);
}

struct TemporaryFile {
  fs::path path;
  Descriptor file;
};

/// In the target's directory, because rename() is atomic only within a file system.
TemporaryFile create_temporary(const fs::path& target) {
  static std::atomic<unsigned> counter = 0;
  for (;;) {
    const fs::path path =
        target.parent_path() / fmt::format(".ebm-{}-{}.tmp", ::getpid(), counter.fetch_add(1));
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number() >= 0) return {path, std::move(file)};
    // A crashed process of the same number may have left its file.
    if (errno != EEXIST) throw_errno(target, "create a file in its directory");
  }
}

} // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::string read_text(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) throw_errno(path, "open");
  return read_all([&](char* destination, std::size_t capacity) {
    for (;;) {
      const ssize_t count = ::read(file.number(), destination, capacity);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw_errno(path, "read");
    }
  });
}

std::string read_regular(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error))
    throw InputError(path.string() + ": expected a regular file");
  return read_text(path);
}

void write_atomically(const fs::path& path, std::string_view text, const std::optional<fs::path>& previous) {
  const fs::path target = final_target(path);
  const TemporaryFile temporary = create_temporary(target);
  try {
    write_all(temporary.file, path, text);
    synchronize(temporary.file, path);
    if (previous && ::rename(target.c_str(), previous->c_str()) != 0 && errno != ENOENT)
      throw_errno(*previous, "rename to");
    if (::rename(temporary.path.c_str(), target.c_str()) != 0) throw_errno(path, "rename to");
  } catch (...) {
    ::unlink(temporary.path.c_str());
    throw;
  }
  const fs::path parent = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0) throw_errno(parent, "open");
  synchronize(directory, parent);
}

void write_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  write_atomically(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void remove_temporary_files(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(".ebm-") && name.ends_with(".tmp")) fs::remove(it->path(), error);
  }
}

AppendFile::AppendFile(const fs::path& path, StreamHash kept)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)),
      hash_(std::move(kept)) {
  const std::uint64_t keep = hash_.size();
  if (file_.number() < 0) throw_errno(path_, "open to write");
  const off_t length = ::lseek(file_.number(), 0, SEEK_END);
  if (length >= 0 && std::uint64_t(length) < keep)
    throw InputError(
        fmt::format("{}: has {} bytes, and {} were written before", path.string(), length, keep));
  if (length > 0 && ::ftruncate(file_.number(), off_t(keep)) != 0 && errno != EINVAL)
    throw_errno(path_, "shorten");
}

AppendFile AppendFile::at_end(const fs::path& path) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path, missing);
  if (missing || size == 0) return AppendFile(path);
  const std::string text = read_text(path);
  StreamHash kept;
  kept.add(text);
  AppendFile file(path, std::move(kept));
  if (!text.ends_with('\n')) file.append("");
  return file;
}

void AppendFile::append(std::string_view line) {
  append_text(std::string(line) + '\n');
}

void AppendFile::append_text(std::string_view text) {
  write_all(file_, path_, text);
  hash_.add(text);
}

void AppendFile::append(std::span<const std::byte> bytes) {
  append_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void AppendFile::flush() {
  synchronize(file_, path_);
}

} // namespace ebm::experiments
