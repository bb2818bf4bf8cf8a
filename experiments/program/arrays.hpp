// The parameter arrays of every registered model, as files name them.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "ebm/concepts/any_energy.hpp"

namespace ebm::experiments {

/// A small instance of a registered model, the sizes different from each other.
struct ModelForm {
  std::string_view type, options; ///< options as YAML flow text: "visible: 4, hidden: 3"
};

/// Forms of the models of this project: between them, every array that a model may have.
std::span<const ModelForm> model_forms();

/// The model with its parameters at 0. Throws InputError.
AnyEnergy<double> build_form(const ModelForm& form, std::size_t visible_columns = 0);

/// Names, shapes and meanings of the arrays of all forms, read from models built for the purpose; of a model
/// without a form here, those of its example.
std::string list_arrays();

} // namespace ebm::experiments
