#include "experiments/run/probe.hpp"

#include "ebm/likelihood/latent_means.hpp"
#include "experiments/data/labels.hpp"

namespace ebm::experiments {

template <std::floating_point T>
std::optional<std::string> check_probe(const ProbeSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data) {
  if (auto why = check_classes(data)) return why;
  if (data.label_columns != 0) return "needs rows without their labels: leave out data.append_labels";
  if (spec.features == ProbeFeatures::visible) return std::nullopt;
  if (auto why = check_latent_means(e)) return "needs the means of latent units: " + *why;
  return std::nullopt;
}

template <std::floating_point T>
Probe<T>::Probe(const ProbeSpec& spec, const AnyEnergy<T>& e, const Batch<T>& train, const Dataset<T>& data)
    : spec_(spec), e_(e),
      regression_(fit_softmax_regression(features(train), classes_of(data.train_labels), class_count(data),
                                         {spec.C, spec.tolerance, int(spec.evaluations)})) {}

template <std::floating_point T> Batch<double> Probe<T>::features(const Batch<T>& rows) const {
  if (spec_.features == ProbeFeatures::hidden) return latent_means(e_, Rows<T>{&rows, {}});
  Batch<double> copy = make_batch<double>(rows.shape(0), rows.shape(1));
  std::ranges::copy(all(rows), copy.data());
  return copy;
}

template <std::floating_point T>
double Probe<T>::accuracy(const Batch<T>& rows, std::span<const double> labels) const {
  return regression_.accuracy(features(rows), classes_of(labels));
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_probe<T>(const ProbeSpec&, const AnyEnergy<T>&,                  \
                                                     const Dataset<T>&);                                     \
  template class Probe<T>;
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
