#include "experiments/program/arrays.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "ebm/core/graph.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

constexpr auto forms = std::to_array<ModelForm>({
    {"boltzmann_machine", "visible: 4"},
    {"boltzmann_machine", "visible: {size: 2, units: categorical, q: 3}"},
    {"boltzmann_machine", "visible: 4, edges: [0, 1, 1, 2, 0, 3]"},
    {"boltzmann_machine", "visible: 4, hidden: 3"},
    {"boltzmann_machine", "visible: 4, hidden: 3, couplings: [vh]"},
    {"boltzmann_machine", "visible: 4, hidden: 3, edges: [0, 1, 1, 2, 0, 3], hidden_edges: [0, 2, 1, 2]"},
    {"boltzmann_machine",
     "visible: {size: 4, units: gaussian, sigma: learned}, hidden: 3, couplings: [vh, hh]"},
    {"classification_rbm", "visible: 4, classes: 2, hidden: 3"},
    {"classification_rbm", "visible: {size: 4, units: gaussian, sigma: learned}, classes: 2, hidden: 3"},
    {"dbm", "visible: 5, hidden: [4, 3]"},
    {"dbm", "visible: 5, hidden: [4, 3, 2]"},
    {"dbm", "visible: {size: 5, units: gaussian, sigma: learned}, hidden: [4, 3]"},
    {"dbm", "visible: 4, hidden: [3, 2], units: gaussian"},
    {"dbn", "visible: 5, hidden: [4, 3]"},
    {"dbn", "visible: 5, hidden: [4, 3, 2]"},
    {"dbn", "visible: {size: 5, units: gaussian}, hidden: [4, 3]"},
    {"double_well", "dimension: 2"},
    {"gaussian_mixture", "dimension: 3, components: 2"},
    {"gaussian_mixture", "dimension: 3, components: 2, sigma_per_component: true"},
    {"gaussian_rbm", "visible: 4, hidden: 3"},
    {"gaussian_rbm", "visible: {size: 4, sigma: learned}, hidden: 3"},
    {"gaussian_rbm", "visible: {size: 4, sigma: learned, form: deviation}, hidden: 3"},
    {"gaussian_rbm", "visible: {size: 4, sigma: learned, form: natural}, hidden: 3"},
    {"gaussian_rbm", "visible: {size: 4, sigma: learned}, hidden: {size: 3, units: gaussian}"},
    {"hopfield", "visible: 4"},
    {"ising", "size: [4]"},
    {"ising", "size: [2, 3], periodic: false"},
    {"potts", "size: [3], q: 4"},
    {"quadratic", "dimension: 2"},
    {"rbm", "visible: 4, hidden: 3"},
    {"rbm", "visible: {size: 2, units: categorical, q: 3}, hidden: 4"},
    {"rbm", "visible: {size: 2, units: binomial, n: 3}, hidden: {size: 3, units: spin}"},
    {"rbm", "visible: {size: 4, units: gaussian, sigma: learned}, hidden: 3"},
    {"rbm", "visible: 4, hidden: {size: 3, units: rectified, sigma: learned}"},
    {"rbm", "visible: 4, hidden: {size: 3, units: noisy_relu}"},
});

/// "visible (2 categorical of 3)"
std::string block_text(const Block& b) {
  const std::string width = b.width() == 1 ? "" : fmt::format(" of {}", b.width());
  return fmt::format("{} ({} {}{})", b.name, b.sites, b.unit_name(), width);
}

std::string edges_text(const Graph& graph) {
  std::string text;
  for (const auto& [i, j] : graph.edges()) text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", i, j);
  return text;
}

std::string weights_text(const ParameterArray<double>& a, const StateSpace& space) {
  if (!a.column_block) return "weights";
  const std::string& columns = space[*a.column_block].name;
  if (!a.row_block) return "weights into " + columns;
  const std::string& rows = space[*a.row_block].name;
  if (a.graph != nullptr)
    return fmt::format("couplings inside {}, one an edge: {}", columns, edges_text(*a.graph));
  if (!a.symmetric) return fmt::format("couplings, {} by {}", rows, columns);
  return fmt::format("couplings inside {}: symmetric, 0 {}", columns,
                     a.site_width == 1 ? "on the diagonal" : "between columns of one unit");
}

/// What the array is for, from what the model says of it.
std::string meaning(const ParameterArray<double>& a, const StateSpace& space) {
  constexpr std::array<std::string_view, 3> seen{"x", "x/sigma", "x/sigma²"};
  const std::string of = a.column_block ? " of " + block_text(space[*a.column_block]) : "";
  std::string text;
  switch (a.role) {
  case ParameterRole::weight:
    text = weights_text(a, space);
    break;
  case ParameterRole::bias:
    text = "biases" + of;
    break;
  case ParameterRole::scale:
    text = "standard deviations" + of;
    if (a.column_block) text += fmt::format(", {} in couplings", seen.at(std::size_t(a.coupling_power)));
    break;
  }
  if (a.link == Link::log) text += "; positive";
  if (a.fixed) text += "; its gradient is 0";
  return text;
}

std::string arrays_text(const AnyEnergy<double>& e) {
  if (!supports(e, Capability::parameters)) return "  none\n";
  std::string text;
  for (const auto& a : e.parameters())
    text += fmt::format("  {:<18} {:<8} {}\n", a.name, fmt::format("[{}]", fmt::join(a.shape, ", ")),
                        meaning(a, e.space()));
  return text;
}

/// Of a model that may take its size from data, or may have one of its own.
std::string example_text(const ModelForm& form) {
  std::string why;
  for (const std::size_t columns : {4, 0}) try {
      return arrays_text(build_form(form, columns));
    } catch (const InputError& e) {
      why = e.what();
    }
  return fmt::format("  its example cannot be built: {}\n", why);
}

} // namespace

std::span<const ModelForm> model_forms() {
  return forms;
}

AnyEnergy<double> build_form(const ModelForm& form, std::size_t visible_columns) {
  const auto* entry = models().find(form.type);
  Diagnostics diagnostics;
  const Node section = read_yaml(fmt::format("{{{}}}\n", form.options), "form", diagnostics);
  OptionReader reader(&section, "model", "model", diagnostics);
  const std::any options = entry->read(reader);
  reader.finish();
  if (!diagnostics.empty()) throw InputError(diagnostics.text());
  return entry->build<double>(options, ModelContext{visible_columns});
}

std::string list_arrays() {
  std::string text;
  for (const auto& [name, entry] : models().entries()) {
    const auto add = [&](const ModelForm& form, const std::string& arrays) {
      text += fmt::format("{}model: {{type: {}{}{}}}\n{}", text.empty() ? "" : "\n", form.type,
                          form.options.empty() ? "" : ", ", form.options, arrays);
    };
    if (std::ranges::count(forms, name, &ModelForm::type) == 0)
      add({name, entry.example}, example_text({name, entry.example}));
    for (const ModelForm& form : forms)
      if (form.type == name) add(form, arrays_text(build_form(form)));
  }
  return text;
}

} // namespace ebm::experiments
