// The IDX format of the MNIST files: yann.lecun.com/exdb/mnist, "file formats".
#pragma once
#include "experiments/io/array.hpp"

#include <filesystem>

namespace ebm::experiments {

/// Unsigned bytes of rank 1 to 3, gzipped or not.
ByteArray read_idx(const std::filesystem::path& path);

} // namespace ebm::experiments
