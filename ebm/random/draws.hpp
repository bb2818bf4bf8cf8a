// Random numbers as a pure function of (key, stream, block, sweep, chain, column, kind).
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "ebm/core/space.hpp"
#include "ebm/random/streams.hpp"

namespace ebm::random {

struct Key {
  std::uint64_t value = 0;
  bool operator==(const Key&) const = default;
};

/// A key for something derived: the hash of the parent's value and a number.
Key derive(Key parent, std::uint64_t number);

/// Where in the counter space a batch of draws lies. Columns start at 0 for each `block`.
struct Address {
  Stream stream;
  std::uint64_t sweep = 0;       ///< below 2^46
  std::uint32_t first_chain = 0; ///< chain number of row 0
  std::uint8_t block = 0;
};

enum class Kind : std::uint8_t { uniform = 0, normal = 1 };

/// Test equipment: sees every address used, and may decide discrete draws itself (law 6 enumerates them).
class Probe {
 public:
  virtual ~Probe() = default;
  /// `columns` numbers of every chain in [first_chain, first_chain + chains) are about to be used.
  virtual void used(Key, const Address&, Kind, std::size_t chains, std::size_t first_column,
                    std::size_t columns) = 0;
  /// True when the probe makes the decisions; continuous draws are then impossible.
  virtual bool decides() const { return false; }
  /// Which of the outcomes (probabilities add up to 1) happens.
  virtual std::size_t decide(std::span<const double> probabilities) { return probabilities.size(); }
};

/// The source of all randomness of a sampler: every call handles a batch of chains.
class Draws {
 public:
  explicit Draws(Key key, Probe* probe = nullptr) noexcept : key_(key), probe_(probe) {}

  Key key() const noexcept { return key_; }
  Draws derived(std::uint64_t number) const { return Draws(derive(key_, number), probe_); }
  bool decides() const { return probe_ != nullptr && probe_->decides(); }

  /// Uniforms on (0, 1): out [chains, columns].
  template <std::floating_point T> void uniforms(const Address&, Batch<T>& out) const;
  /// Standard normals (Box-Muller): out [chains, columns].
  template <std::floating_point T> void normals(const Address&, Batch<T>& out) const;
  /// One uniform, in double with 32 random bits.
  double uniform(const Address&, std::uint32_t column) const;
  double normal(const Address&, std::uint32_t column) const;
  /// A fair choice among n: floor(n u).
  std::uint32_t choice(const Address&, std::uint32_t column, std::uint32_t n) const;

  /// All sites of block b of x from their conditionals with natural parameters eta [chains, natural columns].
  /// Where asked, the conditional means [chains, columns] come out of the same pass. `noise` is scratch.
  template <std::floating_point T>
  void units(const Address&, const Block&, const Batch<T>& eta, Batch<T>& noise, State<T>& x, BlockId b,
             Batch<T>* means = nullptr) const;

  /// Noise for a site-by-site scan: fill once, then draw site after site.
  template <std::floating_point T>
  void site_noise(const Address&, const Block&, std::size_t chains, Batch<T>& noise) const;
  /// Site sites[c] of chain c from eta [chains, natural width], with column t of the noise.
  template <std::floating_point T>
  void site(const Block&, const Batch<T>& eta, const Batch<T>& noise, std::size_t t,
            std::span<const SiteId> sites, Batch<T>& x) const;

  /// accepted[c] = (u < exp(log_ratio[c])) with the uniform of `column`. A NaN ratio is refused.
  void accept(const Address&, std::uint32_t column, std::span<const double> log_ratio,
              std::span<std::uint8_t> accepted) const;
  /// out[c] = a fair choice among n for each chain.
  void choices(const Address&, std::uint32_t column, std::uint32_t n, std::span<std::uint32_t> out) const;

 private:
  void note(const Address& a, Kind kind, std::size_t chains, std::size_t first, std::size_t columns) const {
    if (probe_ != nullptr) [[unlikely]]
      probe_->used(key_, a, kind, chains, first, columns);
  }
  template <std::floating_point T>
  void decide_site(const Block&, const Batch<T>& eta, std::size_t eta_offset, std::size_t c, SiteId j,
                   Batch<T>& x) const;

  Key key_;
  Probe* probe_;
};

/// Fisher-Yates: a permutation of 0 … n - 1 that is a pure function of the address.
void permutation(const Draws&, const Address&, std::span<std::uint32_t> out);

} // namespace ebm::random
