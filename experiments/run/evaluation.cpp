#include "experiments/run/evaluation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>

#include "ebm/learning/contrastive.hpp"
#include "ebm/likelihood/ais.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/mean_field.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "ebm/likelihood/recognition.hpp"
#include "ebm/likelihood/target_law.hpp"
#include "experiments/report/csv_writer.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array row_metrics{Metric::log_likelihood,        Metric::elbo,
                                 Metric::pseudo_likelihood,     Metric::stochastic_pseudo_likelihood,
                                 Metric::reconstruction_error,  Metric::free_energy,
                                 Metric::classification_error,  Metric::conditional_log_likelihood,
                                 Metric::flip_pseudo_likelihood};
/// The epoch whose binarisation evaluation uses: no training run gets there.
constexpr std::uint64_t evaluation_epoch = std::uint64_t(1) << 40;
constexpr std::uint64_t recall_key = 0x7265636c6cu;

bool contains(const EvaluationSpec& spec, Metric m) {
  return std::ranges::find(spec.metrics, m) != spec.metrics.end();
}
bool needs_partition(const EvaluationSpec& spec) {
  return contains(spec, Metric::log_likelihood) || contains(spec, Metric::log_partition) ||
         contains(spec, Metric::elbo);
}
bool needs_moments(Metric m) {
  return m == Metric::mean_energy || m == Metric::entropy || m == Metric::mean || m == Metric::pair_mean;
}
double mean_of(std::span<const double> v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
}

/// JSON has no infinities; a probability of 0 is a legal result.
Json number(double v) {
  if (std::isfinite(v)) return v;
  if (std::isnan(v))
    throw DivergenceError("a metric is not a number: the parameters are too large to be summed over");
  return v > 0 ? "inf" : "-inf";
}
Json numbers(std::span<const double> v) {
  Json list = Json::array();
  for (const double x : v) list.push_back(number(x));
  return list;
}
/// A number of metrics.csv. A log-likelihood of -inf is a result; anything else that is not finite is none.
std::string cell(double v) {
  if (std::isnan(v) || v == infinity) throw DivergenceError(fmt::format("an evaluated metric is {}", v));
  return csv_number(v);
}
template <class M> Json matrix(const M& m, bool as_vector) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < m.shape(0); ++i) {
    Json r = Json::array();
    for (std::size_t j = 0; j < m.shape(1); ++j) r.push_back(number(double(m(i, j))));
    if (as_vector) return r;
    rows.push_back(std::move(r));
  }
  return rows;
}

/// f(the energy whose log Z is the model's and easier to have): that on top of directed layers.
template <class T, class F> auto with_partition_energy(const AnyEnergy<T>& e, F f) {
  return supports(e, Capability::top) ? f(e.top()) : f(e);
}

template <class T> bool use_exact(const EvaluationSpec& spec, const AnyEnergy<T>& e) {
  return spec.estimator != PartitionEstimator::ais &&
         (spec.estimator == PartitionEstimator::exact || has_exact_partition(e));
}

template <class T>
std::optional<std::string> check_partition(const EvaluationSpec& spec, const AnyEnergy<T>& e) {
  if (auto why = derive::why_no_law(e.space())) return why;
  if (use_exact(spec, e)) {
    if (has_exact_partition(e)) return std::nullopt;
    const double bits = cheapest_enumeration(e).log2_states;
    return std::isinf(bits) ? "evaluation.log_likelihood.estimator: exact needs a finite state space or a "
                              "closed form of log Z"
                            : fmt::format("evaluation.log_likelihood.estimator: exact would sum 2^{} states, "
                                          "the limit is 2^25: use "
                                          "auto or ais",
                                          std::lround(bits));
  }
  try {
    independent_base<T>(e, nullptr);
  } catch (const CapabilityError& error) {
    return std::string("log Z is not available for this model: ") + error.what();
  }
  return default_sampler(e).check(e);
}

} // namespace

template <std::floating_point T>
std::vector<std::string> check_evaluation(const TrialSpec& spec, const AnyEnergy<T>& e,
                                          const Dataset<T>* data, bool training) {
  std::vector<std::string> problems;
  const auto add = [&](std::optional<std::string> why) {
    if (why && std::ranges::find(problems, *why) == problems.end()) problems.push_back(std::move(*why));
  };
  for (const Metric m : spec.evaluation.metrics) {
    const std::string name(metric_names()[std::size_t(m)]);
    if (data == nullptr && (std::ranges::find(row_metrics, m) != row_metrics.end() ||
                            m == Metric::free_energy_gap || m == Metric::gradient || m == Metric::recall ||
                            m == Metric::probe_accuracy || m == Metric::label_probabilities))
      add("evaluation.metrics: " + name + " needs data");
    if (m == Metric::log_likelihood || m == Metric::log_partition || m == Metric::elbo)
      add(with_partition_energy(e,
                                [&](const AnyEnergy<T>& z) { return check_partition(spec.evaluation, z); }));
    if (m == Metric::elbo && !supports(e, Capability::top))
      if (auto why = check_mean_field(e)) add("evaluation.metrics: elbo: " + *why);
    if (m == Metric::pseudo_likelihood || m == Metric::stochastic_pseudo_likelihood)
      add(check_pseudo_likelihood(e));
    if (m == Metric::flip_pseudo_likelihood) add(check_flip_pseudo_likelihood(e));
    if (m == Metric::reconstruction_error) add(check_reconstruction(e));
    if (m == Metric::classification_error || m == Metric::conditional_log_likelihood ||
        m == Metric::label_probabilities)
      if (const auto why = check_labels(e))
        add("evaluation.metrics: " + name + " needs p(label | the others): " + *why);
    if ((m == Metric::free_energy || m == Metric::free_energy_gap || m == Metric::log_likelihood) &&
        !derive::has_free_energy(e))
      add(derive::why_no_law(e.space()) ? *derive::why_no_law(e.space())
                                        : "evaluation.metrics: " + name +
                                              " needs the free energy, which has no closed form here and "
                                              "more than 2^12 latent settings");
    if (m == Metric::free_energy_gap && data != nullptr && data->test.shape(0) == 0)
      add("evaluation.metrics: free_energy_gap needs test rows: give data.split or test data");
    if (needs_moments(m) && !has_exact_expectations(e))
      add("evaluation.metrics: " + name + " needs a model that can be enumerated (at most 2^25 states)");
    if (m == Metric::gradient && data != nullptr)
      add(ExactGradient<T>(PositivePhase<T>({}, default_sampler(e))).check(e));
    if (m == Metric::recall && data != nullptr) {
      Rows<T> rows{&data->train, {}};
      if (data->fresh) rows.index.emplace(); // probabilities; drawn from them, rows hold two values
      add(check_recall(e, rows));
    }
    if (m == Metric::probe_accuracy && data != nullptr)
      if (const auto why = check_probe(spec.evaluation.probe_accuracy.value_or(ProbeSpec{}), e, *data))
        add("evaluation.metrics: probe_accuracy " + *why);
    if (training && (m == Metric::mean || m == Metric::pair_mean || m == Metric::gradient ||
                     m == Metric::label_probabilities))
      add("evaluation.metrics: " + name + " is no single number: it is for 'ebm evaluate'");
  }
  return problems;
}

template <std::floating_point T> bool Evaluator<T>::wants(Metric m) const {
  return contains(spec_, m);
}

template <std::floating_point T>
Evaluator<T>::Evaluator(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>* data,
                        random::Draws draws)
    : spec_(spec.evaluation), draws_(draws), data_(data),
      exact_(with_partition_energy(e, [&](const AnyEnergy<T>& z) { return use_exact(spec.evaluation, z); })) {
  if (data_ != nullptr && data_->fresh) {
    drawn_train_ = data_->train;
    binarize_rows(data_->train, draws_, evaluation_epoch, drawn_train_);
  }
  for (const Metric m : spec_.metrics) {
    const std::string name(metric_names()[std::size_t(m)]);
    if (m == Metric::recall)
      for (const char* what : {".overlap", ".stable"}) columns_.push_back(name + what);
    else if (std::ranges::find(row_metrics, m) == row_metrics.end() && m != Metric::probe_accuracy)
      columns_.push_back(name);
    else
      for (const Part& part : parts()) columns_.push_back(std::string(part.name) + "." + name);
  }
  if (!needs_partition(spec_)) return;
  for (const char* name : {"log_partition", "log_partition.standard_error", "log_partition.estimator"})
    if (std::ranges::find(columns_, name) == columns_.end()) columns_.emplace_back(name);
}

template <std::floating_point T> auto Evaluator<T>::parts() const -> std::vector<Part> {
  if (data_ == nullptr) return {{"train", nullptr, {}, 0}};
  std::vector<Part> all{{"train", train(), data_->train_labels, 0}};
  constexpr std::uint64_t validation_keys = std::uint64_t(1) << 32;
  if (data_->test.shape(0) != 0) all.push_back({"test", &data_->test, data_->test_labels, 1});
  if (data_->validation.shape(0) != 0)
    all.push_back({"validation", &data_->validation, data_->validation_labels, validation_keys});
  return all;
}

template <std::floating_point T> const Batch<T>* Evaluator<T>::train() const {
  return data_ == nullptr ? nullptr : data_->fresh ? &drawn_train_ : &data_->train;
}

template <std::floating_point T> Probe<T> Evaluator<T>::probe(const AnyEnergy<T>& e) const {
  return {spec_.probe_accuracy.value_or(ProbeSpec{}), e, *train(), *data_};
}

template <std::floating_point T> double Evaluator<T>::free_energy_gap(const AnyEnergy<T>& e) const {
  return mean_of(row_free_energies(e, Rows<T>{&data_->test, {}})) -
         mean_of(row_free_energies(e, Rows<T>{train(), {}}));
}

template <std::floating_point T>
auto Evaluator<T>::partition(const AnyEnergy<T>& model, std::uint64_t update,
                             const std::function<bool()>& stopping) const -> Partition {
  if (supports(model, Capability::top)) return partition_of(model.top(), nullptr, update, stopping);
  return partition_of(model, train(), update, stopping);
}

template <std::floating_point T>
auto Evaluator<T>::partition_of(const AnyEnergy<T>& e, const Batch<T>* rows, std::uint64_t update,
                                const std::function<bool()>& stopping) const -> Partition {
  if (exact_) return {exact_log_partition(e), 0, true};
  if (supports(e, Capability::log_partition)) exact_log_partition(e); // throws where there is no law
  const Rows<T> data{rows, {}};
  const IndependentUnits<T> base =
      independent_base<T>(e, rows != nullptr && spec_.ais_base == AisBase::data ? &data : nullptr);
  const AisEstimate estimate = ais(e, base, default_sampler(e),
                                   {std::size_t(spec_.ais_chains), std::size_t(spec_.ais_temperatures),
                                    std::size_t(spec_.ais_sweeps), stopping},
                                   draws_.derived(update));
  if (std::isnan(estimate.log_partition) || estimate.log_partition == infinity)
    throw DivergenceError(
        "annealed importance sampling found no finite log Z: the machine may not be one that "
        "can be normalised");
  return {estimate.log_partition, estimate.standard_error, false};
}

/// The same errors and orders at every update, so that rows of metrics.csv differ by the energy alone.
template <std::floating_point T>
Recall Evaluator<T>::recalled(const AnyEnergy<T>& e, const Batch<T>& rows) const {
  const RecallSpec o = spec_.recall.value_or(RecallSpec{});
  return recall(e, Rows<T>{&rows, {}}, {o.corruption, std::uint64_t(o.sweeps)}, draws_.derived(recall_key));
}

template <std::floating_point T>
std::vector<double> Evaluator<T>::row_values(Metric m, const AnyEnergy<T>& e, const Part& part,
                                             std::uint64_t update, double log_z) const {
  const Rows<T> rows{part.rows, {}};
  const random::Draws draws = draws_.derived(2 * std::uint64_t(m) + part.first_key);
  switch (m) {
  case Metric::pseudo_likelihood:
    return pseudo_likelihoods(e, rows);
  case Metric::stochastic_pseudo_likelihood:
    return stochastic_pseudo_likelihoods(e, rows, draws, update);
  case Metric::flip_pseudo_likelihood:
    return flip_pseudo_likelihoods(e, rows, draws, update);
  case Metric::reconstruction_error:
    return reconstruction_errors(e, rows, draws, update);
  case Metric::elbo: {
    std::vector<double> bounds =
        supports(e, Capability::top)
            ? recognition_bounds(e, rows, draws, update)
            : mean_field_bounds(e, rows, {std::size_t(spec_.mean_field.value_or(MeanFieldSpec{}).sweeps), 0});
    for (double& v : bounds) v -= log_z;
    return bounds;
  }
  case Metric::classification_error:
    return label_errors(e, rows);
  case Metric::conditional_log_likelihood:
    return label_log_likelihoods(e, rows);
  default:
    break;
  }
  if (m != Metric::log_likelihood) return row_free_energies(e, rows);
  std::vector<double> log_p = row_log_weights(e, rows);
  for (double& v : log_p) v -= log_z;
  return log_p;
}

template <std::floating_point T>
std::vector<std::string> Evaluator<T>::evaluate(const AnyEnergy<T>& e, std::uint64_t update,
                                                const std::function<bool()>& stopping) const {
  std::map<std::string, std::string> cells;
  Partition z;
  if (needs_partition(spec_)) {
    z = partition(e, update, stopping);
    cells["log_partition"] = cell(z.value);
    cells["log_partition.standard_error"] = cell(z.standard_error);
    cells["log_partition.estimator"] = z.exact ? "exact" : "ais";
  }
  for (const Metric m : row_metrics) {
    if (!wants(m)) continue;
    for (const Part& part : parts())
      cells[fmt::format("{}.{}", part.name, metric_names()[std::size_t(m)])] =
          cell(mean_of(row_values(m, e, part, update, z.value)));
  }
  if (wants(Metric::probe_accuracy)) {
    const Probe<T> fitted = probe(e);
    for (const Part& part : parts())
      cells[fmt::format("{}.probe_accuracy", part.name)] = cell(fitted.accuracy(*part.rows, part.labels));
  }
  if (wants(Metric::free_energy_gap)) cells["free_energy_gap"] = cell(free_energy_gap(e));
  if (wants(Metric::mean_energy) || wants(Metric::entropy)) {
    const ExactMoments moments = exact_moments(e);
    cells["mean_energy"] = cell(moments.mean_energy);
    cells["entropy"] = cell(moments.entropy());
  }
  if (wants(Metric::recall)) {
    const Recall r = recalled(e, *train());
    cells["recall.overlap"] = cell(r.overlap);
    cells["recall.stable"] = cell(r.stable);
  }
  std::vector<std::string> row;
  for (const std::string& name : columns_) row.push_back(cells[name]);
  return row;
}

template <std::floating_point T> Json Evaluator<T>::json(const AnyEnergy<T>& e) const {
  Json out;
  Partition z;
  if (needs_partition(spec_)) z = partition(e, 0);
  ExactMoments moments;
  if (std::ranges::any_of(spec_.metrics, needs_moments)) moments = exact_moments(e);
  for (const Metric m : spec_.metrics) {
    const std::string name(metric_names()[std::size_t(m)]);
    if (std::ranges::find(row_metrics, m) != row_metrics.end()) {
      const std::vector<double> values = row_values(m, e, parts()[0], 0, z.value);
      out[name] = {{"mean", number(mean_of(values))}, {"values", numbers(values)}};
    } else if (m == Metric::log_partition) {
      out[name] = number(z.value);
    } else if (m == Metric::mean_energy) {
      out[name] = number(moments.mean_energy);
    } else if (m == Metric::entropy) {
      out[name] = number(moments.entropy());
    } else if (m == Metric::mean) {
      out[name] = numbers(moments.mean);
    } else if (m == Metric::pair_mean) {
      out[name] = matrix(moments.pair_mean, false);
    } else if (m == Metric::free_energy_gap) {
      out[name] = number(free_energy_gap(e));
    } else if (m == Metric::label_probabilities) {
      out[name] = matrix(label_probabilities(e, Rows<T>{train(), {}}), false);
    } else if (m == Metric::probe_accuracy) {
      out[name] = number(probe(e).accuracy(*train(), data_->train_labels));
    } else if (m == Metric::recall) {
      const Recall r = recalled(e, *train());
      out[name] = {{"overlap", number(r.overlap)}, {"stable", number(r.stable)}};
    } else if (m == Metric::gradient) {
      // Of the mean log-likelihood: the estimators' gradient has the opposite sign.
      const ExactGradient<T> exact(PositivePhase<T>({}, default_sampler(e)));
      Parameters<T> g = e.parameters();
      g.fill(T(0));
      typename ExactGradient<T>::state_type state;
      exact.estimate(e, Rows<T>{train(), {}}, state, draws_, g);
      for (const auto& a : g) {
        Batch<T> ascent = a.value;
        for (T& v : all(ascent)) v = -v;
        out[name][a.name] = matrix(ascent, a.shape.size() == 1);
      }
    }
  }
  if (needs_partition(spec_) && !z.exact) {
    out["log_partition_standard_error"] = number(z.standard_error);
    out["log_partition_estimator"] = "ais";
  }
  return out;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::vector<std::string> check_evaluation<T>(const TrialSpec&, const AnyEnergy<T>&,               \
                                                        const Dataset<T>*, bool);                            \
  template class Evaluator<T>;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
