// What data alone says of independent units: initial biases and the base of an annealing path.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "ebm/likelihood/rows.hpp"

namespace ebm {

/// Mean of every column, in double.
template <std::floating_point T> std::vector<double> column_means(const Rows<T>& data) {
  std::vector<double> means(data.values->shape(1), 0.0);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::span<const T> r = data[i];
    for (std::size_t j = 0; j < r.size(); ++j) means[j] += double(r[j]);
  }
  for (double& m : means) m /= double(data.size());
  return means;
}

/// Natural parameters [columns] of a discrete block with the given means; probabilities are clipped to
/// [0.001, 0.999], so that a column that never changes stays finite.
inline std::vector<double> naturals_of_means(const Block& block, std::span<const double> means) {
  const auto clip = [](double p) { return std::clamp(p, 0.001, 0.999); };
  const auto log_odds = [&](double p) { return std::log(clip(p) / (1 - clip(p))); };
  std::vector<double> eta;
  for (const double m : means) {
    if (std::holds_alternative<units::Spin>(block.unit))
      eta.push_back(0.5 * log_odds((1 + m) / 2));
    else if (std::holds_alternative<units::Categorical>(block.unit))
      eta.push_back(std::log(clip(m)));
    else if (const auto* binomial = std::get_if<units::Binomial>(&block.unit))
      eta.push_back(log_odds(m / binomial->n));
    else
      eta.push_back(log_odds(m));
  }
  return eta;
}

} // namespace ebm
