#include "ebm/learning/contrastive.hpp"

#include <cmath>

#include "ebm/likelihood/enumerate.hpp"

namespace ebm {
namespace {

template <class T> void zero_like(const AnyEnergy<T>& e, Parameters<T>& g) {
  if (g.size() == 0) g = e.parameters();
  g.fill(T(0));
}

template <class T> std::optional<std::string> check_parameters(const AnyEnergy<T>& e) {
  if (supports(e, Capability::parameters)) return std::nullopt;
  return "this model has no parameters to learn: use trainer.method: none";
}

} // namespace

template <std::floating_point T>
std::optional<std::string> Contrastive<T>::check(const AnyEnergy<T>& e) const {
  if (auto why = check_parameters(e)) return why;
  if (auto why = sampler_.check(e)) return why;
  return positive_.check(e);
}

template <std::floating_point T>
auto Contrastive<T>::init(const AnyEnergy<T>& e, const Rows<T>& rows, const random::Draws& draws) const
    -> state_type {
  state_type state;
  if (start_ == Start::data) return state;
  // Persistent chains start at training rows, in an order of their own.
  std::vector<std::uint32_t> order(rows.size());
  random::permutation(draws, {random::Stream::chain_init, 0, 0, 0}, order);
  if (rows.index)
    for (auto& i : order) i = (*rows.index)[i];
  const Rows<T> shuffled{rows.values, std::span<const std::uint32_t>(order)};
  const parallel::WorkItems items(chains_);
  state.items.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Item& item = state.items[i];
    State<T> x(e.space(), items[i].count);
    shuffled.copy_to(e.space(), items[i].first, x);
    positive_.add_gradient(e, x, 0, true, std::uint32_t(items[i].first), 0, draws, item.scratch, nullptr);
    item.chain = sampler_.init(e, std::move(x), std::uint32_t(items[i].first), 0);
    item.has_chain = true;
  }
  state.sweep = positive_.sweeps_per_call(e);
  return state;
}

template <std::floating_point T>
void Contrastive<T>::positive(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows, Item& item,
                              std::uint64_t sweep, const random::Draws& draws) const {
  if (item.data.chains() != rows.count) item.data = State<T>(e.space(), rows.count);
  batch.copy_to(e.space(), rows.first, item.data);
  const bool sample = start_ == Start::data;
  positive_.add_gradient(e, item.data, 1.0 / double(batch.size()), sample, std::uint32_t(rows.first), sweep,
                         draws, item.scratch, &item.gradient);
  if (!sample) return;
  if (!item.has_chain || sampler_.chains(item.chain).x.chains() != rows.count) {
    item.chain = sampler_.init(e, item.data, std::uint32_t(rows.first), sweep);
    item.has_chain = true;
    return;
  }
  ChainState<T>& chain = sampler_.chains(item.chain);
  chain.x = item.data;
  chain.first_chain = std::uint32_t(rows.first);
}

template <std::floating_point T>
void Contrastive<T>::negative(const AnyEnergy<T>& e, std::size_t rows, Item& item,
                              const random::Draws& draws) const {
  for (std::size_t k = 0; k < sweeps_; ++k) item.info += sampler_.step(e, item.chain, draws);
  State<T>& x = sampler_.chains(item.chain).x;
  item.weights.assign(x.chains(), -1.0 / double(rows));
  const auto latent = derive::summable_latent(e);
  if (!latent || !e.space()[*latent].discrete())
    return e.add_parameter_gradient(x, item.weights, item.gradient);
  item.latents = x[*latent]; // the chain goes on from its samples, not from the means
  derive::set_latent_means(e, *latent, x, item.scratch.eta);
  e.add_parameter_gradient(x, item.weights, item.gradient);
  std::swap(x.values(*latent), item.latents);
}

template <std::floating_point T>
StepInfo Contrastive<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                  const random::Draws& draws, Parameters<T>& g) const {
  const parallel::WorkItems rows(batch.size());
  const std::size_t chains = start_ == Start::data ? batch.size() : chains_;
  const parallel::WorkItems chain_items(chains);
  if (state.items.size() < std::max(rows.size(), chain_items.size()))
    state.items.resize(std::max(rows.size(), chain_items.size()));
  parallel::for_each(std::max(rows.size(), chain_items.size()), [&](std::size_t i) {
    Item& item = state.items[i];
    zero_like(e, item.gradient);
    item.info = {};
    if (i < rows.size()) positive(e, batch, rows[i], item, state.sweep, draws);
    if (i < chain_items.size()) {
      // The positive phase used some sweep numbers up.
      sampler_.chains(item.chain).sweep = state.sweep + positive_.sweeps_per_call(e);
      negative(e, chains, item, draws);
    }
  });
  state.sweep += positive_.sweeps_per_call(e) + sweeps_;
  StepInfo info;
  for (std::size_t i = 0; i < std::max(rows.size(), chain_items.size()); ++i) {
    g.add_scaled(T(1), state.items[i].gradient);
    info += state.items[i].info;
  }
  return info;
}

template <std::floating_point T>
std::optional<std::string> ExactGradient<T>::check(const AnyEnergy<T>& e) const {
  if (auto why = check_parameters(e)) return why;
  const LatentTreatment t = positive_.treatment(e);
  if (t == LatentTreatment::gibbs || t == LatentTreatment::mean_field) {
    const double bits = e.space().log2_states(true);
    return "exact learning needs discrete latent units that are independent given the visible ones, or at "
           "most 2^12 "
           "settings of them; this model has " +
           (std::isinf(bits) ? std::string("continuous ones") : "2^" + std::to_string(std::lround(bits)));
  }
  if (supports(e, Capability::model_gradient) || has_exact_expectations(e)) return std::nullopt;
  const Enumeration plan = cheapest_enumeration(e);
  if (std::isinf(plan.log2_states))
    return "exact learning needs a finite state space or closed-form expectations";
  if (plan.log2_states > enumeration_limit_bits)
    return "exact learning would sum 2^" + std::to_string(std::lround(plan.log2_states)) +
           " states at each update; the limit is 2^25";
  return "exact learning needs the expectations of a continuous block in closed form";
}

template <std::floating_point T>
StepInfo ExactGradient<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                    const random::Draws& draws, Parameters<T>& g) const {
  const parallel::WorkItems rows(batch.size());
  state.data.resize(rows.size());
  state.scratch.resize(rows.size());
  state.gradients.resize(rows.size());
  parallel::for_each(rows.size(), [&](std::size_t i) {
    const auto [first, count] = rows[i];
    if (state.data[i].chains() != count) state.data[i] = State<T>(e.space(), count);
    batch.copy_to(e.space(), first, state.data[i]);
    zero_like(e, state.gradients[i]);
    positive_.add_gradient(e, state.data[i], 1.0 / double(batch.size()), false, std::uint32_t(first), 0,
                           draws, state.scratch[i], &state.gradients[i]);
  });
  for (const Parameters<T>& part : state.gradients) g.add_scaled(T(1), part);
  add_exact_model_gradient(e, -1.0, g);
  return {};
}

template class Contrastive<float>;
template class Contrastive<double>;
template class ExactGradient<float>;
template class ExactGradient<double>;

} // namespace ebm
