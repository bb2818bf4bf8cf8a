#include "ebm/learning/positive_phase.hpp"

#include <cmath>

#include "ebm/adaptors/clamped.hpp"

namespace ebm {

template <std::floating_point T> LatentTreatment PositivePhase<T>::treatment(const AnyEnergy<T>& e) const {
  if (e.space().latent_blocks().empty()) return LatentTreatment::none;
  if (const auto b = derive::summable_latent(e); b && e.space()[*b].discrete()) return LatentTreatment::means;
  if (e.space().log2_states(true) <= derive::row_enumeration_bits) return LatentTreatment::enumeration;
  return options_.method == PositiveMethod::gibbs ? LatentTreatment::gibbs : LatentTreatment::mean_field;
}

template <std::floating_point T>
std::optional<std::string> PositivePhase<T>::check(const AnyEnergy<T>& e) const {
  switch (treatment(e)) {
  case LatentTreatment::gibbs:
    return gibbs_.check(AnyEnergy<T>(Clamped(e, e.space().with_visible_clamped())));
  case LatentTreatment::mean_field:
    for (const BlockId b : e.space().latent_blocks())
      if (!e.space()[b].discrete() ||
          !(supports(e, Capability::block_natural, b) || supports(e, Capability::self_coupling, b)))
        return "trainer.positive: mean_field needs the conditional law of latent block '" +
               e.space()[b].name + "'";
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
void PositivePhase<T>::add_gradient(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                                    std::uint32_t first_chain, std::uint64_t sweep,
                                    const random::Draws& draws, Scratch& s, Parameters<T>* g) const {
  const random::Address at{random::Stream::positive, sweep, first_chain, 0};
  switch (treatment(e)) {
  case LatentTreatment::none:
    s.weights.assign(x.chains(), weight);
    if (g != nullptr) e.add_parameter_gradient(x, s.weights, *g);
    return;
  case LatentTreatment::means:
    return by_means(e, x, weight, sample, at, draws, s, g);
  case LatentTreatment::enumeration:
    return by_enumeration(e, x, weight, sample, at, draws, s, g);
  case LatentTreatment::gibbs:
    return by_gibbs(e, x, weight, at, draws, s, g);
  case LatentTreatment::mean_field:
    return by_mean_field(e, x, weight, sample, at, draws, s, g);
  }
}

template <std::floating_point T>
void PositivePhase<T>::by_means(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                                const random::Address& at, const random::Draws& draws, Scratch& s,
                                Parameters<T>* g) const {
  const BlockId latent = *derive::summable_latent(e);
  derive::set_latent_means(e, latent, x, s.eta);
  s.weights.assign(x.chains(), weight);
  if (g != nullptr) e.add_parameter_gradient(x, s.weights, *g);
  if (!sample) return;
  random::Address address = at;
  address.block = std::uint8_t(latent);
  draws.units(address, e.space()[latent], s.eta, s.noise, x.values(latent));
}

template <std::floating_point T>
void PositivePhase<T>::by_enumeration(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                                      const random::Address& at, const random::Draws& draws, Scratch& s,
                                      Parameters<T>* g) const {
  const std::size_t n = x.chains();
  s.total.resize(n);
  s.energies.resize(n);
  derive::free_energy(e, x, s.total);
  Batch<T> uniform = make_batch<T>(n, 1);
  if (sample) draws.uniforms(at, uniform);
  s.uniforms.assign(all(uniform).begin(), all(uniform).end());
  std::vector<std::uint8_t> chosen(n, 0);
  State<T> drawn = sample ? x : State<T>();
  s.weights.resize(n);
  derive::for_each_latent_setting(e.space(), x, [&] {
    e.energy(x, s.energies);
    for (std::size_t c = 0; c < n; ++c) {
      const double p = std::exp(s.total[c] - s.energies[c]);
      s.weights[c] = weight * p;
      s.uniforms[c] -= p;
      if (!sample || chosen[c]) continue;
      chosen[c] = s.uniforms[c] < 0;
      for (const BlockId b : e.space().latent_blocks()) // the last setting stays if rounding left a remainder
        std::ranges::copy(row(x[b], c), row(drawn.values(b), c).begin());
    }
    if (g != nullptr) e.add_parameter_gradient(x, s.weights, *g);
  });
  if (sample) x = std::move(drawn);
}

template <std::floating_point T>
void PositivePhase<T>::by_gibbs(const AnyEnergy<T>& e, State<T>& x, double weight, const random::Address& at,
                                const random::Draws& draws, Scratch& s, Parameters<T>* g) const {
  const AnyEnergy<T> clamped(Clamped(e, e.space().with_visible_clamped()));
  // Latents start at independent fair values; their clamped sweeps take a key of their own, so that they
  // never meet the numbers of the negative phase.
  for (const BlockId b : e.space().latent_blocks()) {
    const Block& block = e.space()[b];
    s.eta = make_batch<T>(x.chains(), block.natural_columns());
    random::Address address = at;
    address.block = std::uint8_t(b);
    draws.units(address, block, s.eta, s.noise, x.values(b));
  }
  auto chain = gibbs_.init(clamped, std::move(x), at.first_chain, at.sweep);
  const random::Draws own = draws.derived(std::uint64_t(random::Stream::positive_sweep));
  for (std::size_t k = 0; k < options_.sweeps; ++k) gibbs_.step(clamped, chain, own);
  x = std::move(gibbs_.chains(chain).x);
  s.weights.assign(x.chains(), weight);
  if (g != nullptr) e.add_parameter_gradient(x, s.weights, *g);
}

template <std::floating_point T>
void PositivePhase<T>::by_mean_field(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                                     const random::Address& at, const random::Draws& draws, Scratch& s,
                                     Parameters<T>* g) const {
  // m ← ½ (m + mean(eta(m))): without the damping, strong couplings make the parallel update oscillate.
  const std::vector<BlockId> latents = e.space().latent_blocks();
  const auto update = [&](BlockId b, T old_share) {
    const Block& block = e.space()[b];
    reshape(s.eta, x.chains(), block.natural_columns());
    e.block_natural(x, b, s.eta);
    s.previous = x[b];
    unit_means(block, s.eta, x.values(b));
    T* m = x.values(b).data();
    for (std::size_t i = 0; i < s.previous.size(); ++i) m[i] += old_share * (s.previous.data()[i] - m[i]);
  };
  for (const BlockId b : latents) {
    const Batch<T> zero = make_batch<T>(x.chains(), e.space()[b].natural_columns());
    unit_means(e.space()[b], zero, x.values(b));
  }
  for (std::size_t k = 0; k < options_.sweeps; ++k)
    for (const BlockId b : latents) update(b, T(0.5));
  s.weights.assign(x.chains(), weight);
  if (g != nullptr) e.add_parameter_gradient(x, s.weights, *g);
  if (!sample) return;
  const State<T> means = x;
  for (const BlockId b : latents) {
    reshape(s.eta, x.chains(), e.space()[b].natural_columns());
    e.block_natural(means, b, s.eta);
    random::Address address = at;
    address.block = std::uint8_t(b);
    draws.units(address, e.space()[b], s.eta, s.noise, x.values(b));
  }
}

template class PositivePhase<float>;
template class PositivePhase<double>;

} // namespace ebm
