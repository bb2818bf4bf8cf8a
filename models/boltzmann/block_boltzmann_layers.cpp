// Block Boltzmann machines whose blocks are a chain, as layers: each pair of neighbours is a machine of its
// own.
#include "models/boltzmann/block_boltzmann.hpp"

namespace ebm {

template <std::floating_point T> bool BlockBoltzmann<T>::is_chain() const {
  if (couplings_.size() + 1 != space_.size() || space_.size() < 2) return false;
  for (std::size_t k = 0; k < couplings_.size(); ++k)
    if (couplings_[k].a != k || couplings_[k].b != k + 1) return false;
  return true;
}

template <std::floating_point T> Stack<T> BlockBoltzmann<T>::stack() const {
  Stack<T> s;
  s.two_sided = couplings_.size() > 1;
  for (BlockId l = 0; l < couplings_.size(); ++l) s.layers.push_back({coupling(l), bias(l + 1), bias(l)});
  return s;
}

template <std::floating_point T> BlockBoltzmann<T> BlockBoltzmann<T>::layer(std::size_t l) const {
  const BlockId low = BlockId(l), high = low + 1, last = BlockId(couplings_.size());
  const auto block = [&](BlockId b, const char* name, Role role, bool twice) {
    Block copy = space_[b];
    copy.name = name;
    copy.role = role;
    if (twice && !std::holds_alternative<units::Bernoulli>(copy.unit))
      throw InputError(
          "layers of a deep Boltzmann machine are trained one by one for bernoulli units; block '" +
          space_[b].name + "' holds " + std::string(copy.unit_name()) + " units");
    if (twice) copy.unit = units::Binomial{2};
    return copy;
  };
  BlockBoltzmann machine(StateSpace({block(low, "visible", Role::visible, high != last),
                                     block(high, "hidden", Role::latent, low != 0)}),
                         {{0, 1, "W"}}, {sigmas_[low], sigmas_[high]});
  machine.parameters_[0].value = bias(low);
  machine.parameters_[1].value = bias(high);
  machine.parameters_[machine.first_coupling_].value = coupling(l);
  for (const auto& [from, to] : {std::pair(low, BlockId(0)), std::pair(high, BlockId(1))})
    if (has_sigma(from))
      machine.parameters_[machine.sigma_array_[to]].value = parameters_[sigma_array_[from]].value;
  return machine;
}

template <std::floating_point T>
void BlockBoltzmann<T>::set_layer(std::size_t l, const Parameters<T>& learned) {
  const BlockId low = BlockId(l), high = low + 1;
  const Batch<T>& lower = learned.find("visible_bias")->value;
  // A layer between two machines has learned a bias in each; halving the input of each halves them as well.
  for (std::size_t j = 0; j < lower.size(); ++j) {
    T& own = parameters_[low].value.data()[j];
    own = low == 0 ? lower.data()[j] : (own + lower.data()[j]) / 2;
  }
  parameters_[high].value = learned.find("hidden_bias")->value;
  parameters_[first_coupling_ + l].value = learned.find("W")->value;
  for (const auto& [name, b] : {std::pair("visible_sigma", low), std::pair("hidden_sigma", high)})
    if (const auto* sigma = learned.find(name)) parameters_[sigma_array_[b]].value = sigma->value;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template bool BlockBoltzmann<T>::is_chain() const;                                                         \
  template Stack<T> BlockBoltzmann<T>::stack() const;                                                        \
  template BlockBoltzmann<T> BlockBoltzmann<T>::layer(std::size_t) const;                                    \
  template void BlockBoltzmann<T>::set_layer(std::size_t, const Parameters<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
