// The JSON Schema of experiment files; tests/checks/schema.py holds it against files.
#include "experiments/program/schema.hpp"
#include "experiments/program/schema_writer.hpp"
#include "experiments/spec/topics.hpp"
#include "tests/laws/registered.hpp"
#include "tests/support/program.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

using namespace ebm::experiments;
using ebm::OptionVisitor;

namespace {

const Schema& whole() {
  ebm::tests::register_everything();
  static const Schema schema = Schema::parse(schema_text());
  return schema;
}
const Schema& definition_of(const std::string& name) {
  return whole().at("definitions").at(name);
}

enum class Drink { water, tea };
constexpr std::array<std::string_view, 2> drink_names{"water", "tea"};

/// Leaves come with tea only, and must then be given; the sugar is limited by the drink.
struct Order {
  Drink drink = Drink::water;
  std::int64_t cups = 1, leaves = 0;
  std::optional<double> sugar;
  void visit(OptionVisitor& v) {
    v("drink", drink, "what", drink_names);
    v("cups", cups, "how many", ebm::between(1, 9));
    if (drink == Drink::tea || v.describes())
      v("leaves", leaves, "of tea", drink == Drink::tea ? ebm::above(0) : ebm::at_least(0));
    v("sugar", sugar, "in grams", ebm::above(0));
  }
};

Schema order(Form form, SchemaContext& context) {
  context.form = form;
  Order o;
  const Schema s = mapping_schema("order", context, [&](OptionVisitor& v) { o.visit(v); });
  BOOST_TEST(bool(o.drink == Drink::water)); // the caller's options stay as they were
  return s;
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_schema)

BOOST_AUTO_TEST_CASE(options_become_properties) {
  SchemaContext context;
  const Schema s = order(Form::complete, context);
  const Schema& cups = s.at("properties").at("cups");
  BOOST_TEST(s.at("additionalProperties") == Schema(false));
  BOOST_TEST(cups.at("minimum") == Schema(1));
  BOOST_TEST(cups.at("maximum") == Schema(9));
  BOOST_TEST(cups.at("default") == Schema(1));
  BOOST_TEST(cups.at("description") == Schema("how many"));
  const Schema& sugar = s.at("properties").at("sugar");
  BOOST_TEST(sugar.at("exclusiveMinimum") == Schema(0));
  BOOST_TEST(!sugar.contains("default"));
  BOOST_TEST(sugar.at("type") == Schema::parse(R"(["number", "string", "null"])"));
  BOOST_TEST(s.at("properties").at("drink").at("enum") == Schema::parse(R"(["water", "tea"])"));
}

BOOST_AUTO_TEST_CASE(what_depends_on_a_choice_becomes_a_condition) {
  SchemaContext context;
  const Schema s = order(Form::complete, context);
  BOOST_TEST(context.selectors == std::set<std::string>{"order.drink"}, boost::test_tools::per_element());
  BOOST_REQUIRE(s.at("allOf").size() == 2u);
  const Schema &water = s.at("allOf")[0], &tea = s.at("allOf")[1];
  BOOST_TEST(!water.at("if").contains("required")); // it is the default
  BOOST_TEST(water.at("then").at("properties") == Schema::parse(R"({"leaves": false})"));
  BOOST_TEST(tea.at("if").at("required") == Schema::parse(R"(["drink"])"));
  BOOST_TEST(tea.at("then").at("properties").at("leaves").at("exclusiveMinimum") == Schema(0));
  BOOST_TEST(tea.at("then").at("required") == Schema::parse(R"(["leaves"])"));
}

BOOST_AUTO_TEST_CASE(a_sweep_may_bring_what_must_be_given) {
  SchemaContext context;
  const Schema swept = order(Form::swept, context), open = order(Form::open, context);
  BOOST_TEST(!swept.at("allOf")[1].at("then").contains("required"));
  BOOST_TEST(!open.contains("allOf"));
  BOOST_TEST(open.at("properties").contains("leaves"));
}

BOOST_AUTO_TEST_CASE(a_sweep_may_set_what_explain_knows) {
  const Schema& values = definition_of("values").at("properties");
  std::set<std::string> known, there;
  for (const Topic& t : topics()) {
    const bool whole_experiment = t.section == "sweep" || t.section == "report" || t.section == "output";
    if (whole_experiment || t.section == "model.init") continue;
    for (const OptionDescription& o : t.options) known.insert(t.dotted(o.name));
    for (const OptionDescription& o : t.options)
      if (t.section == "model") known.insert("data." + t.dotted(o.name));
  }
  for (const char* key : {"ebm", "name", "description", "sweep", "seeds", "report", "output"})
    known.erase(key);
  for (const auto& [key, schema] : values.items()) there.insert(key);
  BOOST_TEST(there == known, boost::test_tools::per_element());
  for (const char* place : {"grid", "zip", "distributions"})
    BOOST_TEST(definition_of(place).at("properties").size() == values.size());
}

BOOST_AUTO_TEST_CASE(the_program_prints_it) {
  const auto result = ebm::tests::run_program({"schema"});
  BOOST_TEST(result.code == 0);
  BOOST_TEST((result.out == schema_text()));
  BOOST_TEST(whole().at("$schema") == Schema("http://json-schema.org/draft-07/schema#"));
  BOOST_TEST(whole().at("$id") == Schema(schema_file));
}

BOOST_AUTO_TEST_CASE(every_reference_is_there) {
  const auto look = [](const auto& self, const Schema& s) -> void {
    if (s.is_object() && s.contains("$ref") && s.at("$ref").is_string()) {
      const std::string name = s.at("$ref");
      BOOST_TEST_REQUIRE(name.starts_with("#/definitions/"));
      BOOST_TEST(whole().at("definitions").contains(name.substr(14)), name);
    }
    for (const Schema& part : s)
      if (part.is_structured()) self(self, part);
  };
  look(look, whole());
}

BOOST_AUTO_TEST_SUITE_END()
