// Learning curves as a picture: a standalone SVG text that can also stand inside an HTML page.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

/// Classes k0, k1, … of curves_style(), in turn.
inline constexpr std::size_t curve_colours = 7;

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

/// The CSS rules of the pictures, for light and dark; curves_svg() has them inside.
std::string_view curves_style();
/// Attributes of the line of curve i.
std::string curve_look(std::size_t curve);

/// One panel for a page that has the rules and shows the title itself. What belongs to curve i has
/// data-s="i", its line data-x and data-y with the values at the corners.
std::string panel_svg(const Panel& panel, double width);

} // namespace ebm::experiments
