#include "experiments/run/chains.hpp"

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

template <std::floating_point T> void set_visible_means(const AnyEnergy<T>& e, State<T>& x) {
  const State<T> drawn = x;
  Batch<T> eta;
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (!e.space()[b].latent() && supports(e, Capability::block_natural, b))
      derive::conditional_means(e, drawn, b, eta, x.values(b));
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template State<T> random_start<T>(const StateSpace&, parallel::Range, const random::Draws&);               \
  template void set_visible_means<T>(const AnyEnergy<T>&, State<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
