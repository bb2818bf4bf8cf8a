// RBMs with gaussian units of the conformance collection, and the forms in which they can be written.
#pragma once
#include "tests/conformance/known_answers.hpp"

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"

namespace ebm::conformance {

/// Sets an array from row-major values; scales are given as such and kept as logarithms.
template <std::floating_point T>
void set_array(AnyEnergy<T>& e, const std::string& name, const std::vector<double>& values) {
  auto* array = e.parameters().find(name);
  BOOST_TEST_REQUIRE((array != nullptr && array->value.size() == values.size()), name);
  for (std::size_t i = 0; i < values.size(); ++i)
    array->value.data()[i] = T(array->link == Link::log ? std::log(values[i]) : values[i]);
}

/// log p of every row, exactly.
template <std::floating_point T>
std::vector<double> log_likelihoods(const AnyEnergy<T>& e, const Batch<T>& data) {
  std::vector<double> values = row_log_weights(e, Rows<T>{&data, {}});
  const double log_z = exact_log_partition(e);
  for (double& v : values) v -= log_z;
  return values;
}

/// E = ½ Σ ((v − b)/σ)² − c·h − Σ_ij v_i W_ij h_j / σ_i², or the same with the precision on the hidden side.
struct GaussianMachine {
  std::size_t visible, hidden;
  std::vector<double> W, visible_bias, hidden_bias, sigma;
  UnitKind visible_units = UnitKind::gaussian, hidden_units = UnitKind::bernoulli;

  bool sigma_is_hidden() const { return sigma.size() == hidden && hidden_units != UnitKind::bernoulli; }
  /// The parameters with which another form of the energy has the same law: with x̃ = x/σ the couplings take
  /// W/σ, with x̃ = x they take W/σ² and the bias becomes b/σ².
  GaussianMachine in_form(SigmaForm form) const {
    GaussianMachine m = *this;
    const int power = form == SigmaForm::variance ? 0 : form == SigmaForm::deviation ? 1 : 2;
    for (std::size_t i = 0; i < visible; ++i)
      for (std::size_t j = 0; j < hidden; ++j)
        m.W[i * hidden + j] /= std::pow(sigma[sigma_is_hidden() ? j : i], power);
    std::vector<double>& bias = sigma_is_hidden() ? m.hidden_bias : m.visible_bias;
    for (std::size_t i = 0; i < bias.size(); ++i)
      if (form == SigmaForm::natural) bias[i] /= sigma[i] * sigma[i];
    return m;
  }
};

template <std::floating_point T>
AnyEnergy<T> build(const GaussianMachine& machine, SigmaForm form = SigmaForm::variance,
                   bool learned = false) {
  const GaussianMachine m = machine.in_form(form);
  RbmOptions o;
  o.visible.size = m.visible;
  o.visible.units = m.visible_units;
  o.hidden.size = m.hidden;
  o.hidden.units = m.hidden_units;
  BlockOptions& scaled = m.sigma_is_hidden() ? o.hidden : o.visible;
  scaled.form = form;
  scaled.sigma = TaggedNumber{learned ? 1u : 0u, 1};
  AnyEnergy<T> e(make_rbm<T>(o));
  set_array(e, "visible_bias", m.visible_bias);
  set_array(e, "hidden_bias", m.hidden_bias);
  set_array(e, "W", m.W);
  set_array(e, m.sigma_is_hidden() ? "hidden_sigma" : "visible_sigma", m.sigma);
  return e;
}

/// conformance/gaussian_rbm_2x4.json
namespace gaussian_2x4 {
inline const GaussianMachine machine{
    2,
    4,
    {-2.13559806, -0.71220501, 0.64841691, 2.17880554, 0.75840129, -2.13979672, 2.09910978, -0.64721076},
    {0, 0},
    {-7.87792514, -7.60603139, -7.73935758, -7.722771},
    {0.74241256, 0.73101419}};
inline constexpr double log_partition = 1.4042286713644012;
struct HiddenState {
  const char* units; ///< '0' or '1' of each, from the first
  double probability;
};
inline constexpr HiddenState hidden_state_probabilities[]{
    {"0000", 0.8373407420087435},    {"0001", 0.04068301617634226},   {"0010", 0.03295180521916815},
    {"0011", 0.0016347818573505964}, {"0100", 0.04786941773666468},   {"0101", 0.0018594771681906678},
    {"1000", 0.03404848899886713},   {"1010", 0.0021368135788685325}, {"1100", 0.001475102372779993}};
} // namespace gaussian_2x4

/// conformance/gaussian_rbm_3x4.json
namespace gaussian_3x4 {
inline const GaussianMachine machine{
    3,
    4,
    {-0.316, 0.211, 0.486, -0.778, 0.614, 0.204, 0.626, 0.218, 0.93, -0.75, 1.421, 0.962},
    {-0.6, 0.66, 0.445},
    {-1.746, 0.595, -0.585, -0.25},
    {0.5, 1.25, 2.0}};
inline const std::vector<double> data{-0.904, -0.642, 0.108, 0.145,  -2.339, -0.403, -2.017, -1.906,
                                      -0.52,  1.283,  0.946, -0.907, -1.066, -1.241, 0.214};
inline constexpr double log_partition = 8.130377309748331;
inline const std::vector<double> free_energy{-2.8395346347449797, 2.5552554934329947, -0.3150735869841492,
                                             3.094461873137841, -2.2759734066802677};
inline const std::vector<double> log_likelihood{-5.2908426750033515, -10.685632803181326, -7.815303722764182,
                                                -11.224839182886171, -5.8544039030680635};
inline const std::vector<double> mean_visible{-1.4125982715271597, 1.4923109952979028, 2.0559531962380593};
} // namespace gaussian_3x4

} // namespace ebm::conformance
