#include "experiments/data/preparation.hpp"

#include "ebm/core/error.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <xxhash.h>

namespace ebm::experiments {
namespace {

/// Indices into the rows that the data set brings.
struct Chosen {
  std::vector<std::uint32_t> train, test;
};

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return {};
  return number;
}

std::vector<std::uint32_t> first_numbers(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

Chosen split_rows(const RawData& raw, double fraction, std::uint64_t seed) {
  if (raw.test) throw InputError("split is not possible: the data set brings its own test rows");
  if (!raw.split_allowed) throw InputError("split is not possible for this type of data set");
  const std::size_t rows = raw.train.rows;
  if (rows < 2) throw InputError("split is not possible: expected at least 2 rows, found 1");
  std::vector<std::uint32_t> order(rows);
  random::permutation(random::Draws(random::Key{seed}), {random::Stream::split}, order);
  const auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(rows)));
  const auto middle =
      order.begin() + static_cast<std::ptrdiff_t>(std::clamp(wanted, std::size_t{1}, rows - 1));
  std::sort(order.begin(), middle);
  std::sort(middle, order.end());
  return {{middle, order.end()}, {order.begin(), middle}};
}

void keep_first(std::vector<std::uint32_t>& rows, std::optional<std::size_t> count, std::string_view option,
                std::string_view kind) {
  if (!count) return;
  if (*count > rows.size())
    throw InputError(
        fmt::format("{} asks for {} rows, but there are {} {} rows", option, *count, rows.size(), kind));
  rows.resize(*count);
}

Chosen choose_rows(const RawData& raw, const Preparation& options, std::uint64_t split_seed) {
  Chosen chosen = options.split
                      ? split_rows(raw, options.split->test, split_seed)
                      : Chosen{first_numbers(raw.train.rows), first_numbers(raw.test ? raw.test->rows : 0)};
  keep_first(chosen.train, options.subset, "subset", "training");
  keep_first(chosen.test, options.test_subset, "test_subset", "test");
  return chosen;
}

bool is_stochastic(const Preparation& options) {
  return options.binarize && options.binarize->stochastic;
}

/// A factor that brings all values to [0, 1], if there is one.
std::string suggest_scale(const RawRows& raw) {
  return std::visit(
      [](const auto& values) -> std::string {
        const auto [low, high] = std::ranges::minmax(values);
        if (low < 0) return "";
        return fmt::format("; try scale: {} (1/{})", 1 / static_cast<double>(high), high);
      },
      raw.values);
}

template <std::floating_point T>
Batch<T> convert(const RawRows& raw, std::span<const std::uint32_t> rows, const Preparation& options,
                 std::string_view kind) {
  const bool thresholded = options.binarize && options.binarize->threshold;
  const double threshold = thresholded ? *options.binarize->threshold : 0;
  const bool stochastic = is_stochastic(options);
  const double scale = options.scale.value_or(1);
  const auto fail = [&](std::string_view expected, double found, std::uint32_t row_number,
                        std::size_t column) {
    throw InputError(fmt::format("{}, found {} in row {}, column {} of the {} rows (both from 0){}", expected,
                                 found, row_number, column, kind, stochastic ? suggest_scale(raw) : ""));
  };
  Batch<T> out = make_batch<T>(rows.size(), raw.columns);
  std::visit(
      [&](const auto& values) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const auto* from = values.data() + rows[i] * raw.columns;
          const std::span<T> to = row(out, i);
          for (std::size_t j = 0; j < raw.columns; ++j) {
            const double value = thresholded ? double(from[j] > threshold) : from[j] * scale;
            if (stochastic && !(value >= 0 && value <= 1))
              fail("stochastic binarisation: expected values from 0 to 1 after scaling", value, rows[i], j);
            to[j] = static_cast<T>(value);
            if (!std::isfinite(to[j]))
              fail("expected values within the range of the precision", value, rows[i], j);
          }
        }
      },
      raw.values);
  return out;
}

std::vector<double> pick(const std::vector<double>& labels, std::span<const std::uint32_t> rows) {
  std::vector<double> picked;
  if (labels.empty()) return picked;
  for (const std::uint32_t i : rows) picked.push_back(labels[i]);
  return picked;
}

template <std::floating_point T>
void draw_bits(const Batch<T>& probabilities, const random::Draws& draws, const random::Address& address,
               Batch<T>& out) {
  reshape(out, probabilities.shape(0), probabilities.shape(1));
  draws.uniforms(address, out);
  std::ranges::transform(all(out), all(probabilities), all(out).begin(), [](T u, T p) { return T(u < p); });
}

template <std::floating_point T> std::uint64_t hash_of(const Dataset<T>& data) {
  std::uint64_t hash = 0;
  const auto add = [&]<class V>(std::span<const V> values) {
    hash = XXH3_64bits_withSeed(values.data(), values.size_bytes(), hash);
  };
  const std::array<std::uint64_t, 5> shape{data.train.shape(0), data.train.shape(1), data.test.shape(0),
                                           data.test.shape(1), data.fresh};
  add(std::span<const std::uint64_t>(shape));
  add(all(data.train));
  add(all(data.test));
  add(std::span<const double>(data.train_labels));
  add(std::span<const double>(data.test_labels));
  return hash;
}

} // namespace

std::optional<std::string> Preparation::problem() const {
  if (binarize && binarize->threshold.has_value() == binarize->stochastic.has_value())
    return "binarize needs exactly one of 'threshold' and 'stochastic'";
  if (split && split->seed != "replicate" && !whole_number(split->seed))
    return fmt::format("split.seed: expected a whole number or 'replicate', found '{}'", split->seed);
  return {};
}

std::uint64_t Preparation::split_seed(random::Key replicate) const {
  return split ? whole_number(split->seed).value_or(replicate.value) : 0;
}

template <std::floating_point T>
Dataset<T> prepare(const RawData& raw, const Preparation& options, std::uint64_t split_seed,
                   random::Key key) {
  if (const auto problem = options.problem()) throw InputError(*problem);
  assert(raw.labels.empty() || raw.labels.size() == raw.train.rows);
  const Chosen chosen = choose_rows(raw, options, split_seed);
  Dataset<T> data;
  data.train = convert<T>(raw.train, chosen.train, options, "training");
  data.test =
      convert<T>(raw.test ? *raw.test : raw.train, chosen.test, options, raw.test ? "test" : "training");
  data.train_labels = pick(raw.labels, chosen.train);
  data.test_labels = pick(raw.test ? raw.test_labels : raw.labels, chosen.test);
  data.image = raw.image;
  if (is_stochastic(options)) {
    const random::Draws draws(key);
    data.fresh = options.binarize->stochastic == Binarize::Stochastic::fresh;
    Batch<T> bits;
    if (!data.fresh) {
      binarize_rows(data.train, draws, 0, bits);
      std::swap(data.train, bits);
    }
    draw_bits(data.test, draws, {.stream = random::Stream::binarize, .block = 1}, bits);
    std::swap(data.test, bits);
  }
  data.hash = hash_of(data);
  return data;
}

template <std::floating_point T>
void binarize_rows(const Batch<T>& probabilities, const random::Draws& draws, std::uint64_t epoch,
                   Batch<T>& out) {
  draw_bits(probabilities, draws, {random::Stream::binarize, epoch}, out);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template Dataset<T> prepare<T>(const RawData&, const Preparation&, std::uint64_t, random::Key);            \
  template void binarize_rows<T>(const Batch<T>&, const random::Draws&, std::uint64_t, Batch<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
