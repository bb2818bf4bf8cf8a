#include "experiments/store/checkpoint.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {
namespace {

static_assert(std::endian::native == std::endian::little, "records are copied as they lie in memory");

constexpr std::string_view magic = "ebm-checkpoint ";
constexpr int version = 1;

std::size_t width_of(char type) {
  switch (type) {
  case 'u':
  case 'd':
    return 8;
  case 'f':
    return 4;
  case 'b':
    return 1;
  default:
    return 0;
  }
}

/// Removes a number from the front of the bytes.
template <class N> N take(std::string_view& from) {
  N n = 0;
  if (from.size() < sizeof n) throw InputError("a record is cut off");
  std::memcpy(&n, from.data(), sizeof n);
  from.remove_prefix(sizeof n);
  return n;
}

} // namespace

void CheckpointWriter::add(char type, const std::string& name, std::size_t count, const void* data,
                           std::size_t size) {
  const auto put = [&](const auto& n) { records_.append(reinterpret_cast<const char*>(&n), sizeof n); };
  records_ += type;
  put(std::uint32_t(name.size()));
  put(std::uint64_t(count));
  records_ += name;
  records_.append(static_cast<const char*>(data), size);
}

void CheckpointWriter::integer(const std::string& name, std::uint64_t& v) {
  add('u', name, 1, &v, sizeof v);
}
void CheckpointWriter::numbers(const std::string& name, std::span<float> v) {
  add('f', name, v.size(), v.data(), v.size_bytes());
}
void CheckpointWriter::numbers(const std::string& name, std::span<double> v) {
  add('d', name, v.size(), v.data(), v.size_bytes());
}
void CheckpointWriter::bytes(const std::string& name, std::vector<std::uint8_t>& v) {
  add('b', name, v.size(), v.data(), v.size());
}
void CheckpointWriter::text(const std::string& name, std::string& v) {
  add('b', name, v.size(), v.data(), v.size());
}

std::string CheckpointWriter::file() const {
  return fmt::format("{}{} {} {}\n", magic, version, records_.size(), content_hash(records_)) + records_;
}

CheckpointReader::CheckpointReader(std::string file) : file_(std::move(file)) {
  const std::string_view all = file_;
  const std::size_t end = all.substr(0, 200).find('\n');
  if (!all.starts_with(magic) || end == all.npos) throw InputError("this is no checkpoint");
  const std::string_view line = all.substr(0, end), rest = all.substr(end + 1);
  int written = 0;
  std::from_chars(line.data() + magic.size(), line.data() + line.size(), written);
  if (written != version)
    throw InputError(
        fmt::format("the checkpoint has version {}, this program reads version {}", written, version));
  if (line != fmt::format("{}{} {} {}", magic, version, rest.size(), content_hash(rest)))
    throw InputError("the checkpoint is damaged: its length or checksum is wrong");
  read_records(rest);
}

void CheckpointReader::read_records(std::string_view rest) {
  while (!rest.empty()) {
    const char type = take<char>(rest);
    const std::size_t name_size = take<std::uint32_t>(rest), count = take<std::uint64_t>(rest);
    const std::size_t width = width_of(type);
    if (width == 0) throw InputError("a record has an unknown type");
    if (name_size > rest.size() || count > (rest.size() - name_size) / width)
      throw InputError("a record is cut off");
    const std::string_view name = rest.substr(0, name_size), data = rest.substr(name_size, count * width);
    rest.remove_prefix(name_size + data.size());
    if (!records_.emplace(name, Record{type, count, data}).second)
      throw InputError(fmt::format("'{}' stands twice", name));
  }
}

const CheckpointReader::Record& CheckpointReader::find(char type, const std::string& name) const {
  const auto it = records_.find(name);
  if (it == records_.end() || it->second.type != type)
    throw InputError(fmt::format("the checkpoint has no '{}' of the wanted type", name));
  return it->second;
}

void CheckpointReader::copy(char type, const std::string& name, void* to, std::size_t count) const {
  const Record& r = find(type, name);
  if (r.count != count)
    throw InputError(fmt::format("the checkpoint has {} values for '{}', expected {}", r.count, name, count));
  if (count != 0) std::memcpy(to, r.data.data(), r.data.size());
}

void CheckpointReader::integer(const std::string& name, std::uint64_t& v) {
  copy('u', name, &v, 1);
}
void CheckpointReader::numbers(const std::string& name, std::span<float> v) {
  copy('f', name, v.data(), v.size());
}
void CheckpointReader::numbers(const std::string& name, std::span<double> v) {
  copy('d', name, v.data(), v.size());
}
void CheckpointReader::bytes(const std::string& name, std::vector<std::uint8_t>& v) {
  const std::string_view data = find('b', name).data;
  v.assign(data.begin(), data.end());
}
void CheckpointReader::text(const std::string& name, std::string& v) {
  v = find('b', name).data;
}

std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const char* name : {"checkpoint.ebm", "checkpoint.ebm.prev"})
    if (std::filesystem::exists(folder / name, error)) files.push_back(folder / name);
  return files;
}

void save_checkpoint(const std::filesystem::path& folder, std::string_view file, bool keep_previous) {
  write_atomically(folder / "checkpoint.ebm", file,
                   keep_previous ? std::optional(folder / "checkpoint.ebm.prev") : std::nullopt);
}

void remove_checkpoints(const std::filesystem::path& folder) {
  // The older one first: should the process end in between, the newer one is the one to go on from.
  for (const char* name : {"checkpoint.ebm.prev", "checkpoint.ebm"}) {
    std::error_code none;
    std::filesystem::remove(folder / name, none);
  }
}

} // namespace ebm::experiments
