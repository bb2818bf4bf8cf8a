#include "experiments/run/pretraining.hpp"

#include "ebm/learning/contrastive.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {
namespace {

constexpr std::uint64_t layer_key = 0x6c617965u;

/// How many Bernoulli units a unit of the block counts.
double copies(const Block& block) {
  const auto* binomial = std::get_if<units::Binomial>(&block.unit);
  return binomial != nullptr ? double(binomial->n) : 1;
}

std::uint64_t updates_of_layer(const PretrainingSpec& spec, std::size_t rows) {
  return std::uint64_t(spec.epochs) * updates_per_epoch(rows, std::size_t(spec.batch.value_or(0)));
}

} // namespace

std::uint64_t pretraining_updates(const PretrainingSpec& spec, std::size_t layers, std::size_t rows) {
  return layers * updates_of_layer(spec, rows);
}

template <std::floating_point T>
Pretraining<T>::Pretraining(const PretrainingSpec& spec, AnyEnergy<T>& energy, const Batch<T>& rows,
                            random::Draws draws)
    : spec_(spec), energy_(energy), data_(rows), draws_(draws), layers_(energy.stack().layers.size()),
      per_layer_(updates_of_layer(spec, rows.shape(0))) {}

template <std::floating_point T> void Pretraining<T>::begin_layer() {
  machine_ = energy_.layer(layer_);
  if (layer_ == 0) means_ = data_;
  rows_ = means_;
  const T scale = T(copies(machine_->space()[0]));
  if (scale != T(1))
    for (T& v : all(rows_)) v *= scale;
  const AnySampler<T> gibbs = default_sampler(*machine_);
  AnyEstimator<T> cd(
      Contrastive<T>(Start::data, gibbs, std::size_t(spec_.sweeps), 1, PositivePhase<T>({}, gibbs)));
  if (const auto why = cd.check(*machine_)) throw InputError("trainer.pretraining: " + *why);
  trainer_.emplace(std::move(cd),
                   TrainerOptions{per_layer_, std::size_t(spec_.batch.value_or(0)), spec_.optimizer},
                   rows_.shape(0), [this](std::uint64_t) -> const Batch<T>& { return rows_; });
  state_ = trainer_->init(*machine_, draws_.derived(layer_key + layer_));
}

template <std::floating_point T> void Pretraining<T>::climb(std::size_t l, const AnyEnergy<T>& machine) {
  const Block& upper = machine.space()[1];
  const T scale = T(1 / copies(upper)), entered = T(copies(machine.space()[0]));
  const Batch<T>& from = l == 0 ? data_ : means_;
  Batch<T> next = make_batch<T>(from.shape(0), upper.columns());
  const parallel::WorkItems items(from.shape(0));
  parallel::for_each(items.size(), [&](std::size_t i) {
    const auto [first, n] = items[i];
    State<T> x(machine.space(), n);
    Batch<T> eta, means;
    Batch<T>& values = x.values(0);
    std::copy_n(row(from, first).data(), values.size(), values.data());
    for (T& v : all(values)) v *= entered;
    derive::conditional_means(machine, x, 1, eta, means);
    for (T& v : all(means)) v *= scale;
    std::copy_n(means.data(), means.size(), row(next, first).data());
  });
  means_ = std::move(next);
}

template <std::floating_point T> void Pretraining<T>::finish_layer() {
  energy_.set_layer(layer_, machine_->parameters());
  climb(layer_, *machine_);
  learned_.push_back(std::move(*machine_));
  machine_.reset();
  trainer_.reset();
  ++layer_;
}

template <std::floating_point T> void Pretraining<T>::step() {
  if (!trainer_) begin_layer();
  trainer_->step(*machine_, state_, draws_.derived(layer_key + layer_));
  if (state_.update == per_layer_) finish_layer();
}

template <std::floating_point T> void Pretraining<T>::archive(Archive& a) {
  std::uint64_t layer = layer_, begun = trainer_ ? 1 : 0;
  a("layer", layer);
  a("begun", begun);
  // What lower layers have learned is needed again for the rows of the higher ones.
  for (std::size_t l = 0; l < layer; ++l) {
    if (a.reads()) learned_.push_back(energy_.layer(l));
    a.group("layer" + std::to_string(l + 1), [&] { learned_[l].parameters().archive(a); });
    if (a.reads()) climb(l, learned_[l]);
  }
  layer_ = layer;
  if (begun == 0) return;
  if (a.reads()) begin_layer();
  a.group("trainer", [&] { trainer_->archive(*machine_, state_, a); });
}

template class Pretraining<float>;
template class Pretraining<double>;

} // namespace ebm::experiments
