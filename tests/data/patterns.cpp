#include "tests/data/map_visitor.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;

namespace {

std::map<std::string, std::size_t> frequencies(const RawRows& rows) {
  std::map<std::string, std::size_t> counts;
  BOOST_REQUIRE_EQUAL(bytes(rows).size(), rows.rows * rows.columns);
  for (auto at = bytes(rows).begin(); at != bytes(rows).end();
       at += static_cast<std::ptrdiff_t>(rows.columns))
    ++counts[std::string(at, at + static_cast<std::ptrdiff_t>(rows.columns))];
  return counts;
}

/// No model has a greater mean log-likelihood than the rows' own frequencies.
double ceiling(const RawRows& rows) {
  double sum = 0;
  for (const auto& [pattern, count] : frequencies(rows))
    sum += double(count) * std::log(double(count) / double(rows.rows));
  return sum / double(rows.rows);
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_patterns)

// Expected numbers: conformance/data_sets.json.
BOOST_AUTO_TEST_CASE(bars_and_stripes_have_the_known_counts_and_ceilings) {
  struct Expected {
    std::size_t side, patterns, distinct;
    double mean, total;
  };
  for (const auto& e : {Expected{2, 8, 6, -1.7328679513998633, -13.862943611198906},
                        Expected{3, 16, 14, -2.599301927099795, -41.58883083359672},
                        Expected{4, 32, 30, -3.379092505229732, -108.13096016735142}}) {
    const RawData data = load("bars_and_stripes", {{"size", std::to_string(e.side)}});
    BOOST_TEST(data.train.rows == e.patterns);
    BOOST_TEST(data.train.columns == e.side * e.side);
    BOOST_TEST((data.image == ImageSize{e.side, e.side}));
    BOOST_TEST(frequencies(data.train).size() == e.distinct);
    BOOST_TEST(ceiling(data.train) == e.mean, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(ceiling(data.train) * double(e.patterns) == e.total, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(data.split_allowed);
  }
}

BOOST_AUTO_TEST_CASE(bars_come_first_and_constant_images_can_be_single) {
  const RawData twice = load("bars_and_stripes", {{"size", "2"}});
  BOOST_TEST(bytes(twice.train) ==
             (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1,
                                        0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1}));
  const RawData once = load("bars_and_stripes", {{"size", "2"}, {"constant_patterns", "once"}});
  BOOST_TEST(once.train.rows == 6u);
  BOOST_TEST(bytes(once.train) == (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1,
                                                             1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 1}));
  BOOST_TEST(load("bars_and_stripes").train.rows == 32u);
  BOOST_TEST(load("bars_and_stripes", {{"size", "1"}}).train.rows == 4u);
  BOOST_TEST(load("bars_and_stripes", {{"size", "1"}, {"constant_patterns", "once"}}).train.rows == 2u);
  BOOST_CHECK_THROW(load("bars_and_stripes", {{"size", "0"}}), ebm::InputError);
  BOOST_CHECK_THROW(load("bars_and_stripes", {{"size", "17"}}), ebm::InputError);
}

// Expected numbers: conformance/data_sets.json.
BOOST_AUTO_TEST_CASE(shifter_has_the_known_counts_and_ceilings) {
  struct Expected {
    std::size_t bits, patterns, columns;
    double mean;
  };
  for (const auto& e : {Expected{4, 48, 11, -3.871201010907891}, Expected{8, 768, 19, -6.643789733147672}}) {
    const RawData data = load("labeled_shifter_ensemble", {{"size", std::to_string(e.bits)}});
    BOOST_TEST(data.train.rows == e.patterns);
    BOOST_TEST(data.train.columns == e.columns);
    BOOST_TEST(frequencies(data.train).size() == e.patterns);
    BOOST_TEST(ceiling(data.train) == e.mean, boost::test_tools::tolerance(1e-14));
  }
}

BOOST_AUTO_TEST_CASE(shifter_rows_are_bits_shifted_bits_and_label) {
  const RawData data = load("labeled_shifter_ensemble", {{"size", "3"}});
  const auto first = bytes(data.train).begin() + 3 * 9; // the state 1 0 0, shifted by -1, 0 and 1
  BOOST_TEST(std::vector<std::uint8_t>(first, first + 27) ==
             (std::vector<std::uint8_t>{1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0,
                                        0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}));
  BOOST_TEST(load("labeled_shifter_ensemble", {{"size", "1"}}).train.rows == 6u);
}

BOOST_AUTO_TEST_CASE(random_patterns_are_fair_bits_of_their_seed) {
  const auto rows = [](const Values& values) { return load("random_patterns", values).train; };
  const RawRows r = rows({{"rows", "200"}, {"columns", "500"}});
  BOOST_TEST(r.rows == 200u);
  BOOST_TEST(r.columns == 500u);
  // 4 standard errors of 100 000 fair bits, of their agreement with the next column and with the next row.
  double ones = 0, beside = 0, below = 0;
  for (std::size_t i = 0; i + 500 < bytes(r).size(); ++i) {
    BOOST_TEST_REQUIRE(bytes(r)[i] <= 1);
    ones += bytes(r)[i];
    beside += bytes(r)[i] == bytes(r)[i + 1];
    below += bytes(r)[i] == bytes(r)[i + 500];
  }
  for (const double count : {ones, beside, below})
    BOOST_TEST(std::abs(count / 99500 - 0.5) < 4 * 0.5 / std::sqrt(99500.0));
  BOOST_TEST(frequencies(r).size() == 200u);
  const RawRows fewer = rows({{"rows", "7"}, {"columns", "500"}, {"seed", "1"}});
  BOOST_TEST(std::ranges::equal(bytes(fewer), std::span(bytes(r)).first(7 * 500)));
  BOOST_TEST(bytes(rows({{"rows", "7"}, {"columns", "500"}, {"seed", "2"}})) != bytes(fewer));
  // Of the replicate's key where there is no number.
  const auto of = [](std::uint64_t replicate) {
    const DataType& type = data_types().at("random_patterns");
    MapVisitor visitor(Values{{"seed", "replicate"}});
    return bytes(type.load(type.read(visitor), {"", replicate}).train);
  };
  BOOST_TEST(of(1) == bytes(rows({})));
  BOOST_TEST(of(1) != of(2));
}

BOOST_AUTO_TEST_SUITE_END()
