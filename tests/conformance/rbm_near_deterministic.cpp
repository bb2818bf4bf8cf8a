#include "tests/conformance/known_answers.hpp"

#include "ebm/adaptors/tempered.hpp"
#include "ebm/likelihood/ais.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "samplers/gibbs.hpp"

#include <numeric>

using namespace ebm;
using namespace ebm::conformance;
namespace known = ebm::conformance::near_deterministic;

BOOST_AUTO_TEST_SUITE(conformance_rbm_near_deterministic)

BOOST_AUTO_TEST_CASE_TEMPLATE(has_the_known_partition_and_likelihoods, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const Batch<T> data = matrix<T>(known::data, known::machine.visible);
  auto close = Closeness::of<T>("rbm_4x4_near_deterministic");
  const double log_z = exact_log_partition(e);
  close("log_partition", log_z, known::log_partition);
  std::vector<double> rows = row_free_energies(e, Rows<T>{&data, {}});
  for (double& v : rows) v = -v - log_z;
  close("log_likelihood", rows, known::log_likelihood);
  close("mean log_likelihood", std::accumulate(rows.begin(), rows.end(), 0.0) / double(rows.size()),
        known::mean_log_likelihood);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(has_the_known_tempered_partitions, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  auto close = Closeness::of<T>("rbm_4x4_near_deterministic, tempered");
  for (const auto& [beta, log_z] : known::tempered)
    close("log_partition at beta " + std::to_string(beta),
          exact_log_partition(AnyEnergy<T>(Tempered(e, beta))), log_z);
  // At beta 0 only the number of states is left: by the adaptor, and by the units' own closed form.
  close("log_partition at beta 0", exact_log_partition(AnyEnergy<T>(Tempered(e, 0.0))),
        known::log_partition_at_beta_0);
  close("log_partition of the uniform law", independent_base<T>(e, nullptr).log_partition(),
        known::log_partition_at_beta_0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(annealing_stays_in_its_band, T, Precisions) {
  const AnyEnergy<T> e = build<T>(known::machine);
  const IndependentUnits<T> base = independent_base<T>(e, nullptr);
  for (const auto& [temperatures, deviation, band] : known::ais_bands) {
    if (temperatures > 1000) continue; // in annealing_statistical.cpp
    const AisEstimate estimate =
        ais(e, base, AnySampler<T>(Gibbs<T>()), {100, temperatures, 1}, random::Draws(random::Key{1}));
    const double error = estimate.log_partition - known::log_partition;
    BOOST_TEST_MESSAGE("AIS with " << temperatures << " temperatures (" << precision_name<T> << "): error "
                                   << error << ", allowed " << band << ", its own standard error "
                                   << estimate.standard_error);
    BOOST_TEST(std::abs(error) < band);
  }
}

BOOST_AUTO_TEST_SUITE_END()
