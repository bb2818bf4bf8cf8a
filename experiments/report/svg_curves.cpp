#include "experiments/report/svg_curves.hpp"
#include "experiments/report/statistics.hpp"
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace ebm::experiments {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Beyond this a value counts as infinite, which keeps sums of ranges finite.
bool is_moderate(double value) {
  return std::abs(value) < 1e300;
}

/// Of one curve, with the sign that makes up good. Infinite where nothing is moderate.
struct Extent {
  double best = -infinity;  ///< of the middle line
  double worst = infinity;  ///< of the middle line
  double first = infinity;  ///< of the middle line
  double top = -infinity;   ///< of the band
  double bottom = infinity; ///< of the band
};

Extent extent_of(const SeedBand& band, bool lower_is_better) {
  Extent extent;
  for (std::size_t i = 0; i < band.x.size(); ++i) {
    const double middle = lower_is_better ? -band.middle[i] : band.middle[i];
    const double high = lower_is_better ? -band.low[i] : band.high[i];
    const double low = lower_is_better ? -band.high[i] : band.low[i];
    if (is_moderate(middle)) {
      if (extent.first == infinity) extent.first = middle;
      extent.best = std::max(extent.best, middle);
      extent.worst = std::min(extent.worst, middle);
    }
    if (is_moderate(high)) extent.top = std::max(extent.top, high);
    if (is_moderate(low)) extent.bottom = std::min(extent.bottom, low);
  }
  return extent;
}

/// Lowers the floor to those of the values that stretch the range by no more than the factor.
double lowered(double floor, double top, double factor, std::span<const Extent> extents,
               double Extent::*value) {
  const double limit = floor < top ? top - factor * (top - floor) : -infinity;
  for (const Extent& extent : extents) {
    if (extent.*value >= limit) floor = std::min(floor, extent.*value);
  }
  return floor;
}

/// Half of the curves are seen whole. What any other reaches at best is worth a range 100 times as long,
/// where it starts 10 times, how deep it falls twice: that is how curves that diverge leave room for the
/// rest.
std::pair<double, double> good_range(std::vector<Extent> extents) {
  std::ranges::sort(extents, std::ranges::greater(), &Extent::worst);
  double floor = extents[(extents.size() - 1) / 2].worst;
  double top = -infinity;
  for (const Extent& extent : extents) top = std::max({top, extent.top, extent.best});
  floor = lowered(floor, top, 100, extents, &Extent::best);
  floor = lowered(floor, top, 10, extents, &Extent::first);
  floor = lowered(floor, top, 2, extents, &Extent::worst);
  return {lowered(floor, top, 2, extents, &Extent::bottom), top};
}

} // namespace

Axis x_axis(const Panel& panel) {
  double low = infinity, positive = infinity, high = -infinity;
  for (const Curve& curve : panel.curves) {
    for (const double x : curve.x) {
      if (!is_moderate(x)) continue;
      low = std::min(low, x);
      high = std::max(high, x);
      if (x > 0) positive = std::min(positive, x);
    }
  }
  if (low > high) return {};
  if (panel.log_x && high / positive > 100) return {positive, high, true};
  return linear_axis(low, high, 0);
}

SeedBand seed_band(const Curve& curve, const Axis& across, std::size_t points) {
  SeedBand band;
  int last_column = -1;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    if (!is_moderate(curve.x[i]) || curve.x[i] < across.low) continue;
    std::vector<double> values;
    for (const std::vector<double>& seed : curve.y) {
      if (i < seed.size() && !std::isnan(seed[i])) values.push_back(seed[i]);
    }
    const double middle = median(values);
    if (std::isnan(middle)) continue;
    const auto [low, high] = std::ranges::minmax(values);
    const int column = static_cast<int>(static_cast<double>(points - 1) * across.place(curve.x[i]));
    if (column == last_column) {
      band.x.back() = curve.x[i];
      band.middle.back() = middle;
      band.low.back() = std::min(band.low.back(), low);
      band.high.back() = std::max(band.high.back(), high);
    } else {
      band.x.push_back(curve.x[i]);
      band.middle.push_back(middle);
      band.low.push_back(low);
      band.high.push_back(high);
    }
    last_column = column;
  }
  return band;
}

Axis y_axis(const Panel& panel, std::span<const SeedBand> bands) {
  std::vector<Extent> extents;
  for (const SeedBand& band : bands) {
    extents.push_back(extent_of(band, panel.lower_is_better));
    if (extents.back().best < extents.back().worst) extents.pop_back();
  }
  double low = infinity, high = -infinity;
  if (!extents.empty()) {
    const auto [bad, good] = good_range(std::move(extents));
    low = panel.lower_is_better ? -good : bad;
    high = panel.lower_is_better ? -bad : good;
  }
  const double room = low < high ? 2 * (high - low) : infinity, lowest = low - room, highest = high + room;
  for (const auto& [label, y] : panel.references) {
    if (!is_moderate(y) || y < lowest || y > highest) continue;
    low = std::min(low, y);
    high = std::max(high, y);
  }
  return low <= high ? linear_axis(low, high, 0.04) : Axis{};
}

std::vector<double> spread_apart(std::span<const double> wanted, double gap, double low, double high) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return wanted[i]; });
  // With k gaps subtracted from the k-th this is isotonic regression: pool adjacent violators.
  struct Block {
    double sum;
    std::size_t count;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Block> blocks;
  for (std::size_t k = 0; k < order.size(); ++k) {
    blocks.push_back({wanted[order[k]] - gap * static_cast<double>(k), 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back() = {blocks.back().sum + last.sum, blocks.back().count + last.count};
    }
  }
  std::vector<double> places(wanted.size());
  std::size_t k = 0;
  const double last_start = high - gap * static_cast<double>(wanted.size() - 1);
  for (const Block& block : blocks) {
    for (std::size_t i = 0; i < block.count; ++i, ++k)
      places[order[k]] = std::clamp(block.mean(), low, last_start) + gap * static_cast<double>(k);
  }
  return places;
}

} // namespace ebm::experiments
