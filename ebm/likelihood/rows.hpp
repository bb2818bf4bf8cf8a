// Rows of data, and how they become configurations.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "ebm/core/space.hpp"

namespace ebm {

/// Some rows of a data matrix [rows, visible columns]; without an index all of them, in order.
template <std::floating_point T> struct Rows {
  const Batch<T>* values = nullptr;
  std::optional<std::span<const std::uint32_t>> index{};

  std::size_t size() const { return index ? index->size() : values->shape(0); }
  std::span<const T> operator[](std::size_t i) const {
    return row(*values, index ? std::size_t((*index)[i]) : i);
  }
  /// Writes rows [first, first + x.chains()) into the visible blocks of x, wrapping round at the end.
  void copy_to(const StateSpace& space, std::size_t first, State<T>& x) const {
    for (std::size_t c = 0; c < x.chains(); ++c) {
      if (index) prefetch((*this)[(first + c + 2) % size()]); // rows of a minibatch lie anywhere
      std::span<const T> from = (*this)[(first + c) % size()];
      for (BlockId b = 0; b < space.size(); ++b) {
        if (space[b].latent()) continue;
        std::ranges::copy(from.first(space[b].columns()), row(x.values(b), c).begin());
        from = from.subspan(space[b].columns());
      }
    }
    for (BlockId b = 0; b < space.size(); ++b)
      if (!space[b].latent()) x.find_bits(b);
  }

 private:
  static void prefetch(std::span<const T> row) {
    constexpr std::size_t line = 64 / sizeof(T);
    for (std::size_t j = 0; j < row.size(); j += line) __builtin_prefetch(row.data() + j);
  }
};

} // namespace ebm
