#include "ebm/learning/positive_phase.hpp"

#include <cmath>

#include "ebm/adaptors/clamped.hpp"

namespace ebm {

template <std::floating_point T> LatentTreatment PositivePhase<T>::treatment(const AnyEnergy<T>& e) const {
  if (e.space().latent_blocks().empty()) return LatentTreatment::none;
  if (derive::independent_latent(e)) return LatentTreatment::means;
  if (derive::latent_enumeration(e).log2_states <= derive::row_enumeration_bits)
    return LatentTreatment::enumeration;
  return options_.method == PositiveMethod::gibbs ? LatentTreatment::gibbs : LatentTreatment::mean_field;
}

template <std::floating_point T>
std::optional<std::string> PositivePhase<T>::check(const AnyEnergy<T>& e) const {
  switch (treatment(e)) {
  case LatentTreatment::gibbs:
    return gibbs_.check(AnyEnergy<T>(Clamped(e, e.space().with_visible_clamped())));
  case LatentTreatment::mean_field:
    if (auto why = check_mean_field(e)) return "trainer.positive: " + *why;
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

template <std::floating_point T>
std::uint64_t PositivePhase<T>::sweeps_per_call(const AnyEnergy<T>& e) const {
  return treatment(e) == LatentTreatment::gibbs ? options_.sweeps : 1;
}

template <std::floating_point T>
void PositivePhase<T>::run(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn, std::uint32_t first_chain,
                           std::uint64_t sweep, const random::Draws& draws, Scratch& s, double weight,
                           Enumerated* enumerated) const {
  const random::Address at{random::Stream::positive, sweep, first_chain, 0};
  switch (treatment(e)) {
  case LatentTreatment::none:
    break;
  case LatentTreatment::means:
    return by_means(e, x, drawn, at, draws, s);
  case LatentTreatment::enumeration:
    return by_enumeration(e, x, drawn, at, draws, s, weight, enumerated);
  case LatentTreatment::gibbs:
    by_gibbs(e, x, at, draws, s);
    break;
  case LatentTreatment::mean_field:
    return by_mean_field(e, x, drawn, at, draws, s);
  }
  if (drawn != nullptr) *drawn = x;
}

template <std::floating_point T>
void PositivePhase<T>::by_means(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn,
                                const random::Address& at, const random::Draws& draws, Scratch& s) const {
  const BlockId latent = *derive::independent_latent(e);
  const Block& block = e.space()[latent];
  const bool by_samples = options_.statistics == LatentStatistics::samples || !linear_in(e, latent);
  if (drawn == nullptr && !by_samples) return derive::set_means(e, latent, x, s.eta);
  random::Address address = at;
  address.block = std::uint8_t(latent);
  reshape(s.eta, x.chains(), block.natural_columns());
  e.block_natural(x, latent, s.eta);
  if (by_samples) {
    draws.units(address, block, s.eta, s.noise, x, latent);
    if (drawn != nullptr) *drawn = x;
    return;
  }
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (b != latent) drawn->copy_block(b, x);
  draws.units(address, block, s.eta, s.noise, *drawn, latent, &x.values(latent));
}

template <std::floating_point T>
void PositivePhase<T>::by_enumeration(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn,
                                      const random::Address& at, const random::Draws& draws, Scratch& s,
                                      double weight, Enumerated* sum) const {
  const std::size_t n = x.chains();
  const derive::Enumeration plan = derive::latent_enumeration(e);
  s.total.resize(n);
  s.energies.resize(n);
  derive::free_energy(e, x, s.total);
  reshape(s.noise, n, 1);
  if (drawn != nullptr) {
    draws.uniforms(at, s.noise);
    *drawn = x;
  }
  s.uniforms.assign(all(s.noise).begin(), all(s.noise).end());
  s.chosen.assign(n, 0);
  s.weights.resize(n);
  derive::for_each_setting<T>(e.space(), plan.blocks, x, [&] {
    derive::block_free_energy(e, x, plan.summed, s.energies);
    subtract_log_bases<T>(e.space(), plan.blocks, x, s.energies);
    for (std::size_t c = 0; c < n; ++c) {
      const double p = std::exp(s.total[c] - s.energies[c]);
      s.weights[c] = weight * p;
      s.uniforms[c] -= p;
      if (drawn == nullptr || s.chosen[c] != 0) continue;
      s.chosen[c] = s.uniforms[c] < 0;
      for (const BlockId b : plan.blocks) // the last setting stays if rounding left a remainder
        std::ranges::copy(row(x[b], c), row(drawn->values(b), c).begin());
    }
    if (sum == nullptr) return;
    derive::add_expected_gradient(e, x, plan.summed, s.weights, sum->gradient);
    if (sum->with_means) add_weighted(x, 0, s.weights, 1.0, sum->means);
  });
  if (drawn != nullptr) draw_latents(e, plan.summed, at, draws, s, *drawn);
}

template <std::floating_point T>
void PositivePhase<T>::draw_latents(const AnyEnergy<T>& e, std::span<const BlockId> blocks,
                                    const random::Address& at, const random::Draws& draws, Scratch& s,
                                    State<T>& x) const {
  for (const BlockId b : blocks) {
    reshape(s.eta, x.chains(), e.space()[b].natural_columns());
    derive::naturals(e, x, b, s.eta);
    random::Address address = at;
    address.block = std::uint8_t(b);
    draws.units(address, e.space()[b], s.eta, s.noise, x, b);
  }
}

template <std::floating_point T>
void PositivePhase<T>::by_gibbs(const AnyEnergy<T>& e, State<T>& x, const random::Address& at,
                                const random::Draws& draws, Scratch& s) const {
  if (s.clamped_of != &e) {
    s.clamped.emplace(Clamped(e, e.space().with_visible_clamped()));
    s.clamped_of = &e;
  }
  // Latents start at independent fair values, continuous ones at 0; their clamped sweeps take a key of their
  // own, so that they never meet the numbers of the negative phase.
  for (const BlockId b : e.space().latent_blocks()) {
    const Block& block = e.space()[b];
    if (!block.discrete()) {
      x.values(b).fill(T(0));
      continue;
    }
    reshape(s.eta, x.chains(), block.natural_columns());
    s.eta.fill(T(0));
    random::Address address = at;
    address.block = std::uint8_t(b);
    draws.units(address, block, s.eta, s.noise, x, b);
  }
  auto& state = s.chains.for_size_of(x, gibbs_, *s.clamped, at.first_chain, at.sweep);
  ChainState<T>& chain = gibbs_.chains(state);
  std::swap(chain.x, x);
  const random::Draws own = draws.derived(std::uint64_t(random::Stream::positive_sweep));
  for (std::size_t k = 0; k < options_.sweeps; ++k) gibbs_.step(*s.clamped, state, own);
  std::swap(x, chain.x);
}

template <std::floating_point T>
void PositivePhase<T>::by_mean_field(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn,
                                     const random::Address& at, const random::Draws& draws,
                                     Scratch& s) const {
  mean_field(e, x, {options_.sweeps, 0}, s.mean_field);
  if (drawn == nullptr) return;
  // Each block is drawn given the others' means, whatever was drawn of them before.
  *drawn = x;
  for (const BlockId b : e.space().latent_blocks()) {
    reshape(s.eta, x.chains(), e.space()[b].natural_columns());
    derive::naturals(e, x, b, s.eta);
    random::Address address = at;
    address.block = std::uint8_t(b);
    draws.units(address, e.space()[b], s.eta, s.noise, *drawn, b);
  }
}

template class PositivePhase<float>;
template class PositivePhase<double>;

} // namespace ebm
