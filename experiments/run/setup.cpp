#include "experiments/run/setup.hpp"

#include <fmt/format.h>

#include "ebm/learning/associative_memory.hpp"
#include "ebm/learning/discriminative.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/run/finetuning.hpp"
#include "experiments/run/parameter_files.hpp"
#include "experiments/spec/option_reader.hpp"

namespace ebm::experiments {
namespace {

/// The registry's build with the model's own errors unchanged.
template <class T> AnyEnergy<T> build_model(const ModelSpec& spec, const Dataset<T>* data) {
  return models().find(spec.type)->build<T>(
      spec.options,
      data != nullptr ? ModelContext{data->train.shape(1), data->label_columns} : ModelContext{});
}

} // namespace

template <std::floating_point T>
void fit_to_units(const StateSpace& space, Batch<T>& data, std::string_view which) {
  if (data.shape(0) == 0) return;
  if (data.shape(1) != space.visible_columns())
    throw InputError(fmt::format("the {} rows have {} columns, but the model has {} visible ones", which,
                                 data.shape(1), space.visible_columns()));
  std::size_t offset = 0;
  std::vector<std::optional<T>> down(data.shape(1)); // how a column writes a spin that is not 1: 0 or -1
  for (const Block& b : space.blocks()) {
    if (b.latent()) continue;
    const bool spin = std::holds_alternative<units::Spin>(b.unit), bounded = b.discrete() && !spin;
    const T highest = T(b.highest());
    for (std::size_t i = 0; i < data.shape(0); ++i)
      for (std::size_t j = offset; j < offset + b.columns(); ++j) {
        T& v = data(i, j);
        if (b.rectified() && !(v >= T(0)))
          throw InputError(fmt::format("{} row {}, column {} is {}, but {} units take values from 0 on",
                                       which, i, j, double(v), b.unit_name()));
        const bool fits = bounded ? v >= T(0) && v <= highest : !spin || v == T(0) || v == T(1) || v == T(-1);
        if (!fits)
          throw InputError(
              fmt::format("{} row {}, column {} is {}, but {} units take {}: use data.binarize or data.scale",
                          which, i, j, double(v), b.unit_name(),
                          spin             ? "-1 and 1 (or 0 and 1)"
                          : b.width() == 1 ? fmt::format("values from 0 to {}", highest)
                                           : "one-hot columns of 0 and 1"));
        if (!spin || v == T(1)) continue;
        if (down[j].value_or(v) != v)
          throw InputError(fmt::format(
              "{} row {}, column {} is {}, but an earlier value of the column is {}: {} units take "
              "-1 and 1 or 0 and 1, not both: use data.binarize",
              which, i, j, double(v), double(*down[j]), b.unit_name()));
        down[j] = v;
        v = T(-1);
      }
    if (std::holds_alternative<units::Categorical>(b.unit))
      for (std::size_t i = 0; i < data.shape(0); ++i)
        for (std::size_t j = offset; j < offset + b.columns(); j += b.width()) {
          T sum = 0;
          for (std::size_t k = 0; k < b.width(); ++k) sum += data(i, j + k);
          if (std::abs(sum - T(1)) > T(1e-5))
            throw InputError(fmt::format("{} row {}: columns {} to {} must be one-hot (add up to 1), as the "
                                         "visible units are categorical",
                                         which, i, j, j + b.width() - 1));
        }
    offset += b.columns();
  }
}

namespace {

template <class T> RawData teacher_data(const TeacherSpec& spec, const std::filesystem::path& base) {
  const random::Draws draws(random::derive({std::uint64_t(spec.seed)}, 0x7465616368u));
  const AnyEnergy<T> e = build_energy<T>(spec.model, nullptr, base, draws.key());
  const auto total = std::size_t(spec.rows + spec.test_rows);
  const State<T> x = exact_samples(e, total, random::Stream::data, draws);
  const std::size_t columns = e.space().visible_columns();
  const auto rows = [&](std::size_t first, std::size_t count) {
    std::vector<double> values;
    values.reserve(count * columns);
    for (std::size_t i = first; i < first + count; ++i)
      for (BlockId b = 0; b < e.space().size(); ++b)
        if (!e.space()[b].latent()) values.insert(values.end(), row(x[b], i).begin(), row(x[b], i).end());
    return RawRows{count, columns, std::move(values)};
  };
  RawData data{rows(0, std::size_t(spec.rows)), {}, {}, {}, {}};
  if (spec.test_rows != 0) data.test = rows(std::size_t(spec.rows), std::size_t(spec.test_rows));
  return data;
}

template <class T>
Dataset<T> make_dataset(const TrialSpec& spec, std::int64_t replicate, const std::filesystem::path& base) {
  const random::Key key = replicate_key(spec, replicate);
  RawData raw =
      spec.data.teacher
          ? teacher_data<T>(*spec.data.teacher, base)
          : data_types().find(spec.data.type)->second.load(spec.data.options, DataContext{base, key.value});
  Dataset<T> set = prepare<T>(std::move(raw), spec.data.preparation, spec.data.preparation.split_seed(key),
                              random::Key{std::uint64_t(spec.seed)});
  const AnyEnergy<T> e = build_model<T>(spec.model, &set);
  fit_to_units(e.space(), set.train, "training");
  fit_to_units(e.space(), set.test, "test");
  fit_to_units(e.space(), set.validation, "validation");
  return set;
}

/// What the trainer asks of the model's arrays.
template <class T>
void check_aids(const TrainerSpec& t, const AnyEnergy<T>& e, std::vector<std::string>& problems) {
  const Parameters<T>& theta = e.parameters();
  std::vector<std::string> names;
  for (const auto& a : theta)
    if (!a.fixed) names.push_back(a.name);
  for (const auto& [name, l2] : t.optimizer.decay)
    if (std::ranges::find(names, name) == names.end())
      problems.push_back(fmt::format("trainer.optimizer.decay.{}: this model learns no such array, but {}{}",
                                     name, fmt::join(names, ", "), did_you_mean(name, names)));
  if (t.optimizer.max_norm && std::none_of(theta.begin(), theta.end(), leads_into_units<T>))
    problems.push_back("trainer.optimizer.max_norm is for weights from one block of units into another, and "
                       "this model has none");
  if (auto why = Centering<T>(t.options(0).centering).check(theta)) problems.push_back(*why);
  if (!t.sparsity) return;
  if (auto why = Sparsity<T>(*t.sparsity).check(e)) problems.push_back(*why);
}

template <class T>
std::optional<std::string> check_stored(Method method, const AnyEnergy<T>& e, const Dataset<T>* data) {
  const std::string key = fmt::format("trainer.method {}: ", method_names()[std::size_t(method)]);
  if (const auto why = check_storage(e)) return key + *why;
  if (method == Method::hebbian || data == nullptr) return std::nullopt;
  const auto why = linear_dependence(data->train);
  return why ? std::optional(key + *why) : std::nullopt;
}

template <class T>
std::vector<std::string> check_training(const TrialSpec& spec, const AnyEnergy<T>& e,
                                        const Dataset<T>* data) {
  std::vector<std::string> problems;
  const TrainerSpec& t = spec.trainer;
  if (stores(t.method)) {
    if (auto why = check_stored(t.method, e, data)) problems.push_back(*why);
    return problems;
  }
  if (t.method != Method::layerwise) {
    if (auto why = build_estimator<T>(spec).check(e))
      problems.push_back(*why);
    else
      check_aids(t, e, problems);
  }
  if (t.pretraining && !supports(e, Capability::layers)) {
    problems.emplace_back("trainer.pretraining trains the layers of a model one by one: rbm, dbn or dbm");
  } else if (t.pretraining) {
    for (std::size_t l = 0; l < e.stack().layers.size(); ++l) {
      const AnyEnergy<T> machine = e.layer(l);
      const AnySampler<T> gibbs = default_sampler(machine);
      if (auto why = Contrastive<T>(Start::data, gibbs, 1, 1, PositivePhase<T>({}, gibbs)).check(machine))
        problems.push_back("trainer.pretraining: " + *why);
    }
  }
  if (t.finetuning)
    if (auto why = check_finetuning(*t.finetuning, e, data)) problems.push_back(*why);
  return problems;
}

template <class T>
std::vector<std::string> check_typed(const TrialSpec& spec, std::int64_t replicate, Session& session,
                                     bool training) {
  std::vector<std::string> problems;
  try {
    const auto data = load_data<T>(spec, replicate, session);
    const AnyEnergy<T> e =
        build_energy<T>(spec.model, data.get(), session.base, replicate_key(spec, replicate));
    if (training) {
      if (spec.trainer.method == Method::none) {
        if (auto why = build_sampler<T>(spec.sampler).check(e)) problems.push_back(*why);
      } else {
        if (data == nullptr) problems.push_back("trainer.method needs data to learn from");
        for (const std::string& why : check_training(spec, e, data.get())) problems.push_back(why);
      }
    }
    for (std::string& why : check_evaluation(spec, e, data.get(), training))
      problems.push_back(std::move(why));
  } catch (const InputError& e) {
    problems.push_back(e.what());
  } catch (const std::bad_alloc&) {
    problems.push_back("the model or the data do not fit into memory");
  } catch (const std::length_error&) {
    problems.push_back("the model or the data do not fit into memory");
  }
  return problems;
}

/// What the model section says but for hidden units and parameters: rows are checked and fitted to visible
/// ones.
std::string visible_part(const Node& resolved) {
  constexpr std::array<std::string_view, 11> others{
      "hidden",   "couplings", "edges",      "hidden_edges",        "coupling",  "field",
      "periodic", "init",      "parameters", "sigma_per_component", "components"};
  std::string text;
  if (const Node* model = resolved.find("model"))
    for (const Node::Entry& entry : model->entries())
      if (std::ranges::find(others, entry.key) == others.end())
        text += fmt::format(" {}: {}", entry.key, entry.value.flow());
  return text;
}

} // namespace

random::Key replicate_key(const TrialSpec& spec, std::int64_t replicate) {
  return random::derive({std::uint64_t(spec.seed)}, std::uint64_t(replicate));
}

template <std::floating_point T>
std::shared_ptr<const Dataset<T>> load_data(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  if (!spec.data.given) return nullptr;
  std::string key = spec.data.identity + fmt::format(" seed {}", spec.seed) + visible_part(spec.resolved);
  const Node* const seed = spec.resolved.find("data")->find("seed");
  if ((spec.data.preparation.split && spec.data.preparation.split->seed == "replicate") ||
      (seed != nullptr && seed->scalar() == "replicate"))
    key += fmt::format(" replicate {}", replicate);
  return session.cache.get<T>(key, [&] { return make_dataset<T>(spec, replicate, session.base); });
}

template <std::floating_point T>
AnyEnergy<T> build_energy(const ModelSpec& spec, const Dataset<T>* data, const std::filesystem::path& base,
                          random::Key key) {
  AnyEnergy<T> e = build_model<T>(spec, data);
  const bool parametric = supports(e, Capability::parameters);
  if (!parametric && (!spec.parameters.empty() || !spec.init.empty()))
    throw InputError("model: this model has no parameters, so it takes neither 'parameters' nor 'init'");
  if (!spec.parameters.empty()) {
    load_parameters(e, base / spec.parameters);
  } else if (parametric) {
    const Rows<T> rows{data != nullptr ? &data->train : nullptr, {}};
    initialise(e, spec.init, data != nullptr ? &rows : nullptr, random::Draws(key));
  }
  return e;
}

template <std::floating_point T> AnySampler<T> build_sampler(const SamplerSpec& spec) {
  return samplers().find(spec.type)->build<T>(spec.options, SamplerContext{});
}

namespace {
template <class T> AnySampler<T> sampler_of_type(std::string_view type) {
  Diagnostics unused;
  OptionReader reader(nullptr, "", "", unused);
  const auto* entry = samplers().find(type);
  return entry->template build<T>(entry->read(reader), SamplerContext{});
}
} // namespace

template <std::floating_point T> std::string default_sampler_type(const AnyEnergy<T>& e) {
  if (supports(e, Capability::top)) return "ancestral";
  return sampler_of_type<T>("gibbs").check(e) ? "metropolis" : "gibbs";
}

template <std::floating_point T> AnySampler<T> default_sampler(const AnyEnergy<T>& e) {
  return sampler_of_type<T>(default_sampler_type(e));
}

template <std::floating_point T> AnyEstimator<T> build_estimator(const TrialSpec& spec) {
  const Method method = spec.trainer.method;
  if (method == Method::discriminative) return AnyEstimator<T>(Discriminative<T>());
  PositiveOptions options = spec.trainer.positive;
  if (method == Method::exact) options.statistics = LatentStatistics::means;
  const PositivePhase<T> positive(options, sampler_of_type<T>("gibbs"));
  if (method == Method::exact) return AnyEstimator<T>(ExactGradient<T>(positive));
  Contrastive<T> contrastive(method == Method::pcd ? Start::chains : Start::data,
                             build_sampler<T>(spec.sampler), spec.sampler.sweeps, spec.sampler.chains,
                             positive);
  if (method != Method::hybrid) return AnyEstimator<T>(std::move(contrastive));
  return AnyEstimator<T>(
      Hybrid<T>(Discriminative<T>(), std::move(contrastive), spec.trainer.generative_weight));
}

std::vector<std::string> check_setting(const TrialSpec& spec, std::int64_t replicate, Session& session,
                                       bool training) {
  return spec.precision == Precision::float_ ? check_typed<float>(spec, replicate, session, training)
                                             : check_typed<double>(spec, replicate, session, training);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void fit_to_units<T>(const StateSpace&, Batch<T>&, std::string_view);                             \
  template std::shared_ptr<const Dataset<T>> load_data<T>(const TrialSpec&, std::int64_t, Session&);         \
  template AnyEnergy<T> build_energy<T>(const ModelSpec&, const Dataset<T>*, const std::filesystem::path&,   \
                                        random::Key);                                                        \
  template AnySampler<T> build_sampler<T>(const SamplerSpec&);                                               \
  template std::string default_sampler_type<T>(const AnyEnergy<T>&);                                         \
  template AnySampler<T> default_sampler<T>(const AnyEnergy<T>&);                                            \
  template AnyEstimator<T> build_estimator<T>(const TrialSpec&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
