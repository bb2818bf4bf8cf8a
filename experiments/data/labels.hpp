// Labels of rows as classes.
#pragma once
#include "experiments/data/preparation.hpp"

namespace ebm::experiments {

/// Why the labels are no classes: there are none, or one is no whole number from 0 to largest_label.
template <std::floating_point T> std::optional<std::string> check_classes(const Dataset<T>& data);

/// One more than the largest label of any part.
template <std::floating_point T> std::size_t class_count(const Dataset<T>& data);

std::vector<std::uint32_t> classes_of(std::span<const double> labels);

} // namespace ebm::experiments
