// Exact expectations of machines with continuous, counting and deep units against quadrature, enumeration and
// central differences.
#include "tests/conformance/deep_support.hpp"

#include "ebm/learning/contrastive.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "samplers/gibbs.hpp"

#include <functional>
#include <numeric>

using namespace ebm;
using namespace ebm::conformance;

namespace {

double relative(double a, double b) {
  return std::abs(a - b) / (1 + std::max(std::abs(a), std::abs(b)));
}

/// g against central differences of f in every parameter that is learned.
void check_differences(AnyEnergy<double> e, const Parameters<double>& g,
                       const std::function<double(const AnyEnergy<double>&)>& f) {
  constexpr double h = 1e-5;
  for (std::size_t k = 0; k < g.size(); ++k)
    for (std::size_t i = 0; i < g[k].value.size(); ++i) {
      double& theta = e.parameters()[k].value.data()[i];
      const double middle = theta;
      theta = middle + h;
      const double up = f(e);
      theta = middle - h;
      const double down = f(e);
      theta = middle;
      const double found = g[k].value.data()[i], expected = g[k].fixed ? 0 : (up - down) / (2 * h);
      BOOST_TEST(relative(found, expected) < 1e-8,
                 g[k].name << "[" << i << "]: " << found << ", differences give " << expected);
    }
}

Parameters<double> zero(const AnyEnergy<double>& e) {
  Parameters<double> g = e.parameters();
  g.fill(0);
  return g;
}

double mean_of(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
}

/// −mean log p of the rows, exactly.
double loss(const AnyEnergy<double>& e, const Batch<double>& data) {
  return mean_of(row_free_energies(e, Rows<double>{&data, {}})) + exact_log_partition(e);
}

/// Machines with sigma learned on the visible, the hidden and both sides, in every form.
std::vector<AnyEnergy<double>> machines_with_sigma() {
  std::vector<AnyEnergy<double>> all;
  GaussianMachine seen = gaussian_3x4::machine, latent = gaussian_2x4::machine;
  latent.visible_units = UnitKind::bernoulli; // 4 hidden units with a precision each
  latent.sigma = {0.7, 0.8, 1.3, 2};
  for (const UnitKind units : {UnitKind::gaussian, UnitKind::rectified}) {
    seen.visible_units = latent.hidden_units = units;
    for (const SigmaForm form : {SigmaForm::variance, SigmaForm::deviation, SigmaForm::natural}) {
      all.push_back(build<double>(seen, form, true));
      all.push_back(build<double>(latent, form, true));
    }
  }
  all.push_back(build<double>(gaussian_3x4::machine)); // sigma stays
  return all;
}

Batch<double> some_rows(const StateSpace& space, std::size_t n) {
  Batch<double> rows = make_batch<double>(n, space.visible_columns());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double v = std::abs(std::sin(double(3 * i + 1)));
    rows.data()[i] = space[0].discrete() ? double(v > 0.6) : 1.5 * v;
  }
  return rows;
}

PositivePhase<double> positive_phase() {
  return PositivePhase<double>({}, AnySampler<double>(Gibbs<double>()));
}

Parameters<double> estimate(const AnyEstimator<double>& estimator, const AnyEnergy<double>& e,
                            const Batch<double>& data) {
  const Rows<double> rows{&data, {}};
  const random::Draws draws(random::Key{1});
  BOOST_TEST_REQUIRE(!estimator.check(e).has_value());
  Parameters<double> g = zero(e);
  auto state = estimator.init(e, rows, draws);
  estimator.estimate(e, rows, state, draws, g);
  return g;
}

} // namespace

BOOST_AUTO_TEST_SUITE(exact_gradients)

// The trapezoidal rule is exact to rounding for what falls off like a Gaussian.
BOOST_AUTO_TEST_CASE(moments_of_gaussian_units_are_integrals) {
  for (const SigmaForm form : {SigmaForm::variance, SigmaForm::deviation, SigmaForm::natural}) {
    const AnyEnergy<double> e = build<double>(gaussian_2x4::machine, form);
    constexpr int half = 160;
    constexpr double step = 0.1;
    Batch<double> grid = make_batch<double>(std::size_t((2 * half + 1) * (2 * half + 1)), 2);
    for (int i = -half, k = 0; i <= half; ++i)
      for (int j = -half; j <= half; ++j, ++k) {
        grid(std::size_t(k), 0) = step * i;
        grid(std::size_t(k), 1) = step * j;
      }
    const std::vector<double> f = row_free_energies(e, Rows<double>{&grid, {}});
    double z = 0, mean[2] = {}, pair[2][2] = {};
    for (std::size_t k = 0; k < f.size(); ++k) {
      const double w = std::exp(-f[k]) * step * step;
      z += w;
      for (int i = 0; i < 2; ++i) {
        mean[i] += w * grid(k, std::size_t(i));
        for (int j = 0; j < 2; ++j) pair[i][j] += w * grid(k, std::size_t(i)) * grid(k, std::size_t(j));
      }
    }
    const ExactMoments m = exact_moments(e);
    BOOST_TEST(std::abs(m.log_partition - std::log(z)) < 1e-10);
    for (std::size_t i = 0; i < 2; ++i) {
      BOOST_TEST(std::abs(m.mean[i] - mean[i] / z) < 1e-10);
      for (std::size_t j = 0; j < 2; ++j) BOOST_TEST(std::abs(m.pair_mean(i, j) - pair[i][j] / z) < 1e-10);
    }
    // E[E] = −d log Z(β)/dβ at 1; in all three forms only a constant differs, and here b = 0.
    const auto tempered = [&](double beta) {
      double sum = 0;
      for (int h = 0; h < 16; ++h) { // ∫ exp(−βE) over two gaussian units given the four bits
        double exponent = std::log(2 * std::numbers::pi / beta);
        for (std::size_t i = 0; i < 2; ++i) {
          const double s = gaussian_2x4::machine.sigma[i];
          double field = 0;
          for (std::size_t j = 0; j < 4; ++j) field += (h >> j & 1) * gaussian_2x4::machine.W[i * 4 + j];
          exponent += std::log(s) + 0.5 * beta * field * field / (s * s);
        }
        for (std::size_t j = 0; j < 4; ++j)
          exponent += beta * (h >> j & 1) * gaussian_2x4::machine.hidden_bias[j];
        sum += std::exp(exponent);
      }
      return std::log(sum);
    };
    BOOST_TEST(std::abs(tempered(1) - gaussian_2x4::log_partition) < 1e-12);
    BOOST_TEST(std::abs(m.mean_energy + (tempered(1 + 1e-5) - tempered(1 - 1e-5)) / 2e-5) < 1e-8);
  }
}

BOOST_AUTO_TEST_CASE(moments_of_binomial_units_are_sums) {
  constexpr std::size_t n = 3, visible = 3, hidden = 2;
  RbmOptions o;
  o.visible.size = visible;
  o.visible.units = UnitKind::binomial;
  o.visible.n = n;
  o.hidden.size = hidden;
  AnyEnergy<double> e(make_rbm<double>(o));
  const Machine& m = ebm::conformance::gradients::machine;
  for (const auto& [name, shape, values] : arrays_of(m)) set_array(e, name, values);
  constexpr double choose[]{1, 3, 3, 1};
  double z = 0, energy = 0;
  std::vector<double> mean(visible), pair(visible * visible);
  for (std::size_t code = 0; code < 64 * 4; ++code) {
    const std::vector<double> v{double(code % 4), double(code / 4 % 4), double(code / 16 % 4)},
        h{double(code / 64 % 2), double(code / 128)};
    const double E = m.energy(v, h);
    const double w = std::exp(-E) * choose[int(v[0])] * choose[int(v[1])] * choose[int(v[2])];
    z += w;
    energy += w * E;
    for (std::size_t i = 0; i < visible; ++i) {
      mean[i] += w * v[i];
      for (std::size_t j = 0; j < visible; ++j) pair[i * visible + j] += w * v[i] * v[j];
    }
  }
  const ExactMoments found = exact_moments(e);
  BOOST_TEST(std::abs(found.log_partition - std::log(z)) < 1e-12);
  BOOST_TEST(std::abs(found.mean_energy - energy / z) < 1e-12);
  for (std::size_t i = 0; i < visible; ++i) {
    BOOST_TEST(std::abs(found.mean[i] - mean[i] / z) < 1e-12);
    for (std::size_t j = 0; j < visible; ++j)
      BOOST_TEST(std::abs(found.pair_mean(i, j) - pair[i * visible + j] / z) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(model_gradients_with_sigma_are_differences) {
  for (const AnyEnergy<double>& e : machines_with_sigma()) {
    Parameters<double> g = zero(e);
    add_exact_model_gradient(e, -1.0, g);
    check_differences(e, g, [](const AnyEnergy<double>& at) { return exact_log_partition(at); });
  }
}

BOOST_AUTO_TEST_CASE(likelihood_gradients_with_sigma_are_differences) {
  for (const AnyEnergy<double>& e : machines_with_sigma()) {
    const AnyEstimator<double> exact{ExactGradient<double>(positive_phase())};
    const Batch<double> data = some_rows(e.space(), 7);
    check_differences(e, estimate(exact, e, data),
                      [&](const AnyEnergy<double>& at) { return loss(at, data); });
  }
}

BOOST_AUTO_TEST_CASE(deep_likelihood_gradients_are_differences) {
  for (const std::uint64_t seed : {1, 2}) {
    const AnyEnergy<double> e = random_layers<double>({5, 3, 2}, 0.8, seed);
    BOOST_TEST((positive_phase().treatment(e) == LatentTreatment::enumeration));
    const Batch<double> data = some_rows(e.space(), 9);
    const AnyEstimator<double> exact{ExactGradient<double>(positive_phase())};
    check_differences(e, estimate(exact, e, data),
                      [&](const AnyEnergy<double>& at) { return loss(at, data); });
  }
}

// With many chains and sweeps the contrastive estimates point where the exact gradient does.
BOOST_AUTO_TEST_CASE(deep_contrastive_estimates_follow_the_gradient) {
  const AnyEnergy<double> e = random_layers<double>({5, 3, 2}, 0.8, 1);
  const Batch<double> data = some_rows(e.space(), 4000);
  const Parameters<double> exact =
      estimate(AnyEstimator<double>(ExactGradient<double>(positive_phase())), e, data);
  for (const Start start : {Start::data, Start::chains}) {
    const Parameters<double> g =
        estimate(AnyEstimator<double>(Contrastive<double>(start, AnySampler<double>(Gibbs<double>()), 30,
                                                          4000, positive_phase())),
                 e, data);
    for (std::size_t k = 0; k < g.size(); ++k)
      for (std::size_t i = 0; i < g[k].value.size(); ++i) // a mean of 4000 values in [0, 1]
        BOOST_TEST(std::abs(g[k].value.data()[i] - exact[k].value.data()[i]) < 4.5 * 0.5 / std::sqrt(4000.0),
                   g[k].name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
