// What tests of Conditioned compare with.
#pragma once
#include "ebm/adaptors/conditioned.hpp"
#include "ebm/laws/sampler_laws.hpp"

namespace ebm::tests {

/// p(free sites | values of the others in row `chain`) from the probabilities of all states of the machine,
/// numbered as exact_law numbers them.
inline std::vector<double> conditional_law(const AnyEnergy<double>& e, const State<double>& values,
                                           std::size_t chain, const FixedSites& fixed) {
  const std::vector<double> joint = laws::exact_law(e);
  std::vector<double> law;
  double total = 0;
  for (std::size_t state = 0; state < joint.size(); ++state) {
    bool agrees = true;
    std::size_t left = state;
    for (BlockId b = 0; b < e.space().size(); ++b)
      for (SiteId j = 0; j < e.space()[b].sites; ++j, left /= e.space()[b].levels())
        if (!fixed[b].empty() && fixed[b][j])
          agrees = agrees && left % e.space()[b].levels() == level_of(e.space()[b], values[b], chain, j);
    if (!agrees) continue;
    law.push_back(joint[state]); // free sites keep their order, so these come in the order of their numbers
    total += joint[state];
  }
  for (double& p : law) p /= total;
  return law;
}

/// Conditioned with a mistake: the fixed sites of a self-coupled block have no field on its free ones.
class WithoutFixedField {
 public:
  using real_type = double;
  WithoutFixedField(const AnyEnergy<double>& e, const State<double>& values, FixedSites fixed)
      : energy_(e), right_(e, values, fixed), fixed_(std::move(fixed)) {}
  const StateSpace& space() const { return right_.space(); }
  bool supports(Capability c, BlockId b) const {
    return c != Capability::site_natural && right_.supports(c, b);
  }
  void energy(const State<double>& x, std::span<double> out) const { right_.energy(x, out); }
  void block_natural(const State<double>& x, BlockId b, Batch<double>& eta) const {
    const BlockId inner = energy_.space().find(space()[b].name).value();
    const std::size_t width = space()[b].natural_width();
    State<double> whole;
    right_.complete(x, whole);
    Batch<double> all = make_batch<double>(x.chains(), energy_.space()[inner].natural_columns());
    energy_.block_natural(whole, inner, all);
    for (std::size_t c = 0; c < x.chains(); ++c)
      for (std::size_t j = 0, to = 0; j < energy_.space()[inner].sites; ++j)
        if (fixed_[inner].empty() || !fixed_[inner][j])
          for (std::size_t k = 0; k < width; ++k) eta(c, to++) = all(c, j * width + k);
  }
  SelfCoupling<double> self_coupling(BlockId b) const { return right_.self_coupling(b); }

 private:
  const AnyEnergy<double>& energy_;
  Conditioned<AnyEnergy<double>> right_;
  FixedSites fixed_;
};

} // namespace ebm::tests
