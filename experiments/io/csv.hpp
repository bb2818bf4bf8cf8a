// Tables of finite numbers as text, gzipped or not. No quoting: a cell is what stands between delimiters,
// less the spaces and tabs around it.
#pragma once
#include "experiments/io/array.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ebm::experiments {

struct CsvOptions {
  /// A column's name, "last" or its index from 0, tried in this order.
  std::optional<std::string> label_column;
  char delimiter = ',';
};

struct CsvTable {
  std::vector<std::string> names; ///< of the columns of `values`; empty for a file without a header row
  Array values;                   ///< [rows, columns], without the label column
  std::vector<double> labels;     ///< one a row, or none without a label column
};

/// The first line is a header row if none of its cells is a number.
CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

} // namespace ebm::experiments
