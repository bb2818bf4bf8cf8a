#include "ebm/likelihood/enumerate.hpp"

#include <cmath>
#include <numeric>

#include "ebm/core/linalg.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/pairwise_sum.hpp"

namespace ebm {
namespace {

constexpr std::uint64_t batch_states = 512;
constexpr std::size_t largest_item_count = 64;

CapabilityError too_large(double bits) {
  return CapabilityError(std::isinf(bits)
                             ? "this model has no finite state space and no closed form to sum over"
                             : "exact summation would take 2^" + std::to_string(std::lround(bits)) +
                                   " states; the limit is 2^25");
}

} // namespace

template <std::floating_point T> Enumeration cheapest_enumeration(const AnyEnergy<T>& e) {
  std::vector<BlockId> blocks(e.space().size());
  std::iota(blocks.begin(), blocks.end(), BlockId(0));
  return derive::cheapest_enumeration(e, blocks);
}

template <std::floating_point T> bool has_exact_partition(const AnyEnergy<T>& e) {
  return supports(e, Capability::log_partition) ||
         cheapest_enumeration(e).log2_states <= enumeration_limit_bits;
}

template <std::floating_point T> bool has_exact_expectations(const AnyEnergy<T>& e) {
  const Enumeration plan = cheapest_enumeration(e);
  return plan.log2_states <= enumeration_limit_bits &&
         std::ranges::all_of(plan.summed, [&](BlockId b) { return derive::has_expected_gradient(e, b); });
}

template <std::floating_point T>
StateSum<T>::StateSum(const AnyEnergy<T>& e) : energy_(e), plan_(cheapest_enumeration(e)) {
  if (plan_.log2_states > enumeration_limit_bits) throw too_large(plan_.log2_states);
  states_ = 1;
  for (const BlockId b : plan_.blocks)
    for (std::size_t j = 0; j < e.space()[b].sites; ++j) states_ *= e.space()[b].levels();
  items_ = std::min<std::size_t>(largest_item_count, (states_ + batch_states - 1) / batch_states);
}

template <std::floating_point T>
void StateSum<T>::write(std::span<const std::uint64_t> numbers, State<T>& x) const {
  std::uint64_t stride = 1;
  for (const BlockId b : plan_.blocks) {
    const Block& block = energy_.space()[b];
    Batch<T>& values = x.values(b);
    std::visit(
        [&]<class U>(const U& unit) {
          if constexpr (U::discrete)
            for (std::size_t j = 0; j < block.sites; ++j, stride *= unit.levels())
              for (std::size_t c = 0; c < numbers.size(); ++c)
                unit.set_level(std::uint32_t(numbers[c] / stride % unit.levels()),
                               row(values, c).data() + j * unit.width());
        },
        block.unit);
  }
}

template <std::floating_point T> void StateSum<T>::for_each(const Visit& f) const {
  parallel::for_each(items_, [&](std::size_t item) {
    const std::uint64_t begin = states_ * item / items_, end = states_ * (item + 1) / items_;
    State<T> x;
    std::vector<double> free_energies;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t first = begin; first < end; first += batch_states) {
      const std::size_t n = std::size_t(std::min(batch_states, end - first));
      if (x.chains() != n) x = State<T>(energy_.space(), n);
      free_energies.resize(n);
      numbers.resize(n);
      std::iota(numbers.begin(), numbers.end(), first);
      write(numbers, x);
      derive::block_free_energy(energy_, x, plan_.summed, free_energies);
      subtract_log_bases<T>(energy_.space(), plan_.blocks, x, free_energies);
      f(item, first, x, free_energies);
    }
  });
}

template <std::floating_point T> double exact_log_partition(const AnyEnergy<T>& e) {
  if (supports(e, Capability::log_partition)) return e.log_partition();
  const Enumeration plan = cheapest_enumeration(e);
  if (plan.log2_states <= enumeration_limit_bits)
    if (const auto form = pairwise_form(e, plan)) return log_partition<T>(*form);
  return enumerated_log_partition(e);
}

template <std::floating_point T> double enumerated_log_partition(const AnyEnergy<T>& e) {
  const StateSum<T> sum(e);
  std::vector<LogSum> parts(sum.items());
  sum.for_each([&](std::size_t item, std::uint64_t, State<T>&, std::span<const double> f) {
    // The batch's smallest free energy first: every other term is then one exponential.
    const double lowest = *std::ranges::min_element(f);
    LogSum batch;
    batch.add(-lowest);
    bool skipped = false;
    for (const double v : f)
      if (v == lowest && !skipped)
        skipped = true;
      else
        batch.add(-v);
    parts[item].add(batch);
  });
  LogSum total;
  for (const LogSum& part : parts) total.add(part);
  return total.value();
}

namespace {

/// f(item, x, weights): as StateSum, with p(x) of the enumerated blocks as weights, up to the factor that is
/// returned: 1, but for the rounding of a log Z of many digits.
template <class T, class F> double for_each_weighted(const StateSum<T>& sum, double log_z, F f) {
  std::vector<std::vector<double>> weights(sum.items());
  std::vector<double> totals(sum.items(), 0.0);
  sum.for_each([&](std::size_t item, std::uint64_t, State<T>& x, std::span<const double> free_energies) {
    weights[item].resize(free_energies.size());
    for (std::size_t c = 0; c < free_energies.size(); ++c)
      totals[item] += weights[item][c] = std::exp(-free_energies[c] - log_z);
    f(item, x, std::span<const double>(weights[item]));
  });
  return 1 / std::accumulate(totals.begin(), totals.end(), 0.0);
}

/// E[x_i x_j] within a site of a one-hot or two-valued unit is fixed by its kind, whatever the means of
/// neighbouring columns are.
void set_within_sites(const Block& block, std::size_t offset, ExactMoments& m) {
  const bool spin = std::holds_alternative<units::Spin>(block.unit);
  if (!spin && !std::holds_alternative<units::Bernoulli>(block.unit) && block.width() == 1) return;
  const std::size_t width = block.width();
  for (std::size_t j = 0; j < block.sites; ++j)
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t k = 0; k < width; ++k) {
        const std::size_t a = offset + j * width + i, b = offset + j * width + k;
        m.pair_mean(a, b) = i != k ? 0.0 : spin ? 1.0 : m.mean[a];
      }
}

/// Expectations over a batch of weighted states, whose summed blocks are set to their conditional means; what
/// those leave out are variances.
template <class T> class MomentSum {
 public:
  MomentSum(const AnyEnergy<T>& e, std::span<const BlockId> summed) : energy_(e), summed_(summed) {}

  void add(State<T>& x, std::span<const double> w, ExactMoments& m) const {
    const StateSpace& space = energy_.space();
    std::vector<double> energies(x.chains()), log_bases(x.chains(), 0.0);
    std::vector<Batch<T>> eta(space.size());
    for (const BlockId b : summed_) derive::set_means(energy_, b, x, eta[b]);
    energy_.energy(x, energies);
    for (std::size_t c = 0; c < x.chains(); ++c) m.mean_energy += w[c] * energies[c];
    Batch<double> values = make_batch<double>(x.chains(), space.visible_columns());
    std::size_t offset = 0;
    for (BlockId b = 0; b < space.size(); ++b) {
      const Block& block = space[b];
      if (eta[b].size() != 0)
        add_mean_log_bases(block, eta[b], log_bases);
      else
        add_log_bases(block, x[b], log_bases);
      if (eta[b].size() != 0 && block.width() == 1) add_variances(block, eta[b], w, offset, m);
      if (block.latent()) continue;
      for (std::size_t c = 0; c < x.chains(); ++c)
        for (std::size_t i = 0; i < block.columns(); ++i) {
          values(c, offset + i) = double(x[b](c, i));
          m.mean[offset + i] += w[c] * double(x[b](c, i));
        }
      offset += block.columns();
    }
    for (std::size_t c = 0; c < x.chains(); ++c) m.mean_log_base += w[c] * log_bases[c];
    linalg::add_outer<double>(values, values, w, m.pair_mean);
  }

 private:
  void add_variances(const Block& block, const Batch<T>& eta, std::span<const double> w, std::size_t offset,
                     ExactMoments& m) const {
    Batch<double> variances = make_batch<double>(eta.shape(0), block.sites);
    unit_variances(block, eta, variances);
    for (std::size_t c = 0; c < w.size(); ++c)
      for (std::size_t j = 0; j < block.sites; ++j) {
        if (!block.latent()) m.pair_mean(offset + j, offset + j) += w[c] * variances(c, j);
        // ½ gamma E[x²] of units with a precision
        if (block.natural_width() == 2)
          m.mean_energy += w[c] * 0.5 * double(eta(c, 2 * j + 1)) * variances(c, j);
      }
  }

  const AnyEnergy<T>& energy_;
  std::span<const BlockId> summed_;
};

} // namespace

template <std::floating_point T>
void add_exact_model_gradient(const AnyEnergy<T>& e, double scale, Parameters<T>& g, BlockMeans* means) {
  if (means != nullptr) means->clear();
  if (supports(e, Capability::model_gradient)) return e.add_model_gradient(scale, g);
  const double log_z = exact_log_partition(e);
  const StateSum<T> sum(e);
  Parameters<T> zero = g;
  zero.fill(T(0));
  std::vector<Parameters<T>> parts(sum.items(), zero);
  std::vector<BlockMeans> mean_parts(means != nullptr ? sum.items() : 0);
  for (BlockMeans& m : mean_parts) set_zero(e.space(), m);
  const double factor =
      for_each_weighted(sum, log_z, [&](std::size_t item, State<T>& x, std::span<const double> w) {
        derive::add_expected_gradient(e, x, sum.plan().summed, w, parts[item]);
        if (means != nullptr) add_weighted(x, 0, w, 1.0, mean_parts[item]);
      });
  for (const Parameters<T>& part : parts) g.add_scaled(T(scale * factor), part);
  if (means == nullptr) return;
  set_zero(e.space(), *means);
  for (const BlockMeans& part : mean_parts) add(part, *means);
  for (std::vector<double>& block : *means)
    for (double& v : block) v *= factor;
}

template <std::floating_point T> ExactMoments exact_moments(const AnyEnergy<T>& e) {
  ExactMoments total;
  total.log_partition = exact_log_partition(e);
  const StateSpace& space = e.space();
  const std::size_t columns = space.visible_columns();
  total.mean.assign(columns, 0.0);
  total.pair_mean = make_batch<double>(columns, columns);
  const StateSum<T> sum(e);
  std::vector<ExactMoments> parts(sum.items(), total);
  const MomentSum<T> moments(e, sum.plan().summed);
  const double factor = for_each_weighted(
      sum, total.log_partition,
      [&](std::size_t item, State<T>& x, std::span<const double> w) { moments.add(x, w, parts[item]); });
  for (const ExactMoments& m : parts) {
    total.mean_energy += factor * m.mean_energy;
    total.mean_log_base += factor * m.mean_log_base;
    for (std::size_t i = 0; i < columns; ++i) total.mean[i] += factor * m.mean[i];
    for (std::size_t i = 0; i < columns * columns; ++i)
      total.pair_mean.data()[i] += factor * m.pair_mean.data()[i];
  }
  std::size_t offset = 0;
  for (BlockId b = 0; b < space.size(); ++b)
    if (!space[b].latent()) {
      set_within_sites(space[b], offset, total);
      offset += space[b].columns();
    }
  return total;
}

template <std::floating_point T>
State<T> exact_samples(const AnyEnergy<T>& e, std::size_t n, random::Stream stream,
                       const random::Draws& draws) {
  const StateSum<T> sum(e);
  if (sum.plan().log2_states > exact_sample_bits)
    throw CapabilityError("exact draws need at most 2^22 states, and this model has 2^" +
                          std::to_string(std::lround(sum.plan().log2_states)));
  std::vector<double> cumulative(sum.states());
  sum.for_each([&](std::size_t, std::uint64_t first, State<T>&, std::span<const double> f) {
    std::ranges::copy(f, cumulative.begin() + std::ptrdiff_t(first));
  });
  const double lowest = *std::ranges::min_element(cumulative);
  double total = 0;
  for (double& v : cumulative) v = total += std::exp(lowest - v);
  std::vector<std::uint64_t> numbers(n);
  Batch<double> uniform = make_batch<double>(n, 1);
  draws.uniforms({stream, 0, 0, 0}, uniform);
  for (std::size_t c = 0; c < n; ++c) {
    const auto it = std::ranges::upper_bound(cumulative, uniform(c, 0) * total);
    numbers[c] = std::min<std::uint64_t>(std::uint64_t(it - cumulative.begin()), sum.states() - 1);
  }
  State<T> x(e.space(), n);
  sum.write(numbers, x);
  for (const BlockId b : sum.plan().summed) {
    Batch<T> eta = make_batch<T>(n, e.space()[b].natural_columns()), noise;
    e.block_natural(x, b, eta);
    draws.units({stream, 0, 0, std::uint8_t(b + 1)}, e.space()[b], eta, noise, x, b);
  }
  return x;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template Enumeration cheapest_enumeration<T>(const AnyEnergy<T>&);                                         \
  template bool has_exact_partition<T>(const AnyEnergy<T>&);                                                 \
  template bool has_exact_expectations<T>(const AnyEnergy<T>&);                                              \
  template double exact_log_partition<T>(const AnyEnergy<T>&);                                               \
  template double enumerated_log_partition<T>(const AnyEnergy<T>&);                                          \
  template void add_exact_model_gradient<T>(const AnyEnergy<T>&, double, Parameters<T>&, BlockMeans*);       \
  template ExactMoments exact_moments<T>(const AnyEnergy<T>&);                                               \
  template State<T> exact_samples<T>(const AnyEnergy<T>&, std::size_t, random::Stream,                       \
                                     const random::Draws&);                                                  \
  template class StateSum<T>;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
