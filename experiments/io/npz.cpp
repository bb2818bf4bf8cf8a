#include "experiments/io/npz.hpp"

#include "ebm/core/error.hpp"
#include "experiments/io/files.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/yaml/diagnostics.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <zip.h>

namespace ebm::experiments {
namespace {

struct Free {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
template <typename T> using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void fail(const std::string& where, const std::string& expected, zip_error_t* error) {
  throw InputError(where + ": " + expected + ": " + zip_error_strerror(error));
}

/// The archive in memory behind `source`, which stays the caller's too.
Owned<zip_t> open_archive(zip_source_t* source, int flags, const std::string& where) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_keep(source); // the archive takes a reference when it opens
  Owned<zip_t> archive(zip_open_from_source(source, flags, &error));
  if (!archive) {
    zip_source_free(source);
    fail(where, "expected a zip archive of npy members", &error);
  }
  return archive;
}

Owned<zip_source_t> memory_source(std::span<const char> bytes, const std::string& where) {
  zip_error_t error;
  zip_error_init(&error);
  Owned<zip_source_t> source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (!source) fail(where, "cannot make an archive", &error);
  return source;
}

std::string read_member(zip_t* archive, zip_uint64_t index, const std::string& where) {
  const Owned<zip_file_t> member(zip_fopen_index(archive, index, 0));
  if (!member) fail(where, "cannot open the member", zip_get_error(archive));
  return read_all([&](char* destination, std::size_t capacity) {
    const zip_int64_t count = zip_fread(member.get(), destination, capacity);
    if (count < 0) fail(where, "cannot decompress the member", zip_file_get_error(member.get()));
    return static_cast<std::size_t>(count);
  });
}

void add_member(zip_t* archive, const std::string& name, std::span<const std::byte> bytes,
                const std::string& where) {
  zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  const zip_int64_t index = source ? zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
  if (index < 0) {
    zip_source_free(source);
    fail(where, "cannot add the member " + name, zip_get_error(archive));
  }
  // MS-DOS date 1980-01-01, the earliest: year - 1980 in the bits from 9, month from 5, day from 0.
  constexpr zip_uint16_t date = 0 << 9 | 1 << 5 | 1;
  const auto member = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, member, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, member, 0, date, 0) != 0)
    fail(where, "cannot set up the member " + name, zip_get_error(archive));
}

template <typename T> void write(const std::filesystem::path& path, std::span<const NamedArray<T>> arrays) {
  assert(!arrays.empty());
  const std::string where = path.string();
  const Owned<zip_source_t> buffer = memory_source({}, where);
  Owned<zip_t> archive = open_archive(buffer.get(), ZIP_TRUNCATE, where);
  std::vector<std::vector<std::byte>> members; // libzip reads them when the archive closes
  for (const NamedArray<T>& array : arrays) {
    members.push_back(format_npy(array.shape, std::span<const T>(array.values)));
    add_member(archive.get(), array.name + ".npy", members.back(), where);
  }
  if (zip_close(archive.get()) != 0) fail(where, "cannot make the archive", zip_get_error(archive.get()));
  archive.release(); // freed by zip_close
  if (zip_source_open(buffer.get()) != 0)
    fail(where, "cannot make the archive", zip_source_error(buffer.get()));
  const std::string bytes = read_all([&](char* destination, std::size_t capacity) {
    const zip_int64_t count = zip_source_read(buffer.get(), destination, capacity);
    if (count < 0) fail(where, "cannot make the archive", zip_source_error(buffer.get()));
    return static_cast<std::size_t>(count);
  });
  zip_source_close(buffer.get());
  write_atomically(path, bytes);
}

/// The arrays of the members whose names, without ".npy", are `wanted`; the others may hold anything.
std::map<std::string, Array> read_if(const std::filesystem::path& path,
                                     const std::function<bool(const std::string&)>& wanted) {
  const std::string where = path.string();
  const std::string file = read_text(path);
  const Owned<zip_source_t> source = memory_source(file, where);
  const Owned<zip_t> archive = open_archive(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, where);
  std::map<std::string, Array> arrays;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  // libzip takes an empty file for an archive of nothing.
  if (count <= 0) throw InputError(where + ": expected a zip archive of npy members, found none");
  for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(count); ++index) {
    const char* const stored_name = zip_get_name(archive.get(), index, 0);
    if (!stored_name) fail(where, "cannot read the name of a member", zip_get_error(archive.get()));
    std::string name = stored_name;
    const std::string member = where + ": member " + name;
    const bool npy = name.ends_with(".npy");
    if (npy) name.resize(name.size() - 4);
    if (!wanted(name)) continue;
    if (!npy) throw InputError(member + ": expected a name that ends in .npy");
    const std::string bytes = read_member(archive.get(), index, member);
    if (!arrays.emplace(name, parse_npy(std::as_bytes(std::span(bytes)), member)).second)
      throw InputError(member + ": expected one member of this name, found two");
  }
  return arrays;
}

} // namespace

std::map<std::string, Array> read_npz(const std::filesystem::path& path) {
  return read_if(path, [](const std::string&) { return true; });
}

std::map<std::string, Array> read_npz_arrays(const std::filesystem::path& path,
                                             std::span<const std::string> names) {
  std::vector<std::string> found;
  std::map<std::string, Array> arrays = read_if(path, [&](const std::string& name) {
    found.push_back(name);
    return std::ranges::find(names, name) != names.end();
  });
  for (const std::string& name : names)
    if (!arrays.contains(name))
      throw InputError(fmt::format("{}: expected an array named '{}', found {}{}", path.string(), name,
                                   fmt::join(found, ", "), did_you_mean(name, found)));
  return arrays;
}

void write_npz(const std::filesystem::path& path, std::span<const NamedArray<float>> arrays) {
  write(path, arrays);
}

void write_npz(const std::filesystem::path& path, std::span<const NamedArray<double>> arrays) {
  write(path, arrays);
}

} // namespace ebm::experiments
