#include "models/boltzmann/deep_belief.hpp"

#include <cassert>

#include "ebm/core/scratch.hpp"
#include "ebm/core/units/kernels.hpp"

namespace ebm {

using linalg::Transpose;

template <std::floating_point T> DeepBelief<T>::DeepBelief(StateSpace space) : space_(std::move(space)) {
  assert(space_.size() >= 2 && !space_[0].latent());
  for (BlockId b = 0; b < space_.size(); ++b) {
    if (!space_[b].exact_law() || (!space_[b].discrete() && (b != 0 || layers() == 1)))
      throw InputError("a deep belief net has discrete units, but visible ones of two or more layers may be "
                       "gaussian; block '" +
                       space_[b].name + "' holds " + std::string(space_[b].unit_name()) + " units");
    parameters_.add(space_[b].name + "_bias", ParameterRole::bias, {space_[b].columns()}).column_block = b;
  }
  for (BlockId b = 1; b < layers(); ++b)
    parameters_.add("recognition" + std::to_string(b) + "_bias", ParameterRole::bias, {space_[b].columns()})
        .fixed = true; // but for greedy training
  for (BlockId l = 0; l < layers(); ++l) {
    auto& array = parameters_.add("W" + std::to_string(l + 1), ParameterRole::weight,
                                  {space_[l].columns(), space_[l + 1].columns()});
    array.column_block = l + 1; // and no row_block: weights of a directed layer are no couplings
  }
}

template <std::floating_point T> bool DeepBelief<T>::supports(Capability c, BlockId b) const {
  if (c == Capability::block_natural) return b == 0 || b == layers();
  return true;
}

template <std::floating_point T>
void DeepBelief<T>::descent_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  if (space_[b].discrete()) {
    for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(bias(b), 0), row(eta, c).begin());
    return linalg::add_product(x.factor(b + 1), W(b), Transpose::yes, eta);
  }
  const Scratch<Batch<T>> linear;
  reshape(*linear, x.chains(), space_[b].columns());
  for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(bias(b), 0), row(*linear, c).begin());
  linalg::add_product(x.factor(b + 1), W(b), Transpose::yes, *linear);
  for (std::size_t c = 0; c < x.chains(); ++c)
    for (std::size_t j = 0; j < space_[b].sites; ++j) {
      eta(c, 2 * j) = (*linear)(c, j);
      eta(c, 2 * j + 1) = T(1);
    }
}

template <std::floating_point T>
void DeepBelief<T>::block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  if (b == 0) return descent_natural(x, 0, eta);
  for (std::size_t c = 0; c < x.chains(); ++c) std::ranges::copy(row(bias(b), 0), row(eta, c).begin());
  linalg::add_product(x.factor(b - 1), W(b - 1), Transpose::no, eta);
}

template <std::floating_point T> void DeepBelief<T>::energy(const State<T>& x, std::span<double> out) const {
  std::ranges::fill(out, 0.0); // the log-weight, until its sign is turned
  const Scratch<Batch<T>> eta;
  const Scratch<std::vector<double>> normaliser;
  for (BlockId b = 0; directed(b); ++b) {
    reshape(*eta, x.chains(), space_[b].natural_columns());
    descent_natural(x, b, *eta);
    add_linear(space_[b], *eta, x[b], out);
    normaliser->assign(out.size(), 0.0);
    add_log_normalisers<T>(space_[b], *eta, *normaliser);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] -= (*normaliser)[c];
  }
  const BlockId high = BlockId(layers()), low = high - 1;
  reshape(*eta, x.chains(), space_[high].columns());
  block_natural(x, high, *eta);
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = -out[c] - numerics::dot<T>(row(std::as_const(*eta), c), row(x[high], c)) -
             numerics::dot<T>(row(x[low], c), row(bias(low), 0));
}

template <std::floating_point T>
void DeepBelief<T>::add_parameter_gradient(const State<T>& x, std::span<const double> w,
                                           Parameters<T>& g) const {
  const auto add_bias = [&](BlockId b, const Batch<T>& values) {
    linalg::add_weighted_rows<T>(values, w, -1.0, row(g[b].value, 0));
  };
  const Scratch<Batch<T>> eta, residual;
  for (BlockId b = 0; directed(b); ++b) {
    reshape(*eta, x.chains(), space_[b].natural_columns());
    reshape(*residual, x.chains(), space_[b].columns());
    descent_natural(x, b, *eta);
    unit_means(space_[b], *eta, *residual);
    for (std::size_t i = 0; i < residual->size(); ++i)
      residual->data()[i] = x[b].data()[i] - residual->data()[i];
    add_bias(b, *residual);
    linalg::add_outer<T>(*residual, x.factor(b + 1), w, g[weight_array(b)].value, -1.0);
  }
  const BlockId high = BlockId(layers()), low = high - 1;
  add_bias(low, x[low]);
  add_bias(high, x[high]);
  linalg::add_outer<T>(x.factor(low), x.factor(high), w, g[weight_array(low)].value, -1.0);
}

template <std::floating_point T> Stack<T> DeepBelief<T>::stack() const {
  Stack<T> s;
  for (BlockId l = 0; l < layers(); ++l)
    s.layers.push_back(
        {W(l), directed(l) ? parameters_[recognition_array(l + 1)].value : bias(l + 1), bias(l)});
  return s;
}

template <std::floating_point T> BlockBoltzmann<T> DeepBelief<T>::layer(std::size_t l) const {
  const BlockId low = BlockId(l), high = low + 1;
  Block visible = space_[low], hidden = space_[high];
  visible.name = "visible";
  visible.role = Role::visible;
  hidden.name = "hidden";
  BlockBoltzmann<T> machine(StateSpace({visible, hidden}), {{0, 1, "W"}}, {{SigmaForm::natural}, {}});
  Parameters<T>& p = machine.parameters();
  p.find("visible_bias")->value = bias(low);
  p.find("hidden_bias")->value = directed(low) ? parameters_[recognition_array(high)].value : bias(high);
  p.find("W")->value = W(l);
  return machine;
}

template <std::floating_point T> void DeepBelief<T>::set_layer(std::size_t l, const Parameters<T>& learned) {
  const BlockId low = BlockId(l), high = low + 1;
  parameters_[low].value = learned.find("visible_bias")->value;
  parameters_[directed(low) ? recognition_array(high) : high].value = learned.find("hidden_bias")->value;
  parameters_[weight_array(l)].value = learned.find("W")->value;
}

template <std::floating_point T> BlockBoltzmann<T> DeepBelief<T>::top() const {
  return layer(layers() - 1);
}

template class DeepBelief<float>;
template class DeepBelief<double>;

} // namespace ebm
