// What the machine offers, and what this library was compiled for.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ebm::machine {

/// Vector instructions of x86-64, each kind with all before it. On other processors always the first.
enum class Vectors : std::uint8_t { sse, avx, avx2, avx512 };

/// "AVX-512"
std::string_view name_of(Vectors vectors);

/// Those the compiler was allowed to use in this library.
Vectors compiled_vectors();

/// Those of the CPU that the operating system lets programs use.
Vectors cpu_vectors();

/// As the CPU calls itself; empty when the system does not tell.
std::string cpu_model();

/// Cores that are switched on, whether or not this process may use them.
std::size_t cores();

/// Physical memory in bytes.
std::size_t memory();

} // namespace ebm::machine
