// Final values as a picture: a row a setting, a dot a seed, the mean with its interval.
#pragma once
#include <optional>

#include "experiments/report/statistics.hpp"
#include "experiments/report/svg.hpp"
#include "experiments/report/svg_axis.hpp"

namespace ebm::experiments {

struct Strip {
  struct Row {
    std::string label, note;             ///< the note stands in small print after the mean
    std::vector<double> values;          ///< one a seed, NaN if there is none; the same seeds in all rows
    std::optional<std::size_t> colour{}; ///< that of the curve with this index, or grey
  };
  std::string title;
  std::vector<std::string> seeds; ///< their names
  std::vector<Row> rows;
  double reference;             ///< a vertical line; NaN: none
  bool lower_is_better = false; ///< which side of the frame gives way to values far off
};

/// For a page that has curves_style(). The same input gives the same bytes.
std::string strip_svg(const Strip& strip);

/// From the best value to the worst that is no further from it than 20 times the better half of the rows, by
/// their means, which are never cut.
Axis strip_axis(const Strip& strip);

} // namespace ebm::experiments
