// Which arrays of a model belong to a block, for rules of learning that know no model.
#pragma once
#include "ebm/core/parameters.hpp"
#include "ebm/core/space.hpp"

namespace ebm {

/// Numbers of the bias and the scale array of a block, where it has them.
struct BlockArrays {
  std::optional<std::size_t> bias{}, scale{};
};
template <std::floating_point T> BlockArrays arrays_of(const Parameters<T>& p, BlockId b) {
  BlockArrays found;
  for (std::size_t k = 0; k < p.size(); ++k) {
    if (p[k].row_block || p[k].column_block != b) continue;
    if (p[k].role == ParameterRole::bias) found.bias = k;
    if (p[k].role == ParameterRole::scale) found.scale = k;
  }
  return found;
}

/// What a column of a block is to couplings: they see seen · x, and a field f on that is the same as
/// pull · f more bias. Both are 1 for blocks without a scale.
struct ColumnScale {
  double seen = 1, pull = 1;
};
template <std::floating_point T>
ColumnScale column_scale(const Parameters<T>& p, const BlockArrays& arrays, std::size_t column) {
  if (!arrays.scale) return {};
  const ParameterArray<T>& a = p[*arrays.scale];
  const double value = double(a.value(0, column)), scale = a.link == Link::log ? std::exp(value) : value;
  return {std::pow(scale, -a.coupling_power), std::pow(scale, a.bias_power - a.coupling_power)};
}

/// Whether the array holds couplings between blocks, or inside one, that both have biases.
template <std::floating_point T> bool couples_biased_blocks(const Parameters<T>& p, std::size_t k) {
  return p[k].role == ParameterRole::weight && p[k].row_block && p[k].column_block &&
         arrays_of(p, *p[k].row_block).bias && arrays_of(p, *p[k].column_block).bias;
}

} // namespace ebm
