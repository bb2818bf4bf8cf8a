// What a model of points in the plane looks like: training rows beside draws from it.
#pragma once
#include <array>
#include <filesystem>

#include "ebm/core/space.hpp"
#include "experiments/data/preparation.hpp"

namespace ebm::experiments {

/// Of each kind; of more rows or chains as many are shown, evenly spaced.
inline constexpr std::size_t most_points = 2000;

/// Whether the visible units are exactly two continuous columns.
bool is_planar(const StateSpace& space);

struct Cloud {
  std::string title;
  std::size_t colour; ///< that of the curve with this index
  std::vector<std::array<double, 2>> points;
};

/// The clouds side by side, at least one, on the same axes. The frame holds all of the first one; another may
/// stretch it by the first one's extent on each side, and points beyond are moved to the edge. A standalone
/// file: a path a cloud, with "M" once a point. The same input gives the same bytes. Values must be finite.
std::string scatter_svg(std::span<const Cloud> clouds);

/// Writes `folder`/figures/scatter.svg where the visible units are two continuous columns and all samples
/// are finite; else nothing. `samples` [chains, 2] are in the original units, to which the training rows are
/// brought; without `data`, which may be null, they stand alone. Throws InputError when the file cannot be
/// written.
template <std::floating_point T>
void write_scatter(const StateSpace& space, const Dataset<T>* data, const Batch<T>& samples,
                   const std::filesystem::path& folder);

} // namespace ebm::experiments
