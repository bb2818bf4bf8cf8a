#include "ebm/likelihood/pairwise_sum.hpp"

#include <cmath>
#include <limits>

#include "ebm/likelihood/pairwise_terms.hpp"

namespace ebm {
namespace {

bool finite(const PairwiseForm& f) {
  double sum = std::abs(f.constant);
  for (const std::span<const double> values :
       {std::span<const double>(f.c), all(f.J), std::span<const double>(f.b), all(f.W)})
    for (const double v : values) sum += std::abs(v);
  return std::isfinite(sum);
}

/// Rewrites log(1 + e^x) as x + log(1 + e^−x) for the units whose x reaches further up than down: the x is
/// linear in the state and joins c, and the range that the factors have to hold shrinks.
void turn_exponents_down(PairwiseForm& f) {
  for (std::size_t j = 0; j < f.b.size(); ++j) {
    double lowest = f.b[j], highest = f.b[j];
    for (std::size_t i = 0; i < f.c.size(); ++i) (f.W(i, j) < 0 ? lowest : highest) += f.W(i, j);
    if (highest <= -lowest) continue;
    f.constant += f.b[j];
    f.b[j] = -f.b[j];
    for (std::size_t i = 0; i < f.c.size(); ++i) {
      f.c[i] += f.W(i, j);
      f.W(i, j) = -f.W(i, j);
    }
  }
}

template <class Sum> double summed(const PairwiseForm& form) {
  const pairwise::Levels levels(form, Sum::low_units, Sum::middle_units);
  if constexpr (std::constructible_from<Sum, const pairwise::Levels&>)
    return pairwise::log_sum_of_slices(levels, Sum(levels));
  else
    return pairwise::log_sum_of_slices(levels, Sum(form, levels));
}

} // namespace

template <std::floating_point Lane> double log_partition(const PairwiseForm& form) {
  using namespace pairwise;
  if (!finite(form)) return std::numeric_limits<double>::quiet_NaN();
  if (form.b.empty()) return summed<ProductSum>(form);
  PairwiseForm f = form;
  turn_exponents_down(f);
  if (FactorSum<Lane>::fits(f)) return summed<FactorSum<Lane>>(f);
  if (FactorSum<double>::fits(f)) return summed<FactorSum<double>>(f);
  return summed<SoftplusSum>(form);
}

template double log_partition<float>(const PairwiseForm&);
template double log_partition<double>(const PairwiseForm&);

} // namespace ebm
