#include "experiments/io/csv.hpp"

#include "tests/io/io_support.hpp"

using namespace ebm::experiments;
using namespace ebm::experiments::testing;

namespace {

struct CsvPlace : TemporaryDirectory {
  CsvTable read(const std::string& text, const CsvOptions& options = {}) const {
    return read_csv(put("t.csv", text), options);
  }
  void refuses(const std::string& text, const std::string& message, const CsvOptions& options = {}) const {
    check_message([&] { read(text, options); }, message);
  }
};

using Values = std::vector<double>;
using Names = std::vector<std::string>;
using Shape = std::vector<std::size_t>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(csv_files, CsvPlace)

BOOST_AUTO_TEST_CASE(reads_tables_without_header) {
  for (const char* text : {"1,2.5,-3e2\n4,5,6\n", "1,2.5,-3e2\n4,5,6", "1, 2.5 ,-3e2\r\n\t4,5,6\r\n",
                           "\xEF\xBB\xBF"
                           "1,2.5,-3e2\n4,5,6\n"}) {
    const CsvTable table = read(text);
    BOOST_TEST(table.names.empty());
    BOOST_TEST(table.labels.empty());
    BOOST_TEST(table.values.shape == (Shape{2, 3}));
    BOOST_TEST(table.values.values == (Values{1, 2.5, -300, 4, 5, 6}));
  }
  BOOST_TEST(read(gzip("7\n")).values.values == Values{7});
  BOOST_TEST(read("1\t2\n", {{}, '\t'}).values.values == (Values{1, 2}));
}

BOOST_AUTO_TEST_CASE(reads_header_and_labels) {
  const std::string text = "a,class,b2\n1,2,3\n4,5,6\n";
  BOOST_TEST(read(text).names == (Names{"a", "class", "b2"}));
  const CsvTable table = read(text, {"class"});
  BOOST_TEST(table.names == (Names{"a", "b2"}));
  BOOST_TEST(table.labels == (Values{2, 5}));
  BOOST_TEST(table.values.shape == (Shape{2, 2}));
  BOOST_TEST(table.values.values == (Values{1, 3, 4, 6}));
  BOOST_TEST(read(text, {"0"}).labels == (Values{1, 4}));
  BOOST_TEST(read(text, {"last"}).labels == (Values{3, 6}));
  BOOST_TEST(read("1,2\n", {"last"}).labels == Values{2});
}

BOOST_AUTO_TEST_CASE(refuses_wrong_cells) {
  refuses("1,2\n3,x4\n", "t.csv:2:3: expected a number, found 'x4'");
  refuses("1,2\n3,4 5\n", "t.csv:2:3: expected a number, found '4 5'");
  refuses("a,b\nc,d\n", "t.csv:2:1: expected a number, found 'c'");
  refuses("1,nan\n", "t.csv:1:3: expected a finite number, found 'nan'");
  refuses("1,2\n-Inf,3\n", "t.csv:2:1: expected a finite number, found '-Inf'");
  refuses("1,2\n3, \n", "t.csv:2:4: expected a number, found an empty cell");
  refuses("1,,2\n", "t.csv:1:3: expected a number, found an empty cell");
  refuses("a,,b\n1,2,3\n", "t.csv:1:3: expected a number or a column name, found an empty cell");
  refuses("1,2\n1e999,3\n", "t.csv:2:1: expected a number within the range of a double, found '1e999'");
  refuses("1\n" + std::string(99, 'x'), "found '" + std::string(40, 'x') + "...'");
}

BOOST_AUTO_TEST_CASE(a_first_row_with_a_number_is_no_header) {
  refuses("1,2.O\n3,4\n", "t.csv:1:3: expected a number, found '2.O'");
  refuses("id,2019\n1,2\n", "t.csv:1:1: expected a number, found 'id': a row with a number in it is no "
                            "header, whose names must not be numbers");
  refuses("a,inf\n1,2\n", "t.csv:1:1: expected a number, found 'a'");
  refuses("1e999,a\n1,2\n", "t.csv:1:1: expected a number within the range of a double, found '1e999'");
}

BOOST_AUTO_TEST_CASE(refuses_ragged_and_missing_rows) {
  refuses("1,2\n3\n", "t.csv:2:1: expected 2 cells as in line 1, found 1");
  refuses("1,2\n3,4,5\n", "t.csv:2:5: expected 2 cells as in line 1, found 3");
  refuses("1,2\n\n3,4\n", "t.csv:2:1: expected 2 cells as in line 1, found 1");
  refuses("", "t.csv: expected rows of numbers, found none");
  refuses("a,b\n", "t.csv: expected rows of numbers, found none");
  refuses("1\n", "expected a column besides the label column", {"0"});
}

BOOST_AUTO_TEST_CASE(refuses_unknown_label_columns) {
  refuses("a,b\n1,2\n", "t.csv:1:1: expected the label column 'c' to be a column name, 0 to 1 or last",
          {"c"});
  refuses("1,2\n", "0 to 1 or last", {"2"});
  refuses("1,2\n", "0 to 1 or last", {"-1"});
  refuses("1,2\n", "0 to 1 or last", {""});
  refuses("a,a\n1,2\n", "expected one column named 'a', found 2", {"a"});
}

BOOST_AUTO_TEST_CASE(refuses_damaged_gzip) {
  const auto reader = [](const std::filesystem::path& path) { read_csv(path); };
  check_truncations(*this, gzip("1,2\n3,4\n"), reader);
  check_damage(*this, gzip("1,2\n3,4\n"), reader);
  check_unreadable(*this, reader);
}

BOOST_AUTO_TEST_SUITE_END()
