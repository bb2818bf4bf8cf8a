#include "ebm/diagnostics/recall.hpp"

#include <cmath>
#include <limits>
#include <tuple>

#include "ebm/core/parallel.hpp"

namespace ebm {
namespace {

/// The fields h + x J of two-valued units, summed in double whatever T.
template <class T> class Fields {
 public:
  explicit Fields(const AnyEnergy<T>& e) : J_(e.self_coupling(0)) {
    const Block& block = e.space()[0];
    std::tie(low_, high_) = two_values(block).value();
    const State<T> nothing(e.space(), 1);
    Batch<T> h = make_batch<T>(1, block.sites);
    e.block_natural(nothing, 0, h);
    h_.assign(h.begin(), h.end());
    find_slack();
  }
  std::size_t units() const { return h_.size(); }

  /// eta [units] of the values x.
  void of(std::span<const double> x, std::span<double> eta) const {
    std::ranges::copy(h_, eta.begin());
    for (std::size_t i = 0; i < x.size() && J_; ++i) J_.add_change(i, x[i], 1, eta);
  }
  /// Whether unit i has the value of lower energy in this field, or both have the same.
  bool content(std::size_t i, double value, double field) const {
    return std::abs(field) <= slack_[i] || (field > 0) == (value == high_);
  }
  void turn(std::size_t i, std::span<double> x, std::span<double> eta) const {
    const double before = x[i];
    x[i] = before == high_ ? low_ : high_;
    if (J_) J_.add_change(i, x[i] - before, 1, eta);
  }

 private:
  /// Fields below this are what rounding made of 0: of h and J to T, and of their sums.
  void find_slack() {
    for (const double h : h_) slack_.push_back(std::abs(h));
    if (J_.graph != nullptr) {
      for (std::size_t k = 0; k < J_.graph->edges().size(); ++k) {
        const auto [i, j] = J_.graph->edges()[k];
        for (const std::size_t end : {i, j}) slack_[end] += std::abs(double(J_.values->data()[k]));
      }
    } else if (J_) {
      for (std::size_t i = 0; i < units(); ++i)
        for (const T v : row(*J_.values, i)) slack_[i] += std::abs(double(v));
    }
    const double relative =
        double(std::numeric_limits<T>::epsilon()) + double(units()) * std::numeric_limits<double>::epsilon();
    for (double& s : slack_) s *= relative;
  }

  SelfCoupling<T> J_;
  double low_ = 0, high_ = 1;
  std::vector<double> h_, slack_;
};

/// Of some rows.
struct Sums {
  double overlap = 0;
  std::size_t stable = 0;
};

template <class T>
Sums recall_rows(const Fields<T>& fields, const Rows<T>& data, parallel::Range range,
                 const RecallOptions& options, const random::Draws& draws) {
  const std::size_t n = fields.units(), errors = std::size_t(std::llround(options.corruption * double(n)));
  std::vector<double> stored(n), x(n), eta(n);
  std::vector<std::uint32_t> order(n);
  Sums sums;
  for (std::size_t r = range.first; r < range.first + range.count; ++r) {
    const auto shuffle = [&](std::uint64_t sweep) {
      random::permutation(draws, {random::Stream::evaluation, sweep, std::uint32_t(r), 0}, order);
    };
    std::ranges::copy(data[r], stored.begin());
    x = stored;
    fields.of(x, eta);
    std::size_t i = 0;
    while (i < n && fields.content(i, x[i], eta[i])) ++i;
    sums.stable += i == n;
    shuffle(0);
    for (std::size_t k = 0; k < errors; ++k) fields.turn(order[k], x, eta);
    bool changed = true;
    for (std::uint64_t sweep = 1; changed && sweep <= options.sweeps; ++sweep) {
      shuffle(sweep);
      changed = false;
      for (const std::uint32_t j : order) {
        if (fields.content(j, x[j], eta[j])) continue;
        fields.turn(j, x, eta);
        changed = true;
      }
    }
    std::size_t equal = 0;
    for (std::size_t j = 0; j < n; ++j) equal += x[j] == stored[j];
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
        return "recall needs rows of two values, and row " + std::to_string(i) + " holds " +
               std::to_string(double(v)) + ": use data.binarize";
  return std::nullopt;
}

template <std::floating_point T>
Recall recall(const AnyEnergy<T>& e, const Rows<T>& data, const RecallOptions& options,
              const random::Draws& draws) {
  const Fields<T> fields(e);
  const parallel::WorkItems items(data.size(), 16); // rows take different numbers of sweeps
  std::vector<Sums> sums(items.size());
  parallel::for_each(items.size(),
                     [&](std::size_t i) { sums[i] = recall_rows(fields, data, items[i], options, draws); });
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
