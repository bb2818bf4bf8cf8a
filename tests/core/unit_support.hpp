// Laws of single units by enumeration and quadrature in long double, from their densities alone.
#pragma once
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "ebm/core/space.hpp"

namespace ebm::tests {

using Precisions = std::tuple<double, float>;
using Real = long double;

/// What a unit's natural parameters stand for.
struct UnitLaw {
  double log_normaliser = 0, variance = 0, entropy = 0; ///< variances of all columns, added up
  std::vector<double> mean;                             ///< [width]
  std::vector<double> probabilities;                    ///< [levels], of discrete units
};

/// log C(n, k).
inline Real log_choose(std::uint32_t n, std::uint32_t k) {
  Real sum = 0;
  for (std::uint32_t i = 0; i < k; ++i) sum += std::log(Real(n - i) / Real(i + 1));
  return sum;
}

/// p(x) ∝ base(x) exp(beta eta·x) over the levels.
template <class U, class T>
UnitLaw enumerated_law(const U& unit, const std::vector<T>& eta, double beta = 1) {
  std::vector<std::vector<Real>> values(unit.levels(), std::vector<Real>(unit.width()));
  std::vector<Real> exponents, base;
  for (std::uint32_t k = 0; k < unit.levels(); ++k) {
    unit.set_level(k, values[k].data());
    base.push_back(0);
    if constexpr (std::same_as<U, units::Binomial>) base.back() = log_choose(unit.n, k);
    Real exponent = base.back();
    for (std::size_t i = 0; i < eta.size(); ++i) exponent += Real(beta) * Real(eta[i]) * values[k][i];
    exponents.push_back(exponent);
  }
  const Real largest = *std::ranges::max_element(exponents);
  Real z = 0;
  for (const Real v : exponents) z += std::exp(v - largest);
  UnitLaw law;
  law.log_normaliser = double(largest + std::log(z));
  std::vector<Real> mean(unit.width()), p;
  Real entropy = 0;
  for (std::uint32_t k = 0; k < unit.levels(); ++k) {
    p.push_back(std::exp(exponents[k] - largest) / z);
    law.probabilities.push_back(double(p[k]));
    if (p[k] > 0) entropy -= p[k] * (std::log(p[k]) - base[k]);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += p[k] * values[k][i];
  }
  Real variance = 0; // about the mean: nothing cancels
  for (std::uint32_t k = 0; k < unit.levels(); ++k)
    for (std::size_t i = 0; i < mean.size(); ++i)
      variance += p[k] * (values[k][i] - mean[i]) * (values[k][i] - mean[i]);
  law.mean.assign(mean.begin(), mean.end());
  law.variance = double(variance);
  law.entropy = double(entropy);
  return law;
}

/// p(x) ∝ exp(theta x − ½ gamma x²) over all x, or over x ≥ 0: both sides of the mode, as far as the density
/// is above e^−80 of its largest value.
inline UnitLaw integrated_law(Real theta, Real gamma, bool positive) {
  static boost::math::quadrature::tanh_sinh<Real> integrate;
  const Real mode = positive ? std::max(Real(0), theta / gamma) : theta / gamma;
  const Real slope = theta - gamma * mode, reach = std::sqrt(160 / gamma);
  const Real right = slope < 0 ? std::min(reach, -80 / slope) : reach;
  const Real left = positive ? std::min(reach, mode) : reach;
  const auto moment = [&](int k) {
    const auto f = [&](Real t) { return std::pow(t, k) * std::exp(slope * t - gamma * t * t / 2); };
    Real sum = integrate.integrate(f, Real(0), right, Real(1e-16));
    if (left > 0) sum += integrate.integrate(f, -left, Real(0), Real(1e-16));
    return sum;
  };
  const Real z = moment(0), mean = moment(1) / z;
  UnitLaw law;
  law.log_normaliser = double(theta * mode - gamma * mode * mode / 2 + std::log(z));
  law.mean = {double(mode + mean)};
  law.variance = double(moment(2) / z - mean * mean);
  return law;
}

/// The law of any unit that has one.
template <class T> UnitLaw law_of(const Unit& unit, const std::vector<T>& eta, double beta = 1) {
  return std::visit(
      [&]<class U>(const U& u) -> UnitLaw {
        if constexpr (U::discrete)
          return enumerated_law(u, eta, beta);
        else
          return integrated_law(Real(beta) * Real(eta[0]), Real(beta) * Real(eta[1]),
                                std::same_as<U, units::Rectified>);
      },
      unit);
}

/// A unit with natural parameters.
struct UnitCase {
  Unit unit;
  std::vector<double> eta;
  std::string name() const {
    std::string s = Block{"", unit, 1}.unit_name().data();
    for (const double e : eta) s += " " + std::to_string(e);
    return s;
  }
  template <class T> std::vector<T> natural() const { return {eta.begin(), eta.end()}; }
  /// theta²/gamma, which the log-normaliser of a rectified unit adds and subtracts.
  double cancelled() const {
    return std::holds_alternative<units::Rectified>(unit) ? eta[0] * eta[0] / eta[1] : 0;
  }
};

/// All units with a law, at natural parameters up to the extreme. Cuts −theta/√gamma of rectified units go
/// from −50 to 223.
inline std::vector<UnitCase> unit_cases() {
  std::vector<UnitCase> all;
  std::vector<Unit> scalar{units::Bernoulli{}, units::Spin{}};
  for (const std::uint32_t n : {1u, 2u, 7u, 40u, 1000u}) scalar.push_back(units::Binomial{n});
  for (const Unit& unit : scalar)
    for (const double eta : {-50.0, -20.0, -3.0, -0.7, 0.0, 1e-3, 0.4, 2.5, 20.0, 50.0})
      all.push_back({unit, {eta}});
  for (const std::vector<double>& eta : {std::vector<double>{0, 0},
                                         {0.5, -50},
                                         {1, 1, 1},
                                         {0, 50, -50},
                                         {-50, -49, -48},
                                         {0.3, -2, 1.1, 0, 0.7}})
    all.push_back({units::Categorical{std::uint32_t(eta.size())}, eta});
  for (const double theta : {-50.0, -7.0, -2.0, -0.1, 0.0, 0.7, 5.0, 50.0})
    for (const double gamma : {0.05, 0.5, 1.0, 1.3, 20.0})
      for (const Unit& unit : {Unit(units::Gaussian{}), Unit(units::Rectified{})})
        all.push_back({unit, {theta, gamma}});
  return all;
}

/// Size of the error that is left when numbers of this precision stand between.
template <std::floating_point T> inline constexpr double rounding = std::numeric_limits<T>::epsilon();

} // namespace ebm::tests
