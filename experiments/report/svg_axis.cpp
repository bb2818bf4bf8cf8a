#include "experiments/report/svg_axis.hpp"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ebm::experiments {
namespace {

int exponent_of(double value) {
  return static_cast<int>(std::floor(std::log10(value) + 1e-9));
}

double nice_step(double at_least) {
  const double power = std::pow(10.0, exponent_of(at_least));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= at_least) return factor * power;
  }
  return 10 * power;
}

std::string tick_label(double value, double step, double largest) {
  const int last = exponent_of(step);
  if (largest < 1e6 && last >= -5) return fmt::format("{:.{}f}", value, std::max(0, -last));
  return fmt::format("{:.{}g}", value, std::max(1, exponent_of(largest) - last + 1));
}

std::vector<Tick> linear_ticks(double low, double high, int wanted) {
  const double step = nice_step((high - low) / wanted), largest = std::max(std::abs(low), std::abs(high));
  std::vector<Tick> ticks;
  for (double i = std::ceil(low / step); i <= std::floor(high / step); ++i)
    ticks.push_back({i * step + 0.0, tick_label(i * step + 0.0, step, largest)});
  return ticks;
}

std::vector<Tick> decade_ticks(double low, double high, int wanted) {
  const int first = exponent_of(low), last = exponent_of(high), stride = (last - first) / wanted + 1;
  std::vector<Tick> ticks;
  for (int exponent = first; exponent <= last; ++exponent) {
    const double power = std::pow(10.0, exponent);
    const bool plain = exponent > -4 && exponent < 6;
    const std::string label =
        plain ? fmt::format("{:.{}f}", power, std::max(0, -exponent)) : fmt::format("1e{}", exponent);
    for (int factor = 1; factor <= (stride == 1 ? 9 : 1); ++factor)
      ticks.push_back({factor * power, factor == 1 && (exponent - first) % stride == 0 ? label : ""});
  }
  std::erase_if(ticks, [&](const Tick& tick) { return tick.value < low || tick.value > high; });
  return ticks;
}

} // namespace

double Axis::place(double value) const {
  const double share =
      logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return std::clamp(share, -20.0, 21.0);
}

std::vector<Tick> Axis::ticks(int wanted) const {
  return logarithmic ? decade_ticks(low, high, wanted) : linear_ticks(low, high, wanted);
}

Axis linear_axis(double low, double high, double margin) {
  const double largest = std::max(std::abs(low), std::abs(high));
  if (high - low <= 1e-9 * largest || high == low) {
    const double room = largest > 1e-300 ? 0.05 * largest : 1;
    low -= room;
    high += room;
  }
  const double extra = margin * (high - low);
  return {low - extra, high + extra};
}

} // namespace ebm::experiments
