// Reading the parameters of a pairwise machine off its energy.
#include <cmath>
#include <numeric>

#include "ebm/likelihood/pairwise_sum.hpp"

namespace ebm {
namespace {

template <class T> bool is_pairwise(const AnyEnergy<T>& e) {
  const StateSpace& space = e.space();
  if (space.size() == 0 || space.size() > 2) return false;
  for (BlockId b = 0; b < space.size(); ++b)
    if (!two_values(space[b]) ||
        !(supports(e, Capability::block_natural, b) || supports(e, Capability::self_coupling, b)))
      return false;
  return true;
}

/// A unit's value as low + step · h with h in {0, 1}.
struct LowAndStep {
  double low, step;
};
LowAndStep low_and_step(const Block& block) {
  const auto [low, high] = *two_values(block);
  return {low, high - low};
}

/// Row 0 with every value 0, which is a mean where the units are spins; row 1 + i with the i-th site of
/// `blocks` raised to 1.
template <class T> State<T> singly_raised(const StateSpace& space, std::span<const BlockId> blocks) {
  std::size_t sites = 0, unit = 0;
  for (const BlockId b : blocks) sites += space[b].sites;
  State<T> x(space, sites + 1);
  for (BlockId b = 0; b < space.size(); ++b) x.values(b).fill(T(0));
  for (const BlockId b : blocks)
    for (std::size_t j = 0; j < space[b].sites; ++j) x.values(b)(++unit, j) = T(1);
  return x;
}

/// E = offset − a·x − ½ xᵀKx − yᵀ(b + Wᵀx) in the units' own values, x enumerated and y summed out.
struct NativeForm {
  double offset = 0;
  std::vector<double> a;
  Batch<double> K;
  std::vector<double> b;
  Batch<double> W;
  std::vector<LowAndStep> enumerated, summed;
};

/// Natural parameters of block `to`, whose own values stay 0, in the states singly_raised(from).
template <class T>
Batch<T> naturals_of_raised(const AnyEnergy<T>& e, std::span<const BlockId> from, BlockId to) {
  const State<T> x = singly_raised<T>(e.space(), from);
  Batch<T> eta = make_batch<T>(x.chains(), e.space()[to].sites);
  e.block_natural(x, to, eta);
  return eta;
}

/// Adds the couplings inside the enumerated blocks, the first of which starts at unit 0, and between them.
template <class T> void read_couplings(const AnyEnergy<T>& e, const Enumeration& plan, NativeForm& f) {
  std::size_t first = 0;
  for (const BlockId b : plan.blocks) {
    if (supports(e, Capability::self_coupling, b)) {
      const Batch<double> J = e.self_coupling(b).matrix(e.space()[b].columns(), 1);
      for (std::size_t i = 0; i < J.shape(0); ++i)
        for (std::size_t k = 0; k < J.shape(1); ++k)
          if (i != k) f.K(first + i, first + k) = J(i, k);
    }
    first += e.space()[b].sites;
  }
  if (plan.blocks.size() != 2) return;
  const Batch<T> eta =
      naturals_of_raised<T>(e, std::span<const BlockId>(plan.blocks).first(1), plan.blocks[1]);
  const std::size_t offset = eta.shape(0) - 1;
  for (std::size_t i = 0; i < offset; ++i)
    for (std::size_t k = 0; k < eta.shape(1); ++k)
      f.K(i, offset + k) = f.K(offset + k, i) = double(eta(i + 1, k)) - double(eta(0, k));
}

template <class T> void read_summed(const AnyEnergy<T>& e, const Enumeration& plan, NativeForm& f) {
  const std::size_t m = plan.summed.empty() ? 0 : e.space()[plan.summed[0]].sites;
  f.b.resize(m);
  f.W = make_batch<double>(f.a.size(), m);
  if (m == 0) return;
  const Batch<T> eta = naturals_of_raised<T>(e, plan.blocks, plan.summed[0]);
  for (std::size_t j = 0; j < m; ++j) {
    f.b[j] = double(eta(0, j));
    for (std::size_t i = 0; i < f.a.size(); ++i) f.W(i, j) = double(eta(i + 1, j)) - double(eta(0, j));
  }
  f.summed.assign(m, low_and_step(e.space()[plan.summed[0]]));
}

template <class T> NativeForm read_native(const AnyEnergy<T>& e, const Enumeration& plan) {
  NativeForm f;
  for (const BlockId b : plan.blocks)
    f.enumerated.insert(f.enumerated.end(), e.space()[b].sites, low_and_step(e.space()[b]));
  const std::size_t n = f.enumerated.size();
  const State<T> x = singly_raised<T>(e.space(), plan.blocks);
  std::vector<double> energies(n + 1);
  e.energy(x, energies);
  f.offset = energies[0];
  for (std::size_t i = 0; i < n; ++i) f.a.push_back(energies[0] - energies[i + 1]);
  f.K = make_batch<double>(n, n);
  read_couplings(e, plan, f);
  read_summed(e, plan, f);
  return f;
}

/// The same law with x = low + step · h.
PairwiseForm rewritten(const NativeForm& f) {
  const std::size_t n = f.enumerated.size(), m = f.summed.size();
  PairwiseForm p{-f.offset, f.a, make_batch<double>(n, n), f.b, make_batch<double>(n, m)};
  for (std::size_t i = 0; i < n; ++i) {
    const auto [low, step] = f.enumerated[i];
    double field_at_low = 0;
    for (std::size_t k = 0; k < n; ++k) {
      field_at_low += f.K(i, k) * f.enumerated[k].low;
      p.J(i, k) = step * f.K(i, k) * f.enumerated[k].step;
    }
    p.constant += low * (f.a[i] + 0.5 * field_at_low);
    p.c[i] += field_at_low;
    for (std::size_t j = 0; j < m; ++j) {
      p.c[i] += f.W(i, j) * f.summed[j].low;
      p.b[j] += low * f.W(i, j);
      p.W(i, j) = step * f.W(i, j) * f.summed[j].step;
    }
    p.c[i] *= step;
  }
  for (std::size_t j = 0; j < m; ++j) {
    p.constant += f.summed[j].low * p.b[j];
    p.b[j] *= f.summed[j].step;
  }
  return p;
}

/// Whether `energy` is the form's at values x and y, to the rounding of T; false where a NaN is met.
template <class T>
bool has_energy(const NativeForm& f, std::span<const double> x, std::span<const double> y, double energy) {
  double sum = 0, magnitude = 0;
  const auto add = [&](double term) {
    sum += term;
    magnitude += std::abs(term);
  };
  add(f.offset);
  for (std::size_t i = 0; i < x.size(); ++i) {
    add(-f.a[i] * x[i]);
    for (std::size_t k = 0; k < i; ++k) add(-f.K(i, k) * x[i] * x[k]);
    for (std::size_t j = 0; j < y.size(); ++j) add(-f.W(i, j) * x[i] * y[j]);
  }
  for (std::size_t j = 0; j < y.size(); ++j) add(-f.b[j] * y[j]);
  // Rounding leaves a few units in the last place of the terms; a form of the wrong kind is off by couplings.
  constexpr double tolerance = 64 * double(std::numeric_limits<T>::epsilon());
  return std::isfinite(magnitude) && std::abs(energy - sum) <= tolerance * magnitude;
}

/// Level of a unit in a test state: all low, all high, then irregular ones.
std::uint32_t test_level(std::size_t state, std::size_t unit) {
  if (state < 2) return std::uint32_t(state);
  std::uint64_t bits = 0x9E3779B97F4A7C15u * (std::uint64_t(state) << 32 | (unit + 1));
  bits = (bits ^ bits >> 29) * 0xBF58476D1CE4E5B9u;
  return std::uint32_t(bits >> 63);
}

/// Whether the form has the energies of proper states.
template <class T>
bool reproduces_energies(const AnyEnergy<T>& e, const Enumeration& plan, const NativeForm& f) {
  constexpr std::size_t states = 8;
  State<T> x(e.space(), states);
  for (std::size_t s = 0; s < states; ++s)
    for (BlockId b = 0; b < e.space().size(); ++b)
      for (SiteId j = 0; j < e.space()[b].sites; ++j)
        set_level(e.space()[b], x.values(b), s, j, test_level(s, 2 * std::size_t(j) + b));
  std::vector<double> energies(states);
  e.energy(x, energies);
  for (std::size_t s = 0; s < states; ++s) {
    std::vector<double> enumerated, summed;
    const auto append = [&](BlockId b, std::vector<double>& to) {
      to.insert(to.end(), row(x[b], s).begin(), row(x[b], s).end());
    };
    for (const BlockId b : plan.blocks) append(b, enumerated);
    for (const BlockId b : plan.summed) append(b, summed);
    if (!has_energy<T>(f, enumerated, summed, energies[s])) return false;
  }
  return true;
}

} // namespace

template <std::floating_point T>
std::optional<PairwiseForm> pairwise_form(const AnyEnergy<T>& e, const Enumeration& plan) {
  if (!is_pairwise(e) || plan.summed.size() > 1) return std::nullopt;
  const NativeForm f = read_native(e, plan);
  if (!reproduces_energies(e, plan, f)) return std::nullopt;
  return rewritten(f);
}

template std::optional<PairwiseForm> pairwise_form<float>(const AnyEnergy<float>&, const Enumeration&);
template std::optional<PairwiseForm> pairwise_form<double>(const AnyEnergy<double>&, const Enumeration&);

} // namespace ebm
