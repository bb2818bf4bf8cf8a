#include "experiments/run/figures.hpp"

#include "experiments/io/files.hpp"
#include "experiments/run/chains.hpp"
#include "experiments/run/scatter.hpp"

namespace ebm::experiments {
namespace {

constexpr std::uint64_t figures_key = 0x66696775u, points_key = 1; ///< the latter of scatter.svg
constexpr std::size_t most_tiles = 64, largest_side = 4096;
constexpr std::size_t most_pixels = 1u << 22; ///< of all tiles together, unless a single one has more
constexpr std::uint64_t most_sweeps = 500, fewest_sweeps = 10;
/// Of all sweeps of all chains: 500 of 64 for a machine of 784 x 500 bernoulli units.
constexpr double budget = 1.3e10;
/// Measured times of an entry of the parameters over that of one between two-valued units drawn in blocks,
/// right to a factor of 3: for self-coupled and continuous blocks, and for one site moved by energies.
constexpr double coupled_cost = 2, continuous_cost = 200, site_cost = 10;

void write_grid(const std::filesystem::path& file, const Tiles& tiles, GreyScale scale, std::uint8_t line) {
  std::filesystem::create_directories(file.parent_path());
  write_atomically(file, png_bytes(tile_grid(tiles, scale, line)));
}

/// The weights between the pixels, with or without the visible columns after them, and a latent block; null
/// if there are none.
template <class T> const ParameterArray<T>* filters(const AnyEnergy<T>& e, std::size_t pixels) {
  const StateSpace& space = e.space();
  for (const ParameterArray<T>& a : e.parameters()) {
    const bool couples = a.role == ParameterRole::weight && !a.symmetric && a.shape.size() == 2 &&
                         (a.shape[0] == pixels || a.shape[0] == space.visible_columns());
    for (const BlockId b : space.latent_blocks())
      if (couples && a.shape[1] == space[b].columns()) return &a;
  }
  return nullptr;
}

template <class T> Tiles filter_tiles(const ParameterArray<T>& W, ImageSize image) {
  Tiles tiles{image.first, image.second, {}};
  const std::size_t n = tiles_of(W.shape[1], image);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < tiles.pixels(); ++i) tiles.values.push_back(double(W.value(i, j)));
  return tiles;
}

/// Cost of a sweep of one chain. `gibbs` draws blocks from conditionals where the energy has them,
/// `ancestral` draws all of them so.
template <class T> double sweep_cost(const AnyEnergy<T>& e, const std::string& sampler) {
  double entries = 0, columns = 0, sites = 0, of_entry = 1;
  bool conditionals = true;
  for (const ParameterArray<T>& a : e.parameters()) entries += double(a.value.size());
  for (BlockId b = 0; b < e.space().size(); ++b) {
    const Block& block = e.space()[b];
    const bool coupled = supports(e, Capability::self_coupling, b);
    columns += double(block.columns());
    if (block.discrete()) sites += double(block.sites);
    if (coupled) of_entry = std::max(of_entry, coupled_cost);
    if (!block.discrete()) of_entry = continuous_cost;
    conditionals = conditionals && (coupled || supports(e, Capability::block_natural, b));
  }
  const bool blocks = sampler == "ancestral" || (sampler == "gibbs" && conditionals);
  return std::max(entries, columns) * of_entry * (blocks ? 1 : 1 + site_cost * sites);
}

template <class T> struct Plan {
  AnySampler<T> sampler;
  std::uint64_t sweeps;
};

/// The first sampler that fits the energy and can afford all sweeps, else the one that can afford the most.
template <class T>
std::optional<Plan<T>> plan(const TrialSpec& spec, const AnyEnergy<T>& e, std::size_t chains) {
  std::optional<Plan<T>> best;
  const auto consider = [&](AnySampler<T> sampler, const std::string& name) {
    if (sampler.check(e)) return;
    const double sweeps = budget / (double(chains) * sweep_cost(e, name));
    const Plan<T> p{std::move(sampler), std::uint64_t(std::min(sweeps, double(most_sweeps)))};
    if (p.sweeps >= fewest_sweeps && (!best || p.sweeps > best->sweeps)) best = p;
  };
  consider(build_sampler<T>(spec.sampler), spec.sampler.type);
  consider(default_sampler(e), default_sampler_type(e));
  return best;
}

/// Chains that start at training rows, in the order of persistent chains.
template <class T>
std::vector<typename AnySampler<T>::state_type> started(const TrialSpec& spec, const AnyEnergy<T>& e,
                                                        const AnySampler<T>& sampler, const Batch<T>& rows,
                                                        std::size_t chains, const random::Draws& draws) {
  std::vector<std::uint32_t> order(rows.shape(0));
  random::permutation(draws, {random::Stream::chain_init, 0, 0, 0}, order);
  const Rows<T> shuffled{&rows, std::span<const std::uint32_t>(order)};
  const parallel::WorkItems items(chains);
  std::vector<typename AnySampler<T>::state_type> states(items.size());
  parallel::for_each(items.size(), [&](std::size_t i) {
    const auto first = std::uint32_t(items[i].first);
    State<T> x = random_start<T>(e.space(), items[i], draws);
    shuffled.copy_to(e.space(), first, x);
    draw_latents(e, spec.trainer.positive, first, draws, x);
    states[i] = sampler.init(e, std::move(x), first, 0);
  });
  return states;
}

/// What the visible units of so many chains end at, in the original units, [chains, visible columns]: `means`
/// where the energy gives them and they are asked for, else values. Nothing where it costs too much.
template <class T>
std::optional<Batch<T>> samples(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data,
                                const random::Draws& draws, std::size_t chains, bool means) {
  const auto chosen = plan(spec, e, chains);
  if (!chosen) return std::nullopt;
  auto states = started(spec, e, chosen->sampler, data.train, chains, draws);
  parallel::for_each(states.size(), [&](std::size_t i) {
    for (std::uint64_t s = 0; s < chosen->sweeps; ++s) chosen->sampler.step(e, states[i], draws);
  });
  Batch<T> shown = make_batch<T>(chains, e.space().visible_columns());
  std::size_t next = 0;
  for (const auto& state : states) {
    State<T> x = chosen->sampler.chains(state).x;
    if (means) set_visible_means(e, x);
    for (std::size_t c = 0; c < x.chains(); ++c) copy_visible(e.space(), x, c, row(shown, next++).data());
  }
  data.to_original(shown);
  return shown;
}

template <class T> Tiles tiles_from(const Batch<T>& rows, ImageSize image) {
  Tiles tiles{image.first, image.second, {}};
  for (std::size_t c = 0; c < rows.shape(0); ++c) {
    const auto pixels = row(rows, c).first(tiles.pixels());
    tiles.values.insert(tiles.values.end(), pixels.begin(), pixels.end());
  }
  return tiles;
}

} // namespace

std::size_t tiles_of(std::size_t n, ImageSize image) {
  const std::size_t room = std::max<std::size_t>(1, most_pixels / (image.first * image.second));
  return std::min({n, most_tiles, room});
}

template <std::floating_point T>
std::optional<ImageSize> image_size(const StateSpace& space, const Dataset<T>* data) {
  if (data == nullptr || !data->image) return std::nullopt;
  const auto [height, width] = *data->image;
  const bool fits = std::max(height, width) <= largest_side &&
                    height * width + data->label_columns == space.visible_columns();
  return fits ? data->image : std::nullopt;
}

template <std::floating_point T> GreyScale value_scale(const StateSpace& space, const Dataset<T>& data) {
  if (data.location.empty()) {
    if (const auto two = two_values(space[0])) return {two->first, two->second};
    if (space[0].discrete()) return {0, space[0].highest()};
  }
  double low = infinity, high = -infinity;
  std::vector<T> values;
  for (std::size_t i = 0; i < data.train.shape(0); ++i) {
    values.assign(row(data.train, i).begin(), row(data.train, i).end());
    data.to_original(std::span<T>(values));
    for (const T v : std::span<const T>(values).first(values.size() - data.label_columns)) {
      low = std::min(low, double(v));
      high = std::max(high, double(v));
    }
  }
  return low < high ? GreyScale{low, high} : GreyScale{low, low + 1};
}

template <std::floating_point T>
void write_figures(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data,
                   const random::Draws& draws, const std::filesystem::path& folder) {
  const random::Draws own = draws.derived(figures_key);
  if (is_planar(e.space())) {
    const std::size_t points = std::min(data.train.shape(0), most_points);
    if (const auto drawn = samples(spec, e, data, own.derived(points_key), points, false))
      write_scatter(e.space(), &data, *drawn, folder);
  }
  const auto image = image_size(e.space(), &data);
  if (!image) return;
  if (const ParameterArray<T>* W = filters(e, image->first * image->second)) {
    const Tiles tiles = filter_tiles(*W, *image);
    write_grid(folder / "figures" / "filters.png", tiles, symmetric_scale(tiles.values), 0);
  }
  if (const auto drawn = samples(spec, e, data, own, tiles_of(most_tiles, *image), true))
    write_grid(folder / "figures" / "samples.png", tiles_from(*drawn, *image), value_scale(e.space(), data),
               128);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<ImageSize> image_size<T>(const StateSpace&, const Dataset<T>*);                     \
  template GreyScale value_scale<T>(const StateSpace&, const Dataset<T>&);                                   \
  template void write_figures<T>(const TrialSpec&, const AnyEnergy<T>&, const Dataset<T>&,                   \
                                 const random::Draws&, const std::filesystem::path&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
