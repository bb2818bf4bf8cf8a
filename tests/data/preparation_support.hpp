// Small data sets, and what preparation makes of them.
#pragma once
#include "experiments/data/preparation.hpp"

#include "tests/data/map_visitor.hpp"
#include "tests/io/io_support.hpp"

#include <numeric>

namespace ebm::experiments::data_testing {

inline constexpr random::Key key{7};

/// One column that counts the rows; labels are 100 more.
inline RawData counting(std::size_t rows) {
  std::vector<double> values(rows), labels(rows);
  std::iota(values.begin(), values.end(), 0.0);
  std::iota(labels.begin(), labels.end(), 100.0);
  return {{rows, 1, std::move(values)}, {}, std::move(labels), {}, {}};
}

inline RawData two_sides(std::vector<double> train, std::vector<double> test) {
  RawData data{{train.size() / 2, 2, std::move(train)}, {}, {}, {}, {}};
  data.test = RawRows{test.size() / 2, 2, std::move(test)};
  return data;
}

template <std::floating_point T = double> Dataset<T> prepared(const RawData& raw, const Values& values) {
  const auto options = options_from<Preparation>(values);
  return prepare<T>(raw, options, options.split_seed(key), key);
}

inline std::string message(const RawData& raw, const Values& values) {
  return testing::message_of([&] { prepared(raw, values); });
}

template <std::floating_point T> std::vector<T> flat(const Batch<T>& m) {
  return {m.begin(), m.end()};
}

} // namespace ebm::experiments::data_testing
