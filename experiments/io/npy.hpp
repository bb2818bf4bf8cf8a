// The npy format of NumPy: numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
#pragma once
#include "experiments/io/array.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ebm::experiments {

/// Reads floats (4 or 8 bytes), integers (1 to 8 bytes) and booleans of either byte order, in C or Fortran
/// order. Integers that a double cannot hold exactly (beyond 2^53) are errors. `where` names the source.
Array parse_npy(std::span<const std::byte> bytes, const std::string& where);
Array read_npy(const std::filesystem::path& path);

/// Version 1.0, little-endian, C order; `values` are row-major and as many as the shape asks for.
std::vector<std::byte> format_npy(const std::vector<std::size_t>& shape, std::span<const float> values);
std::vector<std::byte> format_npy(const std::vector<std::size_t>& shape, std::span<const double> values);

/// Writes atomically.
void write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
               std::span<const float> values);
void write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
               std::span<const double> values);

} // namespace ebm::experiments
