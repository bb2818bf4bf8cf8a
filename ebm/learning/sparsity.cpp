#include "ebm/learning/sparsity.hpp"

#include <sstream>

namespace ebm {
namespace {

/// Smallest and largest value of a column of a discrete block.
std::pair<double, double> range_of(const Block& block) {
  std::vector<double> lowest(block.width()), highest(block.width());
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::discrete) {
          unit.set_level(0, lowest.data());
          unit.set_level(unit.levels() - 1, highest.data());
        }
      },
      block.unit);
  return {std::min(lowest.back(), highest.back()), std::max(lowest.back(), highest.back())};
}

} // namespace

template <std::floating_point T> std::optional<std::string> Sparsity<T>::check(const AnyEnergy<T>& e) const {
  bool any = false;
  for (const BlockId b : e.space().latent_blocks()) {
    const Block& block = e.space()[b];
    any = any || arrays_of(e.parameters(), b).bias;
    if (!block.discrete()) continue;
    const auto [low, high] = range_of(block);
    if (low < options_.target && options_.target < high) continue;
    std::ostringstream why;
    why << "trainer.sparsity.target must be between " << low << " and " << high << " for the "
        << block.unit_name() << " units of block '" << block.name << "', got " << options_.target;
    return why.str();
  }
  if (any) return std::nullopt;
  return "trainer.sparsity is for latent units with biases, and this model has none";
}

template <std::floating_point T> auto Sparsity<T>::init(const AnyEnergy<T>& e) const -> state_type {
  state_type s;
  s.activity.resize(e.space().size());
  for (BlockId b = 0; b < e.space().size(); ++b) {
    s.arrays.push_back(arrays_of(e.parameters(), b));
    if (e.space()[b].latent() && s.arrays[b].bias) s.activity[b].resize(e.space()[b].columns());
  }
  return s;
}

template <std::floating_point T>
void Sparsity<T>::add_to(Parameters<T>& g, const AnyEnergy<T>& e, const BlockMeans& data,
                         state_type& s) const {
  const Parameters<T>& theta = e.parameters();
  const double decay = s.started == 0 ? 0 : options_.decay;
  s.started = 1;
  for (std::uint32_t b = 0; b < s.activity.size(); ++b) {
    std::vector<double>& q = s.activity[b];
    if (q.empty()) continue;
    s.push.resize(q.size());
    for (std::size_t j = 0; j < q.size(); ++j) {
      q[j] = decay * q[j] + (1 - decay) * data[b][j];
      s.push[j] = options_.cost * (q[j] - options_.target);
      g[*s.arrays[b].bias].value(0, j) += T(s.push[j]);
      s.push[j] *= column_scale(theta, s.arrays[b], j).pull;
    }
    for (std::size_t k = 0; k < theta.size(); ++k) {
      if (!couples_biased_blocks(theta, k)) continue;
      const std::uint32_t rows = *theta[k].row_block, columns = *theta[k].column_block;
      const std::uint32_t other = rows == b ? columns : rows;
      if ((rows != b && columns != b) || e.space()[other].latent()) continue;
      Batch<T>& W = g[k].value;
      for (std::size_t i = 0; i < data[other].size(); ++i) {
        const double seen = column_scale(theta, s.arrays[other], i).seen * data[other][i];
        for (std::size_t j = 0; j < q.size(); ++j) (rows == b ? W(j, i) : W(i, j)) += T(seen * s.push[j]);
      }
    }
  }
}

template <std::floating_point T> void Sparsity<T>::archive(state_type& s, Archive& a) const {
  a("started", s.started);
  for (std::size_t b = 0; b < s.activity.size(); ++b)
    if (!s.activity[b].empty()) a("activity." + std::to_string(b), std::span<double>(s.activity[b]));
}

template class Sparsity<float>;
template class Sparsity<double>;

} // namespace ebm
