#include "ebm/likelihood/normalisable.hpp"

#include <cmath>

namespace ebm {
namespace {

constexpr std::size_t starts = 16, sweeps = 200;
/// Size of a configuration, beyond all biases and discrete units.
constexpr double far = 1e6;
/// Growth of a configuration over all sweeps that descent to a minimum does not show.
constexpr double runaway = 30;

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

template <class T> double length(const State<T>& x, const BlockList& blocks, std::size_t c) {
  double squares = 0;
  for (const BlockId b : blocks)
    for (const T v : row(x[b], c)) squares += double(v) * double(v);
  return std::sqrt(squares);
}

/// Makes chain c `far` long; log of the length before over that.
template <class T> double rescale(const BlockList& blocks, std::size_t c, State<T>& x) {
  const double before = length(x, blocks, c);
  if (before > 0)
    for (const BlockId b : blocks)
      for (T& v : row(x.values(b), c)) v = T(double(v) * (far / before));
  return std::log(before / far);
}

} // namespace

template <std::floating_point T> bool falls_without_bound(const AnyEnergy<T>& e) {
  const BlockList blocks = coupled_real_blocks(e);
  if (blocks.size() == 0) return false;
  const StateSpace& space = e.space();
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
  for (std::size_t c = 0; c < starts; ++c) rescale(blocks, c, x);
  std::vector<double> growth(starts, 0.0);
  Batch<T> eta;
  for (std::size_t s = 0; s < sweeps; ++s) {
    for (const BlockId b : blocks) {
      reshape(eta, starts, space[b].natural_columns());
      e.block_natural(x, b, eta);
      std::visit(
          [&](const auto& unit) {
            if constexpr (requires(const T* from, T* to) { unit.mode(from, to); })
              for (std::size_t c = 0; c < starts; ++c)
                for (std::size_t j = 0; j < space[b].sites; ++j)
                  unit.mode(&eta(c, j * unit.natural_width()), &x.values(b)(c, j));
          },
          space[b].unit);
    }
    for (std::size_t c = 0; c < starts; ++c) growth[c] += rescale(blocks, c, x);
  }
  return std::ranges::any_of(growth, [](double g) { return g > std::log(runaway); });
}

template bool falls_without_bound<float>(const AnyEnergy<float>&);
template bool falls_without_bound<double>(const AnyEnergy<double>&);

} // namespace ebm
