// Annealed importance sampling of machines beyond the binary RBM.
#include "tests/conformance/deep_support.hpp"

#include "ebm/likelihood/ais.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "samplers/gibbs.hpp"

using namespace ebm;
using namespace ebm::conformance;

namespace {

constexpr std::size_t seeds = 20;

AnyEnergy<double> binomial_rbm() {
  RbmOptions o;
  o.visible.size = 4;
  o.visible.units = UnitKind::binomial;
  o.visible.n = 3;
  o.hidden.size = 3;
  AnyEnergy<double> e(make_rbm<double>(o));
  initialise<double>(
      e, {{"weights", {InitialiserKind::normal, 0.6}}, {"biases", {InitialiserKind::normal, 0.6}}}, nullptr,
      random::Draws(random::Key{5}));
  return e;
}

AnyEnergy<double> rectified_rbm() {
  GaussianMachine m{4, 2, gaussian_2x4::machine.W, {0.3, -0.5, 0.2, -0.1}, {-0.4, 0.5}, {0.7, 0.9}};
  m.visible_units = UnitKind::bernoulli;
  m.hidden_units = UnitKind::rectified;
  return build<double>(m);
}

struct Family {
  const char* name;
  AnyEnergy<double> energy;
};
std::vector<Family> families() {
  return {{"dbm 4-3-2", random_layers<double>({4, 3, 2}, 1.5, 3)},
          {"gaussian_rbm 3x4", build<double>(gaussian_3x4::machine)},
          {"rectified hidden units", rectified_rbm()},
          {"binomial rbm", binomial_rbm()}};
}

/// Independent units with the natural parameters that the machine has where all values are 0: without
/// weights, the machine itself.
IndependentUnits<double> own_base(const AnyEnergy<double>& e) {
  State<double> zero(e.space(), 1);
  std::vector<Batch<double>> eta;
  for (BlockId b = 0; b < e.space().size(); ++b) {
    eta.push_back(make_batch<double>(1, e.space()[b].natural_columns()));
    e.block_natural(zero, b, eta.back());
  }
  return IndependentUnits<double>(e.space(), eta);
}

struct Spread {
  double furthest = 0; ///< of one run, in its standard errors
  double pooled = 0;   ///< of the mean of all runs, in the standard error of that
};

/// Errors of 20 runs against a log Z.
Spread annealed(const AnyEnergy<double>& e, double log_z) {
  const IndependentUnits<double> base = independent_base<double>(e, nullptr);
  Spread s;
  double sum = 0, variance = 0;
  for (std::size_t seed = 1; seed <= seeds; ++seed) {
    const AisEstimate estimate =
        ais(e, base, AnySampler<double>(Gibbs<double>()), {500, 200, 1}, random::Draws(random::Key{seed}));
    const double error = estimate.log_partition - log_z;
    s.furthest = std::max(s.furthest, std::abs(error) / estimate.standard_error);
    sum += error;
    variance += estimate.standard_error * estimate.standard_error;
  }
  s.pooled = std::abs(sum) / std::sqrt(variance);
  return s;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(conformance_annealing_families, OneThreadWorkers)

BOOST_AUTO_TEST_CASE(estimates_are_within_their_standard_errors) {
  for (const auto& [name, e] : families()) {
    const Spread s = annealed(e, exact_log_partition(e));
    BOOST_TEST_MESSAGE("AIS on " << name << ": furthest run " << s.furthest << ", all runs " << s.pooled
                                 << " standard errors");
    BOOST_TEST(s.furthest < 4, name);
    BOOST_TEST(s.pooled < 4, name);
  }
}

// The machine with one weight 10 % smaller is another machine, and the same runs tell.
BOOST_AUTO_TEST_CASE(a_weight_that_is_a_little_off_shows) {
  for (const auto& [name, e] : families()) {
    AnyEnergy<double> broken = e;
    Batch<double>& W = broken.parameters()[broken.parameters().size() - 1].value;
    double& strongest = *std::ranges::max_element(all(W), {}, [](double w) { return std::abs(w); });
    strongest *= 0.9;
    const Spread s = annealed(broken, exact_log_partition(e));
    BOOST_TEST(s.pooled > 4, name << ": " << s.pooled);
  }
}

BOOST_AUTO_TEST_CASE(no_weights_are_exact) {
  for (auto& [name, e] : families()) {
    for (auto& array : e.parameters())
      if (array.role == ParameterRole::weight) array.value.fill(0);
    const double log_z = exact_log_partition(e);
    for (const std::size_t temperatures : {1u, 7u}) {
      const AisEstimate estimate = ais(e, own_base(e), AnySampler<double>(Gibbs<double>()),
                                       {30, temperatures, 1}, random::Draws(random::Key{1}));
      BOOST_TEST(std::abs(estimate.log_partition - log_z) < 1e-12 * (1 + std::abs(log_z)), name);
      BOOST_TEST(estimate.standard_error < 1e-12, name);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
