#include "experiments/yaml/reader.hpp"
#include <boost/test/unit_test.hpp>

using namespace ebm::experiments;

namespace {

// The tree in one line, then the errors.
std::string outcome(const std::string& text) {
  Diagnostics diagnostics;
  const Node root = read_yaml(text, "f", diagnostics);
  return diagnostics.empty() ? root.flow() : diagnostics.text();
}

// The first line of the first error, or the tree.
std::string message(const std::string& text) {
  const std::string all = outcome(text);
  return all.substr(0, all.find('\n'));
}

std::string value(std::string_view text) {
  Diagnostics diagnostics;
  const Node node = parse_value(text, {"argument 2"}, diagnostics);
  return diagnostics.empty() ? node.flow() : diagnostics.text();
}

} // namespace

BOOST_AUTO_TEST_SUITE(yaml_reader)

BOOST_AUTO_TEST_CASE(values_and_their_places) {
  Diagnostics diagnostics;
  const Node root =
      read_yaml("# c\nname: cd\nmodel:\n  hidden: [1, '2']\n  none:\n", "exp.yaml", diagnostics);
  BOOST_TEST(diagnostics.empty());
  BOOST_TEST(root.origin().text() == "exp.yaml:2:1");
  const Node& model = *root.find("model");
  BOOST_TEST(root.entries()[1].key_origin.text() == "exp.yaml:3:1");
  BOOST_TEST(model.origin().text() == "exp.yaml:4:3");
  BOOST_TEST(model.find("hidden")->origin().text() == "exp.yaml:4:11");
  const Node& two = model.find("hidden")->items()[1];
  BOOST_TEST(two.origin().text() == "exp.yaml:4:15");
  BOOST_TEST(two.quoted());
  BOOST_TEST(!model.find("hidden")->items()[0].quoted());
  BOOST_TEST((model.find("none")->kind() == Node::Kind::null));
}

BOOST_AUTO_TEST_CASE(block_scalars_are_text) {
  BOOST_TEST(outcome("a: |\n  5\nb: >-\n  x\n  y\n") == "{a: \"5\\n\", b: x y}");
}

BOOST_AUTO_TEST_CASE(line_ends_marks_and_directives) {
  BOOST_TEST(outcome("\xef\xbb\xbf"
                     "a: 1\r\nb:\r\n  c: 2\r\n") == "{a: 1, b: {c: 2}}");
  BOOST_TEST(outcome("%YAML 1.2\n---\na: 1\n...\n") == "{a: 1}");
  BOOST_TEST(outcome("\xef\xbb\xbf"
                     "a: b: c\r\n") ==
             "f:1:5: error: unexpected ':' (in a text it needs quotes; else look for a missing space after "
             "':' or a wrong "
             "indentation, here or in the line before)\n    1 | a: b: c\n      |     ^\n");
  BOOST_TEST(outcome("a: 1") == "{a: 1}");
}

BOOST_AUTO_TEST_CASE(empty_files) {
  BOOST_TEST(outcome("") == "f:1:1: error: the file is empty\n");
  for (const char* text : {"# nothing\n", "---\n", "\n\n", "~", "\xef\xbb\xbf"}) {
    BOOST_TEST(message(text) == "f:1:1: error: the file is empty");
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text) {
  BOOST_TEST(outcome(std::string("a: x\0", 5)) == "f:1:5: error: control character 0x00\n");
  BOOST_TEST(outcome("a: 1\nb: \x04 2\n") == "f:2:4: error: control character 0x04\n");
  BOOST_TEST(outcome("a: \x7f") == "f:1:4: error: control character 0x7f\n");
  BOOST_TEST(outcome("a: 1\rb: 2") == "f:1:5: error: carriage return without line feed\n");
  BOOST_TEST(outcome("a: \xff\n") == "f:1:4: error: byte 0xff is not UTF-8: save the file as UTF-8\n");
  BOOST_TEST(outcome("\xff\xfe"
                     "a\0") == "f:1:1: error: byte 0xff is not UTF-8: save the file as UTF-8\n");
  BOOST_TEST(outcome("a: \xc3") == "f:1:4: error: byte 0xc3 is not UTF-8: save the file as UTF-8\n");
  BOOST_TEST(message("a: \"\\0\"") == "f:1:4: error: the escapes \\0, \\N and \\_ are not supported");
  BOOST_TEST(message("a: \"x\\_\"") == "f:1:4: error: the escapes \\0, \\N and \\_ are not supported");
  BOOST_TEST(message("a: \"\\uD800\"") == "f:1:11: error: invalid unicode: 55296");
  BOOST_TEST(outcome("é: \"\\xe9\"") == "{'é': 'é'}");
}

BOOST_AUTO_TEST_CASE(duplicate_keys_all_of_them) {
  BOOST_TEST(outcome("trainer:\n  batch: 1\n  opt: {lr: 1, lr: 2}\n  batch: 3\nsweep:\n- {x: 1, 'x': "
                     "2}\ntrainer: 5\n") ==
             "f:3:16: error: key 'lr' given twice in trainer.opt (first at 3:9)\n"
             "    3 |   opt: {lr: 1, lr: 2}\n"
             "      |                ^~\n"
             "f:4:3: error: key 'batch' given twice in trainer (first at 2:3)\n"
             "    4 |   batch: 3\n"
             "      |   ^~~~~\n"
             "f:6:10: error: key 'x' given twice in sweep[0] (first at 6:4)\n"
             "    6 | - {x: 1, 'x': 2}\n"
             "      |          ^\n"
             "f:7:1: error: key 'trainer' given twice (first at 1:1)\n"
             "    7 | trainer: 5\n"
             "      | ^~~~~~~\n");
}

BOOST_AUTO_TEST_CASE(keys_that_are_no_text) {
  for (const char* text : {"? [x]\n: 1\n", "{[1]: 2}", "{{a: 1}: 2}", "a: &x [1]\nb: {*x : 2}"}) {
    BOOST_TEST(message(text).ends_with("error: a key must be text, not a map or list"), text);
  }
  BOOST_TEST(message("a: 1\n~: 1\n") == "f:2:1: error: the key is missing, or is a null without quotes");
  BOOST_TEST(message("{: 1}") == "f:1:2: error: the key is missing, or is a null without quotes");
  BOOST_TEST(outcome("'null': 1\n5: 2\n") == "{'null': 1, 5: 2}");
}

BOOST_AUTO_TEST_CASE(anchors_and_aliases) {
  BOOST_TEST(outcome("a: &x {b: [1, 2]}\nc: *x\n&k d: 3\ne: *k\n") ==
             "{a: {b: [1, 2]}, c: {b: [1, 2]}, d: 3, e: d}");
  BOOST_TEST(outcome("a: &x 1\nb: &x 2\nc: *x\n") == "{a: 1, b: 2, c: 2}");
  BOOST_TEST(message("a: &x [*x]") == "f:1:8: error: this alias stands inside the value it refers to");
  BOOST_TEST(message("p: *.csv\n") ==
             "f:1:4: error: '*.csv' refers to an anchor that is not defined before it (a text "
             "that begins with * needs quotes)");
}

BOOST_AUTO_TEST_CASE(merge_keys) {
  BOOST_TEST(outcome("a: &a {x: 1, y1: 2}\nb: {<<: *a, x: 3, z: 4}\n") ==
             "{a: {x: 1, y1: 2}, b: {y1: 2, x: 3, z: 4}}");
  BOOST_TEST(outcome("b: {x: 3, <<: {x: 1, w: 2}}\n") == "{b: {w: 2, x: 3}}");
  BOOST_TEST(outcome("<<: [{x: 1}, {x: 2, z: 3}]\n") == "{x: 1, z: 3}");
  BOOST_TEST(outcome("<<: []\n") == "{}");
  BOOST_TEST(outcome("'<<': 1\n") == "{'<<': 1}");
  BOOST_TEST(message("x: {<<: 3}") == "f:1:9: error: '<<' needs a map or a list of maps");
  BOOST_TEST(message("x: {<<: }") == "f:1:9: error: '<<' needs a map or a list of maps");
  BOOST_TEST(message("<<: [{x: 1}, [2]]") == "f:1:14: error: '<<' needs a map or a list of maps");
  BOOST_TEST(message("<<: {x: 1}\n<<: {z: 1}\n") == "f:2:1: error: key '<<' given twice (first at 1:1)");
}

BOOST_AUTO_TEST_CASE(limits) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", deep = "m0: &m0 [x]\n";
  for (int i = 1; i < 200; ++i) {
    const std::string n = std::to_string(i), last = std::to_string(i - 1);
    bomb += "a" + n + ": &a" + n + " [";
    for (int k = 0; k < 10; ++k) bomb += "*a" + last + (k < 9 ? "," : "]\n");
    deep += "m" + n + ": &m" + n + " [*m" + last + "]\n";
  }
  BOOST_TEST(message(bomb) ==
             "f:6:38: error: more than 1,000,000 values up to here (each alias counts as what it refers to)");
  BOOST_TEST(message(deep) == "f:100:12: error: maps and lists are nested more than 100 levels deep here");
  const auto dashes = [](std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += "- ";
    return text + "x";
  };
  BOOST_TEST(message(dashes(100)) == std::string(100, '[') + "x" + std::string(100, ']'));
  for (const std::string& text : {dashes(101), dashes(100000)}) {
    BOOST_TEST(message(text) == "f:1:201: error: maps and lists are nested more than 100 levels deep here");
  }
  BOOST_TEST(message(std::string(100000, '{')).ends_with("nested more than 100 levels deep here"));
  BOOST_TEST(message(std::string(100000, '[')).ends_with("nested more than 100 levels deep here"));

  std::string long_texts = "a: &a " + std::string(1'000'000, 'x') + "\nb: [";
  for (int i = 0; i < 64; ++i) long_texts += "*a, ";
  BOOST_TEST(message(long_texts + "]")
                 .ends_with("error: more than 64 MB of text up to here (each alias counts "
                            "as what it refers to)"));
  BOOST_TEST(message(std::string(251, 'k') + ": 1") ==
             "f:1:1: error: this key has more than 250 bytes (is a ':' missing after it?)");
}

BOOST_AUTO_TEST_CASE(the_longest_key_is_written_such_that_it_can_be_read) {
  std::string key;
  for (int i = 0; i < 250; ++i) key += "\\x07"; // one byte written as four characters
  const std::string written = outcome('"' + key + "\": 1");
  BOOST_TEST(written == "{\"" + key + "\": 1}");
  BOOST_TEST(outcome(written) == written);
}

BOOST_AUTO_TEST_CASE(open_brackets_and_quotes) {
  BOOST_TEST(outcome("a: 1\nb: [1, 2\n\n") ==
             "f:2:4: error: this '[' is never closed\n    2 | b: [1, 2\n      |    ^\n");
  BOOST_TEST(message("b: [1, 2") == "f:1:4: error: this '[' is never closed");
  BOOST_TEST(message("b: {x: [1, {z: 2}") == "f:1:8: error: this '[' is never closed");
  BOOST_TEST(message("b: {x: 1\n") == "f:1:4: error: this '{' is never closed");
  BOOST_TEST(message("b: [1, 2\nc: 3\n") ==
             "f:2:2: error: expected ',' or ']' here, for the '[' opened at 1:4");
  BOOST_TEST(message("{x: 1 z: 2}") == "f:1:8: error: expected ',' or '}' here, for the '{' opened at 1:1");
  BOOST_TEST(message("a: [1, 2]]") == "f:1:10: error: closing bracket without an opening one");
  BOOST_TEST(message("name: 'abc\nx: 1\n") == "f:1:7: error: this quote ( ' ) is never closed");
  BOOST_TEST(message("a: 1\nb: &x \"it\\\"") == "f:2:7: error: this quote ( \" ) is never closed");
  BOOST_TEST(message("a: 'it''s'") == "{a: 'it''s'}");
  BOOST_TEST(message("a: 'it''") == "f:1:4: error: this quote ( ' ) is never closed");
}

BOOST_AUTO_TEST_CASE(tabs) {
  for (const char* text : {"a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n"}) {
    const std::string all = message(text);
    BOOST_TEST(all.ends_with(":1: error: tab in the indentation: use spaces"), all);
  }
  BOOST_TEST(message("\ta: 1\n") == "f:1:1: error: tab in the indentation: use spaces");
  BOOST_TEST(message("a:\n  \tb: 1\n") == "f:2:3: error: tab in the indentation: use spaces");
  BOOST_TEST(outcome("a: {\n\tb: 1 }\n") == "{a: {b: 1}}");
  BOOST_TEST(message("a: {\n\tb: 1 c: 2}\n") ==
             "f:2:8: error: expected ',' or '}' here, for the '{' opened at 1:4");
}

BOOST_AUTO_TEST_CASE(other_syntax_errors) {
  const std::string colon =
      "error: unexpected ':' (in a text it needs quotes; else look for a missing space after ':' or a "
      "wrong indentation, here or in the line before)";
  const std::string pair =
      "error: expected 'key: value' at the indentation of the map (nothing may follow a quoted text or "
      "a bracket)";
  BOOST_TEST(message("a: 1\nlr:0.1\nb: 2\n") == "f:3:2: " + colon);
  BOOST_TEST(message("a: 1\n  b: 2\n") == "f:2:4: " + colon);
  BOOST_TEST(message("a:\n  b: 1\n c: 2\n") == "f:3:2: " + pair);
  BOOST_TEST(message("a: 'x' z\n") == "f:1:8: " + pair);
  BOOST_TEST(message("a: 1\n- b\n") == "f:2:1: " + pair);
  BOOST_TEST(message("a:\n  - 'b' c\n") ==
             "f:2:9: error: expected '- item' at the indentation of the list (nothing may "
             "follow a quoted text or a bracket)");
  BOOST_TEST(message("a: - b\n") == "f:1:4: error: unexpected '- ': a list begins in a line of its own");
  BOOST_TEST(message("a: ? \n") == "f:1:4: error: unexpected '?' (a text that begins with it needs quotes)");
  BOOST_TEST(message("a: @x\n") == "f:1:4: error: a text that begins with '@' needs quotes");
  BOOST_TEST(message("a: 1\n---\nb: 2\n") ==
             "f:2:1: error: a second document begins here, only one is allowed");
  BOOST_TEST(message("[1] x\n") ==
             "f:1:5: error: this does not belong to the list or value that ended before it");
  BOOST_TEST(message("a: !!int 5\n") ==
             "f:1:4: error: YAML tags (words that begin with '!') are not supported");
  BOOST_TEST(message("a: \"\\q\"\n") == "f:1:7: error: unknown escape character: q");
}

BOOST_AUTO_TEST_CASE(command_line_values) {
  BOOST_TEST(value("[1, 2]") == "[1, 2]");
  BOOST_TEST(value("{normal: 0.01}") == "{normal: 0.01}");
  for (const char* text : {"0.1", "cd", "null", "true", "60s"}) BOOST_TEST(value(text) == text);
  BOOST_TEST(value("~") == "null");
  BOOST_TEST(value(" *.csv ") == "'*.csv'");
  BOOST_TEST(value("a: b # c") == "'a: b # c'");
  BOOST_TEST(value("\"5\"") == "'5'");
  Diagnostics diagnostics;
  const Node list = parse_value("[1, {a: 2}]", {"argument 3"}, diagnostics);
  BOOST_TEST(list.items()[1].entries()[0].key_origin.text() == "argument 3");
  BOOST_TEST(list.items()[1].find("a")->origin().text() == "argument 3");
}

BOOST_AUTO_TEST_CASE(bad_command_line_values) {
  BOOST_TEST(value("") == "argument 2: error: the value is missing: write null for none\n");
  BOOST_TEST(value("  ") == "argument 2: error: the value is missing: write null for none\n");
  BOOST_TEST(value("[1, 2") == "argument 2: error: this '[' is never closed in '[1, 2'\n");
  BOOST_TEST(value("[{a: 1 b: 2}]") ==
             "argument 2: error: expected ',' or '}' here, for the '{' in '[{a: 1 b: 2}]'\n");
  BOOST_TEST(value("'x") == "argument 2: error: this quote ( ' ) is never closed in ''x'\n");
  BOOST_TEST(
      value("[1] 2") ==
      "argument 2: error: this does not belong to the list or value that ended before it in '[1] 2'\n");
  BOOST_TEST(value("{a: 1, a: 2}") == "argument 2: error: key 'a' given twice in '{a: 1, a: 2}'\n");
  BOOST_TEST(value("x\x01") == "argument 2: error: control character 0x01\n");
  BOOST_TEST(value("\xff") == "argument 2: error: byte 0xff is not UTF-8: save the file as UTF-8\n");
}

BOOST_AUTO_TEST_SUITE_END()
