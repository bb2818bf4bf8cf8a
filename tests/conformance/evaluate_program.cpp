#include "tests/conformance/known_answers.hpp"
#include "tests/conformance/program_run.hpp"
#include "tests/io/io_support.hpp"

#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "experiments/io/npy.hpp"

#include <nlohmann/json.hpp>

using namespace ebm;
using namespace ebm::conformance;
using ebm::experiments::testing::TemporaryDirectory;

namespace {

using Json = nlohmann::json;

std::string model_text(const Machine& m) {
  const std::string units = m.visible_units == UnitKind::spin ? "spin" : "bernoulli";
  return m.hidden != 0 ? "{type: rbm, hidden: " + std::to_string(m.hidden) + ", units: " + units
                       : "{type: boltzmann_machine, hidden: 0, units: " + units;
}

/// `ebm evaluate FILE --json` on a machine and its rows, both written in the toolkit's own formats.
Json evaluate(const Machine& m, const std::vector<double>& rows, const std::string& metrics) {
  const TemporaryDirectory place;
  experiments::write_npz(place.directory / "machine.npz", arrays_of(m));
  experiments::write_npy(place.directory / "rows.npy", {rows.size() / m.visible, m.visible}, rows);
  const auto file =
      place.put("evaluate.yaml", "ebm: 1\nname: evaluate\nprecision: double\n"
                                 "data: {type: npy, path: rows.npy}\nmodel: " +
                                     model_text(m) + ", parameters: machine.npz}\nevaluation: {metrics: [" +
                                     metrics + "]}\n");
  const ProgramRun run = run_ebm({"evaluate", file.string(), "--json"}, place.directory);
  BOOST_TEST_REQUIRE(run.exit_code == 0, run.err);
  BOOST_TEST(run.err == "");
  return Json::parse(run.out);
}

std::vector<double> numbers(const Json& list) {
  return list.get<std::vector<double>>();
}
std::vector<double> flat(const Json& rows) {
  std::vector<double> v;
  for (const Json& r : rows)
    for (const Json& x : r) v.push_back(x.get<double>());
  return v;
}

/// mean, pair_mean and the energies against the sum over all states.
void check_moments(Closeness& close, const Json& found, const Machine& m, double log_partition) {
  const Moments reference = sum_all_states(m);
  close("the reference's log_partition", reference.log_partition, log_partition);
  close("mean", numbers(found["mean"]), reference.mean);
  close("pair_mean", flat(found["pair_mean"]), reference.pair_mean);
  close("mean_energy", found["mean_energy"].get<double>(), reference.mean_energy);
  close("entropy", found["entropy"].get<double>(), log_partition + reference.mean_energy);
  close("entropy from the program's own numbers", found["entropy"].get<double>(),
        found["log_partition"].get<double>() + found["mean_energy"].get<double>());
}

/// All 17 digits survive: the number in the text is the number of the library, to the last bit.
void check_digits(const Json& found, const Machine& m, const std::vector<double>& rows) {
  const AnyEnergy<double> e = build<double>(m);
  const Batch<double> data = matrix<double>(rows, m.visible);
  const double log_z = exact_log_partition(e);
  BOOST_TEST(found["log_partition"].get<double>() == log_z);
  BOOST_TEST(numbers(found["free_energy"]["values"]) == row_free_energies(e, Rows<double>{&data, {}}));
  BOOST_TEST(numbers(found["pseudo_likelihood"]["values"]) == pseudo_likelihoods(e, Rows<double>{&data, {}}));
  BOOST_TEST(numbers(found["mean"]) == exact_moments(e).mean);
}

constexpr const char* all_metrics = "log_partition, log_likelihood, free_energy, pseudo_likelihood, mean, "
                                    "pair_mean, gradient, mean_energy, entropy";

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_evaluate_program)

BOOST_AUTO_TEST_CASE(rbm_3x2) {
  namespace known = ebm::conformance::gradients;
  const Json found = evaluate(known::machine, known::data, all_metrics);
  Closeness close("ebm evaluate, rbm_3x2_gradients", 1e-10);
  close("log_partition", found["log_partition"].get<double>(), known::log_partition);
  close("log_likelihood", numbers(found["log_likelihood"]["values"]), known::log_likelihood);
  close("mean log_likelihood", found["log_likelihood"]["mean"].get<double>(), known::mean_log_likelihood);
  close("free_energy", numbers(found["free_energy"]["values"]), known::free_energy);
  close("pseudo_likelihood", numbers(found["pseudo_likelihood"]["values"]), known::pseudo_likelihood);
  close("mean pseudo_likelihood", found["pseudo_likelihood"]["mean"].get<double>(),
        known::mean_pseudo_likelihood);
  // The program's gradient is of the mean log-likelihood, as the known one is.
  close("gradient of W", flat(found["gradient"]["W"]), known::exact.W);
  close("gradient of visible_bias", numbers(found["gradient"]["visible_bias"]), known::exact.visible_bias);
  close("gradient of hidden_bias", numbers(found["gradient"]["hidden_bias"]), known::exact.hidden_bias);
  check_moments(close, found, known::machine, known::log_partition);
  check_digits(found, known::machine, known::data);
}

BOOST_AUTO_TEST_CASE(rbm_4x4) {
  namespace known = ebm::conformance::near_deterministic;
  const Json found = evaluate(known::machine, known::data, all_metrics);
  Closeness close("ebm evaluate, rbm_4x4_near_deterministic", 1e-10);
  close("log_partition", found["log_partition"].get<double>(), known::log_partition);
  close("log_likelihood", numbers(found["log_likelihood"]["values"]), known::log_likelihood);
  close("mean log_likelihood", found["log_likelihood"]["mean"].get<double>(), known::mean_log_likelihood);
  std::vector<double> free_energy = known::log_likelihood; // −log p − log Z
  for (double& v : free_energy) v = -v - known::log_partition;
  close("free_energy", numbers(found["free_energy"]["values"]), free_energy);
  check_moments(close, found, known::machine, known::log_partition);
  check_digits(found, known::machine, known::data);
}

BOOST_AUTO_TEST_CASE(spin_boltzmann_machine_4) {
  const std::vector<double> ones{1, 1, 1, 1};
  const Json found = evaluate(spins::machine, ones, all_metrics);
  Closeness close("ebm evaluate, spin_boltzmann_machine_4", 1e-10);
  close("log_partition", found["log_partition"].get<double>(), spins::log_partition);
  // Without hidden units the free energy is the energy.
  close("energy of (1, 1, 1, 1)", numbers(found["free_energy"]["values"]), {spins::energy_of_ones});
  close("log_likelihood", numbers(found["log_likelihood"]["values"]),
        {-spins::energy_of_ones - spins::log_partition});
  close("mean", numbers(found["mean"]), spins::mean);
  for (const auto& [i, j, expected] : spins::pairs)
    close("pair_mean", found["pair_mean"][i][j].get<double>(), expected);
  check_moments(close, found, spins::machine, spins::log_partition);
  // One row of ones: the gradient is 1 − the moment, and J's stands at both entries of a pair.
  for (std::size_t i = 0; i < 4; ++i)
    close("gradient of visible_bias", found["gradient"]["visible_bias"][i].get<double>(), 1 - spins::mean[i]);
  for (const auto& [i, j, expected] : spins::pairs) {
    close("gradient of J", found["gradient"]["J"][i][j].get<double>(), 1 - expected);
    close("gradient of J", found["gradient"]["J"][j][i].get<double>(), 1 - expected);
  }
  check_digits(found, spins::machine, ones);
}

BOOST_AUTO_TEST_SUITE_END()
