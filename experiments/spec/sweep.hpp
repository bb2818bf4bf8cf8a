// From the `sweep` section to settings: what is assigned in each, and what it is called.
#pragma once
#include "experiments/spec/experiment.hpp"

namespace ebm::experiments {

struct Assignment {
  std::string path;
  Origin key_origin;
  Node value;
};
struct Point {
  std::vector<Label> labels;
  std::vector<Assignment> assignments;
};

/// The points of all sweep blocks one after the other: in each, variants × grid × zip × random, less
/// `exclude`. One empty point without a sweep. `seed` goes into the random draws. What has an error is left
/// out.
std::vector<Point> expand_sweep(const Node* sweep, std::int64_t seed, Diagnostics& diagnostics);

/// How many points that would be, `exclude` aside, without making them.
double count_points(const Node* sweep);

/// Whether the key may be swept; else an error at its origin.
bool check_swept_key(const std::string& key, const Origin& origin, Diagnostics& diagnostics);

/// Crosses every point with the values of `-S key=a,b,c`.
std::vector<Point> cross(const std::vector<Point>& points, const std::string& path, const Origin& origin,
                         const std::vector<Node>& values);

std::vector<std::vector<Label>> labels_of(std::span<const Point> points);

/// The numbers of the settings whose labels agree with every entry of `partial` ({method: exact,
/// trainer.optimizer.lr: 0.05}); numbers compare by value. Nothing, and an error, if it is no mapping or
/// names an axis that no setting has; `what` is its name in messages.
std::optional<std::vector<std::size_t>> matching(std::span<const std::vector<Label>> settings,
                                                 const Node& partial, const std::string& what,
                                                 Diagnostics& diagnostics);

} // namespace ebm::experiments
