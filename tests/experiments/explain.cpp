// What the program says of itself.
#include "experiments/program/explain.hpp"
#include "ebm/core/error.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/spec/hints.hpp"
#include "experiments/spec/topics.hpp"
#include "tests/laws/registered.hpp"

#include <boost/test/unit_test.hpp>

using namespace ebm::experiments;

namespace {

struct Registered {
  Registered() { ebm::tests::register_everything(); }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string refusal(const std::string& topic) {
  try {
    explain(topic);
  } catch (const ebm::InputError& e) {
    return e.what();
  }
  return "";
}

template <class Entries> void check_family(const std::string& section, const Entries& entries) {
  for (const auto& [name, entry] : entries) {
    const std::string text = explain(section + "." + name);
    BOOST_TEST(text.starts_with(section + "." + name + "\n"));
    BOOST_TEST(!entry.doc.empty(), name << " has no documentation");
    BOOST_TEST(has(text, entry.doc.substr(0, 30)), text);
    BOOST_TEST(has(explain(section), section + "." + name));
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(explanations, Registered)

BOOST_AUTO_TEST_CASE(every_registered_type_explains_itself) {
  check_family("model", ebm::models().entries());
  check_family("sampler", ebm::samplers().entries());
  check_family("data", data_types());
  for (const std::string_view method : ebm::experiments::method_names())
    BOOST_TEST(has(explain("trainer." + std::string(method)), "trainer." + std::string(method)));
  BOOST_TEST(has(explain("data.teacher"), "rows: integer"));
}

BOOST_AUTO_TEST_CASE(every_option_is_documented_and_explained_by_its_dotted_key) {
  for (const Topic& t : topics())
    for (const OptionDescription& o : t.options) {
      BOOST_TEST(!o.doc.empty(), t.place() << ": " << o.name);
      if (t.section == "model.init") continue;
      BOOST_TEST(has(explain(t.dotted(o.name)), o.name.substr(o.name.rfind('.') + 1)), t.dotted(o.name));
      if (t.section != "sweep") BOOST_TEST(!unknown_dotted_key(t.dotted(o.name)).has_value());
    }
}

BOOST_AUTO_TEST_CASE(sections_keys_and_words) {
  for (const char* topic :
       {"file", "data", "model", "model.init", "sampler", "trainer", "evaluation", "sweep", "report",
        "output", "seeds", "seed", "name", "trainer.optimizer", "sweep.random"})
    BOOST_TEST(explain(topic).size() > 60u, topic);
  BOOST_TEST(explain("trainer.optimizer.lr").starts_with("trainer.optimizer.lr (trainer.cd, "));
  BOOST_TEST(
      has(explain("trainer.optimizer.lr"), ")\n  lr: number, > 0 (default 0.01)\n      learning rate\n"));
  // Stages have optimisers of their own: each place is explained.
  BOOST_TEST(explain("lr").find(explain("trainer.optimizer.lr")) != std::string::npos);
  BOOST_TEST(explain("rbm") == explain("model.rbm"));
  BOOST_TEST(has(explain("sampler.gibbs.scan"), "scan: systematic | random"));
  BOOST_TEST(has(explain("log_likelihood"), "in nats"));
}

BOOST_AUTO_TEST_CASE(metrics_are_listed_with_their_meaning) {
  const std::string text = list_registered("metrics");
  BOOST_TEST(metric_docs().size() == metric_names().size());
  for (std::size_t i = 0; i < metric_names().size(); ++i) {
    BOOST_TEST(has(text, std::string(metric_names()[i])));
    BOOST_TEST((metric_docs()[i].size() > 20 && has(text, std::string(metric_docs()[i]))));
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_chooses_a_type_lists_the_choices) {
  const auto check = [](const std::string& key,
                        const std::vector<std::pair<std::string, std::string>>& types) {
    const std::string text = explain(key);
    BOOST_TEST(!types.empty());
    for (const auto& [name, doc] : types)
      BOOST_TEST(has(text, "\n  " + name + "\n      " + doc.substr(0, 30)), text);
  };
  const auto docs = [](const auto& entries) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [name, entry] : entries) all.emplace_back(name, entry.doc);
    return all;
  };
  std::vector<std::pair<std::string, std::string>> methods, metrics;
  for (std::size_t i = 0; i < method_names().size(); ++i)
    methods.emplace_back(method_names()[i], method_docs()[i]);
  for (std::size_t i = 0; i < metric_names().size(); ++i)
    metrics.emplace_back(metric_names()[i], metric_docs()[i]);
  check("trainer.method", methods);
  check("evaluation.metrics", metrics);
  check("model.type", docs(ebm::models().entries()));
  check("sampler.type", docs(ebm::samplers().entries()));
  check("data.type", docs(data_types()));
  BOOST_TEST(has(explain("data.type"), "teacher"));
  BOOST_TEST(has(explain("output.checkpoint.every"), "every: duration (60s, 10min, 2h, 2d)"));
  BOOST_TEST(has(explain("seeds"), "(default 1)"));
}

BOOST_AUTO_TEST_CASE(an_unknown_topic_suggests) {
  BOOST_TEST(has(refusal("trainre.cd"), "did you mean 'trainer.cd'?"));
  BOOST_TEST(has(refusal("trainer.optimiser"), "did you mean 'trainer.optimizer'?"));
  BOOST_TEST(has(refusal("nonsense and more of it"), "topics: file, data, model"));
}

BOOST_AUTO_TEST_SUITE_END()
