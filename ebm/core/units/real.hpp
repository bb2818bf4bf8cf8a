#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ebm::units {

/// Real x without a closed conditional: moved by Metropolis or Langevin only.
struct Real {
  static constexpr std::string_view name = "real";
  static constexpr bool discrete = false, has_conditional = false, exact_law = true, normal_noise = true;
  std::size_t width() const { return 1; }
  std::size_t natural_width() const { return 0; }
  std::uint32_t levels() const { return 0; }
  bool operator==(const Real&) const = default;
};

} // namespace ebm::units
