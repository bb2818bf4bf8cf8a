#include "experiments/data/preparation.hpp"

#include "tests/data/map_visitor.hpp"
#include "tests/io/io_support.hpp"

#include <cmath>
#include <numeric>
#include <set>

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;
using namespace ebm::experiments::testing;

namespace {

constexpr random::Key key{7};

/// One column that counts the rows; labels are 100 more.
RawData counting(std::size_t rows) {
  std::vector<double> values(rows), labels(rows);
  std::iota(values.begin(), values.end(), 0.0);
  std::iota(labels.begin(), labels.end(), 100.0);
  return {{rows, 1, std::move(values)}, {}, std::move(labels), {}, {}};
}

RawData two_sides(std::vector<double> train, std::vector<double> test) {
  RawData data{{train.size() / 2, 2, std::move(train)}, {}, {}, {}, {}};
  data.test = RawRows{test.size() / 2, 2, std::move(test)};
  return data;
}

template <std::floating_point T = double> Dataset<T> prepared(const RawData& raw, const Values& values) {
  const auto options = options_from<Preparation>(values);
  return prepare<T>(raw, options, options.split_seed(key), key);
}

std::string message(const RawData& raw, const Values& values) {
  return message_of([&] { prepared(raw, values); });
}

template <std::floating_point T> std::vector<T> flat(const Batch<T>& m) {
  return {m.begin(), m.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_preparation)

BOOST_AUTO_TEST_CASE(without_options_values_stay) {
  const auto data = prepared(two_sides({1, 2, 3, 4}, {5, 6}), {});
  BOOST_TEST(flat(data.train) == (std::vector<double>{1, 2, 3, 4}));
  BOOST_TEST(flat(data.test) == (std::vector<double>{5, 6}));
  BOOST_TEST(!data.fresh);
  const auto alone = prepared<float>(load("bars_and_stripes", {{"size", "2"}}), {});
  BOOST_TEST(alone.train.shape(0) == 8u);
  BOOST_TEST(alone.test.shape(0) == 0u);
  BOOST_TEST(alone.test.shape(1) == 4u);
  BOOST_TEST((alone.image == ImageSize{2, 2}));
}

BOOST_AUTO_TEST_CASE(threshold_is_on_the_raw_scale_and_strict) {
  const RawData raw = two_sides({126, 127, 128, 255}, {0, 128});
  for (const Values& values :
       {Values{{"binarize.threshold", "127"}}, {{"binarize.threshold", "127"}, {"scale", "0.01"}}}) {
    const auto data = prepared<float>(raw, values);
    BOOST_TEST(flat(data.train) == (std::vector<float>{0, 0, 1, 1}));
    BOOST_TEST(flat(data.test) == (std::vector<float>{0, 1}));
  }
  BOOST_TEST(flat(prepared(raw, {{"scale", "0.5"}}).train) == (std::vector<double>{63, 63.5, 64, 127.5}));
}

BOOST_AUTO_TEST_CASE(subsets_are_the_first_rows) {
  RawData raw = counting(5);
  const auto data = prepared(raw, {{"subset", "3"}});
  BOOST_TEST(flat(data.train) == (std::vector<double>{0, 1, 2}));
  BOOST_TEST(data.train_labels == (std::vector<double>{100, 101, 102}));
  BOOST_TEST(message(raw, {{"subset", "6"}}) == "subset asks for 6 rows, but there are 5 training rows");
  BOOST_TEST(message(raw, {{"test_subset", "1"}}) ==
             "test_subset asks for 1 rows, but there are 0 test rows");
  raw.test = counting(4).train;
  raw.test_labels = {7, 8, 9, 10};
  const auto both = prepared(raw, {{"test_subset", "2"}});
  BOOST_TEST(flat(both.test) == (std::vector<double>{0, 1}));
  BOOST_TEST(both.test_labels == (std::vector<double>{7, 8}));
  BOOST_TEST(both.train.shape(0) == 5u);
}

BOOST_AUTO_TEST_CASE(splits_are_disjoint_complete_and_keep_labels) {
  const auto data = prepared(counting(101), {{"split.test", "0.2"}});
  BOOST_TEST(data.test.shape(0) == 20u);
  const auto train = flat(data.train), test = flat(data.test);
  std::set<double> rows(train.begin(), train.end());
  rows.insert(test.begin(), test.end());
  BOOST_TEST(rows.size() == 101u);
  BOOST_TEST(train.size() + test.size() == 101u);
  BOOST_TEST(std::ranges::is_sorted(train));
  BOOST_TEST(std::ranges::is_sorted(test));
  for (std::size_t i = 0; i < train.size(); ++i) BOOST_TEST(data.train_labels[i] == train[i] + 100);
  for (std::size_t i = 0; i < test.size(); ++i) BOOST_TEST(data.test_labels[i] == test[i] + 100);

  const auto fewer = prepared(counting(101), {{"split.test", "0.2"}, {"subset", "10"}, {"test_subset", "5"}});
  BOOST_TEST(flat(fewer.train) == std::vector<double>(train.begin(), train.begin() + 10));
  BOOST_TEST(flat(fewer.test) == std::vector<double>(test.begin(), test.begin() + 5));
}

BOOST_AUTO_TEST_CASE(splits_depend_on_their_seed_alone) {
  const RawData raw = counting(50);
  const auto test_rows = [&](const std::string& seed, std::uint64_t replicate) {
    const auto options = options_from<Preparation>({{"split.seed", seed}});
    BOOST_TEST(!options.problem());
    return flat(prepare<double>(raw, options, options.split_seed(random::Key{replicate}), key).test);
  };
  BOOST_TEST(test_rows("1", 5) == test_rows("1", 6));
  BOOST_TEST(test_rows("1", 5) != test_rows("2", 5));
  BOOST_TEST(test_rows("replicate", 5) != test_rows("replicate", 6));
  BOOST_TEST(test_rows("replicate", 5) == test_rows("replicate", 5));
  BOOST_TEST(test_rows("18446744073709551615", 5).size() == 10u);
}

BOOST_AUTO_TEST_CASE(splits_leave_a_row_on_either_side) {
  BOOST_TEST(prepared(counting(2), {{"split.test", "0.01"}}).test.shape(0) == 1u);
  BOOST_TEST(prepared(counting(2), {{"split.test", "0.99"}}).train.shape(0) == 1u);
  BOOST_TEST(message(counting(1), {{"split.test", "0.5"}}).find("expected at least 2 rows, found 1") !=
             std::string::npos);
  BOOST_TEST(message(two_sides({1, 2}, {3, 4}), {{"split.test", "0.5"}}) ==
             "split is not possible: the data set brings its own test rows");
  RawData fixed = counting(9);
  fixed.split_allowed = false;
  BOOST_TEST(message(fixed, {{"split.test", "0.5"}}) == "split is not possible for this type of data set");
}

BOOST_AUTO_TEST_CASE(problems_between_options_are_named) {
  const auto problem = [](const Values& values) {
    return options_from<Preparation>(values).problem().value_or("");
  };
  const std::string one = "binarize needs exactly one of 'threshold' and 'stochastic'";
  BOOST_TEST(problem({{"binarize", ""}}) == one);
  BOOST_TEST(problem({{"binarize.threshold", "1"}, {"binarize.stochastic", "fresh"}}) == one);
  BOOST_TEST(problem({{"binarize.stochastic", "fresh"}}) == "");
  BOOST_TEST(problem({{"split.seed", "1"}}) == "");
  for (const std::string seed : {"", "-1", "1.5", "x", "18446744073709551616"})
    BOOST_TEST(problem({{"split.seed", seed}}) ==
               "split.seed: expected a whole number or 'replicate', found '" + seed + "'");
  BOOST_TEST(message(counting(3), {{"binarize", ""}}) == one);
  for (const std::string fraction : {"0", "1"})
    BOOST_CHECK_THROW(options_from<Preparation>({{"split.test", fraction}}), InputError);
}

BOOST_AUTO_TEST_CASE(stochastic_draws_follow_the_probabilities) {
  constexpr std::size_t rows = 20000;
  std::vector<double> values;
  for (std::size_t i = 0; i < rows; ++i) values.insert(values.end(), {0, 0.25, 0.9, 1});
  RawData raw{{rows, 4, values}, {}, {}, {}, {}};
  raw.test = raw.train;
  const auto data = prepared<float>(raw, {{"binarize.stochastic", "fixed"}});
  BOOST_TEST(!data.fresh);
  BOOST_TEST(flat(data.train) != flat(data.test)); // same row numbers, other draws
  for (const auto* part : {&data.train, &data.test})
    for (std::size_t j = 0; j < 4; ++j) {
      double ones = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        BOOST_REQUIRE(((*part)(i, j) == 0 || (*part)(i, j) == 1));
        ones += (*part)(i, j);
      }
      const double p = values[j]; // five standard errors; exact where p is 0 or 1
      BOOST_TEST(std::abs(ones / rows - p) <= 5 * std::sqrt(p * (1 - p) / rows));
    }
  const auto again = prepared<float>(raw, {{"binarize.stochastic", "fixed"}});
  BOOST_TEST(flat(again.train) == flat(data.train));
  BOOST_TEST(again.hash == data.hash);
}

BOOST_AUTO_TEST_CASE(fresh_draws_change_with_the_epoch_only) {
  const RawData raw = two_sides(std::vector<double>(200, 51), std::vector<double>(100, 51));
  const Values scaled{{"scale", "0.00392156862745098"}};
  Values values = scaled;
  values["binarize.stochastic"] = "fresh";
  const auto data = prepared(raw, values);
  BOOST_TEST(data.fresh);
  BOOST_TEST(flat(data.train) == std::vector<double>(200, 0.2), boost::test_tools::per_element());
  for (const double v : flat(data.test)) BOOST_TEST((v == 0 || v == 1));
  const random::Draws draws(key);
  Batch<double> first, second, again;
  binarize_rows(data.train, draws, 0, first);
  binarize_rows(data.train, draws, 1, second);
  binarize_rows(data.train, draws, 0, again);
  BOOST_TEST(flat(first) == flat(again));
  BOOST_TEST(flat(first) != flat(second));
  values["binarize.stochastic"] = "fixed";
  BOOST_TEST(flat(prepared(raw, values).train) == flat(first));
  BOOST_TEST(flat(prepared(raw, values).test) == flat(data.test));
}

BOOST_AUTO_TEST_CASE(values_that_are_no_probabilities_are_named) {
  const Values fixed{{"binarize.stochastic", "fixed"}};
  const std::string start = "stochastic binarisation: expected values from 0 to 1 after scaling, found ";
  BOOST_TEST(message(two_sides({0, 1, 1, 255}, {0, 0}), fixed) ==
             start + "255 in row 1, column 1 of the training rows (both from 0); try scale: "
                     "0.00392156862745098 (1/255)");
  BOOST_TEST(message(two_sides({0, 1}, {0, 16}), fixed) ==
             start + "16 in row 0, column 1 of the test rows (both from 0); try scale: 0.0625 (1/16)");
  BOOST_TEST(message(two_sides({0, -1}, {0, 0}), fixed) ==
             start + "-1 in row 0, column 1 of the training rows (both from 0)");
  RawData raw{{1, 1, std::vector<std::uint8_t>{200}}, {}, {}, {}, {}};
  BOOST_TEST(message(raw, fixed).ends_with("try scale: 0.005 (1/200)"));
  BOOST_TEST(message_of([] {
               prepared<float>(two_sides({1, 1e39}, {0, 0}), {});
             }) == "expected values within the range of the precision, found 1e+39 in row 0, column 1 of the "
                   "training rows "
                   "(both from 0)");
}

BOOST_AUTO_TEST_CASE(hash_sees_every_part) {
  const RawData raw = counting(10);
  std::set<std::uint64_t> hashes;
  hashes.insert(prepared<float>(raw, {}).hash);
  hashes.insert(prepared<double>(raw, {}).hash);
  hashes.insert(prepared(raw, {{"scale", "2"}}).hash);
  hashes.insert(prepared(raw, {{"subset", "9"}}).hash);
  hashes.insert(prepared(raw, {{"split.test", "0.2"}}).hash);
  hashes.insert(prepared(raw, {{"split.test", "0.2"}, {"split.seed", "2"}}).hash);
  RawData other = raw;
  other.labels[3] += 1;
  hashes.insert(prepared(other, {}).hash);
  other.train.rows = 5;
  other.train.columns = 2;
  other.labels.clear();
  hashes.insert(prepared(other, {}).hash);
  BOOST_TEST(hashes.size() == 8u);
  BOOST_TEST(prepared(raw, {}).hash == prepared(counting(10), {}).hash);
}

BOOST_AUTO_TEST_SUITE_END()
