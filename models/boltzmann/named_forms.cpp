#include "models/boltzmann/named_forms.hpp"

namespace ebm {

Block BlockOptions::block(std::string name, UnitKind model_units, Role role) const {
  Unit unit = units::Bernoulli{};
  switch (units.value_or(model_units)) {
  case UnitKind::bernoulli:
    break;
  case UnitKind::spin:
    unit = units::Spin{};
    break;
  case UnitKind::categorical:
    unit = units::Categorical{q};
    break;
  }
  return Block{std::move(name), unit, size, role};
}

template <std::floating_point T> BlockBoltzmann<T> make_rbm(const RbmOptions& o) {
  if (o.hidden.size == 0) throw InputError("model.hidden must be at least 1");
  return BlockBoltzmann<T>(StateSpace({o.visible.block("visible", o.units, Role::visible),
                                       o.hidden.block("hidden", o.units, Role::latent)}),
                           {{0, 1, "W"}});
}

template <std::floating_point T> BlockBoltzmann<T> make_boltzmann_machine(const BoltzmannMachineOptions& o) {
  const bool hidden = o.hidden.size != 0;
  std::vector<Block> blocks{o.visible.block("visible", o.units, Role::visible)};
  if (hidden) blocks.push_back(o.hidden.block("hidden", o.units, Role::latent));
  const auto wanted = [&](CouplingKind k) {
    return o.couplings ? std::ranges::count(*o.couplings, k) != 0 : hidden || k == CouplingKind::vv;
  };
  using Coupling = typename BlockBoltzmann<T>::Coupling;
  std::vector<Coupling> couplings;
  if (wanted(CouplingKind::vv)) couplings.push_back(Coupling{0, 0, "J"});
  if (wanted(CouplingKind::vh)) couplings.push_back(Coupling{0, 1, "W"});
  if (wanted(CouplingKind::hh)) couplings.push_back(Coupling{1, 1, "J_hidden"});
  if (!hidden && (wanted(CouplingKind::vh) || wanted(CouplingKind::hh)))
    throw InputError("model.couplings names couplings with hidden units, but model.hidden is 0");
  return BlockBoltzmann<T>(StateSpace(std::move(blocks)), std::move(couplings));
}

template BlockBoltzmann<float> make_rbm<float>(const RbmOptions&);
template BlockBoltzmann<double> make_rbm<double>(const RbmOptions&);
template BlockBoltzmann<float> make_boltzmann_machine<float>(const BoltzmannMachineOptions&);
template BlockBoltzmann<double> make_boltzmann_machine<double>(const BoltzmannMachineOptions&);

} // namespace ebm
