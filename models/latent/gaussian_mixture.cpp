#include "models/latent/gaussian_mixture.hpp"

#include <numbers>

#include "ebm/core/numerics.hpp"

namespace ebm {

template <std::floating_point T>
GaussianMixture<T>::GaussianMixture(std::size_t dimension, std::size_t components, bool sigma_per_component)
    : space_({Block{"visible", units::Gaussian{}, dimension, Role::visible},
              Block{"component", units::Categorical{std::uint32_t(components)}, 1, Role::latent}}) {
  parameters_.add("W", ParameterRole::weight, {dimension, components});
  parameters_.add("sigma", ParameterRole::scale, {sigma_per_component ? components : 1}).link = Link::log;
  parameters_.add("component_bias", ParameterRole::bias, {components});
}

template <std::floating_point T>
double GaussianMixture<T>::component_energy(std::span<const T> y, std::size_t k) const {
  double square = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double d = double(y[i]) - mean(i, k);
    square += d * d;
  }
  return 0.5 * square * std::exp(-2 * log_sigma(k)) - bias(k);
}

template <std::floating_point T>
void GaussianMixture<T>::energy(const State<T>& x, std::span<double> out) const {
  for (std::size_t c = 0; c < out.size(); ++c) {
    out[c] = 0;
    for (std::size_t k = 0; k < components(); ++k)
      if (const double z = double(x[component](c, k)); z != 0)
        out[c] += z * component_energy(row(x[visible], c), k);
  }
}

template <std::floating_point T>
void GaussianMixture<T>::block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
  for (std::size_t c = 0; c < x.chains(); ++c) {
    if (b == component) {
      for (std::size_t k = 0; k < components(); ++k) eta(c, k) = T(-component_energy(row(x[visible], c), k));
      continue;
    }
    double gamma = 0;
    for (std::size_t k = 0; k < components(); ++k)
      gamma += double(x[component](c, k)) * std::exp(-2 * log_sigma(k));
    for (std::size_t i = 0; i < dimension(); ++i) {
      double theta = 0;
      for (std::size_t k = 0; k < components(); ++k)
        theta += double(x[component](c, k)) * mean(i, k) * std::exp(-2 * log_sigma(k));
      eta(c, 2 * i) = T(theta);
      eta(c, 2 * i + 1) = T(gamma);
    }
  }
}

template <std::floating_point T>
void GaussianMixture<T>::state_gradient(const State<T>& x, BlockId, Batch<T>& g) const {
  for (std::size_t c = 0; c < x.chains(); ++c)
    for (std::size_t i = 0; i < dimension(); ++i) {
      double s = 0;
      for (std::size_t k = 0; k < components(); ++k)
        s += double(x[component](c, k)) * (double(x[visible](c, i)) - mean(i, k)) *
             std::exp(-2 * log_sigma(k));
      g(c, i) = T(s);
    }
}

template <std::floating_point T>
void GaussianMixture<T>::free_energy(const State<T>& x, std::span<double> out) const {
  for (std::size_t c = 0; c < out.size(); ++c) {
    LogSum sum;
    for (std::size_t k = 0; k < components(); ++k) sum.add(-component_energy(row(x[visible], c), k));
    out[c] = -sum.value();
  }
}

template <std::floating_point T>
void GaussianMixture<T>::add_parameter_gradient(const State<T>& x, std::span<const double> w,
                                                Parameters<T>& g) const {
  for (std::size_t k = 0; k < components(); ++k) {
    const double precision = std::exp(-2 * log_sigma(k));
    for (std::size_t c = 0; c < x.chains(); ++c) {
      const double z = w[c] * double(x[component](c, k));
      if (z == 0) continue;
      double square = 0;
      for (std::size_t i = 0; i < dimension(); ++i) {
        const double d = double(x[visible](c, i)) - mean(i, k);
        g[0].value(i, k) -= T(z * d * precision);
        square += d * d;
      }
      g[1].value(0, sigma_index(k)) -= T(z * square * precision); // ∂/∂ log sigma
      g[2].value(0, k) -= T(z);
    }
  }
}

template <std::floating_point T> double GaussianMixture<T>::log_partition() const {
  LogSum sum;
  for (std::size_t k = 0; k < components(); ++k)
    sum.add(bias(k) + double(dimension()) * (log_sigma(k) + 0.5 * std::log(2 * std::numbers::pi)));
  return sum.value();
}

template <std::floating_point T>
void GaussianMixture<T>::add_model_gradient(double scale, Parameters<T>& g) const {
  // Under the model y − W_k has mean 0 and E‖y − W_k‖² = d sigma_k² given the component.
  const double log_z = log_partition(), d = double(dimension());
  for (std::size_t k = 0; k < components(); ++k) {
    const double pi = std::exp(bias(k) + d * (log_sigma(k) + 0.5 * std::log(2 * std::numbers::pi)) - log_z);
    g[1].value(0, sigma_index(k)) -= T(scale * pi * d);
    g[2].value(0, k) -= T(scale * pi);
  }
}

template class GaussianMixture<float>;
template class GaussianMixture<double>;

} // namespace ebm
