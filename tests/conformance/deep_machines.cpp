#include "tests/conformance/deep_support.hpp"
#include "tests/conformance/program_run.hpp"

#include "ebm/likelihood/mean_field.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

using namespace ebm;
using namespace ebm::conformance;

namespace {

/// conformance/dbm_5_6_7.json, or nothing where it is not installed.
std::optional<nlohmann::json> known_machine() {
  const fs::path file = data_folder() / "../conformance/dbm_5_6_7.json";
  if (fs::exists(file)) return nlohmann::json::parse(std::ifstream(file));
  BOOST_TEST_MESSAGE("SKIPPED: there is no " << file);
  return std::nullopt;
}

std::vector<double> numbers(const nlohmann::json& array) {
  std::vector<double> all;
  for (const nlohmann::json& entry : array)
    if (entry.is_array())
      for (const double v : numbers(entry)) all.push_back(v);
    else
      all.push_back(entry.get<double>());
  return all;
}

template <class T> AnyEnergy<T> build(const nlohmann::json& model) {
  AnyEnergy<T> e = make_layers<T>({5, 6, 7});
  for (const char* name : {"visible_bias", "hidden1_bias", "hidden2_bias", "W1", "W2"})
    set_array(e, name, numbers(model[name]));
  return e;
}

/// log Z with these layers enumerated and the others summed in closed form.
template <class T>
double log_sum(const AnyEnergy<T>& e, const std::vector<BlockId>& enumerated,
               const std::vector<BlockId>& summed) {
  State<T> x(e.space(), 1);
  LogSum sum;
  derive::for_each_setting<T>(e.space(), enumerated, x, [&] {
    double f = 0;
    derive::block_free_energy(e, x, summed, {&f, 1});
    sum.add(-f);
  });
  return sum.value();
}

const std::vector<std::vector<std::int64_t>> layer_sizes{{5, 4, 6, 3}, {5, 6, 7}, {4, 4, 2, 4, 3}};

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_deep_machines)

BOOST_AUTO_TEST_CASE_TEMPLATE(has_the_known_likelihood, T, Precisions) {
  const auto known = known_machine();
  if (!known) return;
  const AnyEnergy<T> e = build<T>((*known)["model"]);
  const Batch<T> data = matrix<T>(numbers((*known)["data"]), 5);
  auto close = Closeness::of<T>("dbm_5_6_7");
  const double log_z = (*known)["expected"]["log_partition"];
  close("log_partition", exact_log_partition(e), log_z);
  close("log_partition, enumerated", enumerated_log_partition(e), log_z);
  close("log_likelihood", log_likelihoods(e, data), numbers((*known)["expected"]["log_likelihood"]));
}

// Only the tolerance limits it: sweeps contract here by about 100, so that the means end a hundredth of the
// tolerance off, or at rounding; the bound, which is flat there, is exact long before.
BOOST_AUTO_TEST_CASE(has_the_known_mean_field) {
  const auto known = known_machine();
  if (!known) return;
  const AnyEnergy<double> e = build<double>((*known)["model"]);
  const Batch<double> data = matrix<double>(numbers((*known)["data"]), 5);
  const Rows<double> rows{&data, {}};
  const nlohmann::json& expected = (*known)["expected"];
  for (const auto& [tolerance, allowed] : {std::pair{1e-6, 1e-6}, std::pair{1e-15, 1e-14}}) {
    const MeanFieldOptions options{1000, tolerance};
    State<double> x(e.space(), 1);
    rows.copy_to(e.space(), 0, x);
    MeanFieldScratch<double> scratch;
    mean_field(e, x, options, scratch);
    double worst = 0;
    for (const BlockId b : {1u, 2u}) {
      const std::vector<double> means =
          numbers(expected[b == 1 ? "mean_field_hidden1" : "mean_field_hidden2"]);
      for (std::size_t j = 0; j < means.size(); ++j) worst = std::max(worst, std::abs(x[b](0, j) - means[j]));
    }
    const double elbo = mean_field_bounds(e, rows, options)[0] - exact_log_partition(e);
    const double bound_error = std::abs(elbo - numbers(expected["elbo"])[0]);
    BOOST_TEST_MESSAGE("mean field of dbm_5_6_7 with tolerance " << tolerance << ": means off by " << worst
                                                                 << ", bound by " << bound_error);
    BOOST_TEST(worst < allowed);
    BOOST_TEST(bound_error < allowed);
    BOOST_TEST(elbo < numbers(expected["log_likelihood"])[0]);
  }
}

// conformance/README.md, Structure.
BOOST_AUTO_TEST_CASE_TEMPLATE(any_layers_may_be_summed, T, Precisions) {
  auto close = Closeness::of<T>("layers summed");
  for (const std::vector<std::int64_t>& sizes : layer_sizes)
    for (const std::uint64_t seed : {1, 2}) {
      const AnyEnergy<T> e = random_layers<T>(sizes, 1, seed);
      std::vector<BlockId> every, odd, even;
      for (BlockId b = 0; b < sizes.size(); ++b) {
        every.push_back(b);
        (b % 2 == 0 ? even : odd).push_back(b);
      }
      const double log_z = log_sum(e, every, {});
      close("even layers summed", log_sum(e, odd, even), log_z);
      close("odd layers summed", log_sum(e, even, odd), log_z);
      close("exact_log_partition", exact_log_partition(e), log_z);
      close("enumerated_log_partition", enumerated_log_partition(e), log_z);
      const Enumeration plan = cheapest_enumeration(e);
      BOOST_TEST(plan.log2_states <= std::min(e.space().log2_states(odd), e.space().log2_states(even)));
    }
}

BOOST_AUTO_TEST_CASE(the_bound_rises_to_below_the_likelihood) {
  for (const std::vector<std::int64_t>& sizes : layer_sizes)
    for (const double spread : {0.3, 1.0, 3.0})
      for (const std::uint64_t seed : {1, 2, 3}) {
        const AnyEnergy<double> e = random_layers<double>(sizes, spread, seed);
        const Batch<double> data = all_bits<double>(std::size_t(sizes[0]));
        const Rows<double> rows{&data, {}};
        const std::vector<double> log_p = log_likelihoods(e, data);
        const double log_z = exact_log_partition(e);
        std::vector<double> before(data.shape(0), -infinity);
        for (const std::size_t sweeps : {0u, 1u, 2u, 3u, 5u, 10u, 30u, 100u}) {
          const std::vector<double> bounds = mean_field_bounds(e, rows, {sweeps, 0});
          for (std::size_t i = 0; i < bounds.size(); ++i) {
            BOOST_TEST(bounds[i] - log_z <= log_p[i] + 1e-12 * (1 + std::abs(log_p[i])));
            BOOST_TEST(bounds[i] >= before[i] - 1e-12 * (1 + std::abs(before[i])),
                       "spread " << spread << ", row " << i << ", " << sweeps << " sweeps");
          }
          before = bounds;
        }
      }
}

// Without couplings between latent layers the factorised law is the law, and the bound is log p.
BOOST_AUTO_TEST_CASE(the_bound_is_tight_for_independent_latents) {
  AnyEnergy<double> e = random_layers<double>({4, 3, 2}, 1, 4);
  e.parameters().find("W2")->value.fill(0);
  const Batch<double> data = all_bits<double>(4);
  const Rows<double> rows{&data, {}};
  const std::vector<double> log_p = log_likelihoods(e, data), bounds = mean_field_bounds(e, rows, {1, 0});
  for (std::size_t i = 0; i < log_p.size(); ++i)
    BOOST_TEST(std::abs(bounds[i] - exact_log_partition(e) - log_p[i]) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
