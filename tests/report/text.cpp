#include "experiments/report/csv_writer.hpp"
#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <limits>

using namespace ebm::experiments;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

} // namespace

BOOST_AUTO_TEST_SUITE(report_text)

BOOST_AUTO_TEST_CASE(csv_numbers_keep_every_bit) {
  for (const double value : {0.1, 1.0 / 3, -131.5, 5e-324, 1.7976931348623157e308, 20000.0})
    BOOST_TEST(std::strtod(csv_number(value).c_str(), nullptr) == value);
  BOOST_TEST(csv_number(0.1) == "0.10000000000000001");
  BOOST_TEST(csv_number(20000) == "20000");
  BOOST_TEST(csv_number(missing) == "");
  BOOST_TEST(csv_number(inf) == "inf");
  BOOST_TEST(csv_number(-inf) == "-inf");
}

BOOST_AUTO_TEST_CASE(csv_cells_are_quoted_where_needed) {
  BOOST_TEST(csv_cell("method=CD-1 lr=0.1") == "method=CD-1 lr=0.1");
  BOOST_TEST(csv_cell("a,b") == "\"a,b\"");
  BOOST_TEST(csv_cell("say \"no\"") == "\"say \"\"no\"\"\"");
  BOOST_TEST(csv_cell("two\nlines") == "\"two\nlines\"");
  BOOST_TEST(csv_row(std::vector<std::string>{"", "a,b", "", "c"}) == ",\"a,b\",,c\n");
  BOOST_TEST(csv_row({}) == "\n");
}

BOOST_AUTO_TEST_CASE(durations_have_one_unit) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0, "0.0 s"},    {3.24, "3.2 s"},  {9.97, "10 s"},  {42.4, "42 s"},
      {90, "1.5 min"}, {3000, "50 min"}, {5400, "1.5 h"}, {86400 * 12.0, "12 d"}};
  for (const auto& [seconds, text] : cases) BOOST_TEST(duration(seconds) == text);
}

BOOST_AUTO_TEST_CASE(aligned_numbers) {
  BOOST_TEST(aligned_number(-131.5) == "-131.5");
  BOOST_TEST(aligned_number(-3.5) == "-3.500");
  BOOST_TEST(aligned_number(0.0123) == "0.01230");
  BOOST_TEST(aligned_number(0.5, 3) == "0.500");
  BOOST_TEST(aligned_number(20000) == "20000");
  BOOST_TEST(aligned_number(1234) == "1234");
  BOOST_TEST(aligned_number(-0.0) == "0.000");
  BOOST_TEST(aligned_number(missing) == "–");
  BOOST_TEST(aligned_number(-inf) == "-inf");
}

BOOST_AUTO_TEST_CASE(short_numbers) {
  BOOST_TEST(short_number(-131.5) == "-131.5");
  BOOST_TEST(short_number(0.0123) == "0.0123");
  BOOST_TEST(short_number(1.2e-7) == "1.2e-07");
  BOOST_TEST(short_number(missing) == "–");
  BOOST_TEST(short_number(-inf) == "-inf");
  BOOST_TEST(short_number(-0.0) == "0");
  BOOST_TEST(short_number(12345.67) == "12346");
  BOOST_TEST(short_number(9999.7) == "9999.7");
  BOOST_TEST(short_number(20000) == "20000");
  BOOST_TEST(short_number(12345678) == "1.235e+07");
  BOOST_TEST(short_number(-131.46, 2) == "-131");
}

BOOST_AUTO_TEST_CASE(plain_tables_are_aligned) {
  const TextTable table{{"setting", "mean"}, {{"β = 1", "-1.5"}, {"x", "–"}, {"short"}}, {false, true}};
  BOOST_TEST(table.plain() == "setting  mean\n"
                              "───────  ────\n"
                              "β = 1    -1.5\n"
                              "x           –\n"
                              "short\n");
  BOOST_TEST(TextTable{}.plain() == "\n\n");
}

BOOST_AUTO_TEST_CASE(markdown_tables_escape_bars) {
  const TextTable table{{"setting", "n"}, {{"p(v|h)", "5"}, {"two\nlines", "1"}}, {false, true}};
  BOOST_TEST(table.markdown() == "| setting   |   n |\n"
                                 "| --------- | --: |\n"
                                 "| p(v\\|h)   |   5 |\n"
                                 "| two lines |   1 |\n");
}

BOOST_AUTO_TEST_CASE(xml_holds_any_bytes) {
  BOOST_TEST(xml_escape("a<b> & \"β\"") == "a&lt;b&gt; &amp; &quot;β&quot;");
  BOOST_TEST(xml_escape("one\ntwo") == "one two");
  BOOST_TEST(xml_escape("\x01|\xff|\xEF\xBF\xBE|\xCE") == "\uFFFD|\uFFFD|\uFFFD|\uFFFD");
}

BOOST_AUTO_TEST_CASE(long_labels_lose_their_middle) {
  BOOST_TEST(shortened("αβγδ", 4) == "αβγδ");
  BOOST_TEST(shortened("αβγδεζ", 4) == "αβ…ζ");
  BOOST_TEST(text_width(shortened("method=PCD-10 lr=0.05", 11)) == 11U);
}

BOOST_AUTO_TEST_SUITE_END()
