// What becomes of the values, images and labels of rows.
#include "tests/data/preparation_support.hpp"

#include <cmath>
#include <set>

using namespace ebm;
using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;
using namespace ebm::experiments::testing;

namespace {

/// Two images of 2 x 3 pixels with the labels 7 and 8.
RawData two_images() {
  RawData data{{2, 6, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 9, 0}}, {}, {7, 8}, {}, {}};
  data.image = {2, 3};
  return data;
}

/// Three rows with the labels 0, 2, 1, and a test row with the label 3.
RawData labelled() {
  RawData data = two_sides({0.5, 2, 1, 2, 0, 2}, {1, 1});
  data.labels = {0, 2, 1};
  data.test_labels = {3};
  return data;
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

BOOST_AUTO_TEST_CASE(hash_sees_later_options_only_where_they_are_used) {
  // Written down when there were none: trials of that time keep their identities.
  BOOST_TEST(prepared(counting(10), {}).hash == 9255928960322230130u);
  BOOST_TEST(prepared<float>(two_images(), {{"split", ""}}).hash == 7824211206719353125u);
  BOOST_TEST(prepared(counting(10), {{"standardize", "false"}, {"shifts", "false"}}).hash ==
             9255928960322230130u);
  RawData raw = labelled();
  std::set<std::uint64_t> hashes;
  for (const Values& values : {Values{},
                               {{"validation", "0.3"}},
                               {{"validation", "0.6"}},
                               {{"standardize", "true"}},
                               {{"append_labels", "true"}}})
    hashes.insert(prepared(raw, values).hash);
  std::get<std::vector<double>>(raw.train.values) = {5, 20, 10, 20, 0, 20}; // standardised, the same rows
  std::get<std::vector<double>>(raw.test->values) = {10, 19};
  hashes.insert(prepared(raw, {{"standardize", "true"}}).hash);
  BOOST_TEST(hashes.size() == 6u);
}

BOOST_AUTO_TEST_CASE(shifts_follow_the_images_direction_by_direction) {
  const std::vector<double> expected{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 9, 0,  // as they are
                                     4, 5, 6, 0, 0, 0, 0, 9, 0, 0, 0, 0,  // up
                                     0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0,  // down
                                     2, 3, 0, 5, 6, 0, 0, 0, 0, 9, 0, 0,  // left
                                     0, 1, 2, 0, 4, 5, 0, 0, 0, 0, 0, 9}; // right
  RawData raw = two_images();
  const auto data = prepared(raw, {{"shifts", "true"}});
  BOOST_TEST(flat(data.train) == expected, boost::test_tools::per_element());
  BOOST_TEST(data.train_labels == (std::vector<double>{7, 8, 7, 8, 7, 8, 7, 8, 7, 8}));
  BOOST_TEST(prepared(raw, {{"shifts", "false"}}).train.shape(0) == 2u);
  const auto parts = prepared(raw, {{"shifts", "true"}, {"split.test", "0.3"}, {"subset", "4"}});
  BOOST_TEST(parts.test.shape(0) == 3u);
  BOOST_TEST(parts.train.shape(0) == 4u);

  raw.test = raw.train;
  const auto both = prepared(raw, {{"shifts", "true"}});
  BOOST_TEST(flat(both.train) == expected);
  BOOST_TEST(flat(both.test) == std::vector<double>(expected.begin(), expected.begin() + 12));
  raw.image = {};
  BOOST_TEST(
      message(raw, {{"shifts", "true"}}) ==
      "shifts is not possible: the rows are no images; where their columns are pixels, csv, npy and npz "
      "take 'image: [height, width]'");
}

BOOST_AUTO_TEST_CASE(standardised_columns_have_mean_0_and_deviation_1) {
  const double constant = 0.1; // seven times this over seven is another number
  std::vector<double> values;
  for (const double v : {1e6 + 1, 1e6 + 2, 1e6 + 4, 1e6 + 8, 1e6 + 16, 1e6 + 32, 1e6 + 64})
    values.insert(values.end(), {v, constant});
  const auto data = prepared(two_sides(values, {1e6, 3}), {{"standardize", "true"}});
  const double mean = 1e6 + 127.0 / 7, deviation = std::sqrt(5461.0 / 7 - std::pow(127.0 / 7, 2));
  BOOST_TEST(data.location[0] == mean, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(data.spread[0] == deviation, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(data.location[1] == constant);
  BOOST_TEST(data.spread[1] == 1);
  for (std::size_t i = 0; i < 7; ++i) {
    BOOST_TEST(data.train(i, 0) == (values[2 * i] - mean) / deviation, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(data.train(i, 1) == 0);
  }
  BOOST_TEST(data.test(0, 0) == (1e6 - mean) / deviation, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(data.test(0, 1) == 3 - constant, boost::test_tools::tolerance(1e-14));
  const auto plain = prepared(two_sides(values, {1e6, 3}), {{"standardize", "false"}});
  BOOST_TEST(plain.location.empty());
  BOOST_TEST(plain.spread.empty());
}

BOOST_AUTO_TEST_CASE(standardising_takes_the_numbers_of_the_rows_that_train) {
  const Values parts{{"split.test", "0.3"}, {"subset", "12"}, {"validation", "0.25"}, {"scale", "0.5"}};
  Values values = parts;
  values["standardize"] = "true";
  const auto raw = prepared(counting(40), parts), data = prepared(counting(40), values);
  double sum = 0, squares = 0;
  for (const double v : flat(raw.train)) sum += v, squares += v * v;
  const double mean = sum / 9, deviation = std::sqrt(squares / 9 - mean * mean);
  BOOST_TEST(data.location.at(0) == mean, boost::test_tools::tolerance(1e-13));
  BOOST_TEST(data.spread.at(0) == deviation, boost::test_tools::tolerance(1e-13));
  for (const auto& [before, after] :
       {std::pair(&raw.train, &data.train), {&raw.test, &data.test}, {&raw.validation, &data.validation}}) {
    Batch<double> original = *after;
    data.to_original(original);
    for (std::size_t i = 0; i < before->shape(0); ++i) {
      BOOST_TEST((*after)(i, 0) == ((*before)(i, 0) - mean) / deviation, boost::test_tools::tolerance(1e-12));
      BOOST_TEST(original(i, 0) == (*before)(i, 0), boost::test_tools::tolerance(1e-12));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_standardised_is_named) {
  const Values standardize{{"standardize", "true"}};
  const std::string large =
      "standardize is not possible: the values of column 1 (from 0) are too large for the precision";
  BOOST_TEST(message(two_sides({0, 1e300, 1, -1e300}, {}), standardize) == large);
  BOOST_TEST(message(two_sides({0, 1e-200, 1, 2e-140}, {0, 1e200}), standardize) == large);
  BOOST_TEST(message(two_sides({0, 1}, {0, 1}), {{"standardize", "true"}, {"binarize.threshold", "0"}}) ==
             "standardize is not possible together with 'binarize', whose values are 0 and 1");
  BOOST_TEST(!options_from<Preparation>({{"standardize", "false"}, {"binarize.threshold", "0"}}).problem());
}

BOOST_AUTO_TEST_CASE(labels_are_one_hot_columns_of_the_whole_data_set) {
  const auto data = prepared(labelled(), {{"append_labels", "true"}, {"subset", "2"}, {"scale", "10"}});
  BOOST_TEST(data.label_columns == 4u); // the largest is that of the test row
  BOOST_TEST(flat(data.train) == (std::vector<double>{5, 20, 1, 0, 0, 0, 10, 20, 0, 0, 1, 0}));
  BOOST_TEST(flat(data.test) == (std::vector<double>{10, 10, 0, 0, 0, 1}));
  BOOST_TEST(data.validation.shape(1) == 6u);
  BOOST_TEST(prepared(labelled(), {{"append_labels", "false"}}).label_columns == 0u);

  RawData raw = labelled();
  raw.test = {};
  BOOST_TEST(prepared(raw, {{"append_labels", "true"}}).train.shape(1) == 5u);
  const auto parts = prepared(raw, {{"append_labels", "true"}, {"split.test", "0.3"}, {"validation", "0.5"}});
  for (const auto& [rows, labels] : {std::pair(&parts.train, &parts.train_labels),
                                     {&parts.test, &parts.test_labels},
                                     {&parts.validation, &parts.validation_labels}}) {
    BOOST_TEST_REQUIRE(rows->shape(0) == 1u);
    for (std::size_t k = 0; k < 3; ++k) BOOST_TEST((*rows)(0, 2 + k) == (labels->at(0) == double(k) ? 1 : 0));
  }
}

BOOST_AUTO_TEST_CASE(appended_labels_stay_as_they_are) {
  const auto standardised = prepared(labelled(), {{"append_labels", "true"}, {"standardize", "true"}});
  BOOST_TEST(standardised.location.size() == 2u);
  Batch<double> original = standardised.train;
  standardised.to_original(original);
  for (const Batch<double>* rows : {&standardised.train, static_cast<const Batch<double>*>(&original)})
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 4; ++k)
        BOOST_TEST((*rows)(i, 2 + k) == (standardised.train_labels[i] == double(k) ? 1 : 0));
  BOOST_TEST(original(0, 0) == 0.5, boost::test_tools::tolerance(1e-14));

  RawData grey = labelled();
  std::get<std::vector<double>>(grey.train.values).assign(6, 0.5);
  const auto fresh = prepared(grey, {{"append_labels", "true"}, {"binarize.stochastic", "fresh"}});
  Batch<double> drawn;
  for (std::uint64_t epoch = 0; epoch < 50; ++epoch) {
    binarize_rows(fresh.train, random::Draws(key), epoch, drawn);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 2; k < 6; ++k) BOOST_TEST(drawn(i, k) == fresh.train(i, k));
  }
}

BOOST_AUTO_TEST_CASE(labels_that_cannot_be_appended_are_named) {
  const Values append{{"append_labels", "true"}};
  const std::string none = "append_labels is not possible: there are no labels of the ",
                    where = " rows; csv takes 'label_column', and idx 'labels' and 'test_labels'";
  RawData raw = labelled();
  raw.test_labels.clear();
  BOOST_TEST(message(raw, append) == none + "test" + where);
  BOOST_TEST(message(two_sides({1, 2}, {}), append) == none + "training" + where);
  const std::string expected =
      "append_labels is not possible: expected labels that are whole numbers from 0 to 65535, found ";
  for (const std::string label : {"-1", "0.5", "65536"}) {
    raw = labelled();
    raw.labels[1] = std::stod(label);
    BOOST_TEST(message(raw, append) == expected + label + " in row 1 of the training rows (from 0)");
    std::swap(raw.labels[1], raw.test_labels[0]);
    BOOST_TEST(message(raw, append) == expected + label + " in row 0 of the test rows (from 0)");
  }
}

BOOST_AUTO_TEST_SUITE_END()
