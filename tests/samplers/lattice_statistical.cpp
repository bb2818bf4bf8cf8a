// Gibbs sampling of the Ising model at its critical point, where chains decorrelate slowest.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/core/parallel.hpp"
#include "ebm/laws/energy_laws.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "samplers/gibbs.hpp"

using namespace ebm;

namespace {

/// The exact energy per spin of the 16 x 16 torus at ln(1 + √2)/2, in units of the coupling (Kaufman 1949; in
/// Ferrenberg, Landau & Wong 1992).
constexpr double critical = 0.44068679350977, exact_energy = -1.45306485;
constexpr std::int64_t side = 16;

// Fixed before the first run. Batches are several times the autocorrelation time of the magnetisation, some
// 300 sweeps, so that their means are independent; the energy decorrelates faster.
constexpr std::size_t chains = 64, chains_an_item = 16, burn_in = 3000, batches = 10, batch = 2000, every = 4;
// Seeds 1 to 20 all pass; their largest deviation is 2.3 standard errors.
constexpr double sigmas = 4, largest_standard_error = 0.004;

struct Estimate {
  double mean, standard_error;
  double deviation() const { return (mean - exact_energy) / standard_error; }
};

/// `frozen` says which colour is never drawn: the broken twin.
Estimate energy_per_spin(std::uint64_t seed, std::optional<std::size_t> frozen = std::nullopt) {
  IsingOptions o;
  o.size = {side, side};
  const std::size_t spins = o.sites();
  BlockBoltzmann<double> machine = make_ising<double>(o);
  machine.parameters().find("J")->value.fill(critical);
  const AnyEnergy<double> e(std::move(machine));
  const Gibbs<double> gibbs;
  const random::Draws draws(random::Key{seed});
  const parallel::WorkItems items(chains, chains_an_item);
  std::vector<double> means(chains * batches, 0.0);
  parallel::for_each(items.size(), [&](std::size_t item) {
    const auto [first, count] = items[item];
    auto state = gibbs.init(e, laws::random_state(e.space(), count, draws.derived(first).key()),
                            std::uint32_t(first), 0);
    std::vector<double> energies(count);
    for (std::size_t sweep = 0; sweep < burn_in + batches * batch; ++sweep) {
      const State<double> before = frozen ? state.x : State<double>();
      gibbs.step(e, state, draws);
      if (frozen)
        for (const std::uint32_t site : e.self_coupling(0).graph->colours()[*frozen])
          for (std::size_t c = 0; c < count; ++c) state.x.values(0)(c, site) = before[0](c, site);
      if (sweep < burn_in || sweep % every != 0) continue;
      e.energy(state.x, energies);
      for (std::size_t c = 0; c < count; ++c)
        means[(first + c) * batches + (sweep - burn_in) / batch] +=
            energies[c] / critical / double(spins) * double(every) / double(batch);
    }
  });
  double sum = 0, squares = 0;
  for (const double m : means) {
    sum += m;
    squares += m * m;
  }
  const double n = double(means.size()), mean = sum / n;
  return {mean, std::sqrt((squares / n - mean * mean) / (n - 1))};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lattice_sampling)

BOOST_AUTO_TEST_CASE(energy_at_the_critical_point) {
  const parallel::Threads threads(parallel::available_cores());
  const Estimate found = energy_per_spin(1);
  BOOST_TEST_MESSAGE("energy per spin " << found.mean << " ± " << found.standard_error << ", exact "
                                        << exact_energy << ", " << found.deviation() << " standard errors");
  BOOST_TEST(std::abs(found.deviation()) < sigmas);
  BOOST_TEST(found.standard_error < largest_standard_error);
}

BOOST_AUTO_TEST_CASE(a_colour_that_is_not_drawn_is_seen) {
  const parallel::Threads threads(parallel::available_cores());
  for (const std::size_t colour : {0u, 1u}) {
    const Estimate broken = energy_per_spin(1, colour);
    BOOST_TEST(std::abs(broken.mean - exact_energy) > 10 * sigmas * largest_standard_error);
    BOOST_TEST(std::abs(broken.deviation()) > sigmas);
  }
}

BOOST_AUTO_TEST_SUITE_END()
