// What an energy can do beyond its one required method.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ebm {

enum class Capability : std::uint32_t {
  state_gradient = 1,      ///< ∂E/∂x of a continuous block
  block_natural = 2,       ///< natural parameters of all sites of a block that is independent given the rest
  site_natural = 4,        ///< natural parameters of one site given everything else
  self_coupling = 8,       ///< the pairwise matrix inside a block whose sites depend on each other
  free_energy = 16,        ///< −log Σ_latent exp(−E)
  block_free_energy = 256, ///< −log Σ exp(−E) over blocks that are independent given the rest
  parameters = 32,         ///< arrays to learn and ∂E/∂θ
  log_partition = 64,      ///< log Z in closed form
  model_gradient = 128,    ///< the model's expectation of ∂E/∂θ in closed form
  layers = 1024,           ///< a stack of layers, to be trained one by one or unrolled
  top = 2048,              ///< a top energy that the other blocks are generated from
  variance_gradient = 512  ///< what ∂E/∂θ at a continuous block's means leaves out
};

/// A set of capabilities.
class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(Capability c) : bits_(std::uint32_t(c)) {}
  constexpr Capabilities operator|(Capabilities o) const { return Capabilities(bits_ | o.bits_); }
  constexpr bool contains(Capabilities o) const { return (bits_ & o.bits_) == o.bits_; }
  constexpr bool operator==(const Capabilities&) const = default;

  static constexpr std::pair<Capability, std::string_view> names[] = {
      {Capability::state_gradient, "state_gradient"},
      {Capability::block_natural, "block_natural"},
      {Capability::site_natural, "site_natural"},
      {Capability::self_coupling, "self_coupling"},
      {Capability::free_energy, "free_energy"},
      {Capability::parameters, "parameters"},
      {Capability::log_partition, "log_partition"},
      {Capability::model_gradient, "model_gradient"},
      {Capability::block_free_energy, "block_free_energy"},
      {Capability::variance_gradient, "variance_gradient"},
      {Capability::layers, "layers"},
      {Capability::top, "top"}};

  /// "block_natural, free_energy"
  std::string text() const {
    std::string s;
    for (const auto& [c, name] : names)
      if (contains(c)) s += (s.empty() ? "" : ", ") + std::string(name);
    return s;
  }

 private:
  explicit constexpr Capabilities(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};
constexpr Capabilities operator|(Capability a, Capability b) {
  return Capabilities(a) | Capabilities(b);
}

} // namespace ebm
