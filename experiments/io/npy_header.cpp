#include "experiments/io/npy_header.hpp"

#include "experiments/io/layout.hpp"

#include <cassert>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace ebm::experiments {
namespace {

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Parses the Python dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class DictionaryParser {
 public:
  /// The dictionary stands in `file` from `offset` to `end`.
  DictionaryParser(std::string_view file, std::size_t offset, std::size_t end, const std::string& where)
      : text_(file.substr(0, end)), offset_(offset), where_(where) {}

  NpyHeader parse() {
    NpyHeader header;
    header.data_offset = text_.size();
    std::set<std::string> missing = {"descr", "fortran_order", "shape"};
    expect('{');
    while (!accept('}')) {
      const std::size_t key_offset = offset_;
      const std::string key = string();
      if (missing.erase(key) == 0)
        throw_at(where_, key_offset, "expected each of 'descr', 'fortran_order', 'shape' once, found " + key);
      expect(':');
      if (key == "descr") {
        skip_space();
        header.descr_offset = offset_;
        header.descr = string();
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
      } else {
        header.shape = tuple();
      }
      if (!separated('}')) break;
    }
    if (!missing.empty())
      throw_at(where_, offset_, "expected the key '" + *missing.begin() + "', found none");
    skip_space();
    if (offset_ != text_.size()) fail("spaces up to the end of the header");
    return header;
  }

 private:
  void skip_space() {
    while (offset_ < text_.size() && (text_[offset_] == ' ' || text_[offset_] == '\n')) ++offset_;
  }

  bool accept(std::string_view token) {
    skip_space();
    if (!text_.substr(offset_).starts_with(token)) return false;
    offset_ += token.size();
    return true;
  }
  bool accept(char token) { return accept(std::string_view(&token, 1)); }

  void expect(char token) {
    if (!accept(token)) fail(fmt::format("'{}'", token));
  }

  /// Whether another item may follow: after a comma, but not after `close`.
  bool separated(char close) {
    if (accept(',')) return true;
    expect(close);
    return false;
  }

  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'' && !accept(quote)) fail("a quoted string (types with fields are not supported)");
    const std::size_t end = text_.find(quote, offset_);
    if (end == std::string_view::npos) fail("a closing quote");
    const std::string value(text_.substr(offset_, end - offset_));
    offset_ = end + 1;
    return value;
  }

  bool boolean() {
    if (accept("True")) return true;
    if (!accept("False")) fail("True or False");
    return false;
  }

  std::vector<std::size_t> tuple() {
    // NumPy's own limit; each value costs a step a dimension where the order of the axes changes.
    constexpr std::size_t most_dimensions = 64;
    std::vector<std::size_t> items;
    expect('(');
    while (!accept(')')) {
      skip_space();
      if (items.size() == most_dimensions) fail(fmt::format("at most {} dimensions", most_dimensions));
      const char* const start = text_.data() + offset_;
      const auto [end, error] = std::from_chars(start, text_.data() + text_.size(), items.emplace_back());
      if (error != std::errc{}) fail("a number of elements from 0 to 2^64 - 1");
      offset_ += static_cast<std::size_t>(end - start);
      accept('L'); // Python 2 wrote long integers so
      if (!separated(')')) break;
    }
    return items;
  }

  [[noreturn]] void fail(const std::string& expected) const {
    const std::string found =
        offset_ < text_.size() ? fmt::format("{:?}", text_.substr(offset_, 20)) : "the end of the header";
    throw_at(where_, offset_, fmt::format("expected {}, found {}", expected, found));
  }

  std::string_view text_;
  std::size_t offset_;
  const std::string& where_;
};

} // namespace

NpyHeader parse_npy_header(std::string_view file, const std::string& where) {
  require_bytes(where, file.size(), 0, 8, "npy magic and version");
  if (!file.starts_with(npy_magic)) throw_at(where, 0, "expected the npy magic \\x93NUMPY");
  const int major = static_cast<unsigned char>(file[6]);
  const int minor = static_cast<unsigned char>(file[7]);
  if (major < 1 || major > 3 || minor != 0)
    throw_at(where, 6, fmt::format("expected version 1.0, 2.0 or 3.0, found {}.{}", major, minor));
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  require_bytes(where, file.size(), 8, length_bytes, "header length");
  const std::size_t start = 8 + length_bytes;
  const std::size_t length = little_endian(file.substr(8, length_bytes));
  require_bytes(where, file.size(), start, length, "header");
  return DictionaryParser(file, start, start + length, where).parse();
}

std::string format_npy_header(std::string_view descr, const std::vector<std::size_t>& shape) {
  std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr,
                                       fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr std::size_t start = 10; // magic, version and the length of 2 bytes
  const std::size_t total = (start + dictionary.size() + 1 + 63) / 64 * 64;
  dictionary.append(total - start - dictionary.size() - 1, ' ');
  dictionary += '\n';
  assert(dictionary.size() <= 65535);
  std::string header(npy_magic);
  header +=
      {'\1', '\0', static_cast<char>(dictionary.size() % 256), static_cast<char>(dictionary.size() / 256)};
  return header + dictionary;
}

} // namespace ebm::experiments
