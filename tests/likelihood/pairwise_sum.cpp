// log Z by products against sums over energies, and against a sum of logarithms where energies lose digits.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "ebm/adaptors/tempered.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/pairwise_sum.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(pairwise_sum)

using namespace ebm;
using namespace ebm::tests;

namespace {

using Kinds = std::pair<UnitKind, UnitKind>;
constexpr UnitKind bernoulli = UnitKind::bernoulli, spin = UnitKind::spin;
constexpr std::array<Kinds, 4> all_kinds{
    {{bernoulli, bernoulli}, {spin, spin}, {bernoulli, spin}, {spin, bernoulli}}};

/// Uniform on (−1, 1), irregular in i.
double irregular(std::size_t i) {
  const double x = std::sin(double(i + 1)) * 43758.5453;
  return 2 * (x - std::floor(x)) - 1;
}

/// Every parameter uniform on (−size, size), rounded to float, couplings inside a block symmetric.
template <class T> AnyEnergy<T> with_parameters(AnyEnergy<T> e, double size) {
  std::size_t i = 0;
  for (auto& array : e.parameters()) {
    for (T& v : all(array.value)) v = T(float(size * irregular(i++)));
    if (!array.symmetric) continue;
    for (std::size_t r = 0; r < array.value.shape(0); ++r) {
      array.value(r, r) = T(0);
      for (std::size_t c = 0; c < r; ++c) array.value(r, c) = array.value(c, r);
    }
  }
  return e;
}

template <class T> AnyEnergy<T> rbm(std::size_t visible, std::size_t hidden, Kinds kinds, double size) {
  RbmOptions o;
  o.visible = {visible, kinds.first, 2};
  o.hidden = {hidden, kinds.second, 2};
  return with_parameters(AnyEnergy<T>(make_rbm<T>(o)), size);
}

template <class T>
AnyEnergy<T> machine(std::size_t visible, std::size_t hidden, Kinds kinds,
                     std::optional<std::vector<CouplingKind>> couplings, double size) {
  BoltzmannMachineOptions o;
  o.visible = {visible, kinds.first, 2};
  o.hidden = {hidden, kinds.second, 2};
  o.couplings = std::move(couplings);
  return with_parameters(AnyEnergy<T>(make_boltzmann_machine<T>(o)), size);
}

/// log Σ over all states of the form, each log-weight from its definition.
double log_domain_sum(const PairwiseForm& p) {
  LogSum total;
  const std::size_t n = p.c.size();
  for (std::uint64_t h = 0; h < std::uint64_t(1) << n; ++h) {
    double weight = p.constant;
    std::vector<double> x = p.b;
    for (std::size_t i = 0; i < n; ++i)
      if (h >> i & 1) {
        weight += p.c[i];
        for (std::size_t k = 0; k < i; ++k)
          if (h >> k & 1) weight += p.J(i, k);
        for (std::size_t j = 0; j < x.size(); ++j) x[j] += p.W(i, j);
      }
    for (const double v : x) weight += softplus(v);
    total.add(weight);
  }
  return total.value();
}

template <class T> PairwiseForm form_of(const AnyEnergy<T>& e) {
  const auto form = pairwise_form(e, cheapest_enumeration(e));
  BOOST_TEST_REQUIRE(form.has_value());
  return *form;
}

/// The products agree with the sums over energies of the same machine in double.
void compare(const AnyEnergy<double>& e, const AnyEnergy<float>& single) {
  const double oracle = enumerated_log_partition(e), size = std::max(1.0, std::abs(oracle));
  BOOST_TEST(std::abs(log_partition<double>(form_of(e)) - oracle) <= 1e-12 * size);
  BOOST_TEST(std::abs(log_partition<float>(form_of(single)) - oracle) <= 5e-7 * size);
  BOOST_TEST(exact_log_partition(e) == log_partition<double>(form_of(e)));
  BOOST_TEST(exact_log_partition(single) == log_partition<float>(form_of(single)));
}

/// A form with parameters uniform on (−size, size).
PairwiseForm form(std::size_t n, std::size_t m, double size, bool coupled) {
  PairwiseForm p{0.25, std::vector<double>(n), make_batch<double>(n, n), std::vector<double>(m),
                 make_batch<double>(n, m)};
  std::size_t i = 7 * n + 3 * m;
  for (double& v : p.c) v = size * irregular(i++);
  for (double& v : p.b) v = size * irregular(i++);
  for (double& v : all(p.W)) v = size * irregular(i++);
  if (coupled)
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < r; ++c) p.J(r, c) = p.J(c, r) = size * irregular(i++);
  return p;
}

/// E = −x_0 x_1 x_2 with couplings between pairs that it does not have.
struct Cubic {
  using real_type = double;
  StateSpace states = single_block("visible", units::Bernoulli{}, 3);
  Batch<double> J = make_batch<double>(3, 3);
  const StateSpace& space() const { return states; }
  void energy(const State<double>& x, std::span<double> out) const {
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = -x[0](c, 0) * x[0](c, 1) * x[0](c, 2);
  }
  void block_natural(const State<double>&, BlockId, Batch<double>& eta) const { eta.fill(0); }
  SelfCoupling<double> self_coupling(BlockId) const { return {&J}; }
};

} // namespace

BOOST_AUTO_TEST_CASE(restricted_machines_agree_with_their_energies) {
  for (const Kinds& kinds : all_kinds)
    for (std::size_t hidden = 1; hidden <= 14; ++hidden)
      for (const std::size_t visible : {std::size_t(15), std::size_t(40)})
        BOOST_TEST_CONTEXT(visible << " visible, " << hidden << " hidden, kinds " << int(kinds.first)
                                   << int(kinds.second))
  compare(rbm<double>(visible, hidden, kinds, 1.2), rbm<float>(visible, hidden, kinds, 1.2));
}

BOOST_AUTO_TEST_CASE(a_smaller_visible_side_is_enumerated) {
  compare(rbm<double>(3, 17, {spin, bernoulli}, 1.5), rbm<float>(3, 17, {spin, bernoulli}, 1.5));
}

BOOST_AUTO_TEST_CASE(visible_machines_agree_with_their_energies) {
  for (const UnitKind kind : {bernoulli, spin})
    for (std::size_t n = 1; n <= 16; ++n) BOOST_TEST_CONTEXT(n << " units of kind " << int(kind))
  compare(machine<double>(n, 0, {kind, kind}, {}, 0.8), machine<float>(n, 0, {kind, kind}, {}, 0.8));
}

BOOST_AUTO_TEST_CASE(machines_with_all_kinds_of_couplings_agree_with_their_energies) {
  using enum CouplingKind;
  const std::vector<std::vector<CouplingKind>> choices{{vv}, {vh}, {hh}, {vv, vh}, {vh, hh}, {vv, hh, vh}};
  for (const Kinds& kinds : all_kinds)
    for (const auto& couplings : choices)
      for (const auto& [visible, hidden] :
           {std::pair(1, 1), std::pair(9, 4), std::pair(4, 9), std::pair(8, 7)})
        BOOST_TEST_CONTEXT(visible << " visible, " << hidden << " hidden, " << couplings.size()
                                   << " couplings, kinds " << int(kinds.first) << int(kinds.second))
  compare(machine<double>(std::size_t(visible), std::size_t(hidden), kinds, couplings, 0.7),
          machine<float>(std::size_t(visible), std::size_t(hidden), kinds, couplings, 0.7));
}

BOOST_AUTO_TEST_CASE(independent_units_need_no_enumeration) {
  const AnyEnergy<double> e = machine<double>(9, 0, {spin, spin}, std::vector<CouplingKind>{}, 2.0);
  BOOST_TEST(form_of(e).c.empty());
  BOOST_TEST(std::abs(log_partition(form_of(e)) - log_domain_sum(form_of(e))) < 1e-12);
}

BOOST_AUTO_TEST_CASE(parameters_are_read_off_exactly) {
  // Biases far above the couplings would take digits from them if they were differences of large energies.
  AnyEnergy<float> e = machine<float>(12, 0, {spin, spin}, {}, 0.01);
  e.parameters().find("visible_bias")->value.fill(1000.1f);
  const PairwiseForm p = form_of(e);
  const Batch<float>& J = *e.self_coupling(0).dense();
  for (std::size_t i = 0; i < 12; ++i) {
    double field = 0;
    for (std::size_t k = 0; k < 12; ++k) {
      BOOST_TEST(p.J(i, k) == 4 * double(J(i, k)));
      field += double(J(i, k));
    }
    BOOST_TEST(std::abs(p.c[i] - 2 * (double(1000.1f) - field)) < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(any_finite_parameters_agree_with_the_log_domain) {
  for (const double size : {0.0, 0.1, 3.0, 8.0, 30.0, 80.0, 200.0, 5000.0, 1e6, 1e100})
    for (const std::size_t n : {0u, 1u, 2u, 3u, 6u, 7u, 9u, 10u, 11u, 13u})
      for (const std::size_t m : {0u, 1u, 5u, 33u})
        for (const bool coupled : {false, true}) {
          const PairwiseForm p = form(n, m, size, coupled);
          const double oracle = log_domain_sum(p), scale = std::max({1.0, std::abs(oracle), size});
          BOOST_TEST_CONTEXT("n " << n << ", m " << m << ", size " << size << ", coupled " << coupled) {
            BOOST_TEST(std::abs(log_partition<double>(p) - oracle) <= 1e-12 * scale);
            BOOST_TEST(std::abs(log_partition<float>(p) - oracle) <= 5e-7 * scale);
          }
        }
}

BOOST_AUTO_TEST_CASE(strong_couplings_agree_in_every_kind_of_machine) {
  for (const double size : {30.0, 200.0})
    for (const Kinds& kinds : all_kinds) {
      for (const AnyEnergy<double>& e :
           {rbm<double>(20, 9, kinds, size), machine<double>(12, 0, kinds, {}, size),
            machine<double>(7, 6, kinds, {}, size)}) {
        const double oracle = enumerated_log_partition(e);
        BOOST_TEST(std::abs(exact_log_partition(e) - oracle) <= 1e-12 * std::abs(oracle));
      }
    }
}

BOOST_AUTO_TEST_CASE(opposed_weights_and_fields_do_not_vanish) {
  // Low states that the couplings favour by e^2000 and the fields disfavour by as much.
  PairwiseForm p = form(12, 0, 0.5, true);
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t k = 0; k < i; ++k) p.J(i, k) = p.J(k, i) = 50;
    p.J(i, 11) = p.J(11, i) = -450;
    p.c[i] = 225;
  }
  const double oracle = log_domain_sum(p);
  BOOST_TEST(std::abs(log_partition(p) - oracle) <= 1e-12 * std::abs(oracle));
}

BOOST_AUTO_TEST_CASE(zero_parameters_count_the_states) {
  for (const std::size_t n : {0u, 1u, 5u, 10u, 14u, 20u})
    for (const std::size_t m : {0u, 1u, 100u}) {
      PairwiseForm p = form(n, m, 0, true);
      p.constant = 0;
      const double expected = double(n + m) * std::log(2.0);
      BOOST_TEST(std::abs(log_partition<double>(p) - expected) <= 1e-14 * expected);
      BOOST_TEST(std::abs(log_partition<float>(p) - expected) <= 1e-14 * expected);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_visible) {
  for (const double bad : {std::nan(""), infinity, -infinity}) {
    std::array<PairwiseForm, 5> forms;
    forms.fill(form(7, 5, 1, true));
    forms[0].constant = forms[1].c[3] = forms[2].b[2] = forms[3].W(1, 1) = forms[4].J(2, 3) = bad;
    for (const PairwiseForm& p : forms) {
      BOOST_TEST(std::isnan(log_partition<double>(p)));
      BOOST_TEST(std::isnan(log_partition<float>(p)));
    }
  }
  for (const char* name : {"visible_bias", "hidden_bias", "W"}) {
    AnyEnergy<float> e = rbm<float>(6, 4, {bernoulli, spin}, 1);
    e.parameters().find(name)->value(0, 1) = std::nanf("");
    BOOST_TEST(!pairwise_form(e, cheapest_enumeration(e)).has_value());
    BOOST_TEST(std::isnan(exact_log_partition(e)));
  }
}

BOOST_AUTO_TEST_CASE(other_energies_are_left_to_the_general_sum) {
  BoltzmannMachineOptions o;
  o.visible = {4, UnitKind::categorical, 3};
  const AnyEnergy<double> categorical =
      with_parameters(AnyEnergy<double>(make_boltzmann_machine<double>(o)), 1);
  BOOST_TEST(!pairwise_form(categorical, cheapest_enumeration(categorical)).has_value());
  BOOST_TEST(exact_log_partition(categorical) == enumerated_log_partition(categorical));
  // One that breaks its promise is found out.
  const AnyEnergy<double> cubic{Cubic()};
  BOOST_TEST(!pairwise_form(cubic, cheapest_enumeration(cubic)).has_value());
  BOOST_TEST(std::abs(exact_log_partition(cubic) - std::log(7 + std::exp(1.0))) < 1e-12);
}

BOOST_AUTO_TEST_CASE(every_registered_model_has_the_log_partition_of_its_energies) {
  for (const Variant& v : model_variants()) {
    const AnyEnergy<double> e = build_model(v, 4);
    if (supports(e, Capability::log_partition) || !has_exact_partition(e)) continue;
    BOOST_TEST_CONTEXT(v.name())
    BOOST_TEST(std::abs(exact_log_partition(e) - enumerated_log_partition(e)) <= 1e-12 * 10);
  }
}

BOOST_AUTO_TEST_CASE(scaled_energies_keep_their_form) {
  const AnyEnergy<float> e = machine<float>(7, 5, {spin, bernoulli}, {}, 1.0);
  const AnyEnergy<float> scaled{Tempered(e, 0.3)};
  const double oracle = enumerated_log_partition(scaled);
  BOOST_TEST(std::abs(log_partition<float>(form_of(scaled)) - oracle) <= 1e-6 * std::abs(oracle));
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_changes_no_bit) {
  const PairwiseForm hidden = form(15, 50, 0.5, true), strong = form(13, 9, 500, true),
                     visible = form(19, 0, 0.5, true);
  std::vector<std::vector<double>> found;
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const parallel::Threads limit(threads);
    found.push_back({log_partition<float>(hidden), log_partition<double>(hidden), log_partition(strong),
                     log_partition(visible)});
  }
  BOOST_TEST(found[0] == found[1], boost::test_tools::per_element());
  BOOST_TEST(found[0] == found[2], boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
