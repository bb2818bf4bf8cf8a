// Archives of named arrays: a zip file with one npy member an array, as numpy.savez writes.
#pragma once
#include "experiments/io/array.hpp"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ebm::experiments {

template <typename T> struct NamedArray {
  std::string name; ///< without ".npy"
  std::vector<std::size_t> shape;
  std::vector<T> values; ///< row-major
};

/// Stored or deflated members; the keys are the members' names without ".npy".
std::map<std::string, Array> read_npz(const std::filesystem::path& path);

/// Those of these names, all of which must be there. Other members are not read, and may hold what no Array
/// does, such as text.
std::map<std::string, Array> read_npz_arrays(const std::filesystem::path& path,
                                             std::span<const std::string> names);

/// Writes atomically at least one array, each of another name. The members are stored, with a constant date:
/// the same arrays give the same bytes.
void write_npz(const std::filesystem::path& path, std::span<const NamedArray<float>> arrays);
void write_npz(const std::filesystem::path& path, std::span<const NamedArray<double>> arrays);

} // namespace ebm::experiments
