#include "ebm/learning/initialise.hpp"

#include <array>
#include <cmath>

#include "ebm/learning/block_arrays.hpp"
#include "ebm/likelihood/base_rates.hpp"

namespace ebm {
namespace {

std::string_view group_of(ParameterRole role) {
  return role == ParameterRole::weight ? "weights" : role == ParameterRole::bias ? "biases" : "scales";
}

/// The visible block whose biases the array holds, and the first data column of that block.
std::optional<std::pair<Block, std::size_t>> visible_block_of(const StateSpace& space,
                                                              std::string_view array) {
  std::size_t offset = 0;
  for (const Block& b : space.blocks()) {
    if (b.latent()) continue;
    if (array == b.name + "_bias") return std::pair{b, offset};
    offset += b.columns();
  }
  return std::nullopt;
}

template <class T>
Initialiser initialiser_of(const ParameterArray<T>& array, const std::map<std::string, Initialiser>& chosen) {
  if (const auto it = chosen.find(array.name); it != chosen.end()) return it->second;
  if (const auto it = chosen.find(std::string(group_of(array.role))); it != chosen.end()) return it->second;
  if (array.initial) return {InitialiserKind::constant, *array.initial};
  if (array.role == ParameterRole::weight) return {InitialiserKind::normal, 0.01};
  return {InitialiserKind::constant, array.role == ParameterRole::scale ? 1.0 : 0.0};
}

/// Biases with which gaussian units have these means where nothing else acts on them: mean · sigma^(p − 2),
/// where a bias pulls by bias · sigma^−p.
template <class T>
std::vector<double> biases_of_means(const Parameters<T>& p, BlockId b, std::span<const double> means,
                                    const std::map<std::string, Initialiser>& chosen) {
  double factor = 1;
  if (const auto scale = arrays_of(p, b).scale)
    factor = std::pow(initialiser_of(p[*scale], chosen).value, p[*scale].bias_power - 2);
  std::vector<double> biases(means.begin(), means.end());
  for (double& v : biases) v *= factor;
  return biases;
}

bool takes_data_mean(const Block& block) {
  return block.discrete() || std::holds_alternative<units::Gaussian>(block.unit);
}

} // namespace

std::span<const Tag> Initialiser::tags() {
  static constexpr std::array<Tag, 6> all{
      Tag{"normal", true, at_least(0), "normal with this standard deviation"},
      Tag{"uniform", true, at_least(0), "uniform on (−a, a)"},
      Tag{"constant", true, {}, "this value"},
      Tag{"sine", true, {}, "a·sin(k + 1), k the row-major index"},
      Tag{"plus_minus", true, {}, "this or its negative, with equal probabilities"},
      Tag{"data_mean",
          false,
          {},
          "log-odds (natural parameters) of the data's means, clipped to [0.001, 0.999]; of gaussian units "
          "the "
          "biases that give these means"}};
  return all;
}

template <std::floating_point T>
std::optional<std::string>
check_initialisers(const AnyEnergy<T>& e, const std::map<std::string, Initialiser>& chosen, bool has_data) {
  std::string names = "weights, biases, scales";
  for (const auto& array : e.parameters()) names += ", " + array.name;
  for (const auto& [key, init] : chosen) {
    bool known = key == "weights" || key == "biases" || key == "scales";
    for (const auto& array : e.parameters()) known = known || key == array.name;
    if (!known) return "model.init." + key + ": this model has no such array; it has " + names;
  }
  for (const auto& array : e.parameters()) {
    const Initialiser init = initialiser_of(array, chosen);
    if (init.kind == InitialiserKind::data_mean) {
      const auto block = visible_block_of(e.space(), array.name);
      if (!block || !takes_data_mean(block->first)) {
        // `biases: data_mean` means the visible ones; the others keep their default.
        if (!chosen.contains(array.name) && array.role == ParameterRole::bias) continue;
        return "data_mean is for the biases of discrete or gaussian visible units, and '" + array.name +
               "' is none";
      }
      if (!has_data) return "data_mean needs data";
    } else if (array.link == Link::log && !(init.kind == InitialiserKind::constant && init.value > 0)) {
      return "'" + array.name + "' must be positive: initialise it with {constant: c}, c > 0";
    }
  }
  return std::nullopt;
}

template <std::floating_point T>
void initialise(AnyEnergy<T>& e, const std::map<std::string, Initialiser>& chosen, const Rows<T>* data,
                const random::Draws& draws) {
  if (auto why = check_initialisers(e, chosen, data != nullptr)) throw InputError(*why);
  std::vector<double> means;
  for (std::size_t k = 0; k < e.parameters().size(); ++k) {
    ParameterArray<T>& array = e.parameters()[k];
    const Initialiser init = initialiser_of(array, chosen);
    const std::size_t columns = array.value.shape(1), width = array.site_width;
    Batch<double> values = make_batch<double>(array.value.shape(0), columns);
    const random::Address at{random::Stream::parameters, k, 0, 0};
    const double a = init.value;
    switch (init.kind) {
    case InitialiserKind::normal:
      draws.normals(at, values);
      for (double& v : all(values)) v *= a;
      break;
    case InitialiserKind::uniform:
      draws.uniforms(at, values);
      for (double& v : all(values)) v = a * (2 * v - 1);
      break;
    case InitialiserKind::constant:
      values.fill(array.link == Link::log ? std::log(a) : a);
      break;
    case InitialiserKind::sine:
      for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] = a * std::sin(double(i) + 1);
      break;
    case InitialiserKind::plus_minus:
      draws.uniforms(at, values);
      for (double& v : all(values)) v = v < 0.5 ? -a : a;
      break;
    case InitialiserKind::data_mean:
      if (const auto block = visible_block_of(e.space(), array.name)) {
        if (means.empty()) means = column_means(*data);
        const auto own = std::span<const double>(means).subspan(block->second, block->first.columns());
        std::ranges::copy(
            block->first.discrete()
                ? naturals_of_means(block->first, own)
                : biases_of_means(e.parameters(), *e.space().find(block->first.name), own, chosen),
            values.data());
      }
      break;
    }
    for (std::size_t i = 0; i < values.shape(0); ++i)
      for (std::size_t j = 0; j < columns; ++j) {
        const double v = !array.symmetric         ? values(i, j)
                         : i / width == j / width ? 0.0
                                                  : values(std::min(i, j), std::max(i, j));
        array.value(i, j) = T(v);
      }
  }
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void initialise<T>(AnyEnergy<T>&, const std::map<std::string, Initialiser>&, const Rows<T>*,      \
                              const random::Draws&);                                                         \
  template std::optional<std::string> check_initialisers<T>(                                                 \
      const AnyEnergy<T>&, const std::map<std::string, Initialiser>&, bool);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
