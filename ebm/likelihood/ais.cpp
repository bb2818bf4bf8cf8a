#include "ebm/likelihood/ais.hpp"

#include <numeric>

#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/base_rates.hpp"

namespace ebm {

template <std::floating_point T>
IndependentUnits<T> independent_base(const StateSpace& space, const Rows<T>* data) {
  std::vector<Batch<T>> eta;
  std::vector<double> means;
  if (data != nullptr) means = column_means(*data);
  std::size_t offset = 0;
  for (const Block& block : space.blocks()) {
    if (!block.has_conditional() || !block.discrete())
      throw CapabilityError("annealing starts from independent units, and block '" + block.name + "' holds " +
                            std::string(block.unit_name()) + " units");
    Batch<T>& b = eta.emplace_back(make_batch<T>(1, block.natural_columns()));
    if (block.latent() || data == nullptr) continue;
    const std::vector<double> naturals =
        naturals_of_means(block, std::span<const double>(means).subspan(offset, block.columns()));
    for (std::size_t i = 0; i < naturals.size(); ++i) b(0, i) = T(naturals[i]);
    offset += block.columns();
  }
  return IndependentUnits<T>(space, std::move(eta));
}

template <std::floating_point T>
AisEstimate ais(const AnyEnergy<T>& target, const IndependentUnits<T>& base, const AnySampler<T>& sampler,
                const AisOptions& options, const random::Draws& draws) {
  const parallel::WorkItems items(options.chains);
  AisEstimate result;
  result.log_weights.assign(options.chains, base.log_partition());
  const auto latent = derive::summable_latent(target);
  parallel::for_each(items.size(), [&](std::size_t item) {
    const auto [first, n] = items[item];
    State<T> x(target.space(), n);
    Batch<T> eta, noise;
    const auto draw = [&](const auto& law, BlockId b, std::uint64_t sweep, State<T>& to) {
      reshape(eta, n, target.space()[b].natural_columns());
      law.block_natural(to, b, eta);
      draws.units({random::Stream::annealing, sweep, std::uint32_t(first), std::uint8_t(b)},
                  target.space()[b], eta, noise, to, b);
    };
    for (BlockId b = 0; b < target.space().size(); ++b) draw(base, b, 0, x);
    const auto add = [&](const AnyEnergy<T>& law, const State<T>& at, double sign) {
      std::vector<double> f(n);
      if (latent)
        derive::block_free_energy(law, at, *latent, f);
      else
        law.energy(at, f);
      for (std::size_t c = 0; c < n; ++c) result.log_weights[first + c] += sign * f[c];
    };
    auto law = AnyEnergy<T>(Annealed(base, target, 0.0));
    auto state = sampler.init(law, std::move(x), std::uint32_t(first), 1);
    for (std::size_t k = 1; k <= options.temperatures; ++k) {
      add(law, sampler.chains(state).x, +1);
      law = AnyEnergy<T>(Annealed(base, target, double(k) / double(options.temperatures)));
      add(law, sampler.chains(state).x, -1);
      if (k == options.temperatures) break;
      // Weights of the summed law hold for configurations whose latents belong to the new law: drawn under
      // the old one they would bias the estimate.
      if (latent) draw(law, *latent, k, sampler.chains(state).x);
      for (std::size_t s = 0; s < options.sweeps; ++s) sampler.step(law, state, draws);
    }
  });

  LogSum sum;
  for (const double w : result.log_weights) sum.add(w);
  const double n = double(options.chains), log_mean = sum.value() - std::log(n);
  double variance = 0;
  for (const double w : result.log_weights)
    variance += (std::exp(w - log_mean) - 1) * (std::exp(w - log_mean) - 1);
  result.log_partition = log_mean;
  result.standard_error = n > 1 ? std::sqrt(variance / (n - 1) / n) : infinity;
  return result;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template IndependentUnits<T> independent_base<T>(const StateSpace&, const Rows<T>*);                       \
  template AisEstimate ais<T>(const AnyEnergy<T>&, const IndependentUnits<T>&, const AnySampler<T>&,         \
                              const AisOptions&, const random::Draws&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
