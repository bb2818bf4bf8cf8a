// Machines of coupled real-valued units: which have a finite integral.
#include "ebm/likelihood/normalisable.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/error.hpp"
#include "ebm/likelihood/ais.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

using Precisions = std::tuple<double, float>;

/// Units of both sides of kinds a and b, W the matrix of ones times w, sigma 1.
template <class T> AnyEnergy<T> machine_of(UnitKind a, UnitKind b, std::size_t n, double w) {
  RbmOptions o;
  o.visible.size = o.hidden.size = n;
  o.visible.units = a;
  o.hidden.units = b;
  BlockBoltzmann<T> m = make_rbm<T>(o);
  m.parameters().find("W")->value.fill(T(w));
  m.parameters().find("hidden_bias")->value.fill(T(-30)); // far away it does not count
  return AnyEnergy<T>(std::move(m));
}

} // namespace

BOOST_AUTO_TEST_SUITE(normalisable)

// The largest singular value of W is n w. Along x = y = (1, …, 1) the energy is n (1 − n w).
BOOST_AUTO_TEST_CASE_TEMPLATE(couplings_up_to_the_precisions, T, Precisions) {
  using enum UnitKind;
  for (const auto& [a, b] : {std::pair(gaussian, gaussian), {gaussian, rectified}, {rectified, rectified}})
    for (const std::size_t n : {1u, 2u, 7u}) {
      const double critical = 1 / double(n);
      for (const double w : {0.0, 0.5, 0.99}) {
        BOOST_TEST(!falls_without_bound(machine_of<T>(a, b, n, w * critical)), n << " units, " << w);
        BOOST_TEST(!falls_without_bound(machine_of<T>(b, a, n, w * critical)), n << " units, " << w);
      }
      for (const double w : {1.02, 1.1, 3.0}) {
        BOOST_TEST(falls_without_bound(machine_of<T>(a, b, n, w * critical)), n << " units, " << w);
        BOOST_TEST(falls_without_bound(machine_of<T>(b, a, n, w * critical)), n << " units, " << w);
      }
    }
}

// With means far away, and columns in other units: only the quadratic part counts.
BOOST_AUTO_TEST_CASE_TEMPLATE(biases_and_scales_do_not_count, T, Precisions) {
  for (const UnitKind hidden : {UnitKind::gaussian, UnitKind::rectified})
    for (const auto& [w, expected] : {std::pair(0.0, false), {0.7, false}, {0.705, false}, {0.71, true}}) {
      RbmOptions o;
      o.visible.size = 2;
      o.hidden.size = 1;
      o.visible.units = UnitKind::gaussian;
      o.hidden.units = hidden;
      o.visible.sigma = TaggedNumber{0, 2000};
      o.visible.form = SigmaForm::deviation;
      BlockBoltzmann<T> m = make_rbm<T>(o);
      m.parameters().find("W")->value.fill(T(w));
      m.parameters().find("visible_bias")->value.fill(T(2e6));
      m.parameters().find("visible_sigma")->value.fill(T(std::log(2000.0)));
      BOOST_TEST(falls_without_bound(AnyEnergy<T>(std::move(m))) == expected, w << " twice");
    }
}

// One unit of 300 is coupled.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_single_coupling_is_found, T, Precisions) {
  constexpr std::size_t n = 300;
  for (const auto& [w, expected] : {std::pair(0.999, false), {1.003, true}}) {
    AnyEnergy<T> e = machine_of<T>(UnitKind::gaussian, UnitKind::rectified, n, 0);
    e.parameters().find("W")->value(17, 5) = T(w);
    BOOST_TEST(falls_without_bound(e) == expected, w);
  }
}

// Rectified units never meet the directions that a negative coupling would open to gaussian ones.
BOOST_AUTO_TEST_CASE_TEMPLATE(signs_count_for_rectified_units, T, Precisions) {
  using enum UnitKind;
  BOOST_TEST(falls_without_bound(machine_of<T>(gaussian, gaussian, 2, -2)));
  BOOST_TEST(falls_without_bound(machine_of<T>(gaussian, rectified, 2, -2)));
  BOOST_TEST(!falls_without_bound(machine_of<T>(rectified, rectified, 2, -2)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(discrete_units_bound_the_others, T, Precisions) {
  using enum UnitKind;
  BOOST_TEST(!falls_without_bound(machine_of<T>(gaussian, bernoulli, 3, 50)));
  BOOST_TEST(!falls_without_bound(machine_of<T>(binomial, rectified, 3, 50)));
  BOOST_TEST(!falls_without_bound(machine_of<T>(spin, bernoulli, 3, 50)));
}

BOOST_AUTO_TEST_CASE(annealing_refuses_what_has_no_law) {
  const AnyEnergy<double> e = machine_of<double>(UnitKind::rectified, UnitKind::rectified, 1, 1.1);
  const auto estimate = [&] {
    ais(e, independent_base<double>(e, nullptr), build_sampler({"gibbs", ""}), {10, 10, 1},
        random::Draws(random::Key{1}));
  };
  BOOST_CHECK_EXCEPTION(estimate(), DivergenceError, [](const DivergenceError& error) {
    return std::string(error.what()).starts_with("the machine cannot be normalised");
  });
}

BOOST_AUTO_TEST_SUITE_END()
