#include "models/analytic/double_well.hpp"

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <cmath>

namespace ebm {

template <std::floating_point T>
DoubleWell<T>::DoubleWell(std::size_t dimension, double barrier, double a)
    : space_(single_block("visible", units::Real{}, dimension)), barrier_(barrier), a_(a) {
  const auto density = [&](double u) { return std::exp(-barrier * (u * u - 1) * (u * u - 1)); };
  // Beyond u² = 1 + sqrt(750/barrier) the density underflows; by symmetry one half is enough.
  const double end = std::sqrt(1 + std::sqrt(750 / barrier));
  boost::math::quadrature::tanh_sinh<double> integrator;
  const double half = integrator.integrate(density, 0.0, 1.0) + integrator.integrate(density, 1.0, end);
  log_partition_ = double(dimension) * std::log(2 * a * half);
}

template <std::floating_point T> void DoubleWell<T>::energy(const State<T>& x, std::span<double> out) const {
  for (std::size_t c = 0; c < out.size(); ++c) {
    double sum = 0;
    for (const T v : row(x[0], c)) {
      const double u = double(v) / a_, w = u * u - 1;
      sum += w * w;
    }
    out[c] = barrier_ * sum;
  }
}

template <std::floating_point T>
void DoubleWell<T>::state_gradient(const State<T>& x, BlockId, Batch<T>& g) const {
  const std::span<const T> from = all(x[0]);
  const std::span<T> to = all(g);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double u = double(from[i]) / a_;
    to[i] = T(4 * barrier_ * u * (u * u - 1) / a_);
  }
}

template class DoubleWell<float>;
template class DoubleWell<double>;

} // namespace ebm
