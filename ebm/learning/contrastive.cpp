#include "ebm/learning/contrastive.hpp"

#include <cmath>

#include "ebm/learning/reuse.hpp"
#include "ebm/likelihood/enumerate.hpp"

namespace ebm {
namespace {

template <class T>
void begin_sum(const AnyEnergy<T>& e, bool with_means, typename PositivePhase<T>::Enumerated& sum) {
  zero_like(e, sum.gradient);
  sum.with_means = with_means;
  if (with_means) set_zero(e.space(), sum.means);
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
    resize(e.space(), items[i].count, item.data);
    shuffled.copy_to(e.space(), items[i].first, item.data);
    State<T> x = item.data;
    positive_.run(e, item.data, &x, std::uint32_t(items[i].first), 0, draws, item.scratch, 0, nullptr);
    item.chain = sampler_.init(e, std::move(x), std::uint32_t(items[i].first), 0);
  }
  state.sweep = positive_.sweeps_per_call(e);
  return state;
}

template <std::floating_point T>
auto Contrastive<T>::plan(const AnyEnergy<T>& e, std::size_t rows) const -> Plan {
  Plan p{rows, start_ == Start::data ? rows : chains_, positive_.treatment(e) == LatentTreatment::enumeration,
         std::nullopt};
  if (positive_.statistics() == LatentStatistics::means)
    if (const auto latent = derive::independent_latent(e); latent && linear_in(e, *latent)) p.means = latent;
  return p;
}

template <std::floating_point T>
void Contrastive<T>::prepare(const AnyEnergy<T>& e, const Plan& p, bool with_means, state_type& state) const {
  resize(e.space(), p.rows(), state.statistics);
  for (BlockId b = 0; b < e.space().size(); ++b) state.statistics.make_room_for_bits(b);
  state.weights.resize(p.rows());
  std::fill_n(state.weights.begin(), p.first_chain_row(), 1.0 / double(p.data_rows));
  std::fill_n(state.weights.begin() + std::ptrdiff_t(p.first_chain_row()), p.chains, -1.0 / double(p.chains));
  const std::size_t items =
      std::max(parallel::WorkItems(p.data_rows).size(), parallel::WorkItems(p.chains).size());
  if (state.items.size() < items) state.items.resize(items);
  for (std::size_t i = 0; p.enumerated && i < parallel::WorkItems(p.data_rows).size(); ++i)
    begin_sum(e, with_means, state.items[i].enumerated);
}

template <std::floating_point T>
void Contrastive<T>::positive(const AnyEnergy<T>& e, const Rows<T>& batch, parallel::Range rows,
                              const Plan& p, std::size_t i, state_type& state,
                              const random::Draws& draws) const {
  Item& item = state.items[i];
  resize(e.space(), rows.count, item.data);
  batch.copy_to(e.space(), rows.first, item.data);
  State<T>* drawn = nullptr;
  const auto first = std::uint32_t(rows.first);
  if (start_ == Start::data)
    drawn = &sampler_.chains(item.restarted.for_size_of(item.data, sampler_, e, first, state.sweep)).x;
  positive_.run(e, item.data, drawn, first, state.sweep, draws, item.scratch, 1.0 / double(p.data_rows),
                p.enumerated ? &item.enumerated : nullptr);
  if (p.enumerated) return;
  for (BlockId b = 0; b < e.space().size(); ++b)
    state.statistics.copy_chains(b, item.data, 0, rows.count, rows.first);
}

template <std::floating_point T>
void Contrastive<T>::negative(const AnyEnergy<T>& e, parallel::Range chains, const Plan& p, std::size_t i,
                              state_type& state, const random::Draws& draws) const {
  Item& item = state.items[i];
  // The positive phase used some sweep numbers up.
  const std::uint64_t sweep = state.sweep + positive_.sweeps_per_call(e);
  auto& sampled = start_ == Start::data
                      ? item.restarted.for_size_of(item.data, sampler_, e, std::uint32_t(chains.first), sweep)
                      : item.chain;
  ChainState<T>& chain = sampler_.chains(sampled);
  chain.sweep = sweep;
  for (std::size_t k = 0; k < sweeps_; ++k) {
    chain.means.block = k + 1 == sweeps_ ? p.means : std::nullopt;
    item.info += sampler_.step(e, sampled, draws);
  }
  const std::size_t row = p.first_chain_row() + chains.first;
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (p.means != b) state.statistics.copy_chains(b, chain.x, 0, chains.count, row);
  if (!p.means) return;
  if (!chain.means.known)
    derive::conditional_means(e, chain.x, *p.means, item.scratch.eta, chain.means.values);
  state.statistics.copy_values(*p.means, chain.means.values, row);
}

template <std::floating_point T>
void Contrastive<T>::find_means(const AnyEnergy<T>& e, const Plan& p, const state_type& state,
                                PhaseMeans& means) const {
  const std::span<const double> w(state.weights);
  set_zero(e.space(), means.data);
  set_zero(e.space(), means.model);
  add_weighted(state.statistics, 0, w.first(p.first_chain_row()), 1.0, means.data);
  for (std::size_t i = 0; p.enumerated && i < parallel::WorkItems(p.data_rows).size(); ++i)
    add(state.items[i].enumerated.means, means.data);
  add_weighted(state.statistics, p.first_chain_row(), w.subspan(p.first_chain_row()), -1.0, means.model);
}

template <std::floating_point T>
StepInfo Contrastive<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                  const random::Draws& draws, Parameters<T>& g, PhaseMeans* means) const {
  const Plan p = plan(e, batch.size());
  prepare(e, p, means != nullptr, state);
  const parallel::WorkItems rows(p.data_rows), chains(p.chains);
  const std::size_t items = std::max(rows.size(), chains.size());
  parallel::for_each(items, [&](std::size_t i) {
    state.items[i].info = {};
    if (i < rows.size()) positive(e, batch, rows[i], p, i, state, draws);
    if (i < chains.size()) negative(e, chains[i], p, i, state, draws);
  });
  state.sweep += positive_.sweeps_per_call(e) + sweeps_;
  e.add_parameter_gradient(state.statistics, state.weights, g);
  StepInfo info;
  for (std::size_t i = 0; i < items; ++i) {
    if (i < rows.size() && p.enumerated) g.add_scaled(T(1), state.items[i].enumerated.gradient);
    info += state.items[i].info;
  }
  if (means != nullptr) find_means(e, p, state, *means);
  return info;
}

template <std::floating_point T> void Contrastive<T>::archive(state_type& state, Archive& a) const {
  a("sweep", state.sweep);
  if (start_ == Start::data) return;
  for (std::size_t i = 0; i < parallel::WorkItems(chains_).size(); ++i)
    a.group("chains." + std::to_string(i), [&] { sampler_.archive(state.items[i].chain, a); });
}

template <std::floating_point T>
std::optional<std::string> ExactGradient<T>::check(const AnyEnergy<T>& e) const {
  if (auto why = check_parameters(e)) return why;
  if (auto why = derive::why_no_law(e.space())) return why;
  const LatentTreatment t = positive_.treatment(e);
  if (t == LatentTreatment::gibbs || t == LatentTreatment::mean_field) {
    const double bits = derive::latent_enumeration(e).log2_states;
    return "exact learning needs latent units that are independent given the visible ones, or at most 2^12 "
           "settings of the others; this model has " +
           (std::isinf(bits) ? std::string("continuous ones") : "2^" + std::to_string(std::lround(bits)));
  }
  if (supports(e, Capability::model_gradient) || has_exact_expectations(e)) return std::nullopt;
  const Enumeration plan = cheapest_enumeration(e);
  if (std::isinf(plan.log2_states))
    return "exact learning needs a finite state space or closed-form expectations";
  if (plan.log2_states > enumeration_limit_bits)
    return "exact learning would sum 2^" + std::to_string(std::lround(plan.log2_states)) +
           " states at each update; the limit is 2^25";
  return "exact learning needs the expectations of every block in closed form";
}

template <std::floating_point T>
StepInfo ExactGradient<T>::estimate(const AnyEnergy<T>& e, const Rows<T>& batch, state_type& state,
                                    const random::Draws& draws, Parameters<T>& g, PhaseMeans* means) const {
  const parallel::WorkItems rows(batch.size());
  const bool enumerated = positive_.treatment(e) == LatentTreatment::enumeration;
  const double weight = 1.0 / double(batch.size());
  state.items.resize(rows.size());
  parallel::for_each(rows.size(), [&](std::size_t i) {
    const auto [first, count] = rows[i];
    Item& item = state.items[i];
    resize(e.space(), count, item.data);
    batch.copy_to(e.space(), first, item.data);
    begin_sum(e, means != nullptr, item.side);
    if (enumerated)
      return positive_.run(e, item.data, nullptr, std::uint32_t(first), 0, draws, item.scratch, weight,
                           &item.side);
    item.scratch.weights.assign(count, weight);
    derive::add_expected_gradient<AnyEnergy<T>>(e, item.data, e.space().latent_blocks(), item.scratch.weights,
                                                item.side.gradient);
    if (means != nullptr) add_weighted<T>(item.data, 0, item.scratch.weights, 1.0, item.side.means);
  });
  for (const Item& item : state.items) g.add_scaled(T(1), item.side.gradient);
  if (means != nullptr) set_zero(e.space(), means->data);
  for (std::size_t i = 0; means != nullptr && i < state.items.size(); ++i)
    add(state.items[i].side.means, means->data);
  add_exact_model_gradient(e, -1.0, g, means != nullptr ? &means->model : nullptr);
  return {};
}

template class Contrastive<float>;
template class Contrastive<double>;
template class ExactGradient<float>;
template class ExactGradient<double>;

} // namespace ebm
