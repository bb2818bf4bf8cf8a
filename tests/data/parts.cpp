// Which rows are training, test and validation rows.
#include "tests/data/preparation_support.hpp"

#include <set>

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;

BOOST_AUTO_TEST_SUITE(data_parts)

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

BOOST_AUTO_TEST_CASE(validation_rows_are_disjoint_complete_and_keep_labels) {
  const RawData raw = counting(100);
  const Values split{{"split.test", "0.2"}, {"subset", "50"}};
  Values values = split;
  values["validation"] = "0.3";
  const auto before = prepared(raw, split), data = prepared(raw, values);
  BOOST_TEST(flat(data.test) == flat(before.test));
  BOOST_TEST(before.validation.shape(0) == 0u);
  BOOST_TEST(data.validation.shape(0) == 15u);
  const auto train = flat(data.train), validation = flat(data.validation);
  BOOST_TEST(train.size() == 35u);
  BOOST_TEST(std::ranges::is_sorted(train));
  BOOST_TEST(std::ranges::is_sorted(validation));
  std::vector<double> together;
  std::ranges::merge(train, validation, std::back_inserter(together));
  BOOST_TEST(together == flat(before.train));
  for (std::size_t i = 0; i < 35; ++i) BOOST_TEST(data.train_labels[i] == train[i] + 100);
  for (std::size_t i = 0; i < 15; ++i) BOOST_TEST(data.validation_labels[i] == validation[i] + 100);
}

BOOST_AUTO_TEST_CASE(validation_depends_on_the_seed_of_the_split) {
  RawData raw = counting(50);
  const auto rows = [&](Values values, std::uint64_t replicate) {
    values["validation"] = "0.2";
    const auto options = options_from<Preparation>(values);
    return flat(prepare<double>(raw, options, options.split_seed(random::Key{replicate}), key).validation);
  };
  const auto of_test = flat(prepared(raw, {{"split.test", "0.2"}}).test);
  raw.test = counting(3).train;
  const auto first = rows({}, 5);
  BOOST_TEST(first == rows({}, 6));
  BOOST_TEST(first != of_test); // seed 1 as well, but not the same permutation
  raw.test = {};
  BOOST_TEST(first == rows({}, 7));
  BOOST_TEST(rows({{"split.seed", "1"}}, 5) == rows({{"split.seed", "1"}}, 6));
  BOOST_TEST(rows({{"split.seed", "1"}}, 5) != rows({{"split.seed", "2"}}, 5));
  BOOST_TEST(rows({{"split.seed", "replicate"}}, 5) != rows({{"split.seed", "replicate"}}, 6));
}

BOOST_AUTO_TEST_CASE(validation_leaves_a_row_on_either_side) {
  BOOST_TEST(prepared(counting(2), {{"validation", "0.01"}}).validation.shape(0) == 1u);
  BOOST_TEST(prepared(counting(2), {{"validation", "0.99"}}).train.shape(0) == 1u);
  BOOST_TEST(message(counting(9), {{"validation", "0.5"}, {"subset", "1"}}) ==
             "validation is not possible: expected at least 2 training rows, found 1");
  for (const std::string fraction : {"0", "1"})
    BOOST_CHECK_THROW(options_from<Preparation>({{"validation", fraction}}), InputError);
}

BOOST_AUTO_TEST_CASE(validation_rows_are_prepared_as_test_rows) {
  const auto thresholded = prepared(counting(10), {{"validation", "0.5"}, {"binarize.threshold", "4"}});
  const auto raw = prepared(counting(10), {{"validation", "0.5"}, {"scale", "10"}});
  for (std::size_t i = 0; i < 5; ++i)
    BOOST_TEST(thresholded.validation(i, 0) == (raw.validation(i, 0) > 40 ? 1 : 0));
  const RawData grey = two_sides(std::vector<double>(400, 0.5), std::vector<double>(200, 0.5));
  const auto bits = [&](const std::string& how) {
    return prepared(grey, {{"validation", "0.5"}, {"binarize.stochastic", how}});
  };
  const auto fixed = bits("fixed"), fresh = bits("fresh");
  for (const double v : flat(fresh.validation)) BOOST_TEST((v == 0 || v == 1));
  BOOST_TEST(flat(fresh.validation) == flat(fixed.validation));
  BOOST_TEST(flat(fixed.validation) != flat(fixed.test)); // 100 rows each, other draws
  BOOST_TEST(flat(fixed.validation) != flat(fixed.train));
}

BOOST_AUTO_TEST_SUITE_END()
