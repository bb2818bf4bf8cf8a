// No step of a sampler and no update of a trainer allocates once it is warm: every registered model with
// every sampler and estimator that fits.
#define BOOST_TEST_MODULE allocation
#include <boost/test/unit_test.hpp>

#include "ebm/core/parallel.hpp"
#include "ebm/learning/trainer.hpp"
#include "tests/allocation/counted_malloc.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr std::size_t columns = 4, chains = 150; // three work items of unequal sizes
constexpr int warm = 3, counted = 3;
const random::Draws draws(random::Key{7});

/// A model's top energy is made anew at each step of the ancestral sampler: a copy of its weights.
bool copies_its_top(const AnyEnergy<double>& e, const std::string& sampler) {
  return supports(e, Capability::top) && sampler.find("ancestral") != std::string::npos;
}

State<double> start(const AnyEnergy<double>& e) {
  State<double> x(e.space(), chains);
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (!e.space()[b].discrete()) draws.normals({random::Stream::law, 0, 0, std::uint8_t(b)}, x.values(b));
  return x;
}

void check_sampler(const AnyEnergy<double>& e, const AnySampler<double>& sampler) {
  auto state = sampler.init(e, start(e), 0, 0);
  for (int i = 0; i < warm; ++i) sampler.step(e, state, draws);
  const CountAllocations allocations;
  for (int i = 0; i < counted; ++i) sampler.step(e, state, draws);
  const std::size_t n = allocations.count();
  BOOST_TEST(n == 0u, n << " allocations; the first:" << allocations.first());
}

/// The others tell no means of the two phases, which centring and sparsity ask for.
bool takes_aids(const std::string& estimator) {
  return !estimator.starts_with("discriminative") && !estimator.starts_with("hybrid");
}

/// What the model takes of everything that can be added to a gradient or done to it.
TrainerOptions with_aids(const AnyEnergy<double>& e, TrainerOptions o) {
  o.centering.kind = GradientKind::centred;
  if (Centering<double>(o.centering).check(e.parameters())) o.centering.kind = GradientKind::ordinary;
  if (const SparsityOptions sparsity; !Sparsity<double>(sparsity).check(e)) o.sparsity = sparsity;
  o.optimizer.clip = o.optimizer.max_norm = 0.1;
  o.optimizer.decay[e.parameters()[0].name] = 0.1;
  return o;
}

void check_training(AnyEnergy<double> e, const AnyEstimator<double>& estimator, OptimizerKind kind,
                    bool aided = false) {
  // Couplings of gaussian units are weak, or there is no law and chains run away.
  for (auto& a : e.parameters())
    if (a.role == ParameterRole::weight)
      for (double& v : all(a.value)) v *= 0.1;
  Batch<double> rows = make_batch<double>(chains, e.space().visible_columns());
  const State<double> x = start(e);
  std::size_t offset = 0;
  for (BlockId b = 0; b < e.space().size(); ++b) {
    if (e.space()[b].latent()) continue;
    for (std::size_t c = 0; c < chains; ++c)
      std::ranges::copy(row(x[b], c), row(rows, c).begin() + std::ptrdiff_t(offset));
    offset += e.space()[b].columns();
  }
  TrainerOptions options{1000, 130, {}};
  options.optimizer.kind = kind;
  options.optimizer.lr = 1e-3;
  options.optimizer.momentum = 0.5;
  if (aided) options = with_aids(e, options);
  const Trainer<double> trainer(estimator, options, chains,
                                [&](std::uint64_t) -> const Batch<double>& { return rows; });
  auto state = trainer.init(e, draws);
  for (int i = 0; i < 2 * warm; ++i) trainer.step(e, state, draws);
  const CountAllocations allocations;
  for (int i = 0; i < 2 * counted; ++i) trainer.step(e, state, draws);
  const std::size_t n = allocations.count();
  BOOST_TEST(n == 0u, n << " allocations; the first:" << allocations.first());
}

} // namespace

BOOST_AUTO_TEST_CASE(the_counter_counts) {
  const CountAllocations allocations;
  const std::vector<double> x(1000, 1.0);
  BOOST_TEST(allocations.count() == 1u);
  BOOST_TEST(x[999] == 1.0);
}

BOOST_AUTO_TEST_CASE(steps_of_samplers) {
  const parallel::Threads one(1);
  for (const Variant& m : model_variants())
    for (const Variant& s : sampler_variants()) {
      const AnyEnergy<double> e = build_model(m, columns);
      const AnySampler<double> sampler = build_sampler(s);
      if (sampler.check(e) || copies_its_top(e, s.name())) continue;
      BOOST_TEST_CONTEXT(m.name() + ", " + s.name()) check_sampler(e, sampler);
    }
}

BOOST_AUTO_TEST_CASE(updates_of_trainers) {
  const parallel::Threads one(1);
  for (const Variant& m : model_variants())
    for (const Variant& s : sampler_variants())
      for (const NamedEstimator& g : estimators(s, chains)) {
        const AnyEnergy<double> e = build_model(m, columns);
        if (g.deterministic || g.estimator.check(e) || copies_its_top(e, g.name)) continue;
        BOOST_TEST_CONTEXT(m.name() + ", " + g.name)
        for (const bool aided : {false, takes_aids(g.name)})
          check_training(e, g.estimator, g.name.starts_with("pcd") ? OptimizerKind::adam : OptimizerKind::sgd,
                         aided);
      }
}

/// Large enough for the kernels of two-valued operands, and with latents that are neither independent nor
/// enumerated.
BOOST_AUTO_TEST_CASE(updates_of_large_machines) {
  const parallel::Threads one(1);
  const Variant gibbs{"gibbs", ""};
  PositiveOptions mean_field;
  mean_field.method = PositiveMethod::mean_field;
  for (const Variant& m :
       {Variant{"rbm", "visible: 300, hidden: 100"}, Variant{"rbm", "visible: 300, hidden: 100, units: spin"},
        Variant{"boltzmann_machine", "visible: 200"},
        Variant{"boltzmann_machine", "visible: 100, hidden: 13"}}) {
    const AnyEnergy<double> e = build_model(m, columns);
    std::vector<NamedEstimator> all = estimators(gibbs, chains);
    all.push_back(
        {"cd-1 mean field",
         AnyEstimator<double>(Contrastive<double>(Start::data, build_sampler(gibbs), 1, chains,
                                                  PositivePhase<double>(mean_field, build_sampler(gibbs)))),
         false});
    for (const NamedEstimator& g : all)
      if (!g.deterministic && !g.estimator.check(e)) BOOST_TEST_CONTEXT(m.name() + ", " + g.name)
    for (const bool aided : {false, true}) check_training(e, g.estimator, OptimizerKind::sgd, aided);
  }
}
