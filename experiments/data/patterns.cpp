#include "experiments/data/patterns.hpp"

#include "ebm/random/draws.hpp"

namespace ebm::experiments {
namespace {

std::uint8_t bit(std::size_t code, std::size_t i) {
  return code >> i & 1;
}

} // namespace

RawRows bars_and_stripes(std::size_t side, bool constant_twice) {
  const std::size_t codes = std::size_t{1} << side, columns = side * side;
  std::vector<std::uint8_t> values;
  values.reserve(2 * codes * columns);
  for (const bool by_row : {true, false})
    for (std::size_t code = 0; code < codes; ++code) {
      if (!by_row && !constant_twice && (code == 0 || code == codes - 1)) continue;
      for (std::size_t r = 0; r < side; ++r)
        for (std::size_t c = 0; c < side; ++c) values.push_back(bit(code, by_row ? r : c));
    }
  const std::size_t rows = values.size() / columns;
  return {rows, columns, std::move(values)};
}

RawRows labeled_shifter_ensemble(std::size_t bits) {
  const std::size_t codes = std::size_t{1} << bits, columns = 2 * bits + 3;
  std::vector<std::uint8_t> values;
  values.reserve(3 * codes * columns);
  for (std::size_t code = 0; code < codes; ++code)
    for (std::size_t label = 0; label < 3; ++label) { // the shift is label - 1
      for (std::size_t i = 0; i < bits; ++i) values.push_back(bit(code, i));
      for (std::size_t i = 0; i < bits; ++i) values.push_back(bit(code, (i + bits + 1 - label) % bits));
      for (std::size_t i = 0; i < 3; ++i) values.push_back(i == label);
    }
  return {3 * codes, columns, std::move(values)};
}

RawRows random_patterns(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  const random::Draws draws(random::derive({seed}, 0x7061747465726eu));
  Batch<double> u = make_batch<double>(1, columns);
  std::vector<std::uint8_t> values;
  values.reserve(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    draws.uniforms({random::Stream::data, 0, std::uint32_t(i), 0}, u);
    for (const double v : all(u)) values.push_back(v < 0.5);
  }
  return {rows, columns, std::move(values)};
}

} // namespace ebm::experiments
