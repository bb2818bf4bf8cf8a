// Known answers, copied from the conformance collection (the file of each stands next to it), the machines
// they belong to, and a summation over all states that shares no line with the library.
#pragma once
#include "experiments/io/npz.hpp"
#include "models/boltzmann/named_forms.hpp"

#include "ebm/concepts/any_energy.hpp"
#include "ebm/core/parallel.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace ebm::conformance {

using Precisions = std::tuple<double, float>;

/// Relative: what is left of a closed form after a few hundred roundings.
template <std::floating_point T>
inline constexpr double precision_bound = std::same_as<T, double> ? 1e-10 : 1e-5;
template <std::floating_point T>
inline constexpr const char* precision_name = std::same_as<T, double> ? "double" : "float";

/// A fixture: matrix products stay on one thread inside every worker, as they do in the program. Without it
/// each worker's BLAS takes all cores, and a busy machine crawls.
struct OneThreadWorkers {
  parallel::Threads limit{parallel::available_cores()};
};

/// Compares with a tolerance relative to the expected size; the log shows the largest error seen.
class Closeness {
 public:
  Closeness(std::string what, double tolerance) : what_(std::move(what)), tolerance_(tolerance) {}
  template <std::floating_point T> static Closeness of(const std::string& what) {
    return Closeness(what + " (" + precision_name<T> + ")", precision_bound<T>);
  }
  Closeness(const Closeness&) = delete;
  Closeness& operator=(const Closeness&) = delete;
  ~Closeness() {
    BOOST_TEST_MESSAGE(what_ << ": largest relative error " << largest_ << ", allowed " << tolerance_);
  }

  void operator()(const std::string& quantity, double actual, double expected) {
    const double error = std::abs(actual - expected) / std::abs(expected);
    largest_ = std::isnan(error) ? error : std::max(largest_, error);
    std::ostringstream message;
    message.precision(17);
    message << what_ << ": " << quantity << " is " << actual << ", expected " << expected << " within "
            << tolerance_ << " of its size, error " << error;
    BOOST_TEST(error <= tolerance_, message.str()); // false for NaN
  }
  template <class Actual>
  void operator()(const std::string& quantity, const Actual& actual, const std::vector<double>& expected) {
    BOOST_TEST_REQUIRE(std::size(actual) == expected.size(), what_ << ": " << quantity);
    for (std::size_t i = 0; i < expected.size(); ++i)
      (*this)(quantity + "[" + std::to_string(i) + "]", double(actual[i]), expected[i]);
  }

 private:
  std::string what_;
  double tolerance_, largest_ = 0;
};

/// A Boltzmann machine of two-valued units in plain arrays: E = −b·v − c·h − vᵀWh − ½vᵀJv.
struct Machine {
  std::size_t visible = 0, hidden = 0;
  std::vector<double> W;            ///< [visible, hidden], row-major; empty without hidden units
  std::vector<double> J;            ///< [visible, visible], symmetric; empty for an RBM
  std::vector<double> visible_bias; ///< [visible]
  std::vector<double> hidden_bias;  ///< [hidden]
  UnitKind visible_units = UnitKind::bernoulli, hidden_units = UnitKind::bernoulli;

  std::vector<double> zeros(std::size_t n) const { return std::vector<double>(n, 0.0); }
  double energy(const std::vector<double>& v, const std::vector<double>& h) const {
    double e = 0;
    for (std::size_t i = 0; i < visible; ++i) {
      e -= visible_bias[i] * v[i];
      for (std::size_t j = 0; j < hidden; ++j) e -= v[i] * W[i * hidden + j] * h[j];
      if (!J.empty())
        for (std::size_t k = 0; k < i; ++k) e -= v[i] * J[i * visible + k] * v[k];
    }
    for (std::size_t j = 0; j < hidden; ++j) e -= hidden_bias[j] * h[j];
    return e;
  }
};

/// A machine without hidden units from its pairs; both entries of J are set.
struct Pair {
  std::size_t i, j;
  double J;
};
inline Machine spin_machine(std::vector<double> bias, const std::vector<Pair>& pairs) {
  Machine m;
  m.visible = bias.size();
  m.visible_bias = std::move(bias);
  m.visible_units = m.hidden_units = UnitKind::spin;
  m.J.assign(m.visible * m.visible, 0.0);
  // Added, not set: a torus of side 2 or an odd wrap may name a pair twice.
  for (const auto& [i, j, value] : pairs) {
    m.J[i * m.visible + j] += value;
    m.J[j * m.visible + i] += value;
  }
  return m;
}

/// The arrays of the machine under the names that its model has in files.
inline std::vector<experiments::NamedArray<double>> arrays_of(const Machine& m) {
  std::vector<experiments::NamedArray<double>> arrays{{"visible_bias", {m.visible}, m.visible_bias}};
  if (m.hidden != 0) {
    arrays.push_back({"hidden_bias", {m.hidden}, m.hidden_bias});
    arrays.push_back({"W", {m.visible, m.hidden}, m.W});
  } else {
    arrays.push_back({"J", {m.visible, m.visible}, m.J});
  }
  return arrays;
}

template <std::floating_point T> AnyEnergy<T> build(const Machine& m) {
  RbmOptions rbm;
  BoltzmannMachineOptions machine;
  rbm.visible.size = machine.visible.size = m.visible;
  rbm.visible.units = machine.visible.units = m.visible_units;
  rbm.hidden.size = m.hidden;
  rbm.hidden.units = m.hidden_units;
  AnyEnergy<T> e =
      m.hidden != 0 ? AnyEnergy<T>(make_rbm<T>(rbm)) : AnyEnergy<T>(make_boltzmann_machine<T>(machine));
  for (const auto& [name, shape, values] : arrays_of(m)) {
    auto* array = e.parameters().find(name);
    BOOST_TEST_REQUIRE((array != nullptr && array->value.size() == values.size()), name);
    for (std::size_t i = 0; i < values.size(); ++i) array->value.data()[i] = T(values[i]);
  }
  return e;
}

/// Row-major values as a matrix, with spins in the place of bits where asked.
template <std::floating_point T> Batch<T> matrix(const std::vector<double>& values, std::size_t columns) {
  Batch<T> m = make_batch<T>(values.size() / columns, columns);
  for (std::size_t i = 0; i < values.size(); ++i) m.data()[i] = T(values[i]);
  return m;
}

/// Site values of state number `code`, site 0 in the lowest bit.
inline std::vector<double> site_values(std::size_t code, std::size_t sites, UnitKind units) {
  std::vector<double> x(sites);
  for (std::size_t i = 0; i < sites; ++i) x[i] = (code >> i & 1) != 0 ? 1 : units == UnitKind::spin ? -1 : 0;
  return x;
}

/// Expectations by the definition: every joint state, one after the other, in double.
struct Moments {
  double log_partition = 0, mean_energy = 0;
  std::vector<double> mean;      ///< [visible]
  std::vector<double> pair_mean; ///< [visible, visible]
};
inline Moments sum_all_states(const Machine& m) {
  const std::size_t vs = std::size_t{1} << m.visible, hs = std::size_t{1} << m.hidden;
  std::vector<double> energies;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t v = 0; v < vs; ++v)
    for (std::size_t h = 0; h < hs; ++h) {
      energies.push_back(
          m.energy(site_values(v, m.visible, m.visible_units), site_values(h, m.hidden, m.hidden_units)));
      lowest = std::min(lowest, energies.back());
    }
  double z = 0;
  for (const double e : energies) z += std::exp(lowest - e);
  Moments out{std::log(z) - lowest, 0, m.zeros(m.visible), m.zeros(m.visible * m.visible)};
  for (std::size_t v = 0; v < vs; ++v) {
    const std::vector<double> x = site_values(v, m.visible, m.visible_units);
    for (std::size_t h = 0; h < hs; ++h) {
      const double e = energies[v * hs + h], p = std::exp(lowest - e) / z;
      out.mean_energy += p * e;
      for (std::size_t i = 0; i < m.visible; ++i) {
        out.mean[i] += p * x[i];
        for (std::size_t k = 0; k < m.visible; ++k) out.pair_mean[i * m.visible + k] += p * x[i] * x[k];
      }
    }
  }
  return out;
}

/// The arrays of a gradient.
struct KnownGradient {
  std::vector<double> W, visible_bias, hidden_bias;
};

/// conformance/rbm_4x4_near_deterministic.json
namespace near_deterministic {
inline const Machine machine{4,
                             4,
                             {0.12179488, 2.95950177, 0.33513356, 35.05380642, 0.20318085, -28.62372894,
                              26.52611278, 28.41793445, -0.19105386, -28.58530584, -26.52747507, 28.7844732,
                              0.0895374, -59.82556859, -0.06665933, -27.71723459},
                             {},
                             {-19.24399659, -13.26258696, 13.2590985, 43.74408543},
                             {-0.11155958, 57.02097584, -0.13331758, -32.25991501}};
inline const std::vector<double> data{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1,
                                      1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
inline constexpr double log_partition = 59.67490196521051;
inline constexpr double mean_log_likelihood = -1.7328699078025052;
inline const std::vector<double> log_likelihood{-1.3862954038857325, -1.3862954038857325, -2.0794444112216013,
                                                -2.079444399083023,  -2.0794444348987327, -2.079444403281812,
                                                -1.3862954030817036, -1.3862954030817036};
struct Tempered {
  double beta, log_partition;
};
inline constexpr Tempered tempered[]{
    {0.25, 17.066019378654325}, {0.5, 31.224577143234953}, {1, 59.67490196521051}};
inline constexpr double log_partition_at_beta_0 = 5.545177444479562;
/// |error| of AIS: uniform base, 100 chains, 1 Gibbs sweep, linear ladder (`ais_note`).
struct AisBand {
  std::size_t temperatures;
  double standard_deviation, band;
};
inline constexpr AisBand ais_bands[]{{100, 0.035, 0.14}, {1000, 0.0106, 0.042}, {10000, 0.0032, 0.013}};
} // namespace near_deterministic

/// conformance/rbm_3x2_gradients.json
namespace gradients {
inline const Machine machine{3,
                             2,
                             {-0.23224054, -0.23000632, -0.25701271, -0.25122418, -0.20716651, -0.20962217},
                             {},
                             {-0.6, -0.625, -0.475},
                             {-0.59922456, -0.60003836}};
inline const std::vector<double> data{0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1};
inline constexpr double log_partition = 2.075626124609836;
inline const std::vector<double> free_energy{-0.8752371495798874, 0.506150658716378, 0.46923475664703596,
                                             1.2150908432824186};
inline const std::vector<double> log_likelihood{-1.2003889750299486, -2.581776783326214, -2.544860881256872,
                                                -3.2907169678922545};
inline constexpr double mean_log_likelihood = -2.4044359018763224;
inline const std::vector<double> pseudo_likelihood{-1.1931402062703174, -2.581080469456757,
                                                   -2.5452242012515245, -3.2629582059565108};
inline constexpr double mean_pseudo_likelihood = -2.395600770733777;
/// Of the mean log-likelihood: the estimators' gradients have the opposite sign.
inline const KnownGradient exact{{0.030881947440210347, 0.030886120475193582, 0.03314830119726693,
                                  0.0331709444817187, 0.08496996162475492, 0.08530412259113326},
                                 {0.17635739927903504, 0.18461009383525268, 0.3955485913620526},
                                 {-0.0335235193073225, -0.0334545408820342}};
/// `expected_contrastive_divergence_gradient`, the same sign.
struct ExpectedContrastive {
  std::size_t sweeps;
  KnownGradient gradient;
};
inline const std::vector<ExpectedContrastive> contrastive{
    {1,
     {{0.030067984097903386, 0.030069999906445433, 0.032261744821893784, 0.032281187001113834,
       0.08420846343016289, 0.08454131996908869},
      {0.1730264609950395, 0.18100763860201047, 0.39239633326631096},
      {-0.033034850891977274, -0.03296984793337027}}},
    {2,
     {{0.030870135316155706, 0.03087427715746885, 0.03313544189374845, 0.03315803876016772, 0.084958902690428,
       0.08529304493818414},
      {0.1763091055401958, 0.18455788107199633, 0.3955028636918849},
      {-0.03351643251058983, -0.03344751171803151}}},
    {10,
     {{0.030881947440210306, 0.030886120475193526, 0.03314830119726689, 0.033170944481718645,
       0.08496996162475487, 0.08530412259113321},
      {0.17635739927903482, 0.18461009383525245, 0.39554859136205245},
      {-0.03352351930732261, -0.03345454088203437}}}};
/// `log_partition_by_unit_type`: the same arrays over other units.
inline constexpr double log_partition_spin_visible = 3.7679733080884086;
inline constexpr double log_partition_spin_both = 4.126667950740023;
} // namespace gradients

/// conformance/spin_boltzmann_machine_4.json. There E = +h·s + Σ J s s, so every sign is turned. The order of
/// the units is d, b, a, c.
namespace spins {
inline const Machine machine = spin_machine(
    {0, -1, -2, -3}, {{2, 1, -1} /* ab */, {2, 3, -2} /* ac */, {2, 0, -3} /* ad */, {1, 3, -6} /* bc */});
inline constexpr double energy_of_ones = 18;
inline constexpr double log_partition = 12.242325628145874;
inline const std::vector<double> mean{0.7825625573388856, 0.7864420871723048, -0.7864517549807687,
                                      -0.7865218829951458};
inline constexpr Pair pairs[]{{2, 1, -0.5740924103895096},  // <ab>
                              {2, 3, 0.5740293334951275},   // <ac>
                              {2, 0, -0.9950547536867305},  // <ad>
                              {1, 3, -0.9999175872510844}}; // <bc>
} // namespace spins

/// conformance/rbm_mnist_784x15.json; the arrays are in the npz file next to it.
namespace mnist {
inline constexpr std::size_t visible = 784, hidden = 15;
inline constexpr double log_partition = 215.13840552531667;
inline constexpr double log_partition_with_zero_weights = 296.79613074963726;
} // namespace mnist

} // namespace ebm::conformance
