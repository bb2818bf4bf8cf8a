// The graph of a sparse self-coupling, and the couplings inside a block, dense or sparse, as one operand.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ebm/core/linalg.hpp"

namespace ebm {

/// An undirected graph without loops over sites 0 … sites − 1. Immutable, and so shared between copies.
class Graph {
 public:
  using Edge = std::pair<std::uint32_t, std::uint32_t>; ///< i < j
  struct Neighbour {
    std::uint32_t site, edge;
  };

  /// Throws InputError for an edge that leaves the sites, that joins a site with itself, or that is given
  /// twice.
  Graph(std::size_t sites, std::vector<Edge> edges);

  std::size_t sites() const { return first_.size() - 1; }
  const std::vector<Edge>& edges() const { return edges_; }
  std::span<const Neighbour> neighbours(std::size_t site) const {
    return std::span(neighbours_).subspan(first_[site], first_[site + 1] - first_[site]);
  }
  /// Sets of sites without edges between them, by a greedy colouring in the order of the sites: a bipartite
  /// lattice has two.
  const std::vector<std::vector<std::uint32_t>>& colours() const { return colours_; }

 private:
  std::vector<Edge> edges_;
  std::vector<std::size_t> first_; ///< [sites + 1] into neighbours_
  std::vector<Neighbour> neighbours_;
  std::vector<std::vector<std::uint32_t>> colours_;
};

/// The couplings of a block with itself: a dense matrix J [columns, columns], symmetric and zero within a
/// site, or one number an edge of a graph, which couples equal columns of the two sites. A view: graph and
/// values belong to the energy.
template <std::floating_point T> struct SelfCoupling {
  const Batch<T>* values = nullptr; ///< J, or [1, edges]; null: no coupling
  const Graph* graph = nullptr;     ///< null: dense

  explicit operator bool() const { return values != nullptr; }
  const Batch<T>* dense() const { return graph == nullptr ? values : nullptr; }

  /// eta += x J, with x [chains, columns], `width` columns a site.
  void add_field(const linalg::Factor<T>& x, std::size_t width, Batch<T>& eta) const;
  /// eta [columns] += the fields of a change of column `column` by d, in the precision of eta.
  template <std::floating_point R>
  void add_change(std::size_t column, R d, std::size_t width, std::span<R> eta) const;
  /// J as a matrix [columns, columns].
  Batch<double> matrix(std::size_t columns, std::size_t width) const;
};

/// beta times the couplings of a block, held as long as the graph lives.
template <std::floating_point T> class ScaledCoupling {
 public:
  ScaledCoupling() = default;
  ScaledCoupling(const SelfCoupling<T>& J, double beta) : exists_(bool(J)), graph_(J.graph) {
    if (!J) return;
    values_ = *J.values;
    for (T& v : all(values_)) v *= T(beta);
  }
  SelfCoupling<T> coupling() const { return exists_ ? SelfCoupling<T>{&values_, graph_} : SelfCoupling<T>{}; }

 private:
  bool exists_ = false;
  const Graph* graph_ = nullptr;
  Batch<T> values_ = make_batch<T>(0, 0);
};

} // namespace ebm
