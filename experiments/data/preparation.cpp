#include "experiments/data/preparation.hpp"

#include "ebm/core/error.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <xxhash.h>

namespace ebm::experiments {
namespace {

using RowNumbers = std::vector<std::uint32_t>;

/// Numbers of rows that the data set brings, shifted ones included.
struct Chosen {
  RowNumbers train, test, validation;
};

enum class Aside : std::uint8_t { test, validation }; ///< each has a permutation of its own

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return {};
  return number;
}

/// Appends the images moved by a pixel, one direction after the other; 0 moves in from outside.
void add_shifts(RawData& raw) {
  if (!raw.image)
    throw InputError(
        "shifts is not possible: the rows are no images; where their columns are pixels, csv, npy "
        "and npz take 'image: [height, width]'");
  const auto [height, width] = *raw.image;
  // From where a pixel comes, so as to move up, down, left and right; -1 wraps around to beyond the image.
  constexpr std::array<ImageSize, 4> sources{{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
  const std::size_t images = raw.train.rows;
  raw.train.rows *= 1 + sources.size();
  std::visit(
      [&](auto& values) {
        std::size_t to = values.size();
        values.resize(to * (1 + sources.size()));
        for (const auto& [down, right] : sources)
          for (std::size_t i = 0; i < images; ++i)
            for (std::size_t r = 0; r < height; ++r)
              for (std::size_t c = 0; c < width; ++c, ++to)
                if (r + down < height && c + right < width)
                  values[to] = values[(i * height + r + down) * width + c + right];
      },
      raw.train.values);
  const std::vector<double> labels = raw.labels;
  for (std::size_t s = 0; s < sources.size(); ++s)
    raw.labels.insert(raw.labels.end(), labels.begin(), labels.end());
}

RowNumbers first_numbers(std::size_t count) {
  RowNumbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

/// Takes this fraction out of two or more rows, and leaves at least one on either side; both keep their
/// order.
RowNumbers take_out(RowNumbers& rows, double fraction, std::uint64_t seed, Aside part) {
  RowNumbers order(rows.size());
  random::permutation(random::Draws(random::Key{seed}),
                      {.stream = random::Stream::split, .block = static_cast<std::uint8_t>(part)}, order);
  const auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(rows.size())));
  const auto middle =
      order.begin() + static_cast<std::ptrdiff_t>(std::clamp(wanted, std::size_t{1}, rows.size() - 1));
  std::sort(order.begin(), middle);
  std::sort(middle, order.end());
  for (std::uint32_t& i : order) i = rows[i];
  rows.assign(middle, order.end());
  return {order.begin(), middle};
}

void require_split(const RawData& raw) {
  if (raw.test) throw InputError("split is not possible: the data set brings its own test rows");
  if (!raw.split_allowed) throw InputError("split is not possible for this type of data set");
  if (raw.train.rows < 2) throw InputError("split is not possible: expected at least 2 rows, found 1");
}

void keep_first(RowNumbers& rows, std::optional<std::size_t> count, std::string_view option,
                std::string_view kind) {
  if (!count) return;
  if (*count > rows.size())
    throw InputError(
        fmt::format("{} asks for {} rows, but there are {} {} rows", option, *count, rows.size(), kind));
  rows.resize(*count);
}

Chosen choose_rows(const RawData& raw, const Preparation& options, std::uint64_t split_seed) {
  Chosen chosen{first_numbers(raw.train.rows), first_numbers(raw.test ? raw.test->rows : 0), {}};
  if (options.split) {
    require_split(raw);
    chosen.test = take_out(chosen.train, options.split->test, split_seed, Aside::test);
  }
  keep_first(chosen.train, options.subset, "subset", "training");
  keep_first(chosen.test, options.test_subset, "test_subset", "test");
  if (options.validation) {
    if (chosen.train.size() < 2)
      throw InputError("validation is not possible: expected at least 2 training rows, found 1");
    chosen.validation = take_out(chosen.train, *options.validation, split_seed, Aside::validation);
  }
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

/// Binarises what the options say, but fresh training rows, which stay probabilities.
template <std::floating_point T>
void draw_stochastic(Dataset<T>& data, Binarize::Stochastic how, const random::Draws& draws) {
  data.fresh = how == Binarize::Stochastic::fresh;
  Batch<T> bits;
  if (!data.fresh) {
    binarize_rows(data.train, draws, 0, bits);
    std::swap(data.train, bits);
  }
  std::uint8_t block = 0;
  for (Batch<T>* part : {&data.test, &data.validation}) {
    draw_bits(*part, draws, {.stream = random::Stream::binarize, .block = ++block}, bits);
    std::swap(*part, bits);
  }
}

/// Takes the mean of each column of the training rows away, and divides by their population standard
/// deviation. Deviations from the first row keep constant columns exact: mean their value, deviation 0 and so
/// spread 1.
template <std::floating_point T> void standardize(Dataset<T>& data) {
  const std::size_t columns = data.train.shape(1);
  const auto rows = static_cast<double>(data.train.shape(0));
  const std::span<const T> first = row(std::as_const(data.train), 0);
  std::vector<double> sum(columns), squares(columns);
  const auto for_each_value = [columns](Batch<T>& part, auto&& visit) {
    for (std::size_t i = 0; i < part.shape(0); ++i)
      for (std::size_t j = 0; j < columns; ++j) visit(j, part(i, j));
  };
  for_each_value(data.train, [&](std::size_t j, T v) { sum[j] += double(v) - double(first[j]); });
  for (std::size_t j = 0; j < columns; ++j) data.location.push_back(double(first[j]) + sum[j] / rows);
  for_each_value(data.train,
                 [&](std::size_t j, T v) { squares[j] += std::pow(double(v) - data.location[j], 2); });
  for (const double s : squares) data.spread.push_back(s > 0 ? std::sqrt(s / rows) : 1);
  for (Batch<T>* part : {&data.train, &data.test, &data.validation})
    for_each_value(*part, [&](std::size_t j, T& v) {
      v = static_cast<T>((double(v) - data.location[j]) / data.spread[j]);
      if (!std::isfinite(v) || !std::isfinite(data.spread[j]))
        throw InputError(fmt::format("standardize is not possible: the values of column {} (from 0) are too "
                                     "large for the precision",
                                     j));
    });
}

/// One more than the largest label of the whole data set.
std::size_t count_classes(const RawData& raw) {
  double largest = 0;
  const auto look = [&](const std::vector<double>& labels, std::string_view kind) {
    if (labels.empty())
      throw InputError(fmt::format("append_labels is not possible: there are no labels of the {} rows; csv "
                                   "takes 'label_column', and idx 'labels' and 'test_labels'",
                                   kind));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!(labels[i] >= 0 && labels[i] <= largest_label && labels[i] == std::floor(labels[i])))
        throw InputError(fmt::format("append_labels is not possible: expected labels that are whole numbers "
                                     "from 0 to {}, found {} in row {} of the {} rows (from 0)",
                                     largest_label, labels[i], i, kind));
      largest = std::max(largest, labels[i]);
    }
  };
  look(raw.labels, "training");
  if (raw.test) look(raw.test_labels, "test");
  return static_cast<std::size_t>(largest) + 1;
}

template <std::floating_point T>
void append_one_hot(Batch<T>& rows, const std::vector<double>& labels, std::size_t classes) {
  const std::size_t columns = rows.shape(1);
  Batch<T> wider = make_batch<T>(rows.shape(0), columns + classes);
  for (std::size_t i = 0; i < rows.shape(0); ++i) {
    std::ranges::copy(row(rows, i), row(wider, i).begin());
    wider(i, columns + static_cast<std::size_t>(labels[i])) = T(1);
  }
  std::swap(rows, wider);
}

template <std::floating_point T> void append_labels(Dataset<T>& data, std::size_t classes) {
  data.label_columns = classes;
  append_one_hot(data.train, data.train_labels, classes);
  append_one_hot(data.test, data.test_labels, classes);
  append_one_hot(data.validation, data.validation_labels, classes);
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
  // What came with later versions leaves the hashes of earlier ones alone where it is not used.
  const std::array<std::uint64_t, 3> later{data.validation.shape(0), data.location.size(),
                                           data.label_columns};
  if (later == decltype(later){}) return hash;
  add(std::span<const std::uint64_t>(later));
  add(all(data.validation));
  add(std::span<const double>(data.validation_labels));
  add(std::span<const double>(data.location));
  add(std::span<const double>(data.spread));
  return hash;
}

} // namespace

std::optional<std::string> Preparation::problem() const {
  if (binarize && binarize->threshold.has_value() == binarize->stochastic.has_value())
    return "binarize needs exactly one of 'threshold' and 'stochastic'";
  if (split && split->seed != "replicate" && !whole_number(split->seed))
    return fmt::format("split.seed: expected a whole number or 'replicate', found '{}'", split->seed);
  if (standardize.value_or(false) && binarize)
    return "standardize is not possible together with 'binarize', whose values are 0 and 1";
  return {};
}

std::uint64_t Preparation::split_seed(random::Key replicate) const {
  return whole_number(split.value_or(Split{}).seed).value_or(replicate.value);
}

template <std::floating_point T> void Dataset<T>::to_original(std::span<T> values) const {
  for (std::size_t j = 0; j < location.size(); ++j)
    values[j] = static_cast<T>(location[j] + spread[j] * double(values[j]));
}

template <std::floating_point T> void Dataset<T>::to_original(Batch<T>& rows) const {
  for (std::size_t i = 0; i < rows.shape(0); ++i) to_original(row(rows, i));
}

namespace {

/// The rows in another precision, with all that stands beside them.
template <std::floating_point T> Dataset<T> rounded(const Dataset<double>& from) {
  const auto round = [](const Batch<double>& rows) {
    Batch<T> to = make_batch<T>(rows.shape(0), rows.shape(1));
    std::ranges::transform(all(rows), to.data(), [](double v) { return static_cast<T>(v); });
    return to;
  };
  Dataset<T> to{round(from.train), round(from.test), round(from.validation),
                from.train_labels, from.test_labels, from.validation_labels,
                from.image,        from.fresh,       from.label_columns,
                from.location,     from.spread,      0};
  to.hash = hash_of(to);
  return to;
}

} // namespace

template <std::floating_point T>
Dataset<T> prepare(RawData raw, const Preparation& options, std::uint64_t split_seed, random::Key key) {
  if (const auto problem = options.problem()) throw InputError(*problem);
  // Columns far from 0 keep their differences only in double.
  if constexpr (!std::is_same_v<T, double>)
    if (options.standardize.value_or(false))
      return rounded<T>(prepare<double>(std::move(raw), options, split_seed, key));
  assert(raw.labels.empty() || raw.labels.size() == raw.train.rows);
  if (options.shifts.value_or(false)) add_shifts(raw);
  const Chosen chosen = choose_rows(raw, options, split_seed);
  Dataset<T> data;
  data.train = convert<T>(raw.train, chosen.train, options, "training");
  data.test =
      convert<T>(raw.test ? *raw.test : raw.train, chosen.test, options, raw.test ? "test" : "training");
  data.validation = convert<T>(raw.train, chosen.validation, options, "training");
  data.train_labels = pick(raw.labels, chosen.train);
  data.test_labels = pick(raw.test ? raw.test_labels : raw.labels, chosen.test);
  data.validation_labels = pick(raw.labels, chosen.validation);
  data.image = raw.image;
  if (is_stochastic(options)) draw_stochastic(data, *options.binarize->stochastic, random::Draws(key));
  if (options.standardize.value_or(false)) standardize(data);
  if (options.append_labels.value_or(false)) append_labels(data, count_classes(raw));
  data.hash = hash_of(data);
  return data;
}

template <std::floating_point T>
void binarize_rows(const Batch<T>& probabilities, const random::Draws& draws, std::uint64_t epoch,
                   Batch<T>& out) {
  draw_bits(probabilities, draws, {random::Stream::binarize, epoch}, out);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template struct Dataset<T>;                                                                                \
  template Dataset<T> prepare<T>(RawData, const Preparation&, std::uint64_t, random::Key);                   \
  template void binarize_rows<T>(const Batch<T>&, const random::Draws&, std::uint64_t, Batch<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm::experiments
