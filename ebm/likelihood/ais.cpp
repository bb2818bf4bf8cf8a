#include "ebm/likelihood/ais.hpp"

#include <numeric>

#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/base_rates.hpp"
#include "ebm/likelihood/normalisable.hpp"

namespace ebm {

namespace {

/// Natural parameters of the target's block where all values are 0: their precisions are the block's own.
template <class T> Batch<T> naturals_at_zero(const AnyEnergy<T>& target, BlockId b) {
  State<T> zero(target.space(), 1);
  for (BlockId k = 0; k < target.space().size(); ++k) zero.values(k).fill(T(0));
  Batch<T> eta = make_batch<T>(1, target.space()[b].natural_columns());
  target.block_natural(zero, b, eta);
  return eta;
}

/// Blocks that are summed out of the weights.
template <class T> BlockList summed_blocks(const AnyEnergy<T>& target) {
  BlockList best;
  if (const auto latent = derive::summable_latent(target)) {
    best.add(*latent);
    return best;
  }
  // Each block with those after it that are not coupled with the ones taken: all sets that matter of a chain
  // of layers.
  const StateSpace& space = target.space();
  std::size_t most = 0;
  for (BlockId first = 0; first < space.size(); ++first) {
    BlockList set;
    std::size_t columns = 0;
    for (BlockId b = first; b < space.size(); ++b) {
      const bool free = supports(target, Capability::block_natural, b) &&
                        std::ranges::none_of(set, [&](BlockId s) { return coupled(target, s, b); });
      if (!free) continue;
      set.add(b);
      columns += space[b].columns();
    }
    if (columns > most) {
      most = columns;
      best = set;
    }
  }
  return best;
}

} // namespace

template <std::floating_point T>
IndependentUnits<T> independent_base(const AnyEnergy<T>& target, const Rows<T>* data) {
  const StateSpace& space = target.space();
  std::vector<Batch<T>> eta;
  std::vector<double> means;
  if (data != nullptr) means = column_means(*data);
  std::size_t offset = 0;
  for (BlockId b = 0; b < space.size(); ++b) {
    const Block& block = space[b];
    const bool continuous = !block.discrete();
    if (!block.exact_law() || !block.has_conditional() ||
        (continuous && !supports(target, Capability::block_natural, b)))
      throw CapabilityError("annealing starts from independent units, and block '" + block.name + "' holds " +
                            std::string(block.unit_name()) + " units");
    Batch<T>& own = eta.emplace_back(make_batch<T>(1, block.natural_columns()));
    if (continuous) {
      const Batch<T> at_zero = naturals_at_zero(target, b);
      for (std::size_t j = 0; j < block.sites; ++j) own(0, 2 * j + 1) = at_zero(0, 2 * j + 1);
    }
    if (block.latent() || data == nullptr) continue;
    const auto column_mean = std::span<const double>(means).subspan(offset, block.columns());
    if (continuous)
      for (std::size_t j = 0; j < block.sites; ++j) own(0, 2 * j) = own(0, 2 * j + 1) * T(column_mean[j]);
    else
      std::ranges::transform(naturals_of_means(block, column_mean), own.data(),
                             [](double v) { return T(v); });
    offset += block.columns();
  }
  return IndependentUnits<T>(space, std::move(eta));
}

template <std::floating_point T>
AisEstimate ais(const AnyEnergy<T>& target, const IndependentUnits<T>& base, const AnySampler<T>& sampler,
                const AisOptions& options, const random::Draws& draws) {
  if (falls_without_bound(target))
    throw DivergenceError(
        "the machine cannot be normalised: its energy falls without bound along a direction "
        "of its real-valued units");
  const parallel::WorkItems items(options.chains);
  AisEstimate result;
  result.log_weights.assign(options.chains, base.log_partition());
  const BlockList summed = summed_blocks(target);
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
      derive::block_free_energy(law, at, summed, f);
      for (std::size_t c = 0; c < n; ++c) result.log_weights[first + c] += sign * f[c];
    };
    auto law = AnyEnergy<T>(Annealed(base, target, 0.0));
    auto state = sampler.init(law, std::move(x), std::uint32_t(first), 1);
    for (std::size_t k = 1; k <= options.temperatures; ++k) {
      if (options.stopping && options.stopping()) throw Stopped{};
      add(law, sampler.chains(state).x, +1);
      law = AnyEnergy<T>(Annealed(base, target, double(k) / double(options.temperatures)));
      add(law, sampler.chains(state).x, -1);
      if (k == options.temperatures) break;
      // Weights of the summed law hold for configurations whose summed blocks belong to the new law: drawn
      // under the old one they would bias the estimate.
      for (const BlockId b : summed) draw(law, b, k, sampler.chains(state).x);
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
  template IndependentUnits<T> independent_base<T>(const AnyEnergy<T>&, const Rows<T>*);                     \
  template AisEstimate ais<T>(const AnyEnergy<T>&, const IndependentUnits<T>&, const AnySampler<T>&,         \
                              const AisOptions&, const random::Draws&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
