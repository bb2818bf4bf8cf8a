#include "experiments/run/finetuning.hpp"

#include <cmath>
#include <fmt/format.h>

#include "ebm/learning/block_arrays.hpp"
#include "ebm/learning/trainer.hpp"
#include "ebm/likelihood/mean_field.hpp"
#include "experiments/data/labels.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t mean_field_sweeps = 30;

bool classifies(const FinetuningSpec& spec) {
  return spec.task == FinetuningTask::classification;
}

/// The activation that stands for a block in the net: its conditional mean, for rectified units that of the
/// rule max(0, x) without its noise.
std::optional<Activation> activation_of(const Block& block) {
  if (std::holds_alternative<units::Bernoulli>(block.unit)) return Activation::sigmoid;
  if (std::holds_alternative<units::Gaussian>(block.unit)) return Activation::linear;
  if (std::holds_alternative<units::Rectified>(block.unit) ||
      std::holds_alternative<units::NoisyRelu>(block.unit))
    return Activation::relu;
  return std::nullopt;
}

/// Layers of the net: those of the stack, and a softmax or the mirror image on top.
template <class T>
std::vector<Layer> net_layers(const FinetuningSpec& spec, const AnyEnergy<T>& e, std::size_t classes) {
  const StateSpace& space = e.space();
  std::vector<Layer> layers;
  for (BlockId b = 1; b < space.size(); ++b) layers.push_back({space[b].columns(), *activation_of(space[b])});
  if (classifies(spec))
    layers.push_back({classes, Activation::softmax});
  else
    for (BlockId b = space.size() - 1; b-- > 0;)
      layers.push_back({space[b].columns(), *activation_of(space[b])});
  return layers;
}

/// Columns that mean field adds to the input of the first layer: the units of the second layer.
template <class T> std::size_t added_inputs(const AnyEnergy<T>& e) {
  return e.stack().two_sided ? e.space()[2].columns() : 0;
}

template <class T>
FeedForward<T> unrolled(const FinetuningSpec& spec, const AnyEnergy<T>& e, std::size_t classes) {
  const Stack<T> stack = e.stack();
  const std::size_t visible = e.space()[0].columns();
  FeedForward<T> net(visible + added_inputs(e), net_layers(spec, e, classes));
  Parameters<T>& p = net.parameters();
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    Batch<T>& W = p[2 * l].value;
    std::ranges::copy(all(stack.layers[l].W), W.data());
    if (l == 0 && stack.two_sided) { // rows below those of the visible units: the transpose of the next layer
      const Batch<T>& above = stack.layers[1].W;
      for (std::size_t i = 0; i < above.shape(0); ++i)
        for (std::size_t j = 0; j < above.shape(1); ++j) W(visible + j, i) = above(i, j);
    }
    p[2 * l + 1].value = stack.layers[l].upper_bias;
  }
  for (std::size_t l = stack.layers.size(); l-- > 0 && !classifies(spec);) {
    const std::size_t k = 2 * (2 * stack.layers.size() - 1 - l);
    const Batch<T>& W = stack.layers[l].W;
    for (std::size_t i = 0; i < W.shape(0); ++i)
      for (std::size_t j = 0; j < W.shape(1); ++j) p[k].value(j, i) = W(i, j);
    p[k + 1].value = stack.layers[l].lower_bias;
  }
  return net;
}

/// Rows `chosen` of `from`.
template <class T> void gather(const Batch<T>& from, std::span<const std::uint32_t> chosen, Batch<T>& to) {
  reshape(to, chosen.size(), from.shape(1));
  for (std::size_t i = 0; i < chosen.size(); ++i) std::ranges::copy(row(from, chosen[i]), row(to, i).begin());
}

} // namespace

std::vector<std::string> finetuning_columns(bool has_validation, bool has_test) {
  std::vector<std::string> names{"train.net_loss", "train.net_error"};
  if (has_validation) names.insert(names.end(), {"validation.net_loss", "validation.net_error"});
  if (has_test) names.insert(names.end(), {"test.net_loss", "test.net_error"});
  return names;
}

std::uint64_t finetuning_updates(const FinetuningSpec& spec, std::size_t rows) {
  return std::uint64_t(spec.epochs) * updates_per_epoch(rows, std::size_t(spec.batch.value_or(0)));
}

template <std::floating_point T>
std::optional<std::string> check_finetuning(const FinetuningSpec& spec, const AnyEnergy<T>& e,
                                            const Dataset<T>* data) {
  if (!supports(e, Capability::layers)) return "trainer.finetuning unrolls models of layers: rbm, dbn, dbm";
  for (const Block& b : e.space().blocks())
    if (!activation_of(b))
      return "trainer.finetuning unrolls bernoulli, gaussian, rectified and noisy_relu units, and block '" +
             b.name + "' holds " + std::string(b.unit_name()) + " units";
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (const auto scale = arrays_of(e.parameters(), b).scale)
      if (const auto& sigma = e.parameters()[*scale];
          !sigma.fixed || std::ranges::any_of(all(sigma.value), [](T v) { return v != T(0); }))
        return "trainer.finetuning unrolls units of sigma 1 alone, and block '" + e.space()[b].name +
               "' has another or learns it: standardise the data and give units without sigma";
  if (!classifies(spec) && activation_of(e.space()[0]) == Activation::relu)
    return "trainer.finetuning: reconstruction needs bernoulli or gaussian visible units";
  if (e.stack().two_sided)
    if (auto why = check_mean_field(e)) return "trainer.finetuning: " + *why;
  if (data == nullptr) return std::nullopt;
  if (data->fresh)
    return "trainer.finetuning needs rows that stay: data.binarize: {stochastic: fixed} or a threshold, or "
           "none, so that grey values enter";
  if (classifies(spec)) {
    if (const auto why = check_classes(*data)) return "trainer.finetuning: classification " + *why;
    if (data->label_columns != 0)
      return "trainer.finetuning: classification needs rows without their labels: leave out "
             "data.append_labels";
  }
  if (spec.patience != 0 && data->validation.shape(0) == 0)
    return "trainer.finetuning.patience needs validation rows: give data.validation";
  return std::nullopt;
}

template <std::floating_point T>
Finetuning<T>::Finetuning(const FinetuningSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data,
                          random::Draws draws)
    : spec_(spec), draws_(draws), classes_(classifies(spec) ? class_count(data) : 0),
      train_(part(e, data.train, data.train_labels)),
      validation_(part(e, data.validation, data.validation_labels)),
      test_(part(e, data.test, data.test_labels)), net_(unrolled(spec, e, classes_)),
      optimizer_(spec.optimizer), optimizer_state_(optimizer_.init(net_.parameters())),
      stopping_(net_.parameters()), gradient_(net_.parameters()),
      per_epoch_(updates_per_epoch(data.train.shape(0), std::size_t(spec.batch.value_or(0)))),
      updates_(finetuning_updates(spec, data.train.shape(0))), done_(updates_ == 0) {
  if (validation_.inputs.shape(0) != 0)
    stopping_.see(loss_and_error(validation_).second, 0, net_.parameters());
}

template <std::floating_point T>
auto Finetuning<T>::part(const AnyEnergy<T>& e, const Batch<T>& rows, const std::vector<double>& labels) const
    -> Part {
  Part p;
  p.labels = classes_of(labels);
  const std::size_t visible = e.space()[0].columns(), added = added_inputs(e), n = rows.shape(0);
  p.inputs = make_batch<T>(n, visible + added);
  if (!classifies(spec_)) p.targets = make_batch<T>(n, visible);
  const parallel::WorkItems items(n);
  parallel::for_each(n == 0 ? 0 : items.size(), [&](std::size_t i) {
    const auto [first, count] = items[i];
    State<T> x(e.space(), count);
    MeanFieldScratch<T> scratch;
    std::copy_n(row(rows, first).data(), count * visible, x.values(0).data());
    if (added != 0) mean_field(e, x, {mean_field_sweeps, 0}, scratch);
    for (std::size_t c = 0; c < count; ++c) {
      auto to = std::ranges::copy(row(rows, first + c), row(p.inputs, first + c).begin()).out;
      if (added != 0) std::ranges::copy(row(x[2], c), to);
      if (!classifies(spec_)) std::ranges::copy(row(rows, first + c), row(p.targets, first + c).begin());
    }
  });
  return p;
}

template <std::floating_point T>
void Finetuning<T>::targets_of(const Part& p, std::span<const std::uint32_t> rows, Batch<T>& targets) const {
  if (!classifies(spec_)) return gather(p.targets, rows, targets);
  std::vector<std::uint32_t> labels;
  for (const std::uint32_t i : rows) labels.push_back(p.labels[i]);
  one_hot<T>(labels, classes_, targets);
}

template <std::floating_point T> void Finetuning<T>::step() {
  const std::size_t rows = train_.inputs.shape(0);
  const std::size_t batch = spec_.batch ? std::min(std::size_t(*spec_.batch), rows) : rows;
  const std::uint64_t epoch = update_ / per_epoch_, in_epoch = update_ % per_epoch_;
  if (order_.empty() || in_epoch == 0) {
    order_.resize(rows);
    random::permutation(draws_, {random::Stream::minibatch, epoch, 0, 0}, order_);
  }
  const std::size_t first = std::size_t(in_epoch) * batch;
  const auto chosen = std::span<const std::uint32_t>(order_).subspan(first, std::min(batch, rows - first));
  gather(train_.inputs, chosen, inputs_);
  targets_of(train_, chosen, targets_);
  gradient_.fill(T(0));
  net_.add_loss_gradient(inputs_, targets_, 1.0 / double(chosen.size()), gradient_);
  optimizer_.update(net_.parameters(), gradient_, learning_rate(spec_.optimizer, update_, updates_),
                    optimizer_state_, epoch);
  ++update_;
}

template <std::floating_point T> void Finetuning<T>::end_epoch() {
  done_ = update_ == updates_;
  if (validation_.inputs.shape(0) == 0) return;
  stopping_.see(loss_and_error(validation_).second, update_, net_.parameters());
  done_ = done_ || (spec_.patience != 0 && stopping_.exhausted(std::uint64_t(spec_.patience)));
  if (!done_) return;
  for (std::size_t k = 0; k < net_.parameters().size(); ++k)
    net_.parameters()[k].value = stopping_.best_parameters[k].value;
}

template <std::floating_point T>
std::pair<double, double> Finetuning<T>::loss_and_error(const Part& p) const {
  constexpr std::size_t chunk = 1000;
  const std::size_t rows = p.inputs.shape(0);
  double loss = 0, error = 0;
  Batch<T> inputs, targets, outputs;
  for (std::size_t first = 0; first < rows; first += chunk) {
    std::vector<std::uint32_t> chosen(std::min(chunk, rows - first));
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = std::uint32_t(first + i);
    gather(p.inputs, chosen, inputs);
    targets_of(p, chosen, targets);
    loss += net_.loss(inputs, targets);
    net_.outputs(inputs, outputs);
    if (classifies(spec_)) {
      error += double(classification_errors(
          outputs, std::span<const std::uint32_t>(p.labels).subspan(first, chosen.size())));
    } else {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double d = double(outputs.data()[i]) - double(targets.data()[i]);
        error += d * d / double(outputs.shape(1));
      }
    }
  }
  return {loss / double(rows), error / double(rows)};
}

template <std::floating_point T> std::vector<double> Finetuning<T>::evaluate() const {
  std::vector<double> values;
  for (const Part* p : {&train_, &validation_, &test_}) {
    if (p->inputs.shape(0) == 0) continue;
    const auto [loss, error] = loss_and_error(*p);
    values.push_back(loss);
    values.push_back(error);
  }
  return values;
}

template <std::floating_point T> void Finetuning<T>::archive(Archive& a) {
  std::uint64_t done = done_ ? 1 : 0;
  a("update", update_);
  a("done", done);
  a.group("net", [&] { net_.parameters().archive(a); });
  a.group("optimizer", [&] { optimizer_state_.archive(a); });
  a.group("stopping", [&] { stopping_.archive(a); });
  done_ = done != 0;
  if (a.reads() && update_ % per_epoch_ != 0) { // the order is a function of the epoch
    order_.resize(train_.inputs.shape(0));
    random::permutation(draws_, {random::Stream::minibatch, update_ / per_epoch_, 0, 0}, order_);
  }
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_finetuning<T>(const FinetuningSpec&, const AnyEnergy<T>&,        \
                                                          const Dataset<T>*);                                \
  template class Finetuning<T>;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
