#include "experiments/io/npy.hpp"

#include "experiments/io/files.hpp"
#include "experiments/io/layout.hpp"
#include "experiments/io/npy_header.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <fmt/format.h>
#include <type_traits>

namespace ebm::experiments {
namespace {

static_assert(std::endian::native == std::endian::little);

/// The elements in file order, from `offset` to the end.
struct Elements {
  std::string_view file;
  std::size_t offset;
  bool big_endian;
  const std::string& where;
};

template <typename T> std::vector<double> decode(const Elements& elements) {
  std::vector<double> values;
  values.reserve((elements.file.size() - elements.offset) / sizeof(T));
  for (std::size_t at = elements.offset; at < elements.file.size(); at += sizeof(T)) {
    std::array<char, sizeof(T)> bytes;
    std::memcpy(bytes.data(), elements.file.data() + at, sizeof(T));
    if (elements.big_endian) std::ranges::reverse(bytes);
    const T value = std::bit_cast<T>(bytes);
    if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
      constexpr T largest = T{1} << 53;
      if (value > largest || (std::is_signed_v<T> && value < T{} - largest))
        throw_at(elements.where, at, fmt::format("expected an integer within 2^53, found {}", value));
    }
    values.push_back(static_cast<double>(value));
  }
  return values;
}

std::vector<double> decode_booleans(const Elements& elements) {
  std::vector<double> values = decode<std::uint8_t>(elements);
  for (double& value : values) value = value != 0;
  return values;
}

struct Type {
  std::string_view name;
  std::size_t size; ///< in bytes
  std::vector<double> (*decode)(const Elements&);
};

constexpr Type types[] = {
    {"f4", 4, decode<float>},         {"f8", 8, decode<double>},        {"b1", 1, decode_booleans},
    {"i1", 1, decode<std::int8_t>},   {"i2", 2, decode<std::int16_t>},  {"i4", 4, decode<std::int32_t>},
    {"i8", 8, decode<std::int64_t>},  {"u1", 1, decode<std::uint8_t>},  {"u2", 2, decode<std::uint16_t>},
    {"u4", 4, decode<std::uint32_t>}, {"u8", 8, decode<std::uint64_t>},
};

const Type& find_type(const NpyHeader& header, const std::string& where) {
  if (header.descr.size() == 3)
    for (const Type& type : types) {
      const bool order_known = header.descr[0] == '<' || header.descr[0] == '>';
      if (header.descr.ends_with(type.name) && (order_known || (header.descr[0] == '|' && type.size == 1)))
        return type;
    }
  throw_at(where, header.descr_offset,
           fmt::format("expected < or > with a type f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1, found {:?}",
                       header.descr.substr(0, 20)));
}

/// From Fortran order, where the first index runs fastest, to row-major.
std::vector<double> row_major(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  std::vector<std::size_t> steps;
  std::size_t step = 1;
  for (const std::size_t extent : shape) {
    steps.push_back(step);
    step *= extent;
  }
  std::vector<double> result;
  result.reserve(values.size());
  std::vector<std::size_t> index(shape.size());
  std::size_t source = 0;
  while (result.size() < values.size()) {
    result.push_back(values[source]);
    // Counts the index up, the last axis first, as an odometer.
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += steps[axis];
      if (++index[axis] < shape[axis]) break;
      source -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

template <typename T>
std::vector<std::byte> format(std::string_view descr, const std::vector<std::size_t>& shape,
                              std::span<const T> values) {
  assert(values.size() == (Array{shape, {}}.size()));
  const std::string header = format_npy_header(descr, shape);
  const auto head = std::as_bytes(std::span(header));
  const auto data = std::as_bytes(values);
  std::vector<std::byte> bytes;
  bytes.reserve(head.size() + data.size());
  bytes.insert(bytes.end(), head.begin(), head.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

} // namespace

Array parse_npy(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const NpyHeader header = parse_npy_header(file, where);
  const Type& type = find_type(header, where);
  require_exact_data(where, file.size(), header.data_offset, header.shape, type.size);
  std::vector<double> values = type.decode({file, header.data_offset, header.descr[0] == '>', where});
  if (header.fortran_order && header.shape.size() > 1) values = row_major(values, header.shape);
  return {header.shape, std::move(values)};
}

Array read_npy(const std::filesystem::path& path) {
  const std::string file = read_text(path);
  return parse_npy(std::as_bytes(std::span(file)), path.string());
}

std::vector<std::byte> format_npy(const std::vector<std::size_t>& shape, std::span<const float> values) {
  return format("<f4", shape, values);
}

std::vector<std::byte> format_npy(const std::vector<std::size_t>& shape, std::span<const double> values) {
  return format("<f8", shape, values);
}

void write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
               std::span<const float> values) {
  write_atomically(path, format_npy(shape, values));
}

void write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
               std::span<const double> values) {
  write_atomically(path, format_npy(shape, values));
}

} // namespace ebm::experiments
