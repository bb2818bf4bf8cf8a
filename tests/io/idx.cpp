#include "experiments/io/idx.hpp"

#include "tests/io/io_support.hpp"

using namespace ebm::experiments;
using namespace ebm::experiments::testing;
using namespace std::string_literals;

namespace {
const std::string labels = "\0\0\x08\1\0\0\0\3\7\0\xff"s;
const std::string images = "\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\2\1\2\3\4"s;
} // namespace

BOOST_AUTO_TEST_SUITE(idx_files)

BOOST_AUTO_TEST_CASE(reads_plain_and_gzipped_whatever_the_name) {
  const TemporaryDirectory place;
  for (const auto& path : {place.put("labels.gz", labels), place.put("labels", gzip(labels))}) {
    BOOST_TEST(read_idx(path).shape == std::vector<std::size_t>{3});
    BOOST_TEST(read_idx(path).values == (std::vector<std::uint8_t>{7, 0, 255}));
  }
  const ByteArray array = read_idx(place.put("images", gzip(images)));
  BOOST_TEST(array.shape == (std::vector<std::size_t>{2, 1, 2}));
  BOOST_TEST(array.values == (std::vector<std::uint8_t>{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(joins_gzip_members) {
  const TemporaryDirectory place;
  const auto path = place.put("x", gzip(images.substr(0, 10)) + gzip("") + gzip(images.substr(10)));
  BOOST_TEST(read_idx(path).values.size() == 4u);
}

BOOST_AUTO_TEST_CASE(refuses_truncation_damage_and_trailing_bytes) {
  const TemporaryDirectory place;
  for (const std::string& bytes : {labels, images, gzip(labels), gzip(images)}) {
    check_truncations(place, bytes, read_idx);
    check_damage(place, bytes, read_idx);
    check_message([&] { read_idx(place.put("tail", bytes + "x")); }, "tail: ");
  }
  check_message([&] { read_idx(place.put("tail", gzip(images) + "no gzip")); }, "incorrect header check");
  check_message([&] { read_idx(place.put("tail", images + "x")); },
                "expected 4 bytes of data, found 5 (trailing");
  check_message([&] { read_idx(place.put("cut", images.substr(0, 18))); },
                "cut: offset 16: expected 4 bytes of data, found 2 (file truncated?)");
  check_message([&] { read_idx(place.put("cut", gzip(images).substr(0, 20))); },
                "cut: compressed offset 20: expected more gzip data");
  check_unreadable(place, read_idx);
}

BOOST_AUTO_TEST_CASE(refuses_wrong_headers) {
  const TemporaryDirectory place;
  const auto read = [&](const std::string& bytes) {
    return [&place, bytes] { read_idx(place.put("x", bytes)); };
  };
  check_message(read("\1\0\x08\1\0\0\0\0"s), "x: offset 0: expected the idx magic 00 00, found 01 00");
  check_message(read("\0\0\x0d\1\0\0\0\0"s), "x: offset 2: expected type 08 (unsigned byte), found 0d");
  check_message(read("\0\0\x08\0\0\0\0\0"s), "x: offset 3: expected 1 to 3 dimensions, found 0");
  check_message(read("\0\0\x08\4\0\0\0\0"s), "x: offset 3: expected 1 to 3 dimensions, found 4");
  check_message(read("\0\0\x08\3"s + std::string(12, '\xff')), "more than memory can address");
  check_message(read("\0\0\x08\2"s + std::string(8, '\xff')),
                "expected 18446744065119617025 bytes of data, found 0");
}

BOOST_AUTO_TEST_SUITE_END()
