#include "ebm/learning/discriminative.hpp"

#include <cmath>

#include "ebm/learning/reuse.hpp"

namespace ebm {
namespace {

/// to += scale · from.
template <class T, class R> void add(R scale, std::span<const T> from, std::span<R> to) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += scale * R(from[j]);
}

/// Whether the array lies between the two blocks.
template <class T> bool joins(const ParameterArray<T>& array, BlockId a, BlockId b) {
  return (array.row_block == a && array.column_block == b) ||
         (array.row_block == b && array.column_block == a);
}

} // namespace

template <std::floating_point T> BlockList Discriminative<T>::blocks(const StateSpace& space) const {
  BlockList all;
  for (const std::string& name : targets_)
    if (const auto b = space.find(name); b && !space[*b].latent()) all.add(*b);
  return all;
}

template <std::floating_point T>
std::optional<std::string> Discriminative<T>::check(const AnyEnergy<T>& e) const {
  const std::string who = "discriminative learning: ";
  if (!supports(e, Capability::parameters)) return who + "this model has no parameters to learn";
  const StateSpace& space = e.space();
  for (const std::string& name : targets_)
    if (const auto b = space.find(name); !b || space[*b].latent())
      return who + "this model has no visible block '" + name +
             "' to be told from the others; classification_rbm has a block 'label'";
  if (auto why = TargetLaw<T>::check(e, blocks(space))) return who + *why;
  const derive::Enumeration plan = derive::latent_enumeration(e);
  if (!(plan.log2_states <= derive::row_enumeration_bits))
    return who + "the latents have more than 2^12 settings besides those that are summed in closed form";
  for (const BlockId b : plan.summed)
    if (!derive::has_expected_gradient(e, b))
      return who + "the expectations of block '" + space[b].name + "' have no closed form";
  return std::nullopt;
}

template <std::floating_point T>
const TargetLaw<T>& Discriminative<T>::law_of(const AnyEnergy<T>& e, state_type& state) const {
  if (state.law)
    state.law->follow(e);
  else
    state.law.emplace(e, blocks(e.space()));
  return *state.law;
}

template <std::floating_point T>
void Discriminative<T>::begin(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows,
                              const TargetLaw<T>& law, Item& item) const {
  resize(e.space(), rows.count, item.data);
  batch.copy_to(e.space(), rows.first, item.data);
  item.own.resize(rows.count);
  for (std::size_t c = 0; c < rows.count; ++c) item.own[c] = law.setting_of(item.data, c);
  law.log_probabilities(item.data, item.scratch, item.log_p);
}

template <std::floating_point T>
void Discriminative<T>::add_enumerated(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                       Parameters<T>& g) const {
  const TargetLaw<T>& law = law_of(e, state);
  const derive::Enumeration plan = derive::latent_enumeration(e);
  const parallel::WorkItems rows(batch.size());
  if (state.items.size() < rows.size()) state.items.resize(rows.size());
  parallel::for_each(rows.size(), [&](std::size_t i) {
    Item& item = state.items[i];
    begin(e, batch, rows[i], law, item);
    zero_like(e, item.gradient);
    const std::size_t n = rows[i].count;
    std::vector<double>&whole = item.whole, &part = item.part, &weights = item.weights;
    for (std::vector<double>* v : {&whole, &part, &weights}) v->resize(n);
    for (std::size_t s = 0; s < law.settings(); ++s) {
      law.set(s, item.data);
      derive::free_energy(e, item.data, whole);
      derive::for_each_setting<T>(e.space(), plan.blocks, item.data, [&] {
        derive::block_free_energy(e, item.data, plan.summed, part);
        subtract_log_bases<T>(e.space(), plan.blocks, item.data, part);
        for (std::size_t c = 0; c < n; ++c)
          weights[c] = (double(item.own[c] == s) - std::exp(item.log_p(c, s))) *
                       std::exp(whole[c] - part[c]) / double(batch.size());
        derive::add_expected_gradient(e, item.data, plan.summed, weights, item.gradient);
      });
    }
  });
  for (std::size_t i = 0; i < rows.size(); ++i) g.add_scaled(T(1), state.items[i].gradient);
}

template <std::floating_point T>
void Discriminative<T>::sum_settings(const AnyEnergy<T>& e, parallel::Range rows, const TargetLaw<T>& law,
                                     Item& item, state_type& state) const {
  const BlockId target = blocks(e.space())[0], latent = *law.shifted_latent();
  const std::size_t settings = law.settings(), half = state.statistics.chains() / 2;
  for (BlockId b = 0; b < e.space().size(); ++b)
    for (const std::size_t to : {rows.first, half + rows.first})
      if (b != target && b != latent) state.statistics.copy_chains(b, item.data, 0, rows.count, to);
  Batch<T>&targets = state.statistics.values(target), &latents = state.statistics.values(latent);
  for (std::size_t c = 0; c < rows.count; ++c)
    for (Batch<T>* expected : {&targets, &latents})
      std::ranges::fill(row(*expected, half + rows.first + c), T(0));
  reshape(item.means, rows.count, latents.shape(1));
  reshape(item.pair_sums, 2 * settings, latents.shape(1));
  item.pair_sums.fill(0.0);
  item.pair_weights.assign(2 * settings, 0.0);
  for (std::size_t s = 0; s < settings; ++s) {
    law.set(s, item.data);
    law.shift(s, item.scratch);
    unit_means(e.space()[latent], item.scratch.shifted, item.means);
    for (std::size_t c = 0; c < rows.count; ++c) {
      const double p = std::exp(item.log_p(c, s));
      const std::span<const T> mean = row(std::as_const(item.means), c), y = row(item.data[target], c);
      const std::size_t own = rows.first + c;
      if (item.own[c] == s) {
        std::ranges::copy(mean, row(latents, own).begin());
        std::ranges::copy(y, row(targets, own).begin());
        add(1.0, mean, row(item.pair_sums, s));
        item.pair_weights[s] += 1;
      }
      add(T(p), mean, row(latents, half + own));
      add(T(p), y, row(targets, half + own));
      add(p, mean, row(item.pair_sums, settings + s));
      item.pair_weights[settings + s] += p;
    }
  }
}

template <std::floating_point T>
void Discriminative<T>::add_pairs(const AnyEnergy<T>& e, const TargetLaw<T>& law, state_type& state,
                                  Parameters<T>& g) const {
  const BlockId target = blocks(e.space())[0], latent = *law.shifted_latent();
  const std::size_t settings = law.settings(), n = state.statistics.chains() / 2;
  const parallel::WorkItems rows(n);
  resize(e.space(), 2 * settings, state.pairs);
  state.weights.assign(2 * settings, 0.0);
  Batch<T>& latents = state.pairs.values(latent);
  Batch<double>& sums = state.items[0].pair_sums; // of all items
  for (std::size_t i = 1; i < rows.size(); ++i)
    add(1.0, all(std::as_const(state.items[i].pair_sums)), all(sums));
  for (std::size_t s = 0; s < 2 * settings; ++s) {
    law.write(s % settings, state.pairs, s);
    for (std::size_t i = 0; i < rows.size(); ++i) state.weights[s] += state.items[i].pair_weights[s];
    const double share = state.weights[s] == 0 ? 0 : 1 / state.weights[s];
    for (std::size_t j = 0; j < latents.shape(1); ++j) latents(s, j) = T(share * sums(s, j));
    state.weights[s] *= (s < settings ? 1 : -1) / double(n);
  }
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (b != target && b != latent) state.pairs.find_bits(b);
  zero_like(e, state.pair_gradient);
  e.add_parameter_gradient(state.pairs, state.weights, state.pair_gradient);
  for (std::size_t k = 0; k < g.size(); ++k)
    if (joins(g[k], target, latent))
      add(T(1), all(std::as_const(state.pair_gradient[k].value)), all(g[k].value));
}

template <std::floating_point T>
void Discriminative<T>::add_by_means(const AnyEnergy<T>& e, const Rows<T>& batch, const TargetLaw<T>& law,
                                     state_type& state, Parameters<T>& g) const {
  const BlockId target = blocks(e.space())[0], latent = *law.shifted_latent();
  const std::size_t n = batch.size();
  const parallel::WorkItems rows(n);
  if (state.items.size() < rows.size()) state.items.resize(rows.size());
  resize(e.space(), 2 * n, state.statistics);
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (b != target && b != latent) state.statistics.make_room_for_bits(b);
  parallel::for_each(rows.size(), [&](std::size_t i) {
    begin(e, batch, rows[i], law, state.items[i]);
    sum_settings(e, rows[i], law, state.items[i], state);
  });
  state.weights.assign(2 * n, -1.0 / double(n));
  std::fill_n(state.weights.begin(), n, 1.0 / double(n));
  state.kept.resize(g.size());
  for (std::size_t k = 0; k < g.size(); ++k)
    if (joins(g[k], target, latent)) state.kept[k] = g[k].value;
  e.add_parameter_gradient(state.statistics, state.weights, g);
  for (std::size_t k = 0; k < g.size(); ++k)
    if (joins(g[k], target, latent)) g[k].value = state.kept[k];
  add_pairs(e, law, state, g);
}

template <std::floating_point T>
StepInfo Discriminative<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                     const random::Draws&, Parameters<T>& g, PhaseMeans* means) const {
  if (means != nullptr) *means = {};
  const TargetLaw<T>& law = law_of(e, state);
  if (law.shifted_latent())
    add_by_means(e, batch, law, state, g);
  else
    add_enumerated(e, batch, state, g);
  return {};
}

template <std::floating_point T> std::optional<std::string> Hybrid<T>::check(const AnyEnergy<T>& e) const {
  if (auto why = discriminative_.check(e)) return why;
  return generative_.check(e);
}

template <std::floating_point T>
auto Hybrid<T>::init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const
    -> state_type {
  return {discriminative_.init(e, rows, draws), generative_.init(e, rows, draws), {}};
}

template <std::floating_point T>
StepInfo Hybrid<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                             const random::Draws& draws, Parameters<T>& g, PhaseMeans* means) const {
  if (means != nullptr) *means = {};
  zero_like(e, state.gradient);
  discriminative_.estimate(e, batch, state.discriminative, draws, g);
  const StepInfo info = generative_.estimate(e, batch, state.generative, draws, state.gradient, nullptr);
  g.add_scaled(T(weight_), state.gradient);
  return info;
}

template class Discriminative<float>;
template class Discriminative<double>;
template class Hybrid<float>;
template class Hybrid<double>;

} // namespace ebm
