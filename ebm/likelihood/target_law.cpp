#include "ebm/likelihood/target_law.hpp"

#include <cmath>

#include "ebm/likelihood/map_rows.hpp"

namespace ebm {
namespace {

/// The latent block whose natural parameters the targets only shift.
template <class T> std::optional<BlockId> latent_of_shifts(const AnyEnergy<T>& e, const BlockList& targets) {
  const auto latent = derive::summable_latent(e);
  if (!latent || !supports(e, Capability::parameters) || targets.size() != 1) return std::nullopt;
  if (!linear_in(e, *latent) || !linear_in(e, targets[0])) return std::nullopt;
  const bool pairwise = std::ranges::all_of(e.parameters(), [](const ParameterArray<T>& a) {
    return a.column_block && (a.role != ParameterRole::weight || a.row_block);
  });
  return pairwise ? latent : std::nullopt;
}

} // namespace

template <std::floating_point T>
std::optional<std::string> TargetLaw<T>::check(const AnyEnergy<T>& e, const BlockList& targets) {
  if (auto why = derive::why_no_law(e.space())) return why;
  const double bits = e.space().log2_states(targets);
  if (!(bits <= most_bits))
    return "the units to be told from the others have more than 2^12 settings, or are continuous";
  if (!derive::has_free_energy(e))
    return "the free energy has no closed form here, and the latents have more than 2^12 settings";
  return std::nullopt;
}

template <std::floating_point T>
TargetLaw<T>::TargetLaw(const AnyEnergy<T>& e, const BlockList& targets) : e_(&e), targets_(targets) {
  if (const auto why = check(e, targets)) throw CapabilityError(*why);
  settings_ = std::size_t(std::llround(std::exp2(e.space().log2_states(targets))));
  latent_ = latent_of_shifts(e, targets);
  if (!latent_) return;
  all_settings_ = State<T>(e.space(), settings_);
  for (std::size_t s = 0; s < settings_; ++s) write(s, all_settings_, s);
  for (BlockId b = 0; b < e.space().size(); ++b) all_settings_.find_bits(b);
  shifts_ = make_batch<T>(settings_, e.space()[*latent_].natural_columns());
  follow(e);
}

template <std::floating_point T> void TargetLaw<T>::follow(const AnyEnergy<T>& e) {
  e_ = &e;
  if (!latent_) return;
  e.block_natural(all_settings_, *latent_, shifts_);
  for (std::size_t s = settings_; s-- > 0;)
    for (std::size_t j = 0; j < shifts_.shape(1); ++j) shifts_(s, j) -= shifts_(0, j);
}

template <std::floating_point T>
std::size_t TargetLaw<T>::setting_of(const State<T>& x, std::size_t c) const {
  std::size_t setting = 0, stride = 1;
  for (const BlockId b : targets_) {
    const Block& block = e_->space()[b];
    for (SiteId j = 0; j < block.sites; ++j, stride *= block.levels())
      setting += stride * level_of(block, x[b], c, j);
  }
  return setting;
}

template <std::floating_point T>
void TargetLaw<T>::write(std::size_t setting, State<T>& x, std::size_t c) const {
  for (const BlockId b : targets_) {
    const Block& block = e_->space()[b];
    for (SiteId j = 0; j < block.sites; ++j, setting /= block.levels())
      set_level(block, x.values(b), c, j, std::uint32_t(setting % block.levels()));
  }
}

template <std::floating_point T> void TargetLaw<T>::set(std::size_t setting, State<T>& x) const {
  for (std::size_t c = 0; c < x.chains(); ++c) write(setting, x, c);
}

template <std::floating_point T> void TargetLaw<T>::shift(std::size_t setting, Scratch& s) const {
  reshape(s.shifted, s.natural.shape(0), s.natural.shape(1));
  const std::span<const T> by = row(shifts_, setting);
  for (std::size_t c = 0; c < s.natural.shape(0); ++c)
    std::ranges::transform(row(std::as_const(s.natural), c), by, row(s.shifted, c).begin(), std::plus{});
}

template <std::floating_point T>
void TargetLaw<T>::log_probabilities(State<T>& x, Scratch& s, Batch<double>& log_p) const {
  const StateSpace& space = e_->space();
  const std::size_t n = x.chains();
  reshape(log_p, n, settings_);
  s.values.resize(n);
  if (latent_) {
    const BlockId target = targets_[0];
    set(0, x);
    reshape(s.natural, n, space[*latent_].natural_columns());
    e_->block_natural(x, *latent_, s.natural);
    // E is linear in the target, so this is all that it has apart from the latents.
    x.values(*latent_).fill(T(0));
    reshape(s.target_natural, n, space[target].natural_columns());
    e_->block_natural(x, target, s.target_natural);
  }
  for (std::size_t setting = 0; setting < settings_; ++setting) {
    set(setting, x);
    if (latent_) {
      shift(setting, s);
      std::ranges::fill(s.values, 0.0);
      add_log_normalisers<T>(space[*latent_], s.shifted, s.values);
      add_linear<T>(space[targets_[0]], s.target_natural, x[targets_[0]], s.values);
    } else {
      derive::free_energy(*e_, x, s.values);
      for (double& v : s.values) v = -v;
    }
    for (const BlockId b : targets_) add_log_bases<T>(space[b], x[b], s.values);
    for (std::size_t c = 0; c < n; ++c) log_p(c, setting) = s.values[c];
  }
  for (std::size_t c = 0; c < n; ++c) {
    LogSum sum;
    for (const double v : row(log_p, c)) sum.add(v);
    const double log_sum = sum.value();
    for (double& v : row(log_p, c)) v = log_sum == -infinity ? -infinity : v - log_sum;
  }
}

std::optional<BlockId> label_block(const StateSpace& space) {
  const auto b = space.find("label");
  if (!b || space[*b].latent() || space[*b].sites != 1) return std::nullopt;
  return std::holds_alternative<units::Categorical>(space[*b].unit) ? b : std::nullopt;
}

template <std::floating_point T> std::optional<std::string> check_labels(const AnyEnergy<T>& e) {
  const auto label = label_block(e.space());
  if (!label)
    return "this model has no visible block 'label' of one categorical site; classification_rbm has one";
  BlockList targets;
  targets.add(*label);
  return TargetLaw<T>::check(e, targets);
}

namespace {

/// f(number of the row, log p of its labels, its own label) for each row.
template <class T, class F>
std::vector<double> map_label_laws(const AnyEnergy<T>& e, const Rows<T>& data, F f) {
  if (const auto why = check_labels(e)) throw CapabilityError(*why);
  BlockList targets;
  targets.add(*label_block(e.space()));
  const TargetLaw<T> law(e, targets);
  return map_rows(e, data, [&](std::size_t first, State<T>& x, std::span<double> out) {
    const Scratch<typename TargetLaw<T>::Scratch> scratch;
    const Scratch<Batch<double>> log_p;
    std::vector<std::size_t> own(x.chains());
    for (std::size_t c = 0; c < own.size(); ++c) own[c] = law.setting_of(x, c);
    law.log_probabilities(x, *scratch, *log_p);
    for (std::size_t c = 0; c < own.size(); ++c) out[c] = f(first + c, row(std::as_const(*log_p), c), own[c]);
  });
}

} // namespace

template <std::floating_point T>
std::vector<double> label_log_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data) {
  return map_label_laws(
      e, data, [](std::size_t, std::span<const double> log_p, std::size_t own) { return log_p[own]; });
}

template <std::floating_point T>
Batch<double> label_probabilities(const AnyEnergy<T>& e, const Rows<T>& data) {
  if (const auto why = check_labels(e)) throw CapabilityError(*why);
  Batch<double> all = make_batch<double>(data.size(), e.space()[*label_block(e.space())].levels());
  map_label_laws(e, data, [&](std::size_t i, std::span<const double> log_p, std::size_t own) {
    std::ranges::transform(log_p, row(all, i).begin(), [](double v) { return std::exp(v); });
    return log_p[own];
  });
  return all;
}

template <std::floating_point T>
std::vector<double> label_errors(const AnyEnergy<T>& e, const Rows<T>& data) {
  return map_label_laws(e, data, [](std::size_t, std::span<const double> log_p, std::size_t own) {
    if (std::isnan(log_p[own])) return log_p[own];
    return double(std::size_t(std::ranges::max_element(log_p) - log_p.begin()) != own);
  });
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template class TargetLaw<T>;                                                                               \
  template std::optional<std::string> check_labels<T>(const AnyEnergy<T>&);                                  \
  template std::vector<double> label_log_likelihoods<T>(const AnyEnergy<T>&, const Rows<T>&);                \
  template Batch<double> label_probabilities<T>(const AnyEnergy<T>&, const Rows<T>&);                        \
  template std::vector<double> label_errors<T>(const AnyEnergy<T>&, const Rows<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
