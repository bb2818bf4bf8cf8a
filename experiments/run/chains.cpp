#include "experiments/run/chains.hpp"

#include "ebm/likelihood/recognition.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {

template <std::floating_point T>
State<T> random_start(const StateSpace& space, parallel::Range range, const random::Draws& draws) {
  State<T> x(space, range.count);
  Batch<T> eta, noise;
  for (BlockId b = 0; b < space.size(); ++b) {
    const random::Address at{random::Stream::chain_init, 0, std::uint32_t(range.first), std::uint8_t(b)};
    if (space[b].discrete()) {
      eta = make_batch<T>(range.count, space[b].natural_columns());
      draws.units(at, space[b], eta, noise, x, b);
    } else {
      draws.normals(at, x.values(b));
    }
  }
  return x;
}

template <std::floating_point T>
void draw_latents(const AnyEnergy<T>& e, const PositiveOptions& options, std::uint32_t first_chain,
                  const random::Draws& draws, State<T>& x) {
  const PositivePhase<T> positive(options, default_sampler(e));
  const LatentTreatment treatment = positive.treatment(e);
  if (treatment >= LatentTreatment::gibbs && supports(e, Capability::top))
    return draw_recognised(e, {random::Stream::positive, 0, first_chain, 0}, draws, x);
  if (positive.check(e)) return;
  typename PositivePhase<T>::Scratch scratch;
  State<T> drawn = x;
  positive.run(e, x, &drawn, first_chain, 0, draws, scratch, 0, nullptr);
  x = std::move(drawn);
}

template <std::floating_point T> void set_visible_means(const AnyEnergy<T>& e, State<T>& x) {
  const State<T> drawn = x;
  Batch<T> eta;
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (!e.space()[b].latent() && supports(e, Capability::block_natural, b))
      derive::conditional_means(e, drawn, b, eta, x.values(b));
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template State<T> random_start<T>(const StateSpace&, parallel::Range, const random::Draws&);               \
  template void draw_latents<T>(const AnyEnergy<T>&, const PositiveOptions&, std::uint32_t,                  \
                                const random::Draws&, State<T>&);                                            \
  template void set_visible_means<T>(const AnyEnergy<T>&, State<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
