#include "experiments/data/labels.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace ebm::experiments {
namespace {

template <class T> std::array<std::span<const double>, 3> all_labels(const Dataset<T>& data) {
  return {data.train_labels, data.validation_labels, data.test_labels};
}

} // namespace

template <std::floating_point T> std::optional<std::string> check_classes(const Dataset<T>& data) {
  if (data.train_labels.empty()) return "needs labels, and the data have none";
  for (const std::span<const double> labels : all_labels(data))
    for (const double v : labels)
      if (!(v >= 0 && v <= largest_label && v == std::floor(v)))
        return fmt::format("needs labels that are whole numbers from 0 to {}, found {}", largest_label, v);
  return std::nullopt;
}

template <std::floating_point T> std::size_t class_count(const Dataset<T>& data) {
  double largest = 0;
  for (const std::span<const double> labels : all_labels(data))
    for (const double v : labels) largest = std::max(largest, v);
  return std::size_t(largest) + 1;
}

std::vector<std::uint32_t> classes_of(std::span<const double> labels) {
  return {labels.begin(), labels.end()};
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_classes<T>(const Dataset<T>&);                                   \
  template std::size_t class_count<T>(const Dataset<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
