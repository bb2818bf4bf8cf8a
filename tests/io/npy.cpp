#include "experiments/io/npy.hpp"

#include "tests/io/io_support.hpp"

#include <limits>

using namespace ebm::experiments;
using namespace ebm::experiments::testing;
using namespace std::string_literals;

namespace {

std::string npy(const std::string& dictionary, const std::string& data,
                const std::string& version = "\1\0"s) {
  const auto length = static_cast<char>(dictionary.size());
  return "\x93NUMPY" + version + length + (version[0] == 1 ? "\0"s : "\0\0\0"s) + dictionary + data;
}

std::string dictionary(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

Array parse(const std::string& file) {
  return parse_npy(std::as_bytes(std::span(file)), "x.npy");
}

std::vector<double> values_of(const std::string& descr, const std::string& data,
                              const std::string& shape = "(2,)") {
  return parse(npy(dictionary(descr, "False", shape), data)).values;
}

using Values = std::vector<double>;
using Shape = std::vector<std::size_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(npy_files)

BOOST_AUTO_TEST_CASE(round_trips) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npy";
  const std::vector<double> doubles = {0.1, -1e300, std::numeric_limits<double>::infinity(), 0, 5e-324, 6};
  for (const Shape& shape : {Shape{6}, Shape{2, 3}, Shape{1, 3, 1, 2}}) {
    write_npy(path, shape, doubles);
    BOOST_TEST(read_npy(path).shape == shape);
    BOOST_TEST(read_npy(path).values == doubles);
    BOOST_TEST(get(path).find('\n') % 64 == 63);
    BOOST_TEST(get(path).size() == 128 + 48);
  }
  const std::vector<float> floats = {0.1f, 2};
  write_npy(path, {2}, floats);
  BOOST_TEST(read_npy(path).values == (Values{double{0.1f}, 2}));
  write_npy(path, {}, std::vector<float>{3});
  BOOST_TEST(read_npy(path).shape.empty());
  BOOST_TEST(read_npy(path).values == Values{3});
  write_npy(path, {0, 4}, std::vector<double>{});
  BOOST_TEST(read_npy(path).shape == (Shape{0, 4}));
  BOOST_TEST(read_npy(path).values.empty());
}

BOOST_AUTO_TEST_CASE(writes_known_bytes) {
  const std::vector<std::byte> bytes = format_npy({2}, std::vector<float>{1, -2});
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  BOOST_TEST(text == "\x93NUMPY\1\0\x76\0"s + header + std::string(117 - header.size(), ' ') + "\n" +
                         "\0\0\x80\x3f\0\0\0\xc0"s);
}

BOOST_AUTO_TEST_CASE(reads_every_type) {
  BOOST_TEST(values_of("<f4", "\0\0\x80\x3f\0\0\0\xc0"s) == (Values{1, -2}));
  BOOST_TEST(values_of(">f4", "\x3f\x80\0\0\xc0\0\0\0"s) == (Values{1, -2}));
  BOOST_TEST(values_of("<f8", "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0"s) == (Values{1, -2}));
  BOOST_TEST(values_of(">f8", "\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0"s) == (Values{1, -2}));
  BOOST_TEST(values_of("|b1", "\0\1"s) == (Values{0, 1}));
  BOOST_TEST(values_of("|i1", "\x7f\xff"s) == (Values{127, -1}));
  BOOST_TEST(values_of("|u1", "\x7f\xff"s) == (Values{127, 255}));
  BOOST_TEST(values_of("<i2", "\1\2\xff\xff"s) == (Values{513, -1}));
  BOOST_TEST(values_of(">u2", "\1\2\xff\xff"s) == (Values{258, 65535}));
  BOOST_TEST(values_of("<i4", "\1\0\0\0\xff\xff\xff\xff"s) == (Values{1, -1}));
  BOOST_TEST(values_of("<u4", "\1\0\0\0\xff\xff\xff\xff"s) == (Values{1, 4294967295}));
  BOOST_TEST(values_of("<i8", "\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"s) == (Values{1, -1}));
  BOOST_TEST(values_of(">u8", "\0\0\0\0\0\0\0\1\0\x20\0\0\0\0\0\0"s) == (Values{1, 9007199254740992.0}));
  check_message([] { values_of("<u8", "\1\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0"s); },
                "expected an integer within 2^53, found 9007199254740993");
  check_message([] { values_of("<i8", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80"s); },
                "found -9223372036854775808");
}

BOOST_AUTO_TEST_CASE(reorders_fortran_order) {
  const Array matrix = parse(npy(dictionary("|u1", "True", "(2, 3)"), "\0\3\1\4\2\5"s));
  BOOST_TEST(matrix.values == (Values{0, 1, 2, 3, 4, 5}));
  // value = 100 i + 10 j + k, stored with i fastest
  std::string data;
  Values expected;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) data += static_cast<char>(100 * i + 10 * j + k);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k) expected.push_back(100 * i + 10 * j + k);
  BOOST_TEST(parse(npy(dictionary("|u1", "True", "(2, 3, 2)"), data)).values == expected);
}

BOOST_AUTO_TEST_CASE(reads_every_version_and_spelling) {
  const std::string data = "\1\2"s;
  for (const std::string& version : {"\1\0"s, "\2\0"s, "\3\0"s})
    BOOST_TEST(parse(npy(dictionary("|u1", "False", "(2,)"), data, version)).values == (Values{1, 2}));
  BOOST_TEST(parse(npy("{\"shape\":(1,2L),\"descr\":\"|u1\",\"fortran_order\":False}", data)).shape ==
             (Shape{1, 2}));
}

BOOST_AUTO_TEST_CASE(refuses_wrong_headers) {
  const std::string data = "\1\2"s;
  const std::string good = dictionary("|u1", "False", "(2,)");
  const auto header = [&](const std::string& text) { return [=] { parse(npy(text, data)); }; };
  check_message([&] { parse("\x93NUMPX\1\0\0\0"s); }, "x.npy: offset 0: expected the npy magic");
  check_message([&] { parse(npy(good, data, "\x09\0"s)); },
                "x.npy: offset 6: expected version 1.0, 2.0 or 3.0, found 9.0");
  check_message(header(dictionary("<f2", "False", "(2,)")), "x.npy: offset 20: expected < or >");
  check_message(header(dictionary("|f4", "False", "(2,)")), "found \"|f4\"");
  check_message(header("{'descr': [('a', '<f4')], }"), "types with fields are not supported");
  check_message(header(dictionary("|u1", "Maybe", "(2,)")), "expected True or False");
  check_message(header(dictionary("|u1", "False", "(-2,)")), "expected a number of elements");
  check_message(header(dictionary("|u1", "False", "(18446744073709551616,)")),
                "expected a number of elements");
  check_message(header("{'descr': '|u1', 'shape': (2,)}"), "expected the key 'fortran_order', found none");
  check_message(header("{'descr': '|u1', 'descr': '|u1'}"), "once, found descr");
  check_message(header(good + "x"), "expected spaces up to the end of the header");
  check_message(header("{'descr"), "expected a closing quote");
}

BOOST_AUTO_TEST_CASE(refuses_sizes_the_file_does_not_hold) {
  const auto shape = [](const std::string& text) { return [=] { values_of("<f4", "12345678", text); }; };
  check_message(shape("(3,)"), "expected 12 bytes of data, found 8 (file truncated?)");
  check_message(shape("(1,)"), "expected 4 bytes of data, found 8 (trailing bytes?)");
  check_message(shape("(0,)"), "expected 0 bytes of data, found 8 (trailing bytes?)");
  check_message(shape("(1152921504606846976,)"), "expected 4611686018427387904 bytes of data");
  check_message(shape("(4294967296, 4294967296)"), "more than memory can address");
  check_message(shape("(0, 4294967296, 4294967296)"), "more than memory can address");
}

BOOST_AUTO_TEST_CASE(reads_as_many_dimensions_as_numpy_has) {
  const auto shape = [](std::size_t ones) {
    std::string text = "(2,";
    for (std::size_t i = 0; i < ones; ++i) text += "1,";
    return text + ")";
  };
  BOOST_TEST(values_of("|u1", "\1\2", shape(63)) == (Values{1, 2}));
  check_message([&] { values_of("|u1", "\1\2", shape(64)); },
                "x.npy: offset 189: expected at most 64 dimensions, found \"1,)");
}

BOOST_AUTO_TEST_CASE(refuses_every_truncation) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npy";
  write_npy(path, {2, 2}, std::vector<float>{1, 2, 3, 4});
  check_truncations(place, get(path), read_npy);
  check_truncations(place, npy(dictionary("|u1", "False", "(0,)"), "", "\2\0"s), read_npy);
  check_damage(place, get(path), read_npy);
  check_message([&] { read_npy(place.put("tail", get(path) + "x")); }, "trailing bytes?");
  check_unreadable(place, read_npy);
}

BOOST_AUTO_TEST_SUITE_END()
