// Law 8: kernels with typical mistakes must fail laws 6, 7, 9 and 11; a law that a broken kernel passes
// proves nothing.
#include <boost/test/unit_test.hpp>

#include "ebm/adaptors/tempered.hpp"
#include "ebm/laws/estimator_laws.hpp"
#include "ebm/laws/resume_laws.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/laws/registered.hpp"

BOOST_AUTO_TEST_SUITE(broken_twins)

using namespace ebm;
using namespace ebm::laws;
using namespace ebm::tests;

namespace {

constexpr random::Key key{20240229};
const Variant machine{"boltzmann_machine", "visible: 4"};

enum class Mistake { stale_field, upper_triangle, synchronous };

/// An energy whose conditionals inside the self-coupled block are wrong in one way.
class Broken {
 public:
  using real_type = double;
  Broken(AnyEnergy<double> e, Mistake mistake) : energy_(std::move(e)), mistake_(mistake) {
    const Batch<double>& J = *energy_.self_coupling(0).dense();
    coupling_ = J;
    for (std::size_t i = 0; i < J.shape(0); ++i)
      for (std::size_t j = 0; j < J.shape(1); ++j)
        if (mistake == Mistake::stale_field || (mistake == Mistake::upper_triangle && j <= i))
          coupling_(i, j) = 0;
  }
  const StateSpace& space() const { return energy_.space(); }
  bool supports(Capability c, BlockId) const {
    if (c == Capability::block_natural) return mistake_ == Mistake::synchronous;
    return c == Capability::self_coupling && mistake_ != Mistake::synchronous;
  }
  void energy(const State<double>& x, std::span<double> out) const { energy_.energy(x, out); }
  void block_natural(const State<double>& x, BlockId b, Batch<double>& eta) const {
    // The field of the values at the start of the sweep, never brought up to date.
    if (mistake_ == Mistake::upper_triangle)
      energy_.block_natural(x, b, eta);
    else
      derive::naturals(energy_, x, b, eta);
  }
  SelfCoupling<double> self_coupling(BlockId) const {
    return mistake_ == Mistake::synchronous ? SelfCoupling<double>{} : SelfCoupling<double>{&coupling_};
  }

 private:
  AnyEnergy<double> energy_;
  Mistake mistake_;
  Batch<double> coupling_;
};

void must_fail(const AnyEnergy<double>& broken, const AnySampler<double>& sampler,
               const AnyEnergy<double>& target) {
  const Report invariance = leaves_law_invariant(broken, sampler, target);
  BOOST_TEST(invariance.failed(), "law 6 passed with " << invariance.worst);
  const Report drift = no_drift(broken, sampler, target, drift_chains, key);
  if (!small_samples) BOOST_TEST(drift.failed(), "law 7 passed with " << drift.worst);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_sound_machine_passes) {
  const AnyEnergy<double> e = build_model(machine, 4);
  for (const Variant& s :
       {Variant{"gibbs", ""}, Variant{"gibbs", "scan: random"}, Variant{"metropolis", "scan: systematic"}}) {
    BOOST_TEST(leaves_law_invariant(e, build_sampler(s), e).passed());
    BOOST_TEST(no_drift(e, build_sampler(s), e, drift_chains, key).passed());
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_temperature_fails) {
  const AnyEnergy<double> e = build_model(machine, 4);
  for (const char* sampler : {"gibbs", "metropolis"})
    must_fail(AnyEnergy<double>(Tempered(e, 0.9)),
              build_sampler({sampler, sampler == std::string("gibbs") ? "" : "scan: systematic"}), e);
}

BOOST_AUTO_TEST_CASE(an_estimate_at_a_wrong_temperature_fails_law_9) {
  const AnyEnergy<double> e = build_model(machine, 4);
  const auto rows_of_the_model = [&](std::uint64_t n) {
    const random::Draws draws(random::derive(key, 1000 + n));
    const Batch<double> rows = visible_rows(e.space(), exact_samples(e, 40, random::Stream::law, draws));
    return RowPair{rows, rows};
  };
  Parameters<double> zero = e.parameters();
  zero.fill(0);
  const NamedEstimator cd = estimators({"gibbs", ""}, 40).front();
  BOOST_TEST(mean_estimate(e, cd.estimator, rows_of_the_model, zero, 400, key).passed());
  AnyEnergy<double> colder = e;
  for (std::size_t k = 0; k < colder.parameters().size(); ++k) colder.parameters()[k].value *= 1.2;
  const Report broken = mean_estimate(colder, cd.estimator, rows_of_the_model, zero, 400, key);
  BOOST_TEST(broken.failed(), "law 9 passed with " << broken.worst);
}

BOOST_AUTO_TEST_CASE(a_dropped_coupling_fails) {
  for (const Variant& m : {machine, Variant{"rbm", "visible: 2, hidden: 2"}}) {
    const AnyEnergy<double> e = build_model(m, 4);
    AnyEnergy<double> dropped = e;
    auto& array = *dropped.parameters().find(m.type == "rbm" ? "W" : "J");
    // The strongest one: dropping a coupling of 0.01 is hardly a mistake.
    std::size_t strongest = 0;
    for (std::size_t i = 0; i < array.value.size(); ++i)
      if (std::abs(array.value.data()[i]) > std::abs(array.value.data()[strongest])) strongest = i;
    const std::size_t row = strongest / array.value.shape(1), column = strongest % array.value.shape(1);
    array.value(row, column) = 0;
    if (array.symmetric) array.value(column, row) = 0;
    must_fail(dropped, build_sampler({"gibbs", ""}), e);
  }
}

BOOST_AUTO_TEST_CASE(wrong_fields_fail) {
  const AnyEnergy<double> e = build_model(machine, 4);
  for (const Mistake m : {Mistake::stale_field, Mistake::upper_triangle, Mistake::synchronous})
    must_fail(AnyEnergy<double>(Broken(e, m)), build_sampler({"gibbs", ""}), e);
}

BOOST_AUTO_TEST_CASE(systematic_scan_with_the_metropolis_rule_would_have_period_two) {
  // On a flat energy min(1, e^−ΔE) accepts every flip; the heat bath does not, and the chain forgets.
  AnyEnergy<double> flat = build_model({"boltzmann_machine", "visible: 3"}, 3);
  flat.parameters().fill(0);
  BOOST_TEST(leaves_law_invariant(flat, build_sampler({"metropolis", "scan: systematic"}), flat).passed());
  BOOST_TEST(leaves_law_invariant(flat, build_sampler({"metropolis", ""}), flat).passed());
}

namespace {

/// Chains whose step widens with every sweep, as an adaptation would, in a state that its archive forgets.
class Adapting {
 public:
  struct state_type : ChainState<double> {
    int steps = 0;
  };
  explicit Adapting(AnySampler<double> inner) : inner_(std::move(inner)) {}
  Capabilities required() const { return inner_.required(); }
  Exactness exactness() const { return inner_.exactness(); }
  std::optional<std::string> check(const AnyEnergy<double>& e) const { return inner_.check(e); }
  state_type init(const AnyEnergy<double>&, State<double> x, std::uint32_t chain, std::uint64_t sweep) const {
    state_type s;
    static_cast<ChainState<double>&>(s) = {std::move(x), chain, sweep, {}};
    return s;
  }
  StepInfo step(const AnyEnergy<double>& e, state_type& s, const random::Draws& draws) const {
    StepInfo info;
    ++s.steps;
    for (int k = 0; k < s.steps; ++k) {
      auto chain = inner_.init(e, std::move(s.x), s.first_chain, s.sweep++);
      info += inner_.step(e, chain, draws);
      s.x = std::move(inner_.chains(chain).x);
    }
    return info;
  }
  ChainState<double>& chains(state_type& s) const { return s; }
  const ChainState<double>& chains(const state_type& s) const { return s; }
  void archive(state_type& s, Archive& a) const { s.archive(a); }

 private:
  AnySampler<double> inner_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_forgotten_adaptation_fails_law_11) {
  const AnySampler<double> gibbs = build_sampler({"gibbs", ""});
  const AnyEnergy<double> e = build_model(machine, 4);
  BOOST_TEST(sampler_resumes(e, gibbs, key).passed());
  const Report forgotten = sampler_resumes(e, AnySampler<double>(Adapting(gibbs)), key);
  BOOST_TEST(forgotten.failed(), "law 11 passed with a forgotten adaptation");
}

BOOST_AUTO_TEST_SUITE_END()
