// Learning curves as a picture: a standalone SVG text that can also stand inside an HTML page.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

struct Curve {
  std::string label;
  std::vector<double> x;              ///< ascending
  std::vector<std::vector<double>> y; ///< y[seed][point]; NaN or a missing tail: not measured
};

struct Panel {
  struct Reference {
    std::string label;
    double y;
  };
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  std::vector<Reference> references; ///< horizontal lines
  bool log_x = false; ///< a wish, granted if the positive x span two decades; then x <= 0 is not drawn
  bool lower_is_better = false; ///< which side of the frame gives way to a curve that diverges
};

/// A curve is the median of its seeds with a band over their range. Up to two panels stand side by side. The
/// same input gives the same bytes. A page should style `.ebm-curves`, never `svg`: the pictures nest svg
/// elements.
std::string curves_svg(std::string_view title, std::span<const Panel> panels);

} // namespace ebm::experiments
