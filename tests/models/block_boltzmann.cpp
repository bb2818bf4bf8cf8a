#include <boost/test/unit_test.hpp>

#include "ebm/learning/trainer.hpp"
#include "ebm/random/draws.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

/// Whether every pair of J has the same bits at both entries, and the diagonal is zero.
bool of_pairs(const Batch<double>& J) {
  for (std::size_t i = 0; i < J.shape(0); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      if (J(i, j) != J(j, i) || (i == j && J(i, j) != 0)) return false;
  return true;
}

Batch<double> rows(std::size_t n, std::size_t columns, bool grey) {
  Batch<double> x = make_batch<double>(n, columns);
  random::Draws(random::Key{20240313}).uniforms({random::Stream::data, 0, 0, 0}, x);
  if (!grey)
    for (double& v : all(x)) v = v < 0.2 ? 1 : 0;
  return x;
}

} // namespace

BOOST_AUTO_TEST_SUITE(block_boltzmann)

// Whatever kernel adds the products up, in whatever order: the weights 1/15 and 1/100 are not exact in
// binary.
BOOST_AUTO_TEST_CASE(both_entries_of_a_pair_move_together) {
  constexpr std::size_t n = 230, columns = 100;
  for (const std::size_t batch : {15u, 60u, 100u})
    for (const bool grey : {false, true})
      for (const std::string options : {"", ", hidden: 3"}) {
        AnyEnergy<double> e = build_model({"boltzmann_machine", "visible: 100" + options}, columns);
        const Batch<double> data = rows(n, columns, grey);
        TrainerOptions o{100, batch, {}};
        const Trainer<double> trainer(estimators({"gibbs", ""}, batch)[0].estimator, o, n,
                                      [&](std::uint64_t) -> const Batch<double>& { return data; });
        const random::Draws draws(random::Key{20240314});
        auto state = trainer.init(e, draws);
        for (int k = 0; k < 20; ++k) trainer.step(e, state, draws);
        BOOST_TEST(of_pairs(e.parameters().find("J")->value),
                   "batch " << batch << (grey ? ", grey" : ", binary") << options);
      }
}

BOOST_AUTO_TEST_SUITE_END()
