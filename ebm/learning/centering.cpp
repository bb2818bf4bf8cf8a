#include "ebm/learning/centering.hpp"

#include "ebm/core/graph.hpp"
#include "ebm/core/numerics.hpp"

namespace ebm {
namespace {

constexpr std::size_t item_size = 1u << 14; ///< elements of a work item, about

/// f(first, count) for fixed ranges of n rows, or columns, of so many elements each.
template <class F> void for_each_line(std::size_t n, std::size_t elements, F f) {
  const parallel::WorkItems items(n,
                                  std::max<std::size_t>(1, item_size / std::max<std::size_t>(1, elements)));
  parallel::for_each(items.size(), [&](std::size_t i) { f(items[i].first, items[i].count); });
}

/// ∇W −= ∇a mu_bᵀ + mu_a ∇bᵀ, and the fields of both offsets through the result.
template <class T, class Side> void centre_pair(Batch<T>& g, Side& a, Side& b) {
  const std::size_t rows = g.shape(0), columns = g.shape(1);
  for_each_line(rows, columns, [&](std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      const std::span<T> line = row(g, i);
      for (std::size_t j = 0; j < columns; ++j)
        line[j] -= a.gradient[i] * b.offset[j] + a.offset[i] * b.gradient[j];
      a.field[i] += numerics::dot<T>(line, b.offset);
    }
  });
  for_each_line(columns, rows, [&](std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = first; j < first + count; ++j) b.field[j] += double(a.offset[i]) * double(g(i, j));
  });
}

/// The same for a block's couplings with itself: the parameters are the pairs, and both entries keep the same
/// bits.
template <class T, class Side> void centre_block(Batch<T>& g, std::size_t site_width, Side& s) {
  const std::size_t n = g.shape(0);
  for_each_line(n, n, [&](std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i)
      for (std::size_t j = (i / site_width + 1) * site_width; j < n; ++j) {
        g(i, j) -= s.gradient[i] * s.offset[j] + s.offset[i] * s.gradient[j];
        g(j, i) = g(i, j);
      }
  });
  for_each_line(n, n, [&](std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i)
      s.field[i] += numerics::dot<T>(row(std::as_const(g), i), s.offset);
  });
}

/// The same for couplings on a graph.
template <class T, class Side>
void centre_edges(const Graph& graph, std::size_t site_width, Batch<T>& g, Side& s) {
  for (std::size_t e = 0; e < graph.edges().size(); ++e) {
    const std::size_t p = graph.edges()[e].first * site_width, q = graph.edges()[e].second * site_width;
    T& edge = g.data()[e];
    for (std::size_t k = 0; k < site_width; ++k)
      edge -= s.gradient[p + k] * s.offset[q + k] + s.offset[p + k] * s.gradient[q + k];
    for (std::size_t k = 0; k < site_width; ++k) {
      s.field[p + k] += double(edge) * double(s.offset[q + k]);
      s.field[q + k] += double(edge) * double(s.offset[p + k]);
    }
  }
}

} // namespace

template <std::floating_point T>
std::optional<std::string> Centering<T>::check(const Parameters<T>& theta) const {
  if (!active()) return std::nullopt;
  for (std::size_t k = 0; k < theta.size(); ++k)
    if (couples_biased_blocks(theta, k)) return std::nullopt;
  return "trainer.gradient must be ordinary for this model: only couplings between units with biases can be "
         "centred, and it has none";
}

template <std::floating_point T> auto Centering<T>::init(const AnyEnergy<T>& e) const -> state_type {
  state_type s;
  if (!active()) return s;
  set_zero(e.space(), s.offsets);
  for (BlockId b = 0; b < e.space().size(); ++b) {
    Side& side = s.sides.emplace_back();
    const std::size_t columns = e.space()[b].columns();
    side.arrays = arrays_of(e.parameters(), b);
    side.offset.resize(columns);
    side.gradient.resize(columns);
    side.pulls.resize(columns);
    side.field.resize(columns);
  }
  return s;
}

template <std::floating_point T>
void Centering<T>::move_offsets(const PhaseMeans& means, state_type& s) const {
  const bool enhanced = options_.kind == GradientKind::enhanced;
  const OffsetSource source = enhanced ? OffsetSource::average : options_.offsets;
  const double decay = enhanced || s.started == 0 ? 0 : options_.decay;
  if (source != OffsetSource::data && means.model.empty())
    throw CapabilityError("the exact gradient of this model has a closed form that tells no means of the "
                          "model: use trainer.gradient: centred with trainer.centering.offsets: data");
  const auto mean = [&](std::size_t b, std::size_t j) {
    if (source == OffsetSource::average) return 0.5 * (means.data[b][j] + means.model[b][j]);
    return source == OffsetSource::data ? means.data[b][j] : means.model[b][j];
  };
  for (std::size_t b = 0; b < s.offsets.size(); ++b)
    for (std::size_t j = 0; j < s.offsets[b].size(); ++j)
      s.offsets[b][j] = decay * s.offsets[b][j] + (1 - decay) * mean(b, j);
  s.started = 1;
}

template <std::floating_point T>
void Centering<T>::transform(const Parameters<T>& theta, state_type& s, Parameters<T>& g) const {
  for (std::size_t b = 0; b < s.sides.size(); ++b) {
    Side& side = s.sides[b];
    if (!side.arrays.bias) continue;
    for (std::size_t j = 0; j < side.offset.size(); ++j) {
      const auto [seen, pull] = column_scale(theta, side.arrays, j);
      side.offset[j] = T(seen * s.offsets[b][j]);
      side.pulls[j] = pull;
      side.gradient[j] = T(pull * double(g[*side.arrays.bias].value(0, j)));
      side.field[j] = 0;
    }
  }
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (!couples_biased_blocks(theta, k)) continue;
    const ParameterArray<T>& array = theta[k];
    Side &a = s.sides[*array.row_block], &b = s.sides[*array.column_block];
    if (array.graph != nullptr)
      centre_edges(*array.graph, array.site_width, g[k].value, a);
    else if (array.symmetric)
      centre_block(g[k].value, array.site_width, a);
    else
      centre_pair(g[k].value, a, b);
  }
  for (const Side& side : s.sides) {
    if (!side.arrays.bias) continue;
    Batch<T>& bias = g[*side.arrays.bias].value;
    for (std::size_t j = 0; j < side.field.size(); ++j) bias(0, j) -= T(side.pulls[j] * side.field[j]);
  }
}

template <std::floating_point T> void Centering<T>::archive(state_type& s, Archive& a) const {
  if (options_.kind != GradientKind::centred) return; // nothing stays from one update to the next
  a("started", s.started);
  for (std::size_t b = 0; b < s.offsets.size(); ++b)
    a("offsets." + std::to_string(b), std::span<double>(s.offsets[b]));
}

template class Centering<float>;
template class Centering<double>;

} // namespace ebm
