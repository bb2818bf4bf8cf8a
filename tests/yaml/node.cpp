#include "experiments/yaml/node.hpp"
#include "experiments/yaml/reader.hpp"
#include <boost/test/unit_test.hpp>
#include <thread>

using namespace ebm::experiments;

namespace {

Node read(const std::string& text) {
  Diagnostics diagnostics;
  Node node = read_yaml(text, "exp.yaml", diagnostics);
  BOOST_TEST(diagnostics.text() == "");
  return node;
}

Node scalar(std::string text) {
  return Node::make_scalar(std::move(text), {"argument 2"});
}

std::string changed(const std::string& text, std::string_view path, Node value) {
  return read(text).with(split_path(path), std::move(value)).flow();
}

} // namespace

BOOST_AUTO_TEST_SUITE(yaml_node)

BOOST_AUTO_TEST_CASE(parts_that_do_not_fit_the_kind_are_empty) {
  const Node null;
  BOOST_TEST((null.kind() == Node::Kind::null));
  BOOST_TEST(null.origin().text() == "");
  BOOST_TEST(null.scalar() == "");
  BOOST_TEST(null.items().empty());
  BOOST_TEST(null.entries().empty());
  BOOST_TEST(null.find("a") == nullptr);
  BOOST_TEST(scalar("x").items().empty());
  BOOST_TEST(!scalar("x").quoted());
  BOOST_TEST(read("[1]").scalar() == "");
}

BOOST_AUTO_TEST_CASE(lookup) {
  const Node root = read("a: 1\nb: {c: [x, y]}\n");
  BOOST_REQUIRE(root.find("b"));
  BOOST_REQUIRE(root.find("b")->find("c"));
  BOOST_TEST(root.find("b")->find("c")->items()[1].scalar() == "y");
  BOOST_TEST(root.find("c") == nullptr);
  BOOST_TEST(root.entries()[1].key == "b");
}

BOOST_AUTO_TEST_CASE(paths) {
  const auto is = [](std::string_view dotted, std::vector<std::string> parts) {
    return split_path(dotted) == parts;
  };
  BOOST_TEST(is("model", {"model"}));
  BOOST_TEST(is("model.hidden.size", {"model", "hidden", "size"}));
  BOOST_TEST(is("", {""}));
  BOOST_TEST(is(".a..", {"", "a", "", ""}));
}

BOOST_AUTO_TEST_CASE(setting_a_path) {
  BOOST_TEST(changed("a: {b: 1, c: 2}", "a.b", scalar("3")) == "{a: {b: 3, c: 2}}");
  BOOST_TEST(changed("a: {b: 1}", "a.d", scalar("3")) == "{a: {b: 1, d: 3}}");
  BOOST_TEST(changed("a: 1", "x.z.y", scalar("3")) == "{a: 1, x: {z: {'y': 3}}}");
  BOOST_TEST(changed("a: ~", "a.b", scalar("3")) == "{a: {b: 3}}");
  BOOST_TEST(changed("a: 12", "a.b", scalar("3")) == "{a: {b: 3}}");
  BOOST_TEST(changed("a: [1, 2]", "a.b", scalar("3")) == "{a: {b: 3}}");
  BOOST_TEST(changed("a: {b: 1}", "a", scalar("3")) == "{a: 3}");
  BOOST_TEST(read("a: 1").with({}, scalar("3")).flow() == "3");
  BOOST_TEST(Node().with(split_path("a.b"), scalar("3")).flow() == "{a: {b: 3}}");
}

BOOST_AUTO_TEST_CASE(setting_leaves_the_original_and_says_where_parts_come_from) {
  const Node before = read("a: {b: 1}\nc: 2\n");
  const Node after = before.with(split_path("a.b"), scalar("3")).with(split_path("c.d.e"), scalar("4"));
  BOOST_TEST(before.flow() == "{a: {b: 1}, c: 2}");
  BOOST_TEST(after.origin().text() == "exp.yaml:1:1");
  BOOST_TEST(after.find("a")->origin().text() == "exp.yaml:1:4");
  BOOST_TEST(after.find("a")->entries()[0].key_origin.text() == "exp.yaml:1:5");
  BOOST_TEST(after.find("a")->find("b")->origin().text() == "argument 2");
  BOOST_TEST(after.find("c")->origin().text() == "exp.yaml:2:4");
  BOOST_TEST(after.find("c")->find("d")->origin().text() == "argument 2");
  BOOST_TEST(after.find("c")->entries()[0].key_origin.text() == "argument 2");
}

BOOST_AUTO_TEST_CASE(scalars_as_yaml) {
  for (const char* plain : {"cd", "1", "-5", "1.0e-04", "1e-4", "+.5", "0x10", "1_000", "true", "false",
                            "60s", "10min", "CD-1", "a b", "trainer.method", "data/x.csv", "f(x)"}) {
    BOOST_TEST(scalar(plain).flow() == plain);
  }
  for (const char* text : {"",    "yes",        "No",   "ON",   "y",   "null",  "NULL", "True", "~",
                           "010", "2020-01-01", "1:30", "a: b", "a,b", "*.csv", "a #b", " a",   "a ",
                           "[x]", "<<",         "-",    ".inf", "é",   "?",     "%a",   "0x_1f"}) {
    BOOST_TEST(scalar(text).flow() == '\'' + std::string(text) + '\'');
  }
  BOOST_TEST(scalar("it's").flow() == "'it''s'");
  BOOST_TEST(scalar("a\n\"b\"\\\t\x7f").flow() == "\"a\\n\\\"b\\\"\\\\\\x09\\x7f\"");
  BOOST_TEST(Node::make_scalar("5", {}, true).flow() == "'5'");
  BOOST_TEST(Node::make_scalar("cd", {}, true).flow() == "cd");
  BOOST_TEST(Node().yaml() == "null");
  BOOST_TEST(Node::make_map({}, {}).yaml(4) == "{}");
  BOOST_TEST(Node::make_sequence({}, {}).yaml(4) == "[]");
}

BOOST_AUTO_TEST_CASE(blocks_as_yaml) {
  const std::string long_list =
      "[" + std::string(40, 'a') + ", " + std::string(40, 'b') + ", " + std::string(40, 'c') + "]";
  const Node root = read(
      "model: {type: rbm, init: {weights: {normal: 0.01}}}\nempty:\nsweep:\n- name: m\n  grid: " + long_list +
      "\n- - 'yes'\n  - " + long_list + "\n");
  const std::string a(40, 'a'), b(40, 'b'), c(40, 'c');
  const std::string expected = "model: {type: rbm, init: {weights: {normal: 0.01}}}\n"
                               "empty: null\n"
                               "sweep:\n"
                               "  - name: m\n"
                               "    grid:\n"
                               "      - " +
                               a + "\n      - " + b + "\n      - " + c +
                               "\n"
                               "  - - 'yes'\n"
                               "    - - " +
                               a + "\n      - " + b + "\n      - " + c + "\n";
  BOOST_TEST(root.yaml() == expected);
  BOOST_TEST(read(expected).yaml() == expected);
  BOOST_TEST(read(root.flow()).yaml() == expected);
  BOOST_TEST(read("a: 1\nb: [x]\n").yaml(2) == "  a: 1\n  b: [x]\n");
}

BOOST_AUTO_TEST_CASE(readable_from_many_threads) {
  const Node root = read("a: {b: [1, 2, 3]}\nc: d\n");
  std::vector<std::thread> threads;
  std::vector<std::string> texts(8);
  for (std::string& text : texts) {
    threads.emplace_back([&text, root] {
      for (int i = 0; i < 200; ++i) text = root.with(split_path("a.b"), *root.find("c")).yaml();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) BOOST_TEST(text == "a: {b: d}\nc: d\n");
}

BOOST_AUTO_TEST_SUITE_END()
