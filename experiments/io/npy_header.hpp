#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

inline constexpr std::string_view npy_magic = "\x93NUMPY";

struct NpyHeader {
  std::string descr; ///< byte order and type, such as "<f8"
  bool fortran_order = false;
  std::vector<std::size_t> shape;
  std::size_t data_offset = 0;  ///< of the first element, in bytes from the start
  std::size_t descr_offset = 0; ///< of the type, to point at in errors
};

/// The header at the start of an npy file, versions 1.0, 2.0 and 3.0.
NpyHeader parse_npy_header(std::string_view file, const std::string& where);

/// The whole header, padded such that the data begin at a multiple of 64 bytes.
std::string format_npy_header(std::string_view descr, const std::vector<std::size_t>& shape);

} // namespace ebm::experiments
