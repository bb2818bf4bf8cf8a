#pragma once
#include <filesystem>
#include <string>

namespace ebm::experiments {

/// The bytes of the file, decompressed if they begin as gzip data (RFC 1952, several members allowed),
/// whatever the file is called. Damaged, cut or followed by something else: InputError.
std::string read_maybe_gzip(const std::filesystem::path& path);

} // namespace ebm::experiments
