#include "experiments/io/csv.hpp"

#include <algorithm>
#include <cmath>

#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

bool accepts(const std::filesystem::path& path, const experiments::CsvOptions& options) try {
  const experiments::CsvTable table = experiments::read_csv(path, options);
  const std::size_t rows = table.values.shape.at(0), columns = table.values.shape.at(1);
  require(rows * columns == table.values.values.size(), "the shape fits the values");
  require(table.names.empty() || table.names.size() == columns, "a name a column");
  require(table.labels.size() == (options.label_column ? rows : 0), "a label a row");
  require(std::ranges::all_of(table.values.values, [](double x) { return std::isfinite(x); }), "finite");
  return true;
} catch (const InputError&) {
  return false;
}

const Registered csv("csv", [](std::string_view bytes) {
  const FileOf file(bytes);
  const bool commas = accepts(file.path(), {});
  const bool last = accepts(file.path(), {.label_column = "last"});
  const bool semicolons = accepts(file.path(), {.label_column = "0", .delimiter = ';'});
  return commas || last || semicolons;
});

} // namespace
} // namespace ebm::tests::fuzz
