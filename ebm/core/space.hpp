// What a configuration is made of: units in named blocks, and the values of many configurations at once.
#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ebm/core/tensor.hpp"
#include "ebm/core/units/bernoulli.hpp"
#include "ebm/core/units/categorical.hpp"
#include "ebm/core/units/gaussian.hpp"
#include "ebm/core/units/real.hpp"
#include "ebm/core/units/spin.hpp"

namespace ebm {

using BlockId = std::uint32_t;
using SiteId = std::uint32_t;

/// One kind of variable; std::visit once a block, never once a site.
using Unit = std::variant<units::Bernoulli, units::Spin, units::Categorical, units::Gaussian, units::Real>;

/// `visible` blocks are compared with data, `latent` ones are summed out.
enum class Role : std::uint8_t { visible, latent };

/// A named, ordered set of like units.
struct Block {
  std::string name;
  Unit unit;
  std::size_t sites = 0;
  Role role = Role::visible;
  bool clamped = false; ///< held fixed: samplers leave it alone

  std::string_view unit_name() const {
    return std::visit([](const auto& u) { return u.name; }, unit);
  }
  bool discrete() const {
    return std::visit([](const auto& u) { return u.discrete; }, unit);
  }
  bool has_conditional() const {
    return std::visit([](const auto& u) { return u.has_conditional; }, unit);
  }
  /// Columns of a site's value: q for categorical, else 1.
  std::size_t width() const {
    return std::visit([](const auto& u) { return u.width(); }, unit);
  }
  /// Columns of a site's natural parameters: q for categorical, 2 for gaussian, else 1.
  std::size_t natural_width() const {
    return std::visit([](const auto& u) { return u.natural_width(); }, unit);
  }
  /// Number of values of a site; 0 when continuous.
  std::uint32_t levels() const {
    return std::visit([](const auto& u) { return u.levels(); }, unit);
  }
  std::size_t columns() const { return sites * width(); }
  std::size_t natural_columns() const { return sites * natural_width(); }
  bool latent() const { return role == Role::latent; }
  /// log2 of the number of states; infinite when continuous.
  double log2_states() const { return discrete() ? double(sites) * std::log2(double(levels())) : infinity; }
};

/// List of blocks; visible ones first, latent ones last (a sweep visits them in this order, so that the
/// latents a CD estimator sees belong to the visibles it sees).
class StateSpace {
 public:
  StateSpace() = default;
  explicit StateSpace(std::vector<Block> blocks) : blocks_(std::move(blocks)) {}

  const std::vector<Block>& blocks() const noexcept { return blocks_; }
  const Block& operator[](BlockId b) const { return blocks_[b]; }
  BlockId size() const noexcept { return BlockId(blocks_.size()); }
  std::optional<BlockId> find(std::string_view name) const {
    for (BlockId b = 0; b < size(); ++b)
      if (blocks_[b].name == name) return b;
    return std::nullopt;
  }
  std::size_t visible_columns() const {
    std::size_t n = 0;
    for (const Block& b : blocks_)
      if (!b.latent()) n += b.columns();
    return n;
  }
  std::vector<BlockId> latent_blocks() const {
    std::vector<BlockId> ids;
    for (BlockId b = 0; b < size(); ++b)
      if (blocks_[b].latent()) ids.push_back(b);
    return ids;
  }
  /// log2 of the number of joint settings of all blocks, or of the latent ones; infinite if one is
  /// continuous.
  double log2_states(bool latent_only = false) const {
    double bits = 0;
    for (const Block& b : blocks_)
      if (!latent_only || b.latent()) bits += b.log2_states();
    return bits;
  }
  /// The same space with its visible blocks held fixed.
  StateSpace with_visible_clamped() const {
    StateSpace s = *this;
    for (Block& b : s.blocks_) b.clamped = b.clamped || !b.latent();
    return s;
  }

 private:
  std::vector<Block> blocks_;
};

/// A space of one visible block.
inline StateSpace single_block(std::string name, Unit unit, std::size_t sites) {
  return StateSpace({Block{std::move(name), unit, sites}});
}

/// Values of `chains` configurations: one row-major [chains, columns] matrix a block. Every writer goes
/// through `values`, so that what is derived from the values (bit masks) has one place to be dropped.
template <std::floating_point T> class State {
 public:
  State() = default;
  /// Every site at its level 0 (bernoulli 0, spin -1, first category), continuous ones at 0.
  State(const StateSpace& space, std::size_t chains) : chains_(chains) {
    for (const Block& b : space.blocks()) {
      Batch<T>& x = blocks_.emplace_back(make_batch<T>(chains, b.columns()));
      std::visit(
          [&]<class U>(const U& unit) {
            if constexpr (U::discrete)
              for (std::size_t i = 0; i < chains * b.sites; ++i)
                unit.set_level(0, x.data() + i * unit.width());
          },
          b.unit);
    }
  }
  std::size_t chains() const noexcept { return chains_; }
  const Batch<T>& operator[](BlockId b) const { return blocks_[b]; }
  Batch<T>& values(BlockId b) { return blocks_[b]; }
  bool operator==(const State& other) const {
    if (chains_ != other.chains_ || blocks_.size() != other.blocks_.size()) return false;
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      if (!std::ranges::equal(all(blocks_[b]), all(other.blocks_[b]))) return false;
    return true;
  }

 private:
  std::vector<Batch<T>> blocks_;
  std::size_t chains_ = 0;
};

/// Copies rows [first, first + to.chains()) of `from` into `to`.
template <std::floating_point T>
void copy_rows(const StateSpace& space, const State<T>& from, std::size_t first, State<T>& to) {
  for (BlockId b = 0; b < space.size(); ++b)
    std::copy_n(row(from[b], first).data(), to.chains() * space[b].columns(), to.values(b).data());
}

} // namespace ebm
