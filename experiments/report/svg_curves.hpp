// What is drawn of learning curves: seeds put together, the part of the axes worth showing, places for
// labels.
#pragma once
#include "experiments/report/svg.hpp"
#include "experiments/report/svg_axis.hpp"

namespace ebm::experiments {

/// Over the seeds at each x. Never NaN, but -inf and inf occur.
struct SeedBand {
  std::vector<double> x, low, middle, high;
};

/// Over all finite x of the panel's curves.
Axis x_axis(const Panel& panel);

/// At most so many points: those that share a part of the axis become one, with the middle of the last and
/// the range of all.
SeedBand seed_band(const Curve& curve, const Axis& across, std::size_t points = 1000);

/// Everything, as long as no minority of curves takes the room of the others by its worst values. A reference
/// is included unless that would more than triple the range.
Axis y_axis(const Panel& panel, std::span<const SeedBand> bands);

/// Moves the places, in any order, as little as least squares allows, so that all lie in [low, high] and
/// neighbours at least `gap` apart, and keeps their order. Needs (n - 1) gap <= high - low.
std::vector<double> spread_apart(std::span<const double> wanted, double gap, double low, double high);

} // namespace ebm::experiments
