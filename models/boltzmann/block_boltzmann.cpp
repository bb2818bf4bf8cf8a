#include "models/boltzmann/block_boltzmann.hpp"

#include <cassert>

#include "ebm/core/linalg.hpp"
#include "ebm/core/scratch.hpp"
#include "ebm/core/units/kernels.hpp"

namespace ebm {

using linalg::Transpose;

template <std::floating_point T>
BlockBoltzmann<T>::BlockBoltzmann(StateSpace space, std::vector<Coupling> couplings)
    : space_(std::move(space)), couplings_(std::move(couplings)) {
  for (BlockId b = 0; b < space_.size(); ++b) {
    assert(space_[b].discrete());
    parameters_.add(space_[b].name + "_bias", ParameterRole::bias, {space_[b].columns()}).column_block = b;
  }
  for (const Coupling& k : couplings_) {
    assert(k.a <= k.b);
    auto& array =
        parameters_.add(k.name, ParameterRole::weight, {space_[k.a].columns(), space_[k.b].columns()});
    array.symmetric = k.a == k.b;
    array.row_block = k.a;
    array.column_block = k.b;
    array.site_width = space_[k.a].width();
  }
}

template <std::floating_point T> const Batch<T>* BlockBoltzmann<T>::self_coupling(BlockId b) const {
  for (std::size_t k = 0; k < couplings_.size(); ++k)
    if (couplings_[k].a == b && couplings_[k].b == b) return &coupling(k);
  return nullptr;
}

template <std::floating_point T> bool BlockBoltzmann<T>::supports(Capability c, BlockId b) const {
  switch (c) {
  case Capability::block_natural:
  case Capability::block_free_energy:
    return self_coupling(b) == nullptr;
  case Capability::self_coupling:
    return self_coupling(b) != nullptr;
  default:
    return true;
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::partial_energy(const State<T>& x, std::optional<BlockId> without,
                                       std::span<double> out) const {
  std::ranges::fill(out, 0.0);
  for (BlockId b = 0; b < space_.size(); ++b)
    if (b != without)
      for (std::size_t c = 0; c < out.size(); ++c) out[c] -= numerics::dot<T>(row(x[b], c), row(bias(b), 0));
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    const auto& [a, b, name] = couplings_[k];
    if (a == without || b == without) continue;
    const Scratch<Batch<T>> field;
    reshape(*field, x.chains(), space_[b].columns());
    field->fill(T(0));
    linalg::add_product(x.factor(a), coupling(k), Transpose::no, *field);
    for (std::size_t c = 0; c < out.size(); ++c)
      out[c] -= numerics::dot<T>(row(std::as_const(*field), c), row(x[b], c)) * (a == b ? 0.5 : 1.0);
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::energy(const State<T>& x, std::span<double> out) const {
  partial_energy(x, std::nullopt, out);
}

template <std::floating_point T>
void BlockBoltzmann<T>::block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(bias(b), 0), row(eta, c).begin());
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    if (couplings_[k].a == couplings_[k].b) continue;
    if (couplings_[k].b == b)
      linalg::add_product(x.factor(couplings_[k].a), coupling(k), Transpose::no, eta);
    else if (couplings_[k].a == b)
      linalg::add_product(x.factor(couplings_[k].b), coupling(k), Transpose::yes, eta);
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::block_free_energy(const State<T>& x, BlockId b, std::span<double> out) const {
  partial_energy(x, b, out);
  const Scratch<Batch<T>> eta;
  const Scratch<std::vector<double>> a;
  reshape(*eta, x.chains(), space_[b].natural_columns());
  block_natural(x, b, *eta);
  a->assign(x.chains(), 0.0);
  add_log_normalisers<T>(space_[b], *eta, *a);
  for (std::size_t c = 0; c < out.size(); ++c) out[c] -= (*a)[c];
}

namespace {

/// The parameters are the pairs: both entries of a pair get the same bits, whatever order the kernel added
/// in, and the couplings of a site with itself are none.
template <class T> void keep_pairs(const Block& block, Batch<T>& g) {
  constexpr std::size_t tile = 32; // rows and columns of a tile stay in the cache
  const std::size_t n = g.shape(0), width = block.width();
  for (std::size_t i0 = 0; i0 < n; i0 += tile)
    for (std::size_t j0 = i0; j0 < n; j0 += tile)
      for (std::size_t i = i0; i < std::min(n, i0 + tile); ++i)
        for (std::size_t j = std::max(j0, i + 1); j < std::min(n, j0 + tile); ++j) g(j, i) = g(i, j);
  for (std::size_t j = 0; j < block.sites; ++j)
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t k = 0; k < width; ++k) g(j * width + i, j * width + k) = T(0);
}

} // namespace

template <std::floating_point T>
void BlockBoltzmann<T>::add_parameter_gradient(const State<T>& x, std::span<const double> w,
                                               Parameters<T>& g) const {
  for (BlockId b = 0; b < space_.size(); ++b) {
    const std::span<T> to = row(g[b].value, 0);
    for (std::size_t c = 0; c < x.chains(); ++c) {
      const T factor = T(-w[c]);
      const std::span<const T> from = row(x[b], c);
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += factor * from[j];
    }
  }
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    const auto& [a, b, name] = couplings_[k];
    Batch<T>& gradient = g[space_.size() + k].value;
    linalg::add_outer(x.factor(a), x.factor(b), w, gradient, -1.0);
    if (a == b) keep_pairs(space_[a], gradient);
  }
}

template class BlockBoltzmann<float>;
template class BlockBoltzmann<double>;

} // namespace ebm
