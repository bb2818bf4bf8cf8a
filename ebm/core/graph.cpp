#include "ebm/core/graph.hpp"

#include <algorithm>
#include <string>

#include "ebm/core/error.hpp"

namespace ebm {

Graph::Graph(std::size_t sites, std::vector<Edge> edges) : edges_(std::move(edges)), first_(sites + 1, 0) {
  const auto text = [](const Edge& e) {
    return "(" + std::to_string(e.first) + ", " + std::to_string(e.second) + ")";
  };
  for (Edge& e : edges_) {
    if (e.first == e.second) throw InputError("edge " + text(e) + " joins a unit with itself");
    if (e.first > e.second) std::swap(e.first, e.second);
    if (e.second >= sites)
      throw InputError("edge " + text(e) + " names a unit that does not exist: there are " +
                       std::to_string(sites) + ", counted from 0");
  }
  std::ranges::sort(edges_);
  if (const auto twice = std::ranges::adjacent_find(edges_); twice != edges_.end())
    throw InputError("edge " + text(*twice) + " is given twice");

  for (const auto& [i, j] : edges_) {
    ++first_[i + 1];
    ++first_[j + 1];
  }
  for (std::size_t i = 0; i < sites; ++i) first_[i + 1] += first_[i];
  neighbours_.resize(2 * edges_.size());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::uint32_t k = 0; k < edges_.size(); ++k) {
    const auto [i, j] = edges_[k];
    neighbours_[next[i]++] = {j, k};
    neighbours_[next[j]++] = {i, k};
  }

  std::vector<std::size_t> colour(sites, sites);
  std::vector<std::size_t> taken_by(sites + 1, sites); // by which site the colour is known to be taken
  for (std::uint32_t i = 0; i < sites; ++i) {
    for (const Neighbour& n : neighbours(i)) taken_by[colour[n.site]] = i;
    std::size_t c = 0;
    while (taken_by[c] == i) ++c;
    colour[i] = c;
    if (c == colours_.size()) colours_.emplace_back();
    colours_[c].push_back(i);
  }
}

template <std::floating_point T>
void SelfCoupling<T>::add_field(const linalg::Factor<T>& x, std::size_t width, Batch<T>& eta) const {
  if (graph == nullptr) return linalg::add_product(x, *values, linalg::Transpose::no, eta);
  const T* const J = values->data();
  for (std::size_t c = 0; c < eta.shape(0); ++c) {
    const T* const from = row(x.values, c).data();
    T* const to = row(eta, c).data();
    for (std::size_t i = 0; i < graph->sites(); ++i)
      for (const Graph::Neighbour& n : graph->neighbours(i))
        for (std::size_t k = 0; k < width; ++k) to[i * width + k] += J[n.edge] * from[n.site * width + k];
  }
}

template <std::floating_point T>
template <std::floating_point R>
void SelfCoupling<T>::add_change(std::size_t column, R d, std::size_t width, std::span<R> eta) const {
  if (graph == nullptr) {
    const std::span<const T> from = row(*values, column);
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += d * R(from[i]);
  } else {
    for (const Graph::Neighbour& n : graph->neighbours(column / width))
      eta[n.site * width + column % width] += d * R(values->data()[n.edge]);
  }
}

template <std::floating_point T>
Batch<double> SelfCoupling<T>::matrix(std::size_t columns, std::size_t width) const {
  Batch<double> J = make_batch<double>(columns, columns);
  if (graph == nullptr) {
    std::ranges::copy(all(*values), J.data());
    return J;
  }
  for (std::size_t e = 0; e < graph->edges().size(); ++e) {
    const auto [i, j] = graph->edges()[e];
    for (std::size_t k = 0; k < width; ++k)
      J(i * width + k, j * width + k) = J(j * width + k, i * width + k) = double(values->data()[e]);
  }
  return J;
}

template struct SelfCoupling<float>;
template struct SelfCoupling<double>;
#define EBM_INSTANTIATE(T, R)                                                                                \
  template void SelfCoupling<T>::add_change<R>(std::size_t, R, std::size_t, std::span<R>) const;
EBM_INSTANTIATE(float, float)
EBM_INSTANTIATE(float, double)
EBM_INSTANTIATE(double, double)
#undef EBM_INSTANTIATE

} // namespace ebm
