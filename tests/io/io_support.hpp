// Shared by the tests of file formats: a directory of their own, raw files, and damage to them.
#pragma once
#include "ebm/core/error.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <zlib.h>

namespace ebm::experiments::testing {

struct TemporaryDirectory {
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ebm-io-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(directory); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::filesystem::path put(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path path = directory / name;
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  std::filesystem::path directory;
};

inline std::string get(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of the InputError that `action` throws, "" if it throws none.
template <typename Action> std::string message_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

template <typename Action> void check_message(Action action, const std::string& expected) {
  const std::string message = message_of(action);
  BOOST_TEST(message.find(expected) != std::string::npos,
             "expected '" << expected << "', found '" << message << "'");
}

/// Every proper beginning of `bytes` must be refused.
template <typename Read>
void check_truncations(const TemporaryDirectory& place, std::string_view bytes, Read read) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::filesystem::path path = place.put("truncated", bytes.substr(0, size));
    BOOST_TEST(message_of([&] { read(path); }) != "", "accepted the first " << size << " bytes");
  }
}

/// Each byte replaced in turn: the reader may refuse or read something else, but nothing worse.
template <typename Read> void check_damage(const TemporaryDirectory& place, std::string bytes, Read read) {
  for (char& byte : bytes)
    for (const int mask : {0x01, 0x80, 0xff}) {
      const char original = byte;
      byte = static_cast<char>(byte ^ mask);
      BOOST_CHECK_NO_THROW(message_of([&] { read(place.put("damaged", bytes)); }));
      byte = original;
    }
}

/// The missing file, the directory and the empty file.
template <typename Read> void check_unreadable(const TemporaryDirectory& place, Read read) {
  check_message([&] { read(place.directory / "missing"); },
                "missing: cannot open: No such file or directory");
  check_message([&] { read(place.directory); }, "cannot read: Is a directory");
  check_message([&] { read(place.put("empty", "")); }, "empty: ");
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  BOOST_REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

} // namespace ebm::experiments::testing
