#include "experiments/run/parameter_files.hpp"

#include <fmt/format.h>
#include <set>

#include "experiments/io/npz.hpp"
#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {
namespace {

std::string shape_text(std::span<const std::size_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

template <class T> void load_array(ParameterArray<T>& to, const Array& from, const std::string& file) {
  for (std::size_t i = 0; i < from.values.size(); ++i) {
    const double v = from.values[i];
    if (!std::isfinite(v))
      throw InputError(fmt::format("{}: array '{}' holds a value that is not finite", file, to.name));
    if (to.link == Link::log && !(v > 0))
      throw InputError(fmt::format("{}: array '{}' must be positive, found {}", file, to.name, v));
    to.value.data()[i] = T(to.link == Link::log ? std::log(v) : v);
    if (!std::isfinite(to.value.data()[i]))
      throw InputError(
          fmt::format("{}: array '{}' holds {}, which is too large for precision: float", file, to.name, v));
  }
  if (!to.symmetric) return;
  for (std::size_t i = 0; i < to.value.shape(0); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      if (to.value(i, j) != to.value(j, i))
        throw InputError(fmt::format("{}: array '{}' must be symmetric, but [{}, {}] and [{}, {}] differ",
                                     file, to.name, i, j, j, i));
      if (i / to.site_width == j / to.site_width && to.value(i, j) != T(0))
        throw InputError(fmt::format(
            "{}: array '{}' must be 0 at [{}, {}]: a unit is not coupled with itself", file, to.name, i, j));
    }
}

/// What a machine of blocks in general calls the array: W_<a>_<b> between two blocks, J_<a> inside one; empty
/// for other arrays.
template <class T> std::string general_name(const ParameterArray<T>& a, const StateSpace& space) {
  if (a.role != ParameterRole::weight || !a.row_block || !a.column_block) return "";
  const std::string &rows = space[*a.row_block].name, &columns = space[*a.column_block].name;
  return rows == columns ? "J_" + rows : "W_" + rows + "_" + columns;
}

} // namespace

template <std::floating_point T> void load_parameters(AnyEnergy<T>& e, const std::filesystem::path& path) {
  const std::map<std::string, Array> arrays = read_npz(path);
  const std::string file = path.string();
  std::vector<std::string> names, legal;
  for (const auto& to : e.parameters()) {
    names.push_back(to.name);
    legal.push_back(to.name + " " + shape_text(to.shape));
  }
  const auto refuse = [&](const std::string& name, const std::string& what, const std::string& hint = "") {
    throw InputError(fmt::format("{}: array '{}' {}; this model has {}{}", file, name, what,
                                 fmt::join(legal, ", "), hint));
  };
  std::set<std::string> taken;
  for (auto& to : e.parameters()) {
    auto it = arrays.find(to.name);
    if (it == arrays.end()) it = arrays.find(general_name(to, e.space()));
    if (it == arrays.end()) refuse(to.name, "is missing");
    const auto& [name, array] = *it;
    if (array.shape != to.shape)
      refuse(name,
             fmt::format("has the shape {}, expected {}", shape_text(array.shape), shape_text(to.shape)));
    load_array(to, array, file);
    taken.insert(name);
  }
  for (const auto& [name, array] : arrays)
    if (!taken.contains(name))
      refuse(name, fmt::format("of shape {} belongs to no parameter", shape_text(array.shape)),
             did_you_mean(name, names));
}

template <std::floating_point T>
void save_parameters(const AnyEnergy<T>& e, const std::filesystem::path& path) {
  save_parameters(e.parameters(), path);
}

template <std::floating_point T>
void save_parameters(const Parameters<T>& parameters, const std::filesystem::path& path) {
  std::vector<NamedArray<T>> arrays;
  for (const auto& a : parameters) {
    std::vector<T> values(all(a.value).begin(), all(a.value).end());
    if (a.link == Link::log)
      for (T& v : values) v = std::exp(v);
    arrays.push_back({a.name, a.shape, std::move(values)});
  }
  write_npz(path, std::span<const NamedArray<T>>(arrays));
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void load_parameters<T>(AnyEnergy<T>&, const std::filesystem::path&);                             \
  template void save_parameters<T>(const AnyEnergy<T>&, const std::filesystem::path&);                       \
  template void save_parameters<T>(const Parameters<T>&, const std::filesystem::path&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
