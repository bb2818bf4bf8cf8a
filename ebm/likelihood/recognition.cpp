#include "ebm/likelihood/recognition.hpp"

#include "ebm/likelihood/map_rows.hpp"

namespace ebm {

template <std::floating_point T>
void draw_recognised(const AnyEnergy<T>& e, random::Address at, const random::Draws& draws, State<T>& x) {
  const Stack<T> stack = e.stack();
  Batch<T> natural, noise;
  recognise(stack, stack.layers.size(), x, natural, [&](BlockId b, const Batch<T>& eta) {
    at.block = std::uint8_t(b);
    draws.units(at, e.space()[b], eta, noise, x, b);
  });
}

template <std::floating_point T>
std::vector<double> recognition_bounds(const AnyEnergy<T>& e, const Rows<T>& data, const random::Draws& draws,
                                       std::uint64_t sweep) {
  const StateSpace& space = e.space();
  const Stack<T> stack = e.stack();
  const BlockId highest = space.size() - 1;
  return map_rows(e, data, [&](std::size_t first, State<T>& x, std::span<double> out) {
    Batch<T> natural, noise;
    std::vector<double> log_q(out.size(), 0.0);
    recognise(stack, stack.layers.size() - 1, x, natural, [&](BlockId b, const Batch<T>& eta) {
      draws.units({random::Stream::evaluation, sweep, std::uint32_t(first), std::uint8_t(b)}, space[b], eta,
                  noise, x, b);
      add_log_densities(space[b], eta, x[b], log_q);
    });
    derive::block_free_energy(e, x, std::array{highest}, out);
    subtract_log_bases(space, x, out); // of the highest block it is 0 where the values are
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = -out[c] - log_q[c];
  });
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void draw_recognised<T>(const AnyEnergy<T>&, random::Address, const random::Draws&, State<T>&);   \
  template std::vector<double> recognition_bounds<T>(const AnyEnergy<T>&, const Rows<T>&,                    \
                                                     const random::Draws&, std::uint64_t);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
