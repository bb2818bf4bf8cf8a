// One axis of a picture: from values to places, and where to put its ticks.
#pragma once
#include <string>
#include <vector>

namespace ebm::experiments {

struct Tick {
  double value;
  std::string label; ///< empty for a minor one
};

/// low < high, both finite, and positive on a logarithmic axis.
struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;

  /// 0 at low, 1 at high; kept within [-20, 21] so that pixels stay finite whatever the value.
  double place(double value) const;

  /// At 1, 2 or 5 times a power of ten, about `wanted` of them; at powers of ten on a logarithmic axis.
  std::vector<Tick> ticks(int wanted) const;
};

/// Over [low, high] with a share of its length added on both sides. A range too narrow for doubles, as of a
/// constant curve, is widened first.
Axis linear_axis(double low, double high, double margin);

} // namespace ebm::experiments
