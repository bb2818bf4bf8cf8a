#include "ebm/likelihood/normalisable.hpp"

#include <cmath>

namespace ebm {
namespace {

constexpr std::size_t starts = 16, sweeps = 300, judged = 100; ///< of the sweeps, the last ones
/// Log of the growth over the judged sweeps that rounding does not make.
constexpr double runaway = 0.01;
/// Length of a configuration: far beyond biases, whose rounding then does not count either.
constexpr double far = 1e10;

/// Real-valued blocks that are coupled with another one.
template <class T> BlockList coupled_real_blocks(const AnyEnergy<T>& e) {
  const StateSpace& space = e.space();
  const auto real = [&](BlockId b) {
    return !space[b].discrete() && space[b].exact_law() && supports(e, Capability::block_natural, b);
  };
  BlockList all;
  for (BlockId a = 0; a < space.size(); ++a)
    for (BlockId b = 0; b < space.size(); ++b)
      if (a != b && real(a) && real(b) && coupled(e, a, b)) {
        all.add(a);
        break;
      }
  return all;
}

/// Makes chain c `far` long; log of the length before over that.
template <class T> double rescale(const BlockList& blocks, std::size_t c, State<T>& x) {
  double squares = 0;
  for (const BlockId b : blocks)
    for (const T v : row(x[b], c)) squares += double(v) * double(v);
  const double before = std::sqrt(squares);
  if (before > 0)
    for (const BlockId b : blocks)
      for (T& v : row(x.values(b), c)) v = T(double(v) * (far / before));
  return std::log(before / far);
}

/// Uniform values between 0 or −1 and 1 in the real blocks, the others at 0.
template <class T> State<T> random_directions(const StateSpace& space, const BlockList& blocks) {
  const random::Draws draws(random::Key{0x66616c6c73u});
  State<T> x(space, starts);
  Batch<double> uniform;
  for (const BlockId b : blocks) {
    const bool rectified = std::holds_alternative<units::Rectified>(space[b].unit);
    reshape(uniform, starts, space[b].columns());
    draws.uniforms({random::Stream::evaluation, 0, 0, std::uint8_t(b)}, uniform);
    for (std::size_t i = 0; i < uniform.size(); ++i)
      x.values(b).data()[i] = T(rectified ? uniform.data()[i] : 2 * uniform.data()[i] - 1);
  }
  return x;
}

/// Moves block b to its lowest energy given the others, biases and discrete units left out: `zero` holds its
/// natural parameters where all values are 0.
template <class T>
void descend(const AnyEnergy<T>& e, BlockId b, const Batch<T>& zero, Batch<T>& eta, State<T>& x) {
  const Block& block = e.space()[b];
  reshape(eta, x.chains(), block.natural_columns());
  e.block_natural(x, b, eta);
  const bool rectified = std::holds_alternative<units::Rectified>(block.unit);
  for (std::size_t c = 0; c < x.chains(); ++c)
    for (std::size_t j = 0; j < block.sites; ++j) {
      const T lowest = (eta(c, 2 * j) - zero(0, 2 * j)) / eta(c, 2 * j + 1);
      x.values(b)(c, j) = rectified ? std::max(lowest, T(0)) : lowest;
    }
}

} // namespace

template <std::floating_point T> bool falls_without_bound(const AnyEnergy<T>& e) {
  const BlockList blocks = coupled_real_blocks(e);
  if (blocks.size() == 0) return false;
  const StateSpace& space = e.space();
  const State<T> nothing(space, 1);
  std::vector<Batch<T>> zero(space.size(), make_batch<T>(0, 0));
  for (const BlockId b : blocks) {
    zero[b] = make_batch<T>(1, space[b].natural_columns());
    e.block_natural(nothing, b, zero[b]);
  }
  State<T> x = random_directions<T>(space, blocks);
  for (std::size_t c = 0; c < starts; ++c) rescale(blocks, c, x);
  std::vector<double> growth(starts, 0.0);
  Batch<T> eta;
  for (std::size_t s = 0; s < sweeps; ++s) {
    for (const BlockId b : blocks) descend(e, b, zero[b], eta, x);
    for (std::size_t c = 0; c < starts; ++c) {
      const double grown = rescale(blocks, c, x);
      if (s >= sweeps - judged) growth[c] += grown;
    }
  }
  return std::ranges::any_of(growth, [](double g) { return g > runaway; });
}

template bool falls_without_bound<float>(const AnyEnergy<float>&);
template bool falls_without_bound<double>(const AnyEnergy<double>&);

} // namespace ebm
