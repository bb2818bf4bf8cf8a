// From the `sweep` section to settings: what is assigned in each, and what it is called.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

struct Assignment {
  std::string path;
  Node value;
};
struct Point {
  std::vector<Label> labels;
  std::vector<Assignment> assignments;
};

/// The points of all sweep blocks one after the other: in each, variants × grid × zip × random, less
/// `exclude`. One empty point without a sweep. `seed` goes into the random draws.
std::vector<Point> expand_sweep(const Node* sweep, std::int64_t seed, Diagnostics& diagnostics);

/// Crosses every point with the values of `-S key=a,b,c`.
std::vector<Point> cross(const std::vector<Point>& points, const std::string& path,
                         const std::vector<Node>& values);

/// Whether the labels agree with every entry of `partial` ({method: exact, trainer.optimizer.lr: 0.05});
/// numbers compare by value. `why` names an axis that no label has.
bool matches(const std::vector<Label>& labels, const Node& partial, std::string& unknown_axis);

} // namespace ebm::experiments
