#include "experiments/io/npz.hpp"
#include "experiments/io/npy.hpp"

#include "tests/io/io_support.hpp"

#include <chrono>
#include <thread>

using namespace ebm::experiments;
using namespace ebm::experiments::testing;

namespace {

const std::vector<NamedArray<double>> example = {{"weights", {2, 3}, {1, 2, 3, 4, 5, 6.5}},
                                                 {"bias", {3}, {0.1, 0.2, 0.3}}};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// As it stands in the headers of a zip file.
std::string crc(const std::string& text) {
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(sum >> 8 * i & 0xff);
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_SUITE(npz_files)

BOOST_AUTO_TEST_CASE(round_trips) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npz";
  write_npz(path, example);
  const std::map<std::string, Array> arrays = read_npz(path);
  BOOST_TEST(arrays.size() == 2u);
  for (const auto& [name, shape, values] : example) {
    BOOST_TEST(arrays.at(name).shape == shape);
    BOOST_TEST(arrays.at(name).values == values);
  }
  write_npz(path, std::vector<NamedArray<float>>{{"x", {}, {0.1f}}, {"none", {0, 2}, {}}});
  BOOST_TEST(read_npz(path).at("x").values == std::vector<double>{double{0.1f}});
  BOOST_TEST(read_npz(path).at("none").values.empty());
}

BOOST_AUTO_TEST_CASE(same_content_same_bytes) {
  const TemporaryDirectory place;
  write_npz(place.directory / "a.npz", example);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100)); // zip counts in steps of two seconds
  write_npz(place.directory / "b.npz", example);
  BOOST_TEST(get(place.directory / "a.npz") == get(place.directory / "b.npz"));
}

BOOST_AUTO_TEST_CASE(refuses_truncation_damage_and_other_files) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npz";
  write_npz(path, example);
  const std::string bytes = get(path);
  check_truncations(place, bytes, read_npz);
  check_damage(place, bytes, read_npz);
  check_unreadable(place, read_npz);
  check_message([&] { read_npz(place.put("tail", bytes + "x")); }, "tail: ");
  check_message([&] { read_npz(place.put("head", "x" + bytes)); }, "head: ");
  check_message([&] { read_npz(place.put("text", "no archive")); }, "expected a zip archive of npy members");
}

BOOST_AUTO_TEST_CASE(names_the_member_that_is_wrong) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npz";
  write_npz(path, example);
  const std::string bytes = get(path);
  const auto read = [&](const std::string& from, const std::string& to) {
    return [&place, changed = replaced(bytes, from, to)] { read_npz(place.put("y.npz", changed)); };
  };
  check_message(read("bias.npy", "bias.txt"), "member bias.txt: expected a name that ends in .npy");
  check_message(read("(3,)", "(4,)"), "member bias.npy: cannot decompress the member: CRC error");
  write_npz(path, std::vector<NamedArray<double>>{{"aa", {1}, {1}}, {"bb", {1}, {1}}});
  check_message([&] { read_npz(place.put("y.npz", replaced(get(path), "bb.npy", "aa.npy"))); }, "y.npz: ");
}

BOOST_AUTO_TEST_CASE(arrays_that_are_named_are_read_beside_members_of_text) {
  const TemporaryDirectory place;
  const auto path = place.directory / "x.npz";
  const std::vector<double> labels{7, 8};
  write_npz(path, std::vector<NamedArray<double>>{example[0], {"labels", {2}, labels}});
  const std::vector<std::byte> member = format_npy({2}, std::span<const double>(labels));
  const std::string numbers(reinterpret_cast<const char*>(member.data()), member.size());
  const std::string text = replaced(numbers, "'<f8'", "'<U1'");
  std::string bytes = replaced(get(path), numbers, text);
  bytes = replaced(bytes, crc(numbers), crc(text));
  place.put("x.npz", bytes);
  const auto read = [](std::vector<std::string> names) {
    return [names](const std::filesystem::path& file) { return read_npz_arrays(file, names); };
  };
  const std::map<std::string, Array> arrays = read({"weights"})(path);
  BOOST_TEST(arrays.size() == 1u);
  BOOST_TEST(arrays.at("weights").values == example[0].values);
  check_message([&] { read({"weights", "labels"})(path); }, "x.npz: member labels.npy: ");
  check_message([&] { read_npz(path); }, "x.npz: member labels.npy: ");
  check_message([&] { read({"weihts"})(path); },
                "x.npz: expected an array named 'weihts', found weights, labels, did you mean 'weights'?");
  check_truncations(place, bytes, read({"weights"}));
  check_damage(place, bytes, read({"weights"}));
}

BOOST_AUTO_TEST_CASE(writing_fails_with_the_path) {
  const TemporaryDirectory place;
  check_message([&] { write_npz(place.directory / "no" / "x.npz", example); }, "no/x.npz: cannot create");
  const std::vector<NamedArray<double>> twice = {example[0], example[0]};
  check_message([&] { write_npz(place.directory / "x.npz", twice); }, "cannot add the member weights.npy");
  BOOST_TEST(std::filesystem::is_empty(place.directory));
}

BOOST_AUTO_TEST_SUITE_END()
