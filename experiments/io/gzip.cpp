#include "experiments/io/gzip.hpp"

#include "ebm/core/error.hpp"
#include "experiments/io/files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <new>
#include <string_view>
#include <zlib.h>

namespace ebm::experiments {
namespace {

/// zlib counts in 32 bits; larger buffers pass in parts.
uInt part(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

/// inflate() itself rather than gzread(), which takes whatever follows the last member for the end.
class Inflater {
 public:
  Inflater(std::string_view compressed, std::string where)
      : compressed_(compressed), where_(std::move(where)) {
    // Window bits 15, the largest; 16 more ask for the gzip wrapper and its checksum.
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  std::size_t read(char* destination, std::size_t capacity) {
    std::size_t produced = 0;
    while (produced == 0) {
      if (member_ended_) {
        if (offset_ == compressed_.size()) return 0;
        inflateReset(&stream_);
      }
      produced = step(destination, capacity);
    }
    return produced;
  }

 private:
  std::size_t step(char* destination, std::size_t capacity) {
    const uInt input = part(compressed_.size() - offset_);
    const uInt output = part(capacity);
    // zlib's interface predates const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed_.data() + offset_));
    stream_.avail_in = input;
    stream_.next_out = reinterpret_cast<Bytef*>(destination);
    stream_.avail_out = output;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    offset_ += input - stream_.avail_in;
    if (code == Z_BUF_ERROR) fail("more gzip data, found the end of the file (file truncated?)");
    if (code != Z_OK && code != Z_STREAM_END)
      fail(fmt::format("gzip data, found damage: {}", stream_.msg ? stream_.msg : zError(code)));
    member_ended_ = code == Z_STREAM_END;
    return output - stream_.avail_out;
  }

  [[noreturn]] void fail(const std::string& expected) const {
    throw InputError(fmt::format("{}: compressed offset {}: expected {}", where_, offset_, expected));
  }

  z_stream stream_{};
  std::string_view compressed_;
  std::string where_;
  std::size_t offset_ = 0;
  bool member_ended_ = false;
};

} // namespace

std::string read_maybe_gzip(const std::filesystem::path& path) {
  std::string text = read_text(path);
  if (!text.starts_with("\x1f\x8b")) return text;
  Inflater inflater(text, path.string());
  return read_all(
      [&](char* destination, std::size_t capacity) { return inflater.read(destination, capacity); });
}

} // namespace ebm::experiments
