#include "tests/conformance/gaussian_machines.hpp"

#include "ebm/core/numerics.hpp"
#include "ebm/likelihood/base_rates.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"

#include <algorithm>
#include <numeric>

using namespace ebm;
using namespace ebm::conformance;

namespace {

/// An RBM with the arrays of `m` over other units.
template <class T>
AnyEnergy<T> with_units(const Machine& m, const BlockOptions& visible, const BlockOptions& hidden) {
  RbmOptions o;
  o.visible = visible;
  o.hidden = hidden;
  AnyEnergy<T> e(make_rbm<T>(o));
  for (const auto& [name, shape, values] : arrays_of(m)) set_array(e, name, values);
  return e;
}

BlockOptions block(std::size_t size, UnitKind units) {
  BlockOptions b;
  b.size = size;
  b.units = units;
  return b;
}

/// Twice as many columns: category 0 takes nothing, category 1 what the unit took.
std::vector<double> as_categories(const std::vector<double>& per_unit) {
  std::vector<double> out;
  for (const double v : per_unit) out.insert(out.end(), {0, v});
  return out;
}

/// Row- or column-wise order of a matrix [order.size(), columns] changed.
std::vector<double> reordered(const std::vector<double>& values, std::size_t columns,
                              const std::vector<std::size_t>& rows, const std::vector<std::size_t>& order) {
  std::vector<double> out;
  for (const std::size_t i : rows)
    for (const std::size_t j : order) out.push_back(values[i * columns + j]);
  return out;
}

/// Two machines side by side, without couplings between them.
GaussianMachine joined(const GaussianMachine& a, const GaussianMachine& b) {
  GaussianMachine m = a;
  m.visible += b.visible;
  m.hidden += b.hidden;
  m.W.assign(m.visible * m.hidden, 0.0);
  for (std::size_t i = 0; i < m.visible; ++i)
    for (std::size_t j = 0; j < m.hidden; ++j)
      if (i < a.visible && j < a.hidden)
        m.W[i * m.hidden + j] = a.W[i * a.hidden + j];
      else if (i >= a.visible && j >= a.hidden)
        m.W[i * m.hidden + j] = b.W[(i - a.visible) * b.hidden + j - a.hidden];
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(m.visible_bias, b.visible_bias);
  append(m.hidden_bias, b.hidden_bias);
  append(m.sigma, b.sigma);
  return m;
}

/// Gaussian units on both sides in natural form with precisions gamma.
AnyEnergy<double> gaussian_pair(std::vector<double> gamma_v, std::vector<double> gamma_h,
                                const std::vector<double>& W, const std::vector<double>& theta_v,
                                const std::vector<double>& theta_h) {
  RbmOptions o;
  o.visible = block(gamma_v.size(), UnitKind::gaussian);
  o.hidden = block(gamma_h.size(), UnitKind::gaussian);
  o.visible.form = o.hidden.form = SigmaForm::natural;
  AnyEnergy<double> e(make_rbm<double>(o));
  for (auto* gamma : {&gamma_v, &gamma_h})
    for (double& g : *gamma) g = 1 / std::sqrt(g);
  set_array(e, "visible_sigma", gamma_v);
  set_array(e, "hidden_sigma", gamma_h);
  set_array(e, "W", W);
  set_array(e, "visible_bias", theta_v);
  set_array(e, "hidden_bias", theta_h);
  return e;
}

constexpr SigmaForm forms[]{SigmaForm::variance, SigmaForm::deviation, SigmaForm::natural};

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_unit_types)

// conformance/rbm_3x2_gradients.json, log_partition_by_unit_type; the two with spins are in
// rbm_gradients.cpp.
BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_arrays_over_other_units, T, Precisions) {
  const Machine& m = ebm::conformance::gradients::machine;
  auto close = Closeness::of<T>("rbm_3x2_gradients, other units");
  const auto check = [&](const char* name, const BlockOptions& visible, const BlockOptions& hidden,
                         double expected) {
    const AnyEnergy<T> e = with_units<T>(m, visible, hidden);
    close(name, exact_log_partition(e), expected);
    close(std::string(name) + ", enumerated", enumerated_log_partition(e), expected);
  };
  BlockOptions binomial = block(3, UnitKind::binomial), gaussian = block(2, UnitKind::gaussian),
               rectified = block(2, UnitKind::rectified);
  binomial.n = 2;
  gaussian.form = rectified.form = SigmaForm::natural;
  check("binomial2_visible", binomial, block(2, UnitKind::bernoulli), 3.297037051159603);
  check("gaussian_hidden", block(3, UnitKind::bernoulli), gaussian, 4.01156607252131);
  check("rectified_hidden", block(3, UnitKind::bernoulli), rectified, 0.6979604966540427);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gaussian_rbm_2x4, T, Precisions) {
  namespace known = gaussian_2x4;
  auto close = Closeness::of<T>("gaussian_rbm_2x4");
  for (const SigmaForm form : forms) {
    const AnyEnergy<T> e = build<T>(known::machine, form);
    // The natural form leaves out Σ b²/(2σ²), and here b = 0.
    const double log_z = exact_log_partition(e);
    close("log_partition", log_z, known::log_partition);
    State<T> x(e.space(), 1);
    for (const auto& [units, probability] : known::hidden_state_probabilities) {
      for (std::size_t j = 0; j < 4; ++j) x.values(1)(0, j) = T(units[j] == '1');
      double f = 0;
      derive::block_free_energy(e, x, std::array{BlockId(0)}, {&f, 1});
      close(std::string("hidden state ") + units, std::exp(-f - log_z), probability);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gaussian_rbm_3x4, T, Precisions) {
  namespace known = gaussian_3x4;
  auto close = Closeness::of<T>("gaussian_rbm_3x4");
  const AnyEnergy<T> e = build<T>(known::machine);
  const Batch<T> data = matrix<T>(known::data, 3);
  close("log_partition", exact_log_partition(e), known::log_partition);
  close("free_energy", row_free_energies(e, Rows<T>{&data, {}}), known::free_energy);
  close("log_likelihood", log_likelihoods(e, data), known::log_likelihood);
  close("mean_visible", exact_moments(e).mean, known::mean_visible);
}

// The natural form has another constant in its energy, so that only what is normalised can be compared.
BOOST_AUTO_TEST_CASE_TEMPLATE(three_forms_of_one_law, T, Precisions) {
  auto close = Closeness::of<T>("three forms of sigma");
  for (const UnitKind units : {UnitKind::gaussian, UnitKind::rectified}) {
    GaussianMachine seen = gaussian_3x4::machine, latent{4, 3, {}, {}, {}, seen.sigma};
    seen.visible_units = latent.hidden_units = units;
    latent.visible_units = UnitKind::bernoulli;
    latent.W = reordered(seen.W, 4, {0, 1, 2}, {3, 2, 1, 0}); // any twelve numbers
    latent.visible_bias = seen.hidden_bias;
    latent.hidden_bias = seen.visible_bias;
    std::vector<double> values = gaussian_3x4::data;
    if (units == UnitKind::rectified)
      for (double& v : values) v = std::abs(v);
    const Batch<T> rows = matrix<T>(values, 3),
                   bits = matrix<T>({0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1}, 4);
    const std::vector<double> p_seen = log_likelihoods(build<double>(seen), matrix<double>(values, 3)),
                              p_latent =
                                  log_likelihoods(build<double>(latent),
                                                  matrix<double>({all(bits).begin(), all(bits).end()}, 4));
    for (const SigmaForm form : forms) {
      close("log p(v), visible sigma", log_likelihoods(build<T>(seen, form), rows), p_seen);
      close("log p(v), hidden sigma", log_likelihoods(build<T>(latent, form), bits), p_latent);
    }
  }
}

// conformance/README.md, Gaussian–Gaussian RBM.
BOOST_AUTO_TEST_CASE(gaussian_on_both_sides) {
  const AnyEnergy<double> e = gaussian_pair({1, 2}, {1.5}, {0.4, -0.3}, {0.2, -0.1}, {0.3});
  BOOST_TEST(std::abs(exact_log_partition(e) - 2.363727974500) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_precision_that_is_not_positive_definite_is_an_error) {
  // Eigenvalues 1 ± w, each twice: with w > 1 two are negative and the determinant is positive.
  const auto with = [](double w) { return gaussian_pair({1, 1}, {1, 1}, {w, 0, 0, w}, {0, 0}, {0, 0}); };
  BOOST_TEST(std::abs(exact_log_partition(with(0.99)) - 2 * std::log(2 * std::numbers::pi) +
                      std::log(1 - 0.99 * 0.99)) < 1e-12);
  BOOST_CHECK_THROW(exact_log_partition(with(2)), DivergenceError);
  BOOST_CHECK_THROW(exact_log_partition(gaussian_pair({1, 1}, {1, 1}, {2, 0, 0, 0}, {0, 0}, {0, 0})),
                    DivergenceError); // one negative eigenvalue
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_categories_are_a_bit, T, Precisions) {
  auto close = Closeness::of<T>("two categories");
  const Machine& m = ebm::conformance::gradients::machine;
  Machine wide = m;
  wide.visible_bias = as_categories(m.visible_bias);
  wide.hidden_bias = as_categories(m.hidden_bias);
  wide.W.assign(6 * 4, 0.0);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 2; ++j) wide.W[(2 * i + 1) * 4 + 2 * j + 1] = m.W[i * 2 + j];
  const AnyEnergy<T> e =
      with_units<T>(wide, block(3, UnitKind::categorical), block(2, UnitKind::categorical));
  close("log_partition", exact_log_partition(e), ebm::conformance::gradients::log_partition);
  std::vector<double> one_hot;
  for (const double v : ebm::conformance::gradients::data) one_hot.insert(one_hot.end(), {1 - v, v});
  close("log_likelihood", log_likelihoods(e, matrix<T>(one_hot, 6)),
        ebm::conformance::gradients::log_likelihood);
}

// conformance/README.md, Structure: no weights, and biases at the data's base rates.
BOOST_AUTO_TEST_CASE(no_weights_is_the_independent_law) {
  constexpr std::size_t rows = 8, columns = 3;
  for (const std::uint32_t n : {1u, 2u, 4u}) {
    Batch<double> data = make_batch<double>(rows, columns);
    for (std::size_t i = 0; i < data.size(); ++i)
      data.data()[i] = std::floor(std::fmod(0.618 * double(i * i + 1), 1.0) * (n + 1));
    BlockOptions visible = block(columns, n == 1 ? UnitKind::bernoulli : UnitKind::binomial);
    if (n != 1) visible.n = n;
    RbmOptions o;
    o.visible = visible;
    o.hidden = block(2, UnitKind::bernoulli);
    AnyEnergy<double> e(make_rbm<double>(o));
    const std::vector<double> means = column_means(Rows<double>{&data, {}});
    double expected = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const double p = means[j] / n;
      BOOST_TEST_REQUIRE((p > 0.001 && p < 0.999)); // base rates are not clipped
      expected += n * (p * std::log(p) + (1 - p) * std::log1p(-p));
      for (std::size_t i = 0; i < rows; ++i) expected += units::Binomial{n}.log_base(&data(i, j)) / rows;
    }
    set_array(e, "visible_bias", naturals_of_means(e.space()[0], means));
    const std::vector<double> found = log_likelihoods(e, data);
    BOOST_TEST(std::abs(std::accumulate(found.begin(), found.end(), 0.0) / rows - expected) < 1e-10, n);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(partitions_add_and_do_not_see_the_order, T, Precisions) {
  auto close = Closeness::of<T>("joined machines");
  const GaussianMachine both = joined(gaussian_2x4::machine, gaussian_3x4::machine);
  const double expected = gaussian_2x4::log_partition + gaussian_3x4::log_partition;
  close("log_partition", exact_log_partition(build<T>(both)), expected);
  const std::vector<std::size_t> v{3, 0, 4, 2, 1}, h{5, 7, 0, 2, 1, 6, 3, 4}, one{0};
  GaussianMachine permuted = both;
  permuted.W = reordered(both.W, both.hidden, v, h);
  permuted.visible_bias = reordered(both.visible_bias, both.visible, one, v);
  permuted.sigma = reordered(both.sigma, both.visible, one, v);
  permuted.hidden_bias = reordered(both.hidden_bias, both.hidden, one, h);
  close("log_partition, permuted", exact_log_partition(build<T>(permuted)), expected);
}

BOOST_AUTO_TEST_SUITE_END()
