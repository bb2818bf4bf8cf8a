// Checks shared by the binary formats. `where` names the file (or the member of an archive), offsets are in
// bytes from its start, after decompression.
#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace ebm::experiments {

/// Throws InputError "where: offset N: message".
[[noreturn]] void throw_at(const std::string& where, std::size_t offset, const std::string& message);

/// Throws unless `count` bytes of `what` start at `offset`; `size` is the file's, at least `offset`.
void require_bytes(const std::string& where, std::size_t size, std::size_t offset, std::size_t count,
                   const std::string& what);

/// Throws unless the data from `offset` to the end are exactly an array of this shape. Call it before
/// allocating: it is what bounds an array by the file that claims to hold it.
void require_exact_data(const std::string& where, std::size_t size, std::size_t offset,
                        std::span<const std::size_t> shape, std::size_t element_size);

} // namespace ebm::experiments
