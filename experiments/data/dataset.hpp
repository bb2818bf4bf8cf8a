// Where data come from: each type of data set has options that describe themselves and a loader.
#pragma once
#include "ebm/registry/options.hpp"

#include <any>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ebm::experiments {

using ImageSize = std::pair<std::size_t, std::size_t>; ///< height, width; pixels are row-major

/// Row-major values on the scale of their source. Bytes stay bytes: MNIST is 47 MB that way, 376 MB in
/// double.
struct RawRows {
  std::size_t rows = 0, columns = 0;
  std::variant<std::vector<std::uint8_t>, std::vector<double>> values;
};

/// What a data set brings, before preparation. Its values are finite; it has at least one row and one column,
/// and test rows are like training rows.
struct RawData {
  RawRows train;
  std::optional<RawRows> test;
  std::vector<double> labels, test_labels; ///< one a row, or none
  std::optional<ImageSize> image;
  bool split_allowed = true; ///< whether test rows may be taken out of the training rows
};

struct DataContext {
  std::filesystem::path base;  ///< relative paths in options are relative to this
  std::uint64_t replicate = 0; ///< key of the replicate, for types whose rows may differ between replicates
};

struct DataType {
  std::string name, doc;
  std::string example; ///< the smallest section, as YAML flow text without `type`
  std::function<std::any(OptionVisitor&)> read;
  std::function<RawData(const std::any& options, const DataContext&)> load;
};

/// Every type by name.
const std::map<std::string, DataType, std::less<>>& data_types();

/// Where data sets that have a name are looked for: what EBM_DATA_DIR says, else ../shared/data.
std::filesystem::path data_folder();

/// The data sets there, a folder each, by name; of MNIST also which file is missing.
std::vector<std::string> data_sets_in(const std::filesystem::path& folder);

} // namespace ebm::experiments
