// What a configuration is made of: units in named blocks, and the values of many configurations at once.
#pragma once
#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ebm/core/archive.hpp"
#include "ebm/core/graph.hpp"
#include "ebm/core/linalg.hpp"
#include "ebm/core/tensor.hpp"
#include "ebm/core/units/bernoulli.hpp"
#include "ebm/core/units/binomial.hpp"
#include "ebm/core/units/categorical.hpp"
#include "ebm/core/units/gaussian.hpp"
#include "ebm/core/units/noisy_relu.hpp"
#include "ebm/core/units/real.hpp"
#include "ebm/core/units/rectified.hpp"
#include "ebm/core/units/spin.hpp"

namespace ebm {

using BlockId = std::uint32_t;
using SiteId = std::uint32_t;

/// Most blocks that a space may have.
inline constexpr std::size_t most_blocks = 32;

/// A short list of blocks, without memory of its own.
class BlockList {
 public:
  void add(BlockId b) { blocks_[size_++] = b; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  BlockId operator[](std::size_t i) const { return blocks_[i]; }
  const BlockId* data() const { return blocks_.data(); }
  const BlockId* begin() const { return blocks_.data(); }
  const BlockId* end() const { return blocks_.data() + size_; }

 private:
  std::array<BlockId, most_blocks> blocks_{};
  std::size_t size_ = 0;
};

/// One kind of variable; std::visit once a block, never once a site.
using Unit = std::variant<units::Bernoulli, units::Spin, units::Categorical, units::Binomial, units::Gaussian,
                          units::Rectified, units::NoisyRelu, units::Real>;

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
  /// Whether the unit's draws come from the law p ∝ exp(−E) at all: noisy_relu has a sampling rule only.
  bool exact_law() const {
    return std::visit([](const auto& u) { return u.exact_law; }, unit);
  }
  /// Columns of a site's value: q for categorical, else 1.
  std::size_t width() const {
    return std::visit([](const auto& u) { return u.width(); }, unit);
  }
  /// Columns of a site's natural parameters: q for categorical, 2 for gaussian and rectified, else 1.
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
  /// The largest value of a column of discrete units: n of binomial units, else 1.
  double highest() const { return width() == 1 ? double(levels()) - 1 : 1; }
  /// Whether values are real numbers from 0 on.
  bool rectified() const {
    return std::holds_alternative<units::Rectified>(unit) || std::holds_alternative<units::NoisyRelu>(unit);
  }
  /// log2 of the number of states; infinite when continuous.
  double log2_states() const { return discrete() ? double(sites) * std::log2(double(levels())) : infinity; }
};

/// List of blocks; visible ones first, latent ones last (a sweep visits them in this order, so that the
/// latents a CD estimator sees belong to the visibles it sees).
class StateSpace {
 public:
  StateSpace() = default;
  explicit StateSpace(std::vector<Block> blocks) : blocks_(std::move(blocks)) {
    assert(blocks_.size() <= most_blocks);
    for (BlockId b = 0; b < size(); ++b)
      if (blocks_[b].latent()) latents_.push_back(b);
  }

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
  const std::vector<BlockId>& latent_blocks() const noexcept { return latents_; }
  /// log2 of the number of joint settings; infinite if a block is continuous.
  double log2_states() const {
    double bits = 0;
    for (const Block& b : blocks_) bits += b.log2_states();
    return bits;
  }
  /// The same of these blocks alone.
  double log2_states(std::span<const BlockId> of) const {
    double bits = 0;
    for (const BlockId b : of) bits += blocks_[b].log2_states();
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
  std::vector<BlockId> latents_;
};

/// A space of one visible block.
inline StateSpace single_block(std::string name, Unit unit, std::size_t sites) {
  return StateSpace({Block{std::move(name), unit, sites}});
}

/// Lower and upper value of a two-valued unit, or nothing.
inline std::optional<std::pair<double, double>> two_values(const Block& block) {
  if (std::holds_alternative<units::Bernoulli>(block.unit)) return std::pair(0.0, 1.0);
  if (std::holds_alternative<units::Spin>(block.unit)) return std::pair(-1.0, 1.0);
  return std::nullopt;
}

/// Both forms of a two-valued block, for a writer that sets them both: `values` hold low and high only, and
/// `ones` says where the high ones are.
template <std::floating_point T> struct ValuesAndBits {
  Batch<T>& values;
  BitRows& ones;
  T low, high;
};

/// Values of `chains` configurations: one row-major [chains, columns] matrix a block. Of a two-valued block
/// the bits of the upper values are kept as well, as long as they are known: products with weights are faster
/// by them. Whoever takes `values` to write makes them unknown; `find_bits` looks for them again. Values
/// between the two are means and have no bits.
template <std::floating_point T> class State {
 public:
  State() = default;
  /// Every site at its level 0 (bernoulli 0, spin -1, first category), continuous ones at 0.
  State(const StateSpace& space, std::size_t chains) : chains_(chains) {
    for (const Block& b : space.blocks()) {
      Values& v = blocks_.emplace_back();
      v.x = make_batch<T>(chains, b.columns());
      if (const auto two = two_values(b)) {
        v.two_valued = true;
        v.low = T(two->first);
        v.high = T(two->second);
      }
      std::visit(
          [&]<class U>(const U& unit) {
            if constexpr (U::discrete)
              for (std::size_t i = 0; i < chains * b.sites; ++i)
                unit.set_level(0, v.x.data() + i * unit.width());
          },
          b.unit);
    }
  }
  std::size_t chains() const noexcept { return chains_; }
  /// Another number of chains for the same blocks, without new memory if there were as many before; the
  /// values are unspecified.
  void resize(std::size_t chains) {
    if (chains == chains_) return;
    chains_ = chains;
    for (Values& v : blocks_) {
      reshape(v.x, chains, v.x.shape(1));
      v.known.clear();
    }
  }
  const Batch<T>& operator[](BlockId b) const { return blocks_[b].x; }
  /// To write a block; its bits are no longer known.
  Batch<T>& values(BlockId b) {
    Values& v = blocks_[b];
    if (!v.known.empty()) v.known.clear();
    return v.x;
  }
  /// The block as an operand of a product.
  linalg::Factor<T> factor(BlockId b) const {
    const Values& v = blocks_[b];
    if (v.known.empty() || std::ranges::count(v.known, 0) != 0) return v.x;
    assert(bits_agree(v));
    return {v.x, v.ones, v.low, v.high};
  }
  bool two_valued(BlockId b) const { return blocks_[b].two_valued; }
  /// To write values and bits of a two-valued block; both forms count as known from now on.
  ValuesAndBits<T> write_both(BlockId b) {
    Values& v = blocks_[b];
    assert(v.two_valued);
    v.ones.reshape(chains_, v.x.shape(1));
    v.known.assign(chains_, 1);
    return {v.x, v.ones, v.low, v.high};
  }
  /// Makes the bits of a two-valued block known in the chains where all its values are one of the two.
  void find_bits(BlockId b) {
    Values& v = blocks_[b];
    make_room_for_bits(b);
    for (std::size_t c = 0; c < v.known.size(); ++c)
      if (v.known[c] == 0)
        v.known[c] = bits_of_row<T>(row(std::as_const(v.x), c), v.low, v.high, v.ones.row(c));
  }
  /// Call before `copy_chains` from several threads.
  void make_room_for_bits(BlockId b) {
    Values& v = blocks_[b];
    if (!v.two_valued || !v.known.empty()) return;
    v.ones.reshape(chains_, v.x.shape(1));
    v.known.assign(chains_, 0);
  }
  /// Copies chains [first, first + count) of block b of `from` to chains [to, to + count), with their bits.
  void copy_chains(BlockId b, const State& from, std::size_t first, std::size_t count, std::size_t to) {
    Values& v = blocks_[b];
    const Values& f = from.blocks_[b];
    const std::size_t columns = v.x.shape(1);
    std::copy_n(f.x.data() + first * columns, count * columns, v.x.data() + to * columns);
    for (std::size_t c = 0; c < count && !v.known.empty(); ++c) {
      v.known[to + c] = f.known.empty() ? 0 : f.known[first + c];
      if (v.known[to + c] != 0) std::ranges::copy(f.ones.row(first + c), v.ones.row(to + c).begin());
    }
  }
  /// Copies block b of a state with as many chains.
  void copy_block(BlockId b, const State& from) { blocks_[b] = from.blocks_[b]; }
  /// Copies [count, columns] values into chains [to, to + count) of block b; their bits are not known.
  void copy_values(BlockId b, const Batch<T>& from, std::size_t to) {
    Values& v = blocks_[b];
    std::copy_n(from.data(), from.size(), v.x.data() + to * v.x.shape(1));
    if (!v.known.empty()) std::fill_n(v.known.begin() + std::ptrdiff_t(to), from.shape(0), std::uint8_t(0));
  }
  /// Values, and in which chains the bits are known: the kernel of a product, and so its last bits, depend on
  /// that.
  void archive(Archive& a) {
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      a.group(std::to_string(b), [&] {
        Values& v = blocks_[b];
        std::vector<std::uint8_t> known = v.known;
        a("values", v.x);
        a("known", known);
        if (a.reads()) find_bits_again(v, known);
      });
  }
  bool operator==(const State& other) const {
    if (chains_ != other.chains_ || blocks_.size() != other.blocks_.size()) return false;
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      if (!std::ranges::equal(all(blocks_[b].x), all(other.blocks_[b].x))) return false;
    return true;
  }

 private:
  struct Values {
    Batch<T> x;
    BitRows ones;
    T low = 0, high = 0;
    bool two_valued = false;
    std::vector<std::uint8_t> known; ///< by chain: whether `ones` holds its bits; empty: no chain's
  };
  static bool bits_agree(const Values& v) {
    for (std::size_t c = 0; c < v.x.shape(0); ++c)
      for (std::size_t j = 0; j < v.x.shape(1); ++j)
        if (v.x(c, j) != (v.ones(c, j) ? v.high : v.low)) return false;
    return true;
  }
  void find_bits_again(Values& v, const std::vector<std::uint8_t>& known) {
    v.known.clear();
    if (known.empty()) return;
    if (!v.two_valued || known.size() != chains_) throw InputError("a state has bits that do not fit it");
    v.ones.reshape(chains_, v.x.shape(1));
    v.known.assign(chains_, 0);
    for (std::size_t c = 0; c < chains_; ++c)
      if (known[c] != 0)
        v.known[c] = bits_of_row<T>(row(std::as_const(v.x), c), v.low, v.high, v.ones.row(c));
  }
  std::vector<Values> blocks_;
  std::size_t chains_ = 0;
};

/// Copies rows [first, first + to.chains()) of `from` into `to`.
template <std::floating_point T>
void copy_rows(const StateSpace& space, const State<T>& from, std::size_t first, State<T>& to) {
  for (BlockId b = 0; b < space.size(); ++b) {
    to.make_room_for_bits(b);
    to.copy_chains(b, from, first, to.chains(), 0);
  }
}

} // namespace ebm
