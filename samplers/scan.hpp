#pragma once
#include <cstdint>

namespace ebm {

/// Order in which single sites are visited.
enum class Scan : std::uint8_t { systematic, random };

} // namespace ebm
