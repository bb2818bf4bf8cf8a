#include "ebm/core/error.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/data/patterns.hpp"
#include "experiments/io/csv.hpp"
#include "experiments/io/idx.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace ebm::experiments {
namespace {

/// The rows of one file, and where they are from.
struct Part {
  std::string where;
  RawRows rows;
  std::optional<ImageSize> image;
  std::vector<double> labels;
  std::vector<std::string> names; ///< of a table's columns, if it has a header
};

/// "2 x 3": fmt::join draws a false warning from GCC 12.
std::string dimensions(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

void require_finite(const std::vector<double>& values, std::size_t columns, const std::string& where) {
  const auto bad = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  const auto at = static_cast<std::size_t>(bad - values.begin());
  throw InputError(fmt::format("{}: expected finite values, found {} in row {}, column {} (both from 0)",
                               where, *bad, at / columns, at % columns));
}

/// The first dimension counts rows; the others become columns, and an image if there are two of them.
template <class Values>
Part flatten(const std::vector<std::size_t>& shape, Values values, std::string where) {
  if (shape.size() < 2)
    throw InputError(
        fmt::format("{}: expected 2 or more dimensions, rows first, found {}", where, shape.size()));
  if (std::ranges::find(shape, 0u) != shape.end())
    throw InputError(fmt::format("{}: expected at least one row and one column, found the shape {}", where,
                                 dimensions(shape)));
  const std::size_t columns = values.size() / shape[0];
  if constexpr (std::same_as<Values, std::vector<double>>) require_finite(values, columns, where);
  Part part{std::move(where), {shape[0], columns, std::move(values)}, {}, {}, {}};
  if (shape.size() == 3) part.image = {shape[1], shape[2]};
  return part;
}

/// Columns are matched by place: other names, or the same in another order, are other columns.
void require_same_names(const Part& train, const Part& test) {
  if (train.names.empty() || test.names.empty()) return;
  const auto [expected, found] = std::ranges::mismatch(train.names, test.names);
  if (expected != train.names.end())
    throw InputError(
        fmt::format("{}: expected the columns of {}, where column {} (from 0) is '{}', found '{}'",
                    test.where, train.where, expected - train.names.begin(), *expected, *found));
}

RawData join(Part train, std::optional<Part> test) {
  RawData data{std::move(train.rows), {}, std::move(train.labels), {}, train.image, !test};
  if (!test) return data;
  if (train.image && test->image && *train.image != *test->image)
    throw InputError(fmt::format("{}: expected images of {} x {} as in {}, found {} x {}", test->where,
                                 train.image->first, train.image->second, train.where, test->image->first,
                                 test->image->second));
  if (data.train.columns != test->rows.columns)
    throw InputError(fmt::format("{}: expected {} columns as in {}, found {}", test->where,
                                 data.train.columns, train.where, test->rows.columns));
  require_same_names(train, *test);
  data.test = std::move(test->rows);
  data.test_labels = std::move(test->labels);
  return data;
}

/// `read(name)` gives the rows of one source.
template <class Read>
RawData read_both(const std::string& train, const std::optional<std::string>& test, Read read) {
  Part first = read(train); // before the test rows, so that its errors come first
  return join(std::move(first), test ? std::optional(read(*test)) : std::nullopt);
}

/// `image: [height, width]` of a table whose columns are pixels.
using ImageOption = std::optional<std::vector<std::int64_t>>;

void visit_image(OptionVisitor& v, ImageOption& image) {
  v("image", image, "[height, width], where the columns are the pixels of an image, row by row", at_least(1));
}

/// The same data with this image size, which an array of 3 dimensions says by itself.
RawData as_images(RawData data, const ImageOption& image) {
  if (!image) return data;
  const auto columns = std::int64_t(data.train.columns);
  const auto& sides = *image;
  if (sides.size() != 2 || columns % sides[0] != 0 || columns / sides[0] != sides[1])
    throw InputError(
        fmt::format("expected 'image' to be [height, width] with height x width = {}, the number "
                    "of columns, found [{}]",
                    columns, fmt::join(sides, ", ")));
  const ImageSize size{std::size_t(sides[0]), std::size_t(sides[1])};
  if (data.image && *data.image != size)
    throw InputError(fmt::format("expected 'image' to be [{}, {}] as in the array, found [{}]",
                                 data.image->first, data.image->second, fmt::join(sides, ", ")));
  data.image = size;
  return data;
}

/// Of a key without a default.
void require(std::string_view key, const std::string& value, std::string_view what) {
  if (value.empty()) throw InputError(fmt::format("data.{} is missing: give {}", key, what));
}

std::filesystem::path resolve(const DataContext& context, const std::string& path) {
  if (path.empty()) throw InputError("expected the path of a data file, found none");
  return context.base / path;
}

constexpr std::array<std::string_view, 2> constant_names{"twice", "once"};

struct BarsAndStripes {
  enum class Constant { twice, once };
  std::size_t size = 4;
  Constant constant_patterns = Constant::twice;
  void visit(OptionVisitor& v) {
    v("size", size, "side of the square images, in pixels", between(1, 16)); // 16: 2^17 images, 34 MB
    v("constant_patterns", constant_patterns, "how often the all-off and the all-on image occur",
      constant_names);
  }
  RawData load(const DataContext&) const {
    RawData data{bars_and_stripes(size, constant_patterns == Constant::twice), {}, {}, {}, {}};
    data.image = {size, size};
    return data;
  }
};

struct LabeledShifterEnsemble {
  std::size_t size = 4;
  void visit(OptionVisitor& v) {
    v("size", size, "bits that are shifted; the rows have 2 size + 3 columns", between(1, 16));
  }
  RawData load(const DataContext&) const { return {labeled_shifter_ensemble(size), {}, {}, {}, {}}; }
};

struct RandomPatterns {
  static constexpr std::size_t most_values = 1000000000;
  std::size_t rows = 10, columns = 100;
  std::optional<std::int64_t> seed = 1; ///< none: another one in each replicate
  void visit(OptionVisitor& v) {
    v("rows", rows, "number of patterns", between(1, 1e7));
    v("columns", columns, "bits of each", between(1, 1e7));
    v.integer_or_word("seed", seed, "replicate",
                      "seed of the bits; 'replicate' for other patterns in each replicate", at_least(0));
  }
  RawData load(const DataContext& context) const {
    if (rows > most_values / columns)
      throw InputError(
          fmt::format("data.rows times data.columns must be at most 1e9, got {} x {}", rows, columns));
    return {random_patterns(rows, columns, seed ? std::uint64_t(*seed) : context.replicate), {}, {}, {}, {}};
  }
};

struct Idx {
  std::string path;
  std::optional<std::string> test, labels, test_labels;
  void visit(OptionVisitor& v) {
    v("path", path, "IDX file of bytes with 2 or 3 dimensions, gzipped or not: the training rows");
    v("test", test, "IDX file with test rows");
    v("labels", labels, "IDX file with a label for each training row");
    v("test_labels", test_labels, "IDX file with a label for each test row");
  }
  RawData load(const DataContext& context) const {
    require("path", path, "a data file");
    if (test_labels && !test) throw InputError("expected 'test' along with 'test_labels'");
    const auto read = [&](const std::string& images, const std::optional<std::string>& numbers) {
      const std::filesystem::path file = resolve(context, images);
      ByteArray array = read_idx(file);
      Part part = flatten(array.shape, std::move(array.values), file.string());
      if (numbers) part.labels = read_labels(resolve(context, *numbers), part);
      return part;
    };
    Part train = read(path, labels);
    return join(std::move(train), test ? std::optional(read(*test, test_labels)) : std::nullopt);
  }
  static std::vector<double> read_labels(const std::filesystem::path& file, const Part& part) {
    const ByteArray array = read_idx(file);
    if (array.shape != std::vector{part.rows.rows})
      throw InputError(fmt::format("{}: expected {} labels, one for each row of {}, found the shape {}",
                                   file.string(), part.rows.rows, part.where, dimensions(array.shape)));
    return {array.values.begin(), array.values.end()};
  }
};

struct Mnist {
  std::optional<std::string> dir;
  void visit(OptionVisitor& v) {
    v("dir", dir,
      "folder with the four IDX files, gzipped or not; the default is 'mnist' in the folder that "
      "the environment variable EBM_DATA_DIR names, or in ../shared/data from where the program runs");
  }
  RawData load(const DataContext& context) const {
    const std::filesystem::path folder = dir ? resolve(context, *dir) : data_folder() / "mnist";
    const auto file = [&](const std::string& name) {
      if (const auto found = find(folder, name)) return *found;
      throw InputError(
          fmt::format("{}: expected the file {} or {}.gz, found neither; 'dir' or the environment "
                      "variable EBM_DATA_DIR say where MNIST is",
                      folder.string(), name, name));
    };
    return Idx{file(files[0]), file(files[1]), file(files[2]), file(files[3])}.load({folder});
  }
  /// Training images, test images, training labels, test labels.
  static constexpr std::array<const char*, 4> files{"train-images-idx3-ubyte", "t10k-images-idx3-ubyte",
                                                    "train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"};
  /// The name with which the file is there, gzipped or not.
  static std::optional<std::string> find(const std::filesystem::path& folder, const std::string& name) {
    for (const auto& candidate : {name, name + ".gz"})
      if (std::filesystem::exists(folder / candidate)) return candidate;
    return std::nullopt;
  }
};

struct Csv {
  std::string path, delimiter = ",";
  std::optional<std::string> test, label_column;
  ImageOption image;
  void visit(OptionVisitor& v) {
    v("path", path,
      "table of numbers, gzipped or not, with or without a header row, in which no cell is a number: the "
      "training rows");
    v("test", test, "table of the same columns, by the same names where both have a header, with test rows");
    v("label_column", label_column, "column that holds labels: its name, 'last' or its index from 0");
    v("delimiter", delimiter, "the character between two cells");
    visit_image(v, image);
  }
  RawData load(const DataContext& context) const {
    require("path", path, "a data file");
    if (delimiter.size() != 1)
      throw InputError(fmt::format("expected one character as 'delimiter', found '{}'", delimiter));
    const auto read = [&](const std::string& name) {
      const std::filesystem::path file = resolve(context, name);
      CsvTable table = read_csv(file, {label_column, delimiter[0]});
      Part part = flatten(table.values.shape, std::move(table.values.values), file.string());
      part.labels = std::move(table.labels);
      part.names = std::move(table.names);
      return part;
    };
    return as_images(read_both(path, test, read), image);
  }
};

struct Npy {
  std::string path;
  std::optional<std::string> test;
  ImageOption image;
  void visit(OptionVisitor& v) {
    v("path", path, "array of 2 or more dimensions, rows first: the training rows");
    v("test", test, "array of the same shape but for its rows: the test rows");
    visit_image(v, image);
  }
  RawData load(const DataContext& context) const {
    require("path", path, "a data file");
    const auto read = [&](const std::string& name) {
      const std::filesystem::path file = resolve(context, name);
      Array array = read_npy(file);
      return flatten(array.shape, std::move(array.values), file.string());
    };
    return as_images(read_both(path, test, read), image);
  }
};

struct Npz {
  std::string path, array;
  std::optional<std::string> test_array;
  ImageOption image;
  void visit(OptionVisitor& v) {
    v("path", path, "archive of named arrays");
    v("array", array, "name of the array with the training rows, 2 or more dimensions, rows first");
    v("test_array", test_array, "name of the array with the test rows");
    visit_image(v, image);
  }
  RawData load(const DataContext& context) const {
    require("path", path, "a data file");
    require("array", array, "the name of an array");
    const std::filesystem::path file = resolve(context, path);
    std::vector<std::string> names{array};
    if (test_array) names.push_back(*test_array);
    const std::map<std::string, Array> arrays = read_npz_arrays(file, names);
    const auto read = [&](const std::string& name) {
      return flatten(arrays.at(name).shape, arrays.at(name).values, file.string() + ": " + name);
    };
    return as_images(read_both(array, test_array, read), image);
  }
};

template <Options O>
std::pair<const std::string, DataType> entry(std::string name, std::string doc, std::string example) {
  const auto read = [](OptionVisitor& v) {
    O options{};
    options.visit(v);
    return std::any(std::move(options));
  };
  const auto load = [](const std::any& options, const DataContext& context) {
    return std::any_cast<const O&>(options).load(context);
  };
  return {name, {name, std::move(doc), std::move(example), read, load}};
}

} // namespace

const std::map<std::string, DataType, std::less<>>& data_types() {
  static const std::map<std::string, DataType, std::less<>> types{
      entry<BarsAndStripes>("bars_and_stripes",
                            "All images of horizontal bars, then all of vertical stripes.", ""),
      entry<LabeledShifterEnsemble>(
          "labeled_shifter_ensemble",
          "All bit strings, each shifted by -1, 0 and +1, with the shift as a label.", ""),
      entry<RandomPatterns>("random_patterns", "Rows of fair, independent bits.", ""),
      entry<Idx>("idx", "Bytes of an IDX file, the format of MNIST.", "path: images-idx3-ubyte.gz"),
      entry<Mnist>("mnist",
                   "Handwritten digits: 60000 training and 10000 test images of 28 x 28 pixels, 0 to 255.",
                   ""),
      entry<Csv>("csv", "A table of numbers as text.", "path: rows.csv"),
      entry<Npy>("npy", "An array of NumPy.", "path: rows.npy"),
      entry<Npz>("npz", "An array out of an archive of NumPy.", "path: arrays.npz, array: train"),
  };
  return types;
}

std::filesystem::path data_folder() {
  const char* const given = std::getenv("EBM_DATA_DIR");
  return given != nullptr && *given != '\0' ? given : "../shared/data";
}

std::vector<std::string> data_sets_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error, ignored; // no such folder, or not to be read: no data sets
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_directory(ignored)) continue;
    std::string name = it->path().filename().string();
    if (name == "mnist")
      for (const char* file : Mnist::files)
        if (!Mnist::find(it->path(), file)) name += fmt::format(" (without {})", file);
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

} // namespace ebm::experiments
