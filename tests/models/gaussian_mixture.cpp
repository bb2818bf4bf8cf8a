// The mixture's closed forms against numerical integration over y, for one dimension.
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/learning/contrastive.hpp"
#include "models/latent/gaussian_mixture.hpp"

BOOST_AUTO_TEST_SUITE(gaussian_mixture)

using namespace ebm;

namespace {

GaussianMixture<double> mixture(bool sigma_per_component) {
  GaussianMixture<double> e(1, 3, sigma_per_component);
  Parameters<double>& p = e.parameters();
  for (std::size_t k = 0; k < 3; ++k) {
    p[0].value(0, k) = 1.5 * double(k) - 1;
    p[2].value(0, k) = 0.3 - 0.4 * double(k);
  }
  for (std::size_t k = 0; k < p[1].value.size(); ++k) p[1].value(0, k) = std::log(0.6 + 0.3 * double(k));
  return e;
}

/// ∫ Σ_z f(y, z) exp(−E(y, z)) dy
template <class F> double integrate(const GaussianMixture<double>& e, F f) {
  boost::math::quadrature::tanh_sinh<double> rule;
  State<double> x(e.space(), 1);
  double total = 0;
  for (std::uint32_t k = 0; k < 3; ++k)
    total += rule.integrate(
        [&](double y) {
          x.values(0)(0, 0) = y;
          set_level(e.space()[1], x.values(1), 0, 0, k);
          double energy = 0;
          e.energy(x, {&energy, 1});
          return f(x) * std::exp(-energy);
        },
        -25.0, 25.0);
  return total;
}

} // namespace

BOOST_AUTO_TEST_CASE(log_partition_and_its_gradient_are_integrals) {
  for (const bool per_component : {false, true}) {
    const GaussianMixture<double> e = mixture(per_component);
    const double z = integrate(e, [](const State<double>&) { return 1.0; });
    BOOST_TEST(std::abs(std::log(z) - e.log_partition()) < 1e-10);
    Parameters<double> closed = e.parameters(), point = closed;
    closed.fill(0);
    e.add_model_gradient(1.0, closed);
    for (std::size_t a = 0; a < closed.size(); ++a)
      for (std::size_t i = 0; i < closed[a].value.size(); ++i) {
        const double mean = integrate(e,
                                      [&](const State<double>& x) {
                                        point.fill(0);
                                        e.add_parameter_gradient(x, std::vector<double>{1.0}, point);
                                        return point[a].value.data()[i];
                                      }) /
                            z;
        BOOST_TEST(std::abs(mean - closed[a].value.data()[i]) < 1e-9, closed[a].name << " " << i);
      }
  }
}

BOOST_AUTO_TEST_CASE(the_free_energy_is_the_sum_over_components) {
  const GaussianMixture<double> e = mixture(true);
  State<double> x(e.space(), 1);
  x.values(0)(0, 0) = 0.37;
  double f = 0, sum = 0;
  e.free_energy(x, {&f, 1});
  for (std::uint32_t k = 0; k < 3; ++k) {
    set_level(e.space()[1], x.values(1), 0, 0, k);
    double energy = 0;
    e.energy(x, {&energy, 1});
    sum += std::exp(-energy);
  }
  BOOST_TEST(std::abs(f + std::log(sum)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
