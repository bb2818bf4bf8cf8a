// The law of labels given the rest, learning it, and the classification RBM, against sums over all states.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "ebm/laws/estimator_laws.hpp"
#include "ebm/learning/discriminative.hpp"
#include "ebm/learning/trainer.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "tests/laws/registered.hpp"

using namespace ebm;
using namespace ebm::tests;

namespace {

constexpr random::Key key{20240401};

const std::vector<Variant>& machines() {
  static const std::vector<Variant> all{
      {"classification_rbm", "visible: 3, classes: 3, hidden: 2"},
      {"classification_rbm", "visible: 3, classes: 3, hidden: 2, units: spin"},
      {"classification_rbm", "visible: {size: 2, units: categorical, q: 3}, classes: 2, hidden: 3"},
      {"classification_rbm", "visible: 3, classes: 4, hidden: {size: 2, units: binomial, n: 3}"},
      {"classification_rbm", "visible: {size: 3, units: gaussian}, classes: 3, hidden: 2"},
      {"classification_rbm", "visible: {size: 2, units: gaussian, sigma: learned}, classes: 3, hidden: 2"},
      {"classification_rbm", "visible: 3, classes: 3, hidden: {size: 2, units: gaussian}"},
      {"classification_rbm",
       "visible: 3, classes: 3, hidden: {size: 2, units: gaussian, sigma: learned, form: deviation}"},
      {"classification_rbm", "visible: 3, classes: 3, hidden: {size: 2, units: rectified}"}};
  return all;
}

/// Rows of visible values and labels; grey ones where `grey`.
Batch<double> some_rows(const StateSpace& space, std::size_t n, bool grey = false) {
  Batch<double> rows = laws::visible_rows(space, laws::random_state(space, n, key));
  if (grey)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < space[0].columns(); ++j) rows(i, j) = (1 + std::sin(double(i * 7 + j))) / 2;
  return rows;
}

/// log p(label | x) of a row from the energies of all labels and hidden values, without the toolkit's laws.
std::vector<double> brute_force(const AnyEnergy<double>& e, const Batch<double>& rows, std::size_t i) {
  const StateSpace& space = e.space();
  const std::size_t classes = space[1].columns(), hidden = space[2].sites;
  std::vector<double> log_p(classes);
  double total = 0;
  State<double> x(space, 1);
  for (std::size_t j = 0; j < space[0].columns(); ++j) x.values(0)(0, j) = rows(i, j);
  for (std::size_t y = 0; y < classes; ++y) {
    for (std::size_t k = 0; k < classes; ++k) x.values(1)(0, k) = k == y;
    double sum = 0;
    for (std::size_t state = 0; state < std::size_t(1) << hidden; ++state) {
      for (std::size_t j = 0; j < hidden; ++j) x.values(2)(0, j) = double(state >> j & 1);
      double energy = 0;
      e.energy(x, {&energy, 1});
      sum += std::exp(-energy);
    }
    log_p[y] = std::log(sum);
    total += sum;
  }
  for (double& v : log_p) v -= std::log(total);
  return log_p;
}

std::size_t label_of(const StateSpace& space, const Batch<double>& rows, std::size_t i) {
  const std::span<const double> labels = row(rows, i).subspan(space[0].columns());
  return std::size_t(std::ranges::max_element(labels) - labels.begin());
}

Parameters<double> zeros(const AnyEnergy<double>& e) {
  Parameters<double> g = e.parameters();
  g.fill(0);
  return g;
}

double largest_difference(const Parameters<double>& a, const Parameters<double>& b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t i = 0; i < a[k].value.size(); ++i)
      largest = std::max(largest, std::abs(a[k].value.data()[i] - b[k].value.data()[i]));
  return largest;
}

template <class G>
Parameters<double> estimate(const G& estimator, const AnyEnergy<double>& e, const Batch<double>& rows) {
  const Rows<double> all{&rows, {}};
  Parameters<double> g = zeros(e);
  auto state = estimator.init(e, all, random::Draws(key));
  estimator.estimate(e, all, state, random::Draws(key), g);
  return g;
}

Contrastive<double> cd1() {
  return Contrastive<double>(Start::data, build_sampler({"gibbs", ""}), 1, 1,
                             PositivePhase<double>({}, build_sampler({"gibbs", ""})));
}

double mean_conditional(const AnyEnergy<double>& e, const Batch<double>& rows) {
  double sum = 0;
  for (const double v : label_log_likelihoods(e, Rows<double>{&rows, {}})) sum += v;
  return sum / double(rows.shape(0));
}

} // namespace

BOOST_AUTO_TEST_SUITE(discriminative)

BOOST_AUTO_TEST_CASE(labels_have_their_probabilities) {
  const AnyEnergy<double> e = build_model(machines()[0], 0);
  for (const bool grey : {false, true}) {
    const Batch<double> rows = some_rows(e.space(), 70, grey);
    const std::vector<double> found = label_log_likelihoods(e, Rows<double>{&rows, {}}),
                              errors = label_errors(e, Rows<double>{&rows, {}});
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 70; ++i) {
      const std::vector<double> expected = brute_force(e, rows, i);
      const std::size_t own = label_of(e.space(), rows, i);
      BOOST_TEST(std::abs(found[i] - expected[own]) < 1e-12);
      const bool miss = std::size_t(std::ranges::max_element(expected) - expected.begin()) != own;
      BOOST_TEST(errors[i] == double(miss));
      wrong += miss;
    }
    BOOST_TEST((wrong > 5 && wrong < 65)); // both kinds are there
  }
}

BOOST_AUTO_TEST_CASE(shifts_give_the_law_of_free_energies) {
  for (const Variant& v : machines()) {
    const AnyEnergy<double> e = build_model(v, 0);
    BlockList label;
    label.add(1);
    const TargetLaw<double> law(e, label);
    BOOST_TEST(bool(law.shifted_latent()) ==
               (v.options.find("hidden: {size: 2, units: gaussian, sigma: learned") == std::string::npos));
    State<double> x = laws::random_state(e.space(), 20, key), y = x;
    TargetLaw<double>::Scratch scratch;
    Batch<double> log_p;
    law.log_probabilities(x, scratch, log_p);
    std::vector<double> free_energies(20), sums(20);
    Batch<double> direct = make_batch<double>(20, law.settings());
    for (std::size_t s = 0; s < law.settings(); ++s) {
      law.set(s, y);
      BOOST_TEST(law.setting_of(y, 7) == s);
      derive::free_energy(e, y, free_energies);
      for (std::size_t c = 0; c < 20; ++c) sums[c] += direct(c, s) = std::exp(-free_energies[c]);
    }
    for (std::size_t c = 0; c < 20; ++c)
      for (std::size_t s = 0; s < law.settings(); ++s)
        BOOST_TEST(std::abs(log_p(c, s) - std::log(direct(c, s) / sums[c])) < 1e-12, v.name());
  }
}

BOOST_AUTO_TEST_CASE(means_give_the_gradient_of_single_settings) {
  for (const Variant& v : machines())
    for (const std::size_t n : {1u, 7u, 150u})
      for (const bool grey : {false, true}) {
        const AnyEnergy<double> e = build_model(v, 0);
        if (grey && e.space()[0].unit_name() != "bernoulli") continue;
        const Batch<double> rows = some_rows(e.space(), n, grey);
        const Discriminative<double> estimator;
        Discriminative<double>::state_type state;
        Parameters<double> slow = zeros(e);
        estimator.add_enumerated(e, Rows<double>{&rows, {}}, state, slow);
        BOOST_TEST(largest_difference(estimate(estimator, e, rows), slow) < 1e-12, v.name() << ", " << n);
        BOOST_TEST(largest_difference(slow, zeros(e)) > 1e-3, v.name());
      }
}

BOOST_AUTO_TEST_CASE(is_the_central_difference) {
  for (const Variant& v : machines()) {
    AnyEnergy<double> e = build_model(v, 0);
    const Batch<double> rows = some_rows(e.space(), 30);
    const Parameters<double> g = estimate(Discriminative<double>(), e, rows);
    for (std::size_t k = 0; k < g.size(); ++k)
      for (std::size_t i = 0; i < g[k].value.size(); ++i) {
        double& theta = e.parameters()[k].value.data()[i];
        const double middle = theta, h = 1e-5;
        theta = middle + h;
        const double above = mean_conditional(e, rows);
        theta = middle - h;
        const double below = mean_conditional(e, rows);
        theta = middle;
        const double expected = g[k].fixed ? 0 : -(above - below) / (2 * h);
        BOOST_TEST(std::abs(g[k].value.data()[i] - expected) < 1e-8, v.name() << ", " << g[k].name);
      }
  }
}

// Latents that are coupled with each other, and several target blocks of any discrete units.
BOOST_AUTO_TEST_CASE(any_energy_with_a_free_energy_and_any_targets) {
  struct Case {
    Variant model;
    std::vector<std::string> targets;
  };
  const Variant labelled = machines()[0];
  for (const auto& [model, targets] :
       std::vector<Case>{{labelled, {"visible"}},
                         {labelled, {"visible", "label"}},
                         {{"boltzmann_machine", "visible: 3, hidden: 2"}, {"visible"}},
                         {{"dbm", "visible: 3, hidden: [2, 2]"}, {"visible"}}}) {
    AnyEnergy<double> e = build_model(model, 3);
    const Discriminative<double> estimator(targets);
    BOOST_TEST(!estimator.check(e).has_value());
    const Batch<double> rows = some_rows(e.space(), 30);
    const Parameters<double> g = estimate(estimator, e, rows);
    if (targets.size() == 1 && model.type == labelled.type) {
      Discriminative<double>::state_type state;
      Parameters<double> slow = zeros(e);
      estimator.add_enumerated(e, Rows<double>{&rows, {}}, state, slow);
      BOOST_TEST(largest_difference(g, slow) < 1e-12);
    } else { // all visible units: the likelihood itself
      const ExactGradient<double> exact(PositivePhase<double>({}, build_sampler({"gibbs", ""})));
      BOOST_TEST(largest_difference(g, estimate(exact, e, rows)) < 1e-12, model.name());
    }
  }
}

BOOST_AUTO_TEST_CASE(laws_of_estimators) {
  for (const std::size_t i : {0u, 7u}) { // by means, by enumeration
    const AnyEnergy<double> e = build_model(machines()[i], 0);
    const Batch<double> many = some_rows(e.space(), 200);
    const Rows<double> rows{&many, {}};
    const AnyEstimator<double> estimator{Discriminative<double>()};
    for (const laws::Report& r : {laws::threads_change_nothing(e, estimator, rows, key),
                                  laws::halves_give_the_whole(e, estimator, rows, key)})
      BOOST_TEST(r.passed(), machines()[i].name() << ": " << r.worst << " " << r.message);
  }
}

BOOST_AUTO_TEST_CASE(hybrid_adds_contrastive_divergence) {
  const AnyEnergy<double> e = build_model(machines()[0], 0);
  const Batch<double> rows = some_rows(e.space(), 100);
  const Parameters<double> alone = estimate(Discriminative<double>(), e, rows), cd = estimate(cd1(), e, rows);
  for (const double weight : {0.0, 0.25}) {
    Parameters<double> expected = alone;
    expected.add_scaled(weight, cd);
    const Hybrid<double> hybrid(Discriminative<double>(), cd1(), weight);
    BOOST_TEST(largest_difference(estimate(hybrid, e, rows), expected) <= (weight == 0 ? 0 : 1e-15));
  }
}

BOOST_AUTO_TEST_CASE(likelihood_sums_all_states) {
  const AnyEnergy<double> e = build_model(machines()[0], 0);
  double sum = 0; // over 2³ images, 3 labels, 2² hidden states
  State<double> x(e.space(), 1);
  for (std::uint32_t state = 0; state < 96; ++state) {
    for (SiteId j = 0; j < 3; ++j) x.values(0)(0, j) = state >> j & 1;
    for (std::uint32_t k = 0; k < 3; ++k) x.values(1)(0, k) = k == state / 8 % 3;
    for (SiteId j = 0; j < 2; ++j) x.values(2)(0, j) = state / 24 >> j & 1;
    double energy = 0;
    e.energy(x, {&energy, 1});
    sum += std::exp(-energy);
  }
  BOOST_TEST(std::abs(exact_log_partition(e) - std::log(sum)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(learns_classes_that_can_be_told) {
  AnyEnergy<double> e = build_model(machines()[0], 0);
  Batch<double> rows = make_batch<double>(8, 6); // the label is 2 where the first unit is on, else the second
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 3; ++j) rows(i, j) = double(i >> j & 1);
    rows(i, 3 + (rows(i, 0) == 1 ? 2 : rows(i, 1) == 1 ? 1 : 0)) = 1;
  }
  TrainerOptions options{2000, 0, {}};
  options.optimizer.lr = 0.5;
  const Trainer<double> trainer(AnyEstimator<double>(Discriminative<double>()), options, 8,
                                [&](std::uint64_t) -> const Batch<double>& { return rows; });
  const random::Draws draws(key);
  const auto errors = [&] {
    const std::vector<double> all = label_errors(e, Rows<double>{&rows, {}});
    return std::ranges::count(all, 1.0);
  };
  BOOST_TEST(errors() > 0);
  auto state = trainer.init(e, draws);
  for (int k = 0; k < 2000; ++k) trainer.step(e, state, draws);
  BOOST_TEST(errors() == 0);
  BOOST_TEST(mean_conditional(e, rows) > -0.05);
}

BOOST_AUTO_TEST_CASE(says_what_does_not_fit) {
  const auto says = [](const Discriminative<double>& estimator, const Variant& v, const std::string& words) {
    const auto why = estimator.check(build_model(v, 3));
    BOOST_TEST_REQUIRE(why.has_value());
    BOOST_TEST((why->find(words) != std::string::npos), *why);
  };
  says(Discriminative<double>(), {"rbm", "visible: 3, hidden: 2"}, "no visible block 'label'");
  says(Discriminative<double>({"hidden"}), machines()[0], "no visible block 'hidden'");
  says(Discriminative<double>({"visible"}), {"rbm", "visible: 13, hidden: 2"}, "2^12 settings");
  says(Discriminative<double>({"visible"}), {"double_well", "dimension: 1"}, "no parameters");
  says(Discriminative<double>(),
       {"classification_rbm", "visible: 2, classes: 2, hidden: {size: 2, units: noisy_relu}"},
       "no likelihood");
  says(Discriminative<double>({"visible"}), {"boltzmann_machine", "visible: 2, hidden: 16"}, "2^12 settings");
}

BOOST_AUTO_TEST_SUITE_END()
