#include "ebm/likelihood/pairwise_levels.hpp"

#include <cmath>

namespace ebm::pairwise {

Batch<double> subset_sums(const Batch<double>& rows, std::size_t first, std::size_t count) {
  Batch<double> sums = make_batch<double>(std::size_t(1) << count, rows.shape(1));
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t s = 0; s < std::size_t(1) << i; ++s)
      for (std::size_t k = 0; k < rows.shape(1); ++k)
        sums(s + (std::size_t(1) << i), k) = sums(s, k) + rows(first + i, k);
  return sums;
}

double Slice::log_sum() const {
  const double largest = *std::ranges::max_element(log_weight);
  double total = 0;
  for (std::size_t k = 0; k < sum.size(); ++k) total += sum[k] * std::exp(log_weight[k] - largest);
  return largest + std::log(total);
}

Levels::Levels(const PairwiseForm& form, std::size_t low, std::size_t middle)
    : form_(&form), low_(std::min(low, form.c.size())), middle_(std::min(middle, form.c.size() - low_)),
      low_log_weight_(log_weights(0, low_)), middle_log_weight_(log_weights(low_, middle_)),
      middle_field_(make_batch<double>(std::size_t(1) << middle_, low_)) {
  for (std::size_t s = 0; s < middle_field_.shape(0); ++s)
    for (std::size_t k = 0; k < middle_; ++k)
      if (s >> k & 1)
        for (std::size_t i = 0; i < low_; ++i) middle_field_(s, i) += form.J(low_ + k, i);
}

/// c·h + ½ hᵀJh of all states of `count` units from `first` on, the others being 0.
std::vector<double> Levels::log_weights(std::size_t first, std::size_t count) const {
  std::vector<double> weights(std::size_t(1) << count, 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t half = std::size_t(1) << i;
    const std::span<double> raised = std::span(weights).subspan(half, half);
    set_subset_sums(form_->c[first + i], row(form_->J, first + i).subspan(first, i), raised);
    for (std::size_t s = 0; s < half; ++s) raised[s] += weights[s];
  }
  return weights;
}

Slice Levels::make_slice() const {
  const std::size_t states = std::size_t(1) << middle_;
  return {std::vector<double>(states), make_batch<double>(states, low_), std::vector<double>(states)};
}

void Levels::add_high_rows(std::uint64_t high_state, const Batch<double>& couplings,
                           std::span<double> x) const {
  for (std::uint64_t left = high_state; left != 0; left &= left - 1) {
    const double* w = row(couplings, low_ + middle_ + std::size_t(std::countr_zero(left))).data();
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += w[k];
  }
}

void Levels::fill(std::uint64_t high_state, Slice& slice) const {
  const std::size_t below = low_ + middle_;
  std::vector<double> field(form_->c.size(), 0.0);
  add_high_rows(high_state, form_->J, field);
  double weight = form_->constant;
  for (std::uint64_t left = high_state; left != 0; left &= left - 1) {
    const std::size_t k = below + std::size_t(std::countr_zero(left));
    weight += form_->c[k] + 0.5 * field[k];
  }
  set_subset_sums(weight, std::span(field).subspan(low_, middle_), slice.log_weight);
  for (std::size_t s = 0; s < slice.log_weight.size(); ++s) {
    slice.log_weight[s] += middle_log_weight_[s];
    for (std::size_t i = 0; i < low_; ++i) slice.field(s, i) = field[i] + middle_field_(s, i);
  }
}

} // namespace ebm::pairwise
