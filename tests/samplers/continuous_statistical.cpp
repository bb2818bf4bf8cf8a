// Samplers of continuous units against known moments. Fixed seeds, tolerances from the standard error: chains
// are independent, so the error of a mean over chains at one time is known without autocorrelation.
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/laws/energy_laws.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "models/analytic/double_well.hpp"
#include "models/analytic/quadratic.hpp"
#include "samplers/gibbs.hpp"
#include "samplers/langevin.hpp"
#include "samplers/metropolis.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(continuous_samplers)

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::size_t chains = 20000;
constexpr double sigmas = 4.5;

/// Positions of all chains after `sweeps` sweeps from standard normals.
Batch<double> run(const AnyEnergy<double>& e, const AnySampler<double>& sampler, std::size_t sweeps,
                  std::uint64_t seed, std::size_t count = chains) {
  auto state = sampler.init(e, laws::random_state(e.space(), count, {seed}), 0, 0);
  for (std::size_t k = 0; k < sweeps; ++k) sampler.step(e, state, random::Draws({seed}));
  return sampler.chains(state).x[0];
}

/// Deviation of the mean of f(row) from `expected`, in standard errors.
template <class F> double deviation(const Batch<double>& x, double expected, F f) {
  double sum = 0, squares = 0;
  for (std::size_t c = 0; c < x.shape(0); ++c) {
    const double v = f(row(x, c));
    sum += v;
    squares += v * v;
  }
  const double n = double(x.shape(0)), mean = sum / n;
  return (mean - expected) / std::sqrt((squares / n - mean * mean) / n);
}

AnyEnergy<double> gaussian() {
  return AnyEnergy<double>(Quadratic<double>(3, 1.0, 0.8, 0.4));
}

void check_gaussian(const Batch<double>& x, bool must_pass) {
  const double s2 = 0.8 * 0.8;
  const std::array<double, 3> z{deviation(x, 1.0, [](auto r) { return r[0]; }),
                                deviation(x, s2, [](auto r) { return (r[1] - 1) * (r[1] - 1); }),
                                deviation(x, 0.4 * s2, [](auto r) { return (r[0] - 1) * (r[2] - 1); })};
  const double worst = std::max({std::abs(z[0]), std::abs(z[1]), std::abs(z[2])});
  if (must_pass)
    BOOST_TEST(worst < sigmas,
               "mean " << z[0] << ", variance " << z[1] << ", covariance " << z[2] << " standard errors off");
  else
    BOOST_TEST(worst > sigmas, "a broken twin is only " << worst << " standard errors off");
}

/// The same energy a tenth too hot: what a wrong factor would do.
class Warm {
 public:
  using real_type = double;
  explicit Warm(AnyEnergy<double> e) : energy_(std::move(e)) {}
  const StateSpace& space() const { return energy_.space(); }
  void energy(const State<double>& x, std::span<double> out) const {
    energy_.energy(x, out);
    for (double& v : out) v *= 0.9;
  }
  void state_gradient(const State<double>& x, BlockId b, Batch<double>& g) const {
    energy_.state_gradient(x, b, g);
    for (double& v : all(g)) v *= 0.9;
  }

 private:
  AnyEnergy<double> energy_;
};

} // namespace

BOOST_AUTO_TEST_CASE(gibbs_reaches_a_correlated_gaussian) {
  check_gaussian(run(gaussian(), AnySampler<double>(Gibbs<double>()), 60, 1), true);
}

BOOST_AUTO_TEST_CASE(metropolis_reaches_a_correlated_gaussian) {
  const AnySampler<double> sampler(Metropolis<double>(Scan::random, 0.8));
  check_gaussian(run(gaussian(), sampler, 250, 2), true);
  check_gaussian(run(AnyEnergy<double>(Warm(gaussian())), sampler, 250, 2), false);
}

BOOST_AUTO_TEST_CASE(adjusted_langevin_reaches_a_correlated_gaussian) {
  const AnySampler<double> sampler(Langevin<double>(0.6, true));
  check_gaussian(run(gaussian(), sampler, 150, 3), true);
  check_gaussian(run(AnyEnergy<double>(Warm(gaussian())), sampler, 150, 3), false);
}

BOOST_AUTO_TEST_CASE(unadjusted_langevin_has_its_own_stationary_variance) {
  // x' = x − (ε²/2) x + ε ξ on N(0, 1) is a linear recursion with variance 1/(1 − ε²/4).
  const AnyEnergy<double> e(Quadratic<double>(1, 0.0, 1.0, 0.0));
  for (const double epsilon : {0.4, 1.0}) {
    const Batch<double> x = run(e, AnySampler<double>(Langevin<double>(epsilon, false)), 120, 4);
    const double own = 1 / (1 - epsilon * epsilon / 4);
    BOOST_TEST(std::abs(deviation(x, own, [](auto r) { return r[0] * r[0]; })) < sigmas);
    if (epsilon == 1.0) BOOST_TEST(std::abs(deviation(x, 1.0, [](auto r) { return r[0] * r[0]; })) > sigmas);
  }
}

BOOST_AUTO_TEST_CASE(both_wells_have_their_moments) {
  // Low enough a barrier that the chains cross it; moments by quadrature.
  const double barrier = 0.5, a = 1.2;
  const AnyEnergy<double> e(DoubleWell<double>(2, barrier, a));
  const auto weight = [&](double x) { return std::exp(-barrier * std::pow(x * x / (a * a) - 1, 2)); };
  boost::math::quadrature::tanh_sinh<double> integrate;
  const double z = integrate.integrate(weight, -8.0, 8.0);
  BOOST_TEST(std::abs(2 * std::log(z) - e.log_partition()) < 1e-10);
  const double second = integrate.integrate([&](double x) { return x * x * weight(x); }, -8.0, 8.0) / z;
  for (const auto& [sampler, sweeps] :
       {std::pair{AnySampler<double>(Metropolis<double>(Scan::random, 1.2)), std::size_t(200)},
        std::pair{AnySampler<double>(Langevin<double>(0.6, true)), std::size_t(200)}}) {
    // Four times the chains: a tenth of temperature moves these moments by little.
    const Batch<double> x = run(e, sampler, sweeps, 5, 4 * chains);
    BOOST_TEST(std::abs(deviation(x, second, [](auto r) { return r[0] * r[0]; })) < sigmas);
    BOOST_TEST(std::abs(deviation(x, 0.0, [](auto r) { return r[1]; })) < sigmas);
    const Batch<double> warm = run(AnyEnergy<double>(Warm(e)), sampler, sweeps, 5, 4 * chains);
    BOOST_TEST(std::abs(deviation(warm, second, [](auto r) { return r[0] * r[0]; })) > sigmas);
  }
}

BOOST_AUTO_TEST_CASE(a_mixture_keeps_its_law) {
  // Chains start at exact draws and must stay there: component shares and the moments of y against their
  // closed forms.
  const AnyEnergy<double> e =
      build_model({"gaussian_mixture", "components: 3, sigma_per_component: true"}, 2);
  const State<double> start = exact_samples(e, chains, random::Stream::law, random::Draws({6}));
  for (const Variant& v : {Variant{"gibbs", ""}, Variant{"metropolis", ""},
                           Variant{"langevin", "adjusted: true, step_size: 0.5"}}) {
    const AnySampler<double> sampler = build_sampler(v);
    auto state = sampler.init(e, start, 0, 0);
    for (int k = 0; k < 16; ++k) sampler.step(e, state, random::Draws({6}));
    const State<double>& x = sampler.chains(state).x;
    const Parameters<double>& p = e.parameters();
    std::array<double, 3> pi{};
    double total = 0, mean = 0, second = 0;
    for (std::size_t k = 0; k < 3; ++k) total += pi[k] = std::exp(p[2].value(0, k) + 2 * p[1].value(0, k));
    for (std::size_t k = 0; k < 3; ++k) {
      pi[k] /= total;
      mean += pi[k] * p[0].value(0, k);
      second += pi[k] * (p[0].value(0, k) * p[0].value(0, k) + std::exp(2 * p[1].value(0, k)));
    }
    BOOST_TEST_CONTEXT(v.name()) {
      BOOST_TEST(std::abs(deviation(x[0], mean, [](auto r) { return r[0]; })) < sigmas);
      BOOST_TEST(std::abs(deviation(x[0], second, [](auto r) { return r[0] * r[0]; })) < sigmas);
      for (std::size_t k = 0; k < 3; ++k)
        BOOST_TEST(std::abs(deviation(x[1], pi[k], [k](auto r) { return r[k]; })) < sigmas);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
