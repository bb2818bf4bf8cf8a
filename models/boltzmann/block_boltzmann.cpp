#include "models/boltzmann/block_boltzmann.hpp"

#include <cassert>
#include <numbers>

#include "ebm/core/scratch.hpp"
#include "ebm/core/units/kernels.hpp"

namespace ebm {

using linalg::Transpose;

template <std::floating_point T>
BlockBoltzmann<T>::BlockBoltzmann(StateSpace space, std::vector<Coupling> couplings,
                                  std::vector<Sigma> sigmas)
    : space_(std::move(space)), couplings_(std::move(couplings)), sigmas_(std::move(sigmas)),
      sigma_array_(space_.size()) {
  sigmas_.resize(space_.size());
  for (BlockId b = 0; b < space_.size(); ++b) {
    assert(space_[b].has_conditional());
    parameters_.add(space_[b].name + "_bias", ParameterRole::bias, {space_[b].columns()}).column_block = b;
  }
  for (BlockId b = 0; b < space_.size(); ++b) {
    if (!has_sigma(b)) continue;
    sigma_array_[b] = parameters_.size();
    auto& array = parameters_.add(space_[b].name + "_sigma", ParameterRole::scale, {space_[b].sites});
    array.link = Link::log;
    array.initial = sigmas_[b].value;
    array.fixed = !sigmas_[b].learned;
    array.column_block = b;
    const SigmaForm form = sigmas_[b].form;
    array.coupling_power = form == SigmaForm::variance ? 2 : form == SigmaForm::deviation ? 1 : 0;
    array.bias_power = form == SigmaForm::natural ? 0 : 2;
  }
  first_coupling_ = parameters_.size();
  for (const Coupling& k : couplings_) {
    assert(k.a <= k.b && (k.graph == nullptr || k.a == k.b));
    if (k.a == k.b && !space_[k.a].discrete())
      throw InputError(
          "units of block '" + space_[k.a].name + "' cannot be coupled with each other: they are " +
          std::string(space_[k.a].unit_name()) + ", and couplings inside a block are for discrete units");
    const auto shape = k.graph != nullptr ? std::vector{k.graph->edges().size()}
                                          : std::vector{space_[k.a].columns(), space_[k.b].columns()};
    auto& array = parameters_.add(k.name, ParameterRole::weight, shape);
    array.graph = k.graph;
    array.symmetric = k.a == k.b && k.graph == nullptr;
    array.row_block = k.a;
    array.column_block = k.b;
    array.site_width = space_[k.a].width();
  }
}

template <std::floating_point T> SelfCoupling<T> BlockBoltzmann<T>::self_coupling(BlockId b) const {
  for (std::size_t k = 0; k < couplings_.size(); ++k)
    if (couplings_[k].a == b && couplings_[k].b == b) return {&coupling(k), couplings_[k].graph.get()};
  return {};
}

template <std::floating_point T> bool BlockBoltzmann<T>::coupled(BlockId a, BlockId b) const {
  return std::ranges::any_of(
      couplings_, [&](const Coupling& k) { return (k.a == a && k.b == b) || (k.a == b && k.b == a); });
}

template <std::floating_point T> bool BlockBoltzmann<T>::supports(Capability c, BlockId b) const {
  switch (c) {
  case Capability::block_natural:
    return !self_coupling(b);
  case Capability::block_free_energy:
    return !self_coupling(b) && space_[b].exact_law();
  case Capability::self_coupling:
    return bool(self_coupling(b));
  case Capability::variance_gradient:
    return has_sigma(b);
  case Capability::state_gradient:
    return std::holds_alternative<units::Gaussian>(space_[b].unit);
  case Capability::log_partition:
    return std::ranges::all_of(space_.blocks(), [](const Block& block) {
      return std::holds_alternative<units::Gaussian>(block.unit);
    });
  case Capability::layers:
    return is_chain();
  default:
    return true;
  }
}

template <std::floating_point T> auto BlockBoltzmann<T>::unit(BlockId b, std::size_t j) const -> Unit {
  const double s = sigma(b, j), gamma = 1 / (s * s), offset = double(bias(b)(0, j));
  switch (sigmas_[b].form) {
  case SigmaForm::variance:
    return {offset * gamma, gamma, gamma};
  case SigmaForm::deviation:
    return {offset * gamma, 1 / s, gamma};
  case SigmaForm::natural:
    break;
  }
  return {offset, 1, gamma};
}

template <std::floating_point T>
linalg::Factor<T> BlockBoltzmann<T>::operand(const State<T>& x, BlockId b, Batch<T>& scratch) const {
  if (!has_sigma(b) || sigmas_[b].form == SigmaForm::natural) return x.factor(b);
  scratch = x[b];
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    const T scale = T(unit(b, j).scale);
    for (std::size_t c = 0; c < x.chains(); ++c) scratch(c, j) *= scale;
  }
  return scratch;
}

template <std::floating_point T>
void BlockBoltzmann<T>::add_fields(const State<T>& x, BlockId b, Batch<T>& f) const {
  const Scratch<Batch<T>> scaled;
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    if (couplings_[k].a == couplings_[k].b) continue;
    if (couplings_[k].b == b)
      linalg::add_product(operand(x, couplings_[k].a, *scaled), coupling(k), Transpose::no, f);
    else if (couplings_[k].a == b)
      linalg::add_product(operand(x, couplings_[k].b, *scaled), coupling(k), Transpose::yes, f);
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::subtract_potential(const State<T>& x, BlockId b, std::span<double> out) const {
  if (!has_sigma(b)) {
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += numerics::dot<T>(row(x[b], c), row(bias(b), 0));
    return;
  }
  const bool centred = sigmas_[b].form != SigmaForm::natural;
  const bool rectified = std::holds_alternative<units::Rectified>(space_[b].unit);
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    const double gamma = unit(b, j).gamma, offset = double(bias(b)(0, j));
    for (std::size_t c = 0; c < out.size(); ++c) {
      const double v = double(x[b](c, j));
      out[c] -= centred ? 0.5 * gamma * (v - offset) * (v - offset) : (0.5 * gamma * v - offset) * v;
      if (rectified && v < 0) out[c] = -infinity;
    }
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::partial_energy(const State<T>& x, std::span<const BlockId> without,
                                       std::span<double> out) const {
  const auto left_out = [&](BlockId b) { return std::ranges::find(without, b) != without.end(); };
  std::ranges::fill(out, 0.0);
  for (BlockId b = 0; b < space_.size(); ++b)
    if (!left_out(b)) subtract_potential(x, b, out);
  const Scratch<Batch<T>> field, scaled;
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    const auto& [a, b, name, graph] = couplings_[k];
    if (left_out(a) || left_out(b)) continue;
    reshape(*field, x.chains(), space_[b].columns());
    field->fill(T(0));
    if (a == b)
      self_coupling(a).add_field(x.factor(a), space_[a].width(), *field);
    else
      linalg::add_product(operand(x, a, *scaled), coupling(k), Transpose::no, *field);
    const Batch<T>& values = operand(x, b, *scaled).values;
    for (std::size_t c = 0; c < out.size(); ++c)
      out[c] += numerics::dot<T>(row(std::as_const(*field), c), row(values, c)) * (a == b ? 0.5 : 1.0);
  }
  for (double& v : out) v = -v;
}

template <std::floating_point T>
void BlockBoltzmann<T>::energy(const State<T>& x, std::span<double> out) const {
  partial_energy(x, {}, out);
}

template <std::floating_point T>
void BlockBoltzmann<T>::block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  if (!has_sigma(b)) {
    for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(bias(b), 0), row(eta, c).begin());
    return add_fields(x, b, eta);
  }
  const Scratch<Batch<T>> field;
  reshape(*field, x.chains(), space_[b].columns());
  field->fill(T(0));
  add_fields(x, b, *field);
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    const auto [offset, scale, gamma] = unit(b, j);
    for (std::size_t c = 0; c < x.chains(); ++c) {
      eta(c, 2 * j) = T(offset) + T(scale) * (*field)(c, j);
      eta(c, 2 * j + 1) = T(gamma);
    }
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::block_free_energy(const State<T>& x, std::span<const BlockId> blocks,
                                          std::span<double> out) const {
  partial_energy(x, blocks, out);
  const Scratch<Batch<T>> eta;
  const Scratch<std::vector<double>> a;
  for (const BlockId b : blocks) {
    reshape(*eta, x.chains(), space_[b].natural_columns());
    block_natural(x, b, *eta);
    a->assign(x.chains(), 0.0);
    add_log_normalisers<T>(space_[b], *eta, *a);
    double constant = 0; // ½ b²/sigma², which the natural parameters leave out
    if (has_sigma(b) && sigmas_[b].form != SigmaForm::natural)
      for (std::size_t j = 0; j < space_[b].sites; ++j)
        constant += 0.5 * unit(b, j).offset * double(bias(b)(0, j));
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += constant - (*a)[c];
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const {
  g.fill(T(0));
  add_fields(x, b, g);
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    const auto [offset, scale, gamma] = unit(b, j);
    for (std::size_t c = 0; c < x.chains(); ++c)
      g(c, j) = T(gamma) * x[b](c, j) - T(offset) - T(scale) * g(c, j);
  }
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

/// g_e −= Σ_c w_c Σ_k x_ik x_jk for every edge (i, j).
template <class T>
void add_edge_gradient(const Graph& graph, std::size_t width, const Batch<T>& x, std::span<const double> w,
                       Batch<T>& g) {
  for (std::size_t e = 0; e < graph.edges().size(); ++e) {
    const auto [i, j] = graph.edges()[e];
    double sum = 0;
    for (std::size_t c = 0; c < w.size(); ++c)
      for (std::size_t k = 0; k < width; ++k)
        sum += w[c] * double(x(c, i * width + k)) * double(x(c, j * width + k));
    g.data()[e] -= T(sum);
  }
}

} // namespace

template <std::floating_point T>
void BlockBoltzmann<T>::add_sigma_gradient(const State<T>& x, BlockId b, std::span<const double> w,
                                           Parameters<T>& g) const {
  const Scratch<Batch<T>> field;
  reshape(*field, x.chains(), space_[b].columns());
  field->fill(T(0));
  add_fields(x, b, *field);
  const SigmaForm form = sigmas_[b].form;
  const double field_power = parameters_[sigma_array_[b]].coupling_power;
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    const auto [offset, scale, gamma] = unit(b, j);
    const double middle = form == SigmaForm::natural ? 0 : double(bias(b)(0, j));
    double sum = 0;
    for (std::size_t c = 0; c < x.chains(); ++c) {
      const double v = double(x[b](c, j));
      sum += w[c] * (field_power * scale * v * double((*field)(c, j)) - gamma * (v - middle) * (v - middle));
    }
    g[sigma_array_[b]].value(0, j) += T(sum);
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::add_variance_gradient(const State<T>& x, BlockId b, std::span<const double> w,
                                              Parameters<T>& g) const {
  if (!has_sigma(b) || !sigmas_[b].learned) return;
  // Only ∂E/∂log sigma is not linear in x: its quadratic term is −(x/sigma)².
  Batch<T> eta = make_batch<T>(x.chains(), space_[b].natural_columns());
  Batch<double> variances = make_batch<double>(x.chains(), space_[b].sites);
  block_natural(x, b, eta);
  unit_variances(space_[b], eta, variances);
  for (std::size_t j = 0; j < space_[b].sites; ++j) {
    double sum = 0;
    for (std::size_t c = 0; c < x.chains(); ++c) sum += w[c] * double(eta(c, 2 * j + 1)) * variances(c, j);
    g[sigma_array_[b]].value(0, j) -= T(sum);
  }
}

template <std::floating_point T>
void BlockBoltzmann<T>::add_parameter_gradient(const State<T>& x, std::span<const double> w,
                                               Parameters<T>& g) const {
  for (BlockId b = 0; b < space_.size(); ++b) {
    const std::span<T> to = row(g[b].value, 0);
    if (has_sigma(b) && sigmas_[b].form != SigmaForm::natural) {
      for (std::size_t j = 0; j < to.size(); ++j) { // ∂E/∂b = (b − x)/sigma²
        double sum = 0;
        for (std::size_t c = 0; c < x.chains(); ++c)
          sum += w[c] * (double(bias(b)(0, j)) - double(x[b](c, j)));
        to[j] += T(unit(b, j).gamma * sum);
      }
    } else {
      linalg::add_weighted_rows<T>(x[b], w, -1.0, to);
    }
    if (has_sigma(b) && sigmas_[b].learned) add_sigma_gradient(x, b, w, g);
  }
  const Scratch<Batch<T>> scaled_a, scaled_b;
  for (std::size_t k = 0; k < couplings_.size(); ++k) {
    const auto& [a, b, name, graph] = couplings_[k];
    Batch<T>& gradient = g[first_coupling_ + k].value;
    if (graph != nullptr) {
      add_edge_gradient(*graph, space_[a].width(), x[a], w, gradient);
      continue;
    }
    linalg::add_outer(operand(x, a, *scaled_a), operand(x, b, *scaled_b), w, gradient, -1.0);
    if (a == b) keep_pairs(space_[a], gradient);
  }
}

template <std::floating_point T> double BlockBoltzmann<T>::log_partition() const {
  std::vector<std::size_t> first(space_.size() + 1, 0);
  for (BlockId b = 0; b < space_.size(); ++b) first[b + 1] = first[b] + space_[b].sites;
  const std::size_t n = first.back();
  Batch<double> A = make_batch<double>(n, n);
  std::vector<double> theta(n), scale(n);
  double log_z = 0.5 * double(n) * std::log(2 * std::numbers::pi);
  for (BlockId b = 0; b < space_.size(); ++b)
    for (std::size_t j = 0; j < space_[b].sites; ++j) {
      const Unit u = unit(b, j);
      const std::size_t i = first[b] + j;
      A(i, i) = u.gamma;
      theta[i] = u.offset;
      scale[i] = u.scale;
      if (sigmas_[b].form != SigmaForm::natural) log_z -= 0.5 * u.offset * double(bias(b)(0, j));
    }
  for (std::size_t k = 0; k < couplings_.size(); ++k)
    for (std::size_t i = 0; i < space_[couplings_[k].a].sites; ++i)
      for (std::size_t j = 0; j < space_[couplings_[k].b].sites; ++j) {
        const std::size_t p = first[couplings_[k].a] + i, q = first[couplings_[k].b] + j;
        A(p, q) = A(q, p) = -scale[p] * scale[q] * double(coupling(k)(i, j));
      }
  if (!linalg::cholesky(A))
    throw DivergenceError(
        "the machine cannot be normalised: the precision matrix of its gaussian units is not "
        "positive definite");
  for (std::size_t i = 0; i < n; ++i) { // ½ θᵀA⁻¹θ by forward substitution
    for (std::size_t j = 0; j < i; ++j) theta[i] -= A(i, j) * theta[j];
    theta[i] /= A(i, i);
    log_z += 0.5 * theta[i] * theta[i] - std::log(A(i, i));
  }
  return log_z;
}

template class BlockBoltzmann<float>;
template class BlockBoltzmann<double>;

} // namespace ebm
