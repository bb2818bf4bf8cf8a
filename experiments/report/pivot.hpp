// A run's final values as a table for papers: settings spread over rows and columns by the axes of the sweep.
#pragma once
#include "experiments/report/selection.hpp"

namespace ebm::experiments {

struct PivotOptions {
  std::vector<std::string> rows;  ///< axes, at least one
  std::string columns;            ///< an axis; empty: a single column
  std::string metric;             ///< empty: the run's primary one
  std::vector<std::string> where; ///< "axis=pattern": settings that fit all of them take part
};

struct Pivot {
  std::string run, metric;
  std::optional<Goal> goal;                       ///< unknown: no cell is best
  std::vector<std::string> row_axes;              ///< full names
  std::optional<std::string> column_axis;         ///< full name
  std::vector<std::vector<std::string>> row_keys; ///< values on the row axes, in the order of the plan
  std::vector<std::string> column_keys;           ///< a single empty one without a column axis
  std::vector<std::vector<std::optional<Summary>>> cells; ///< [rows, columns]; nothing where no setting is

  /// [rows, columns]: how log Z was found, "exact" or "ais"; empty where the metric does not depend on it.
  std::vector<std::vector<std::string>> estimators;

  /// Whether any cell rests on annealed importance sampling.
  bool has_ais() const;
  /// Whether no other cell of the column has a better mean; never where there is nothing to compare.
  bool is_best(std::size_t row, std::size_t column) const;
};

/// Throws InputError for unknown names, when nothing is selected, and when several settings share a cell.
Pivot make_pivot(const RunResults& results, const PivotOptions& options);

enum class TableFormat : std::uint8_t { markdown, csv, latex };

/// Markdown and LaTeX (a tabular with rules of booktabs) have mean ± standard error, rounded, the best of a
/// column in bold; CSV has n, mean and standard error in columns of their own, with 17 digits. Where some log
/// Z are estimated, Markdown and a comment of LaTeX name these cells, and CSV has a column for it.
std::string pivot_text(const Pivot& pivot, TableFormat format);

/// A mean and its standard error at the same decimal, and a power of ten for both, or an empty text.
struct RoundedMean {
  std::string mean, standard_error, exponent;
};
/// The error keeps one digit or two by the Particle Data Group's rule: of its first three digits, up to 354
/// two, up to 949 one, and beyond 1000 with two. Without an error the mean has four digits.
RoundedMean rounded(const Summary& summary);

} // namespace ebm::experiments
