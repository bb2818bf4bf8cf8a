#include "experiments/run/sample_command.hpp"

#include <cmath>
#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/run/chains.hpp"
#include "experiments/run/clamp.hpp"
#include "experiments/run/figures.hpp"
#include "experiments/run/run.hpp"
#include "experiments/store/record.hpp"
#include "experiments/store/trial_path.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t samples_key = 0x73616d70u;
constexpr std::size_t widest_strip = 8;
constexpr std::uint8_t line = 128;  ///< grey value between tiles
constexpr double free_shade = 0.75; ///< of free pixels, from black to white: not that of lines

std::string why_no_parameters(const TrialPath& trial) {
  const auto status = read_json_object(trial.folder / "status.json");
  const auto state = status.find("state");
  for (const TrialState failure : {TrialState::diverged, TrialState::failed})
    if (state != status.end() && *state == name_of(failure))
      return fmt::format("the trial has {}, so it has no parameters to sample with (log.txt says why)",
                         name_of(failure));
  return "params.npz is missing: the trial has not finished (`ebm status` says how far it is)";
}

/// Draws in the original units of other data than the trial's would be wrong without a word.
void check_content(Experiment x, const TrialPath& trial, Session& session) {
  const auto status = read_json_object(trial.folder / "status.json");
  const auto identity = status.find("identity");
  if (identity == status.end()) return; // the trial has not ended
  x.base = trial.base;
  identify_by_content(x, session);
  if (*identity != x.trials[0].identity)
    throw InputError(
        trial.folder.string() +
        ": config.yaml, or the content of a data or parameter file, is not the same as in the run, or the "
        "run "
        "is of a version of ebm with other results: bring the file back, or run the experiment again");
}

/// What the trial learned. Trials that only sample have the parameters that their file says.
template <class T>
AnyEnergy<T> learned_energy(TrialSpec spec, const Dataset<T>* data, const TrialPath& trial, random::Key key) {
  const fs::path file = fs::absolute(trial.folder) / "params.npz";
  if (spec.trainer.method != Method::none) {
    std::error_code error;
    if (!fs::exists(file, error)) throw InputError(trial.folder.string() + ": " + why_no_parameters(trial));
    spec.model.parameters = file.string();
  }
  return build_energy<T>(spec.model, data, trial.base, key);
}

/// Gibbs sampling, the default, gives way where it does not fit; any other sampler was asked for.
template <class T> void check_sampler(const SamplerSpec& spec, const AnyEnergy<T>& e) {
  if (spec.type == "gibbs") return;
  if (const auto why = build_sampler<T>(spec).check(e))
    throw InputError(fmt::format("sampler.type {}, which the run did not use, does not fit the model: {}",
                                 spec.type, *why));
}

template <class T> AnySampler<T> fitting_sampler(const SamplerSpec& spec, const AnyEnergy<T>& e) {
  AnySampler<T> own = build_sampler<T>(spec);
  const bool slow =
      spec.type == "gibbs" && supports(e, Capability::top); // site by site, for want of a file's word
  if (!slow && !own.check(e)) return own;
  AnySampler<T> other = default_sampler(e);
  if (const auto why = other.check(e)) throw InputError(*why);
  return other;
}

/// The rows that chains take values from; none without data.
template <class T> class SourceRows {
 public:
  SourceRows(const Dataset<T>* data, const SampleOptions& o, const random::Draws& draws) {
    if (data == nullptr) {
      if (o.start == "data" || !o.from.empty() || o.first != 0)
        throw InputError(
            "the trial has no data to take rows from: use --start random, without --from and --first");
      return;
    }
    const bool test = o.from.empty() ? data->test.shape(0) != 0 : o.from == "test";
    if (test && data->test.shape(0) == 0)
      throw InputError("--from test: the data have no test rows; use --from train");
    values_ = test ? data->test : data->train;
    if (data->fresh && !test) binarize_rows(data->train, draws, 0, values_);
    if (o.first >= values_.shape(0))
      throw InputError(fmt::format("--first {}: the {} rows are 0 to {}", o.first, test ? "test" : "training",
                                   values_.shape(0) - 1));
  }
  bool empty() const { return values_.size() == 0; }
  Rows<T> rows() const { return {&values_, {}}; }

 private:
  Batch<T> values_ = make_batch<T>(0, 0);
};

template <class T> class Sampling {
 public:
  Sampling(const TrialSpec& spec, const AnyEnergy<T>& e, const Clamp& clamp, const SourceRows<T>& source,
           const SampleOptions& o, const Dataset<T>* data, const random::Draws& draws)
      : data_(data), spec_(spec), energy_(e), clamp_(clamp),
        free_(std::make_shared<const FreeSites<AnyEnergy<T>>>(e, clamp.fixed)), source_(source), options_(o),
        draws_(draws), columns_(e.space().visible_columns()), starts_(o.chains * columns_),
        samples_(o.chains * columns_) {
    if (source.empty() && clamp.needs_rows(e.space()))
      throw InputError("--clamp: the trial has no data to take values from; give them, BLOCK=v1,v2,…");
    const parallel::WorkItems items(o.chains);
    parallel::for_each(items.size(), [&](std::size_t i) { run(items[i]); });
    for (const T v : samples_)
      if (!std::isfinite(v))
        throw InputError("the chains are not finite: a smaller sampler.step_size in the experiment helps");
  }
  /// Visible values [chains, visible columns] that chains started at, and those of the samples, in the
  /// original units.
  const std::vector<T>& starts() const { return starts_; }
  const std::vector<T>& samples() const { return samples_; }

 private:
  void run(parallel::Range range) {
    const StateSpace& space = energy_.space();
    State<T> whole = random_start<T>(space, range, draws_);
    if (!source_.empty()) source_.rows().copy_to(space, options_.first + range.first, whole);
    clamp_.write_values(whole);
    keep(whole, range, starts_);
    const State<T> fixed = whole;
    const Conditioned given(free_, fixed);
    const AnyEnergy<T> conditioned(given);
    // The adaptor hides closed forms that samplers may need, such as the top of a belief net.
    const AnyEnergy<T>& e = clamp_.empty() ? energy_ : conditioned;
    const AnySampler<T> sampler = fitting_sampler(spec_.sampler, e);
    const bool random = options_.start == "random" || source_.empty();
    State<T> x = random ? random_start<T>(e.space(), range, draws_) : given.free_part(whole);
    if (!random) draw_latents(e, spec_.trainer.positive, std::uint32_t(range.first), draws_, x);
    auto state = sampler.init(e, std::move(x), std::uint32_t(range.first), 0);
    for (std::size_t s = 0; s < options_.sweeps; ++s) sampler.step(e, state, draws_);
    x = sampler.chains(state).x;
    if (options_.means) set_visible_means(e, x);
    given.complete(x, whole);
    keep(whole, range, samples_);
  }

  void keep(const State<T>& x, parallel::Range range, std::vector<T>& to) const {
    for (std::size_t c = 0; c < range.count; ++c) {
      const auto values = std::span<T>(to).subspan((range.first + c) * columns_, columns_);
      copy_visible(energy_.space(), x, c, values.data());
      if (data_ != nullptr) data_->to_original(values);
    }
  }

  const Dataset<T>* data_;
  const TrialSpec& spec_;
  const AnyEnergy<T>& energy_;
  const Clamp& clamp_;
  std::shared_ptr<const FreeSites<AnyEnergy<T>>> free_; ///< of all work items
  const SourceRows<T>& source_;
  const SampleOptions& options_;
  random::Draws draws_;
  std::size_t columns_;
  std::vector<T> starts_, samples_;
};

/// Strips of three rows of tiles: where chains started, the same with free pixels light grey, the samples.
template <class T>
GreyImage completions(const Sampling<T>& s, const Clamp& clamp, std::size_t chains, ImageSize image,
                      GreyScale scale) {
  const std::size_t columns = clamp.columns.size(), pixels = image.first * image.second;
  const std::size_t shown = std::max<std::size_t>(1, tiles_of(3 * chains, image) / 3);
  const std::size_t wide = std::min(shown, widest_strip);
  Tiles tiles{image.first, image.second, {}};
  for (std::size_t strip = 0; strip < shown / wide; ++strip)
    for (int kind = 0; kind < 3; ++kind)
      for (std::size_t c = strip * wide; c < (strip + 1) * wide; ++c)
        for (std::size_t i = 0; i < pixels; ++i)
          tiles.values.push_back(kind == 2 ? double(s.samples()[c * columns + i])
                                 : kind == 0 || clamp.columns[i]
                                     ? double(s.starts()[c * columns + i])
                                     : std::lerp(scale.black, scale.white, free_shade));
  return tile_grid(tiles, scale, line, wide);
}

template <class T>
GreyImage picture(const Sampling<T>& s, const Clamp& clamp, std::size_t chains, ImageSize image,
                  GreyScale scale) {
  if (std::ranges::find(clamp.columns, true) != clamp.columns.end())
    return completions(s, clamp, chains, image, scale);
  Tiles tiles{image.first, image.second, {}};
  for (std::size_t c = 0; c < tiles_of(chains, image); ++c) {
    const auto first = s.samples().begin() + std::ptrdiff_t(c * clamp.columns.size());
    tiles.values.insert(tiles.values.end(), first, first + std::ptrdiff_t(tiles.pixels()));
  }
  return tile_grid(tiles, scale, line);
}

template <class T>
std::vector<fs::path> write(const Experiment& x, const TrialPath& trial, const SampleOptions& o) {
  const TrialSpec& spec = x.settings[0].spec;
  const std::int64_t replicate = x.replicates[0];
  Session session;
  session.base = trial.base;
  check_content(x, trial, session);
  const auto data = load_data<T>(spec, replicate, session);
  const AnyEnergy<T> e = learned_energy<T>(spec, data.get(), trial, replicate_key(spec, replicate));
  check_sampler(spec.sampler, e);
  const auto image = image_size(e.space(), data.get());
  Clamp clamp = read_clamp(o.clamp, e.space(), image);
  if (data != nullptr) clamp.standardize(e.space(), data->location, data->spread);
  const random::Key seed =
      random::derive({std::uint64_t(o.seed.value_or(spec.seed))}, std::uint64_t(replicate));
  const random::Draws draws = random::Draws(seed).derived(samples_key);
  const SourceRows<T> source(data.get(), o, draws);
  const Sampling<T> sampling(spec, e, clamp, source, o, data.get(), draws);
  std::string png;
  if (image) png = png_bytes(picture(sampling, clamp, o.chains, *image, value_scale(e.space(), *data)));

  const fs::path folder = o.output.empty() ? trial.folder / "samples" : o.output;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  std::vector<fs::path> written{folder / "samples.npy"};
  write_npy(written[0], {o.chains, clamp.columns.size()}, std::span<const T>(sampling.samples()));
  if (image) write_atomically(written.emplace_back(folder / "samples.png"), png);
  return written;
}

} // namespace

std::vector<fs::path> write_samples(const SampleOptions& o) {
  const TrialPath trial = find_trial(o.trial);
  Diagnostics diagnostics;
  const Experiment x = read_experiment(trial.folder / "config.yaml", {}, diagnostics);
  if (!diagnostics.empty()) throw InputError(diagnostics.text());
  if (x.trials.size() != 1)
    throw InputError((trial.folder / "config.yaml").string() + ": expected the file of one trial");
  const parallel::Threads limit(o.threads != 0 ? o.threads : parallel::available_cores());
  return x.settings[0].spec.precision == Precision::float_ ? write<float>(x, trial, o)
                                                           : write<double>(x, trial, o);
}

} // namespace ebm::experiments
