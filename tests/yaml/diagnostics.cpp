#include "experiments/yaml/diagnostics.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace ebm::experiments;

BOOST_AUTO_TEST_SUITE(yaml_diagnostics)

BOOST_AUTO_TEST_CASE(origins_as_text) {
  BOOST_TEST((Origin{"exp.yaml", 3, 5}).text() == "exp.yaml:3:5");
  BOOST_TEST((Origin{"exp.yaml", 3, 0}).text() == "exp.yaml:3");
  BOOST_TEST((Origin{"argument 2"}).text() == "argument 2");
  BOOST_TEST(Origin{}.text() == "");
}

BOOST_AUTO_TEST_CASE(line_and_caret) {
  Diagnostics diagnostics;
  BOOST_TEST(diagnostics.empty());
  BOOST_TEST(diagnostics.text() == "");
  diagnostics.add_source("exp.yaml", "model:\n  type: rbm\n  hiden: 12\n");
  diagnostics.error({"exp.yaml", 3, 3}, "unknown key 'hiden' in model (type rbm), did you mean 'hidden'?",
                    "hiden");
  BOOST_TEST(diagnostics.size() == 1U);
  BOOST_TEST(diagnostics.text() ==
             "exp.yaml:3:3: error: unknown key 'hiden' in model (type rbm), did you mean 'hidden'?\n"
             "    3 |   hiden: 12\n"
             "      |   ^~~~~\n");
}

BOOST_AUTO_TEST_CASE(carets_stand_right_after_tabs_and_wide_sequences) {
  Diagnostics diagnostics;
  diagnostics.add_source("f", "\té: ü1\r\nx");
  diagnostics.error({"f", 1, 6}, "bad", "ü1");
  BOOST_TEST(diagnostics.text() == "f:1:6: error: bad\n    1 | \té: ü1\n      | \t   ^~\n");
}

BOOST_AUTO_TEST_CASE(places_outside_the_text_have_no_excerpt) {
  Diagnostics diagnostics;
  diagnostics.add_source("f", "ab\n\n" + std::string(159, 'x') + "é tail");
  diagnostics.error({"f", 1, 3}, "at the end of the line", "longer than what is left");
  diagnostics.error({"f", 1, 4}, "beyond the line");
  diagnostics.error({"f", 2, 1}, "empty line");
  diagnostics.error({"f", 3, 160}, "cut in front of a whole character");
  diagnostics.error({"f", 3, 164}, "in the part that is cut off");
  diagnostics.error({"f", 9, 1}, "beyond the text");
  diagnostics.error({"f", 0, 0}, "no place");
  BOOST_TEST(diagnostics.text() == "f: error: no place\n"
                                   "f:1:3: error: at the end of the line\n    1 | ab\n      |   ^\n"
                                   "f:1:4: error: beyond the line\n"
                                   "f:2:1: error: empty line\n"
                                   "f:3:160: error: cut in front of a whole character\n    3 | " +
                                       std::string(159, 'x') + "\n      | " + std::string(159, ' ') +
                                       "^\n"
                                       "f:3:164: error: in the part that is cut off\n"
                                       "f:9:1: error: beyond the text\n");
}

BOOST_AUTO_TEST_CASE(sorted_by_source_line_and_column_and_kept_once) {
  Diagnostics diagnostics;
  diagnostics.add_source("z.yaml", "");
  diagnostics.add_source("a.yaml", "");
  diagnostics.error({"argument 10"}, "m");
  diagnostics.error({"argument 2"}, "m");
  diagnostics.error({"a.yaml", 1, 1}, "m");
  diagnostics.error({"z.yaml", 10, 1}, "m");
  diagnostics.error({"z.yaml", 9, 12}, "second");
  diagnostics.error({"z.yaml", 9, 12}, "first of its place comes first");
  diagnostics.error({"z.yaml", 9, 2}, "m");
  diagnostics.error({"z.yaml", 9, 2}, "m");
  BOOST_TEST(diagnostics.size() == 7U);
  BOOST_TEST(diagnostics.text() == "z.yaml:9:2: error: m\n"
                                   "z.yaml:9:12: error: second\n"
                                   "z.yaml:9:12: error: first of its place comes first\n"
                                   "z.yaml:10:1: error: m\n"
                                   "a.yaml:1:1: error: m\n"
                                   "argument 2: error: m\n"
                                   "argument 10: error: m\n");
}

BOOST_AUTO_TEST_CASE(a_source_can_be_replaced) {
  Diagnostics diagnostics;
  diagnostics.add_source("f", "old");
  diagnostics.add_source("f", "new");
  diagnostics.error({"f", 1, 1}, "m");
  BOOST_TEST(diagnostics.text() == "f:1:1: error: m\n    1 | new\n      | ^\n");
}

BOOST_AUTO_TEST_CASE(nearest_words) {
  const std::vector<std::string> keys = {"hidden", "type", "init", "lr", "cd", "pcd", "momentum"};
  const auto suggestion = [&](std::string_view word) { return nearest(word, keys).value_or("-"); };
  BOOST_TEST(suggestion("hiden") == "hidden");
  BOOST_TEST(suggestion("hdiden") == "hidden");
  BOOST_TEST(suggestion("tpye") == "type");
  BOOST_TEST(suggestion("pdc") == "pcd");
  BOOST_TEST(suggestion("momemtun") == "momentum");
  BOOST_TEST(suggestion("monemtumx") == "momentum"); // 3 edits, a third of 9
  BOOST_TEST(suggestion("CD") == "cd");
  BOOST_TEST(suggestion("xy") == "-"); // 2 edits, but no letter is left
  BOOST_TEST(suggestion("l") == "-");
  BOOST_TEST(suggestion("") == "-");
  BOOST_TEST(suggestion("hddnxx") == "-"); // 4 edits
  BOOST_TEST(suggestion(std::string(100000, 'x')) == "-");
  BOOST_TEST(did_you_mean("hiden", keys) == ", did you mean 'hidden'?");
  BOOST_TEST(did_you_mean("temperature", keys) == "");
  BOOST_TEST(did_you_mean("hiden", {}) == "");
}

BOOST_AUTO_TEST_CASE(long_lists_are_cut) {
  BOOST_TEST(indented_lines({}) == "");
  std::vector<std::string> lines(12, "x");
  lines.front() = "first";
  const std::string twelve = indented_lines(lines);
  BOOST_TEST(twelve.starts_with("\n    first\n    x\n"));
  BOOST_TEST(std::ranges::count(twelve, '\n') == 12);
  lines.insert(lines.end(), {"y", "z"});
  BOOST_TEST(indented_lines(lines) == twelve + "\n    and 2 more");
}

BOOST_AUTO_TEST_CASE(utf8_sequences) {
  BOOST_TEST(utf8_length("a") == 1U);
  BOOST_TEST(utf8_length("é") == 2U);
  BOOST_TEST(utf8_length("…") == 3U);
  BOOST_TEST(utf8_length("\xf4\x8f\xbf\xbf") == 4U);
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x80", "\xff"}) {
    BOOST_TEST(utf8_length(bad) == 0U);
  }
  BOOST_TEST(utf8_floor("aé", 2) == 1U);
  BOOST_TEST(utf8_floor("aé", 3) == 3U);
  BOOST_TEST(utf8_floor("aé", 9) == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
