#include "ebm/diagnostics/recall.hpp"

#include <cmath>

#include "ebm/core/parallel.hpp"

namespace ebm {
namespace {

/// One row of data, and its way from a corrupted start.
template <class T> struct Descent {
  const SelfCoupling<T>& J;
  T low, high;
  std::size_t chain;
  Batch<T>& values; ///< [rows of the work item, n]
  Batch<T>& eta;    ///< fields of all present values, kept up to date

  /// Whether a unit with this value stays as it is.
  bool content(std::size_t i) const {
    const T field = eta(chain, i);
    return field == T(0) || (field > T(0)) == (values(chain, i) == high);
  }
  void turn(std::size_t i) { values(chain, i) = values(chain, i) == high ? low : high; }
  /// One sweep in this order; whether a unit changed.
  bool sweep(std::span<const std::uint32_t> order) {
    bool changed = false;
    for (const std::uint32_t i : order) {
      if (content(i)) continue;
      turn(i);
      changed = true;
      if (J) J.add_change(chain, i, values(chain, i) == high ? high - low : low - high, 1, eta);
    }
    return changed;
  }
};

/// Of some rows.
struct Sums {
  double overlap = 0;
  std::size_t stable = 0;
};

template <class T>
Sums recall_rows(const AnyEnergy<T>& e, const Rows<T>& data, parallel::Range range,
                 const RecallOptions& options, const random::Draws& draws) {
  const Block& block = e.space()[0];
  const auto [low, high] = two_values(block).value();
  const SelfCoupling<T> J = e.self_coupling(0);
  const std::size_t n = block.sites, errors = std::size_t(std::llround(options.corruption * double(n)));
  State<T> x(e.space(), range.count);
  Batch<T> eta = make_batch<T>(range.count, n);
  data.copy_to(e.space(), range.first, x);
  derive::naturals(e, x, 0, eta);
  Sums sums;
  std::vector<std::uint32_t> order(n);
  const auto row_of = [&](std::size_t c) { return Descent<T>{J, T(low), T(high), c, x.values(0), eta}; };
  const auto shuffle = [&](std::size_t c, std::uint64_t sweep) {
    random::permutation(draws, {random::Stream::evaluation, sweep, std::uint32_t(range.first + c), 0}, order);
  };
  for (std::size_t c = 0; c < range.count; ++c) {
    Descent<T> d = row_of(c);
    std::size_t i = 0;
    while (i < n && d.content(i)) ++i;
    sums.stable += i == n;
    shuffle(c, 0);
    for (std::size_t k = 0; k < errors; ++k) d.turn(order[k]);
  }
  x.find_bits(0);
  derive::naturals(e, x, 0, eta);
  for (std::size_t c = 0; c < range.count; ++c) {
    Descent<T> d = row_of(c);
    std::uint64_t sweep = 0;
    do shuffle(c, ++sweep);
    while (d.sweep(order) && sweep < options.sweeps);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < n; ++i) equal += x[0](c, i) == data[range.first + c][i];
    sums.overlap += 2 * double(equal) / double(n) - 1;
  }
  return sums;
}

} // namespace

template <std::floating_point T>
std::optional<std::string> check_recall(const AnyEnergy<T>& e, const Rows<T>& data) {
  const StateSpace& space = e.space();
  if (space.size() != 1 || space[0].latent() || !two_values(space[0]))
    return "recall needs visible units of two values, bernoulli or spin, and no others";
  if (!supports(e, Capability::block_natural, 0) && !supports(e, Capability::self_coupling, 0))
    return "recall needs an energy that gives the fields on its units: block_natural or self_coupling";
  const auto [low, high] = two_values(space[0]).value();
  for (std::size_t i = 0; i < data.size(); ++i)
    for (const T v : data[i])
      if (v != T(low) && v != T(high))
        return "recall needs rows of two values, and training row " + std::to_string(i) + " holds " +
               std::to_string(double(v)) + ": use data.binarize";
  return std::nullopt;
}

template <std::floating_point T>
Recall recall(const AnyEnergy<T>& e, const Rows<T>& data, const RecallOptions& options,
              const random::Draws& draws) {
  const parallel::WorkItems items(data.size(), 16); // rows take different numbers of sweeps
  std::vector<Sums> sums(items.size());
  parallel::for_each(items.size(),
                     [&](std::size_t i) { sums[i] = recall_rows(e, data, items[i], options, draws); });
  Sums total;
  for (const Sums& s : sums) {
    total.overlap += s.overlap;
    total.stable += s.stable;
  }
  return {total.overlap / double(data.size()), double(total.stable) / double(data.size())};
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_recall<T>(const AnyEnergy<T>&, const Rows<T>&);                  \
  template Recall recall<T>(const AnyEnergy<T>&, const Rows<T>&, const RecallOptions&, const random::Draws&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
