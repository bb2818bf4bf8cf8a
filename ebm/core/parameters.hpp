// Named arrays that learning moves, and arithmetic over all of them.
#pragma once
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebm/core/archive.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/core/tensor.hpp"

namespace ebm {

class Graph;

/// What an array is for: decay touches weights only.
enum class ParameterRole : std::uint8_t { weight, bias, scale };

/// How the values that learning moves relate to the values under the array's name in files: `log` arrays
/// hold the logarithm of a positive quantity.
enum class Link : std::uint8_t { identity, log };

template <std::floating_point T> struct ParameterArray {
  std::string name;
  ParameterRole role = ParameterRole::weight;
  std::vector<std::size_t> shape; ///< as in files: [n] or [rows, columns]
  Batch<T> value;                 ///< [1, n] or [rows, columns]
  /// Square, with x_ij = x_ji one parameter and a zero diagonal; both entries always move together.
  bool symmetric = false;
  std::size_t site_width =
      1; ///< of symmetric arrays: columns of a site, between which there are no couplings
  Link link = Link::identity;
  bool fixed = false; ///< learning leaves it alone, and its gradient is 0
  /// Value before learning, where the model says one; learning starts there unless the array's own name is
  /// initialised otherwise.
  std::optional<double> initial{};
  /// Numbers of the blocks whose columns the array's rows and columns belong to, where they do: a bias has
  /// the latter only. Weights that have both are couplings: they stand in E as −x_aᵀ W x_b alone.
  std::optional<std::uint32_t> row_block{}, column_block{};
  /// Of couplings with one number an edge, between equal columns of the edge's sites; both blocks are the one
  /// that the graph is over.
  std::shared_ptr<const Graph> graph{};
  /// Of a block's scale array: E holds values of the block as x/scale^coupling_power in couplings, and as
  /// x/scale^bias_power next to the bias.
  int coupling_power = 0, bias_power = 0;
};

/// Ordered; the order is the model's and is part of the file format.
template <std::floating_point T> class Parameters {
 public:
  /// Adds a zero vector [n] or matrix [rows, columns].
  ParameterArray<T>& add(std::string name, ParameterRole role, std::vector<std::size_t> shape) {
    const std::size_t rows = shape.size() == 2 ? shape[0] : 1;
    arrays_.push_back({std::move(name), role, shape, make_batch<T>(rows, shape.back())});
    return arrays_.back();
  }
  std::size_t size() const { return arrays_.size(); }
  ParameterArray<T>& operator[](std::size_t i) { return arrays_[i]; }
  const ParameterArray<T>& operator[](std::size_t i) const { return arrays_[i]; }
  auto begin() { return arrays_.begin(); }
  auto end() { return arrays_.end(); }
  auto begin() const { return arrays_.begin(); }
  auto end() const { return arrays_.end(); }
  const ParameterArray<T>* find(std::string_view name) const {
    for (const auto& a : arrays_)
      if (a.name == name) return &a;
    return nullptr;
  }
  ParameterArray<T>* find(std::string_view name) {
    return const_cast<ParameterArray<T>*>(std::as_const(*this).find(name));
  }
  void fill(T value) {
    for (auto& a : arrays_)
      parallel::for_each_piece(a.value.size(), [&](std::size_t first, std::size_t count) {
        std::fill_n(a.value.data() + first, count, value);
      });
  }
  /// this += scale * other, for the same model.
  void add_scaled(T scale, const Parameters& other) {
    for (std::size_t k = 0; k < size(); ++k) {
      T* to = arrays_[k].value.data();
      const T* from = other[k].value.data();
      for (std::size_t i = 0; i < arrays_[k].value.size(); ++i) to[i] += scale * from[i];
    }
  }
  void archive(Archive& a) {
    for (auto& p : arrays_) a(p.name, p.value);
  }

 private:
  std::vector<ParameterArray<T>> arrays_;
};

} // namespace ebm
