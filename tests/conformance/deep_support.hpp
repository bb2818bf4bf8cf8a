// Deep Boltzmann machines for tests.
#pragma once
#include "ebm/learning/initialise.hpp"
#include "tests/conformance/gaussian_machines.hpp"

namespace ebm::conformance {

/// Layers from the visible one up.
template <std::floating_point T> AnyEnergy<T> make_layers(const std::vector<std::int64_t>& sizes) {
  DbmOptions o;
  o.visible.size = std::size_t(sizes[0]);
  o.hidden.assign(sizes.begin() + 1, sizes.end());
  return AnyEnergy<T>(make_dbm<T>(o));
}

/// The same with parameters drawn from N(0, spread²).
template <std::floating_point T>
AnyEnergy<T> random_layers(const std::vector<std::int64_t>& sizes, double spread, std::uint64_t seed) {
  AnyEnergy<T> e = make_layers<T>(sizes);
  initialise<T>(
      e, {{"weights", {InitialiserKind::normal, spread}}, {"biases", {InitialiserKind::normal, spread}}},
      nullptr, random::Draws(random::Key{seed}));
  return e;
}

/// Every setting of n bits as a row.
template <std::floating_point T> Batch<T> all_bits(std::size_t n) {
  Batch<T> rows = make_batch<T>(std::size_t{1} << n, n);
  for (std::size_t i = 0; i < rows.shape(0); ++i)
    for (std::size_t j = 0; j < n; ++j) rows(i, j) = T(i >> j & 1);
  return rows;
}

} // namespace ebm::conformance
