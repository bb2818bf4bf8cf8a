#include "ebm/likelihood/pairwise_terms.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <tuple>

namespace ebm::pairwise {
namespace {

/// y[l] = log-weight of the low state l under the fields of an entry of a slice.
void set_low_log_weights(const Levels& levels, std::span<const double> field, std::span<double> y) {
  set_subset_sums(0, field, y);
  for (std::size_t l = 0; l < y.size(); ++l) y[l] += levels.low_log_weight()[l];
}

/// Multiplies entry k of the slice by Σ_l scale[l] e^y[l]; no scale stands for ones.
void set_entry(Slice& slice, std::size_t k, std::span<const double> y, std::span<const double> scale) {
  double largest = 0;
  std::tie(largest, slice.sum[k]) = numerics::sum_of_exponentials(y, scale);
  slice.log_weight[k] += largest;
}

/// The log-odds of a unit summed out, at most, over all states.
double largest_log_odds(const PairwiseForm& form, std::size_t j) {
  double x = form.b[j];
  for (std::size_t i = 0; i < form.c.size(); ++i) x += std::max(form.W(i, j), 0.0);
  return x;
}

/// Log-odds up to which their exponential may be split in three, of which two are at most 1: where one of
/// those underflows, the product is below the rounding of 1 + exp.
template <class T> constexpr double largest_exponent = sizeof(T) == 4 ? 60 : 660;
/// log of what a lane may gather between two splits; a factor below 2 is left from the one before.
template <class T>
constexpr double lane_capacity = (std::numeric_limits<T>::max_exponent - 3) * std::numbers::ln2;

} // namespace

ProductSum::ProductSum(const Levels& levels)
    : levels_(&levels), largest_(*std::ranges::max_element(levels.low_log_weight())),
      weight_(levels.low_log_weight().size()) {
  std::vector<double> relative(levels.low_log_weight().begin(), levels.low_log_weight().end());
  for (double& x : relative) x -= largest_;
  numerics::exponentials<double>(relative, weight_);
}

auto ProductSum::make_scratch() const -> Scratch {
  return {std::vector<double>(weight_.size()), std::vector<double>(weight_.size())};
}

double ProductSum::sum_within_range(std::span<const double> field, std::span<double> scratch) const {
  // Products within exp(±300), weights of at most 1: a weight that underflows (2^-1022 is exp(−708)) takes
  // away less than exp(−400), which a sum above exp(−300) does not see.
  constexpr double range = 300;
  static const double smallest_sum = std::exp(-range);
  if (field.size() != low_units) return 0;
  double extent = 0;
  for (const double f : field) extent += std::abs(f);
  if (!(extent <= range)) return 0;
  const double sum = numerics::sum_of_subset_products(
      field.first<low_units>(), std::span(weight_).first<std::size_t(1) << low_units>(), scratch);
  return sum >= smallest_sum ? sum : 0;
}

void ProductSum::operator()(std::uint64_t, Slice& slice, Scratch& scratch) const {
  for (std::size_t k = 0; k < slice.sum.size(); ++k) {
    const std::span<const double> field = row(std::as_const(slice.field), k);
    slice.sum[k] = sum_within_range(field, scratch.product);
    if (slice.sum[k] > 0) {
      slice.log_weight[k] += largest_;
    } else {
      set_low_log_weights(*levels_, field, scratch.y);
      set_entry(slice, k, scratch.y, {});
    }
  }
}

template <std::floating_point T> bool FactorSum<T>::fits(const PairwiseForm& form) {
  for (std::size_t j = 0; j < form.b.size(); ++j)
    if (!(largest_log_odds(form, j) <= largest_exponent<T>)) return false;
  return true;
}

template <std::floating_point T>
FactorSum<T>::FactorSum(const PairwiseForm& form, const Levels& levels) : levels_(&levels) {
  set_order(form);
  low_ = numerics::tiled_exponentials<T>(relative_log_odds(0, levels.low()), tile_.b_rows);
  middle_ = numerics::tiled_exponentials<T>(relative_log_odds(levels.low(), levels.middle()), tile_.a_rows);
}

template <std::floating_point T> void FactorSum<T>::set_order(const PairwiseForm& form) {
  const std::size_t n = form.c.size(), m = form.b.size(),
                    columns = (m + tile_.lanes - 1) / tile_.lanes * tile_.lanes;
  std::vector<double> bound(m); // of the logarithm of a factor
  for (std::size_t j = 0; j < m; ++j) bound[j] = softplus(largest_log_odds(form, j));
  std::vector<std::size_t> order(m);
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t j) { return bound[j]; });
  W_ = make_batch<double>(n, columns);
  x_.assign(columns, -infinity); // the factors of the columns that fill the lanes are 1
  for (std::size_t k = 0; k < m; ++k) {
    x_[k] = form.b[order[k]];
    for (std::size_t i = 0; i < n; ++i) W_(i, k) = form.W(i, order[k]);
    for (std::size_t i = 0; i < levels_->low() + levels_->middle(); ++i) x_[k] += std::max(W_(i, k), 0.0);
  }
  double gathered = 0;
  for (std::size_t k = 0; k < columns; k += tile_.lanes) {
    const double largest = bound[order[k]];
    if (gathered + largest > lane_capacity<T>) {
      run_ends_.push_back(k / tile_.lanes);
      gathered = 0;
    }
    gathered += largest;
  }
  run_ends_.push_back(columns / tile_.lanes);
}

template <std::floating_point T>
Batch<double> FactorSum<T>::relative_log_odds(std::size_t first, std::size_t count) const {
  Batch<double> x = subset_sums(W_, first, count);
  for (std::size_t k = 0; k < x.shape(1); ++k) {
    double largest = 0;
    for (std::size_t i = first; i < first + count; ++i) largest += std::max(W_(i, k), 0.0);
    for (std::size_t s = 0; s < x.shape(0); ++s) x(s, k) -= largest;
  }
  return x;
}

template <std::floating_point T> auto FactorSum<T>::make_scratch() const -> Scratch {
  const std::size_t columns = x_.size(), states = tile_.a_rows << levels_->low();
  return {std::vector<double>(columns), LineVector<T>(columns), LineVector<T>(tile_.a_rows * columns),
          std::vector<double>(states), std::vector<double>(states)};
}

template <std::floating_point T> void FactorSum<T>::multiply(Scratch& scratch) const {
  const std::size_t low_states = std::size_t(1) << levels_->low();
  std::array<double, numerics::largest_factor_tile> mantissa, exponent;
  for (std::size_t l = 0; l < low_states; l += tile_.b_rows) {
    numerics::factor_products<T>(scratch.a.data(), &low_[l * x_.size()], run_ends_, mantissa.data(),
                                 exponent.data());
    for (std::size_t r = 0; r < tile_.a_rows; ++r)
      for (std::size_t s = 0; s < std::min(tile_.b_rows, low_states - l); ++s) {
        scratch.mantissa[r * low_states + l + s] = mantissa[r * tile_.b_rows + s];
        scratch.y[r * low_states + l + s] = exponent[r * tile_.b_rows + s] * std::numbers::ln2;
      }
  }
}

template <std::floating_point T>
void FactorSum<T>::operator()(std::uint64_t high_state, Slice& slice, Scratch& scratch) const {
  std::ranges::copy(x_, scratch.x.begin());
  levels_->add_high_rows(high_state, W_, scratch.x);
  numerics::exponentials<T>(scratch.x, scratch.high);
  const std::size_t low_states = std::size_t(1) << levels_->low(), middle_states = slice.sum.size();
  std::array<double, std::size_t(1) << low_units> log_weight;
  for (std::size_t first = 0; first < middle_states; first += tile_.a_rows) {
    numerics::scale_tile<T>(scratch.high, &middle_[first * x_.size()], scratch.a);
    multiply(scratch);
    for (std::size_t r = 0; r < std::min(tile_.a_rows, middle_states - first); ++r) {
      const std::span<double> y = std::span(scratch.y).subspan(r * low_states, low_states);
      set_low_log_weights(*levels_, row(slice.field, first + r), std::span(log_weight).first(low_states));
      for (std::size_t l = 0; l < low_states; ++l) y[l] += log_weight[l];
      set_entry(slice, first + r, y, std::span(scratch.mantissa).subspan(r * low_states, low_states));
    }
  }
}

template class FactorSum<float>;
template class FactorSum<double>;

SoftplusSum::SoftplusSum(const PairwiseForm& form, const Levels& levels)
    : form_(&form), levels_(&levels), low_(subset_sums(form.W, 0, levels.low())),
      middle_(subset_sums(form.W, levels.low(), levels.middle())) {}

auto SoftplusSum::make_scratch() const -> Scratch {
  const std::size_t m = form_->b.size();
  return {std::vector<double>(m), std::vector<double>(m), std::vector<double>(low_.shape(0))};
}

void SoftplusSum::operator()(std::uint64_t high_state, Slice& slice, Scratch& scratch) const {
  std::ranges::copy(form_->b, scratch.high.begin());
  levels_->add_high_rows(high_state, form_->W, scratch.high);
  for (std::size_t k = 0; k < slice.sum.size(); ++k) {
    set_low_log_weights(*levels_, row(slice.field, k), scratch.y);
    for (std::size_t l = 0; l < scratch.y.size(); ++l) {
      for (std::size_t j = 0; j < scratch.x.size(); ++j)
        scratch.x[j] = scratch.high[j] + middle_(k, j) + low_(l, j);
      scratch.y[l] += numerics::softplus_sum<double>(scratch.x, 1.0);
    }
    set_entry(slice, k, scratch.y, {});
  }
}

} // namespace ebm::pairwise
