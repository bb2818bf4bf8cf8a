// Operands for the products, their plain twin in double, and the comparison of the two.
#pragma once
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "ebm/core/binary/products.hpp"

namespace ebm::products_test {

/// x of `low` and `high` in both forms; the bits are set without the code under test.
template <class T> struct TwoForms {
  Batch<T> values;
  BitRows ones;
  T low, high;
};

/// Density 0 and 1 are exact.
template <class T>
TwoForms<T> two_forms(std::size_t rows, std::size_t columns, double density, T low, T high,
                      std::mt19937& engine) {
  TwoForms<T> x{make_batch<T>(rows, columns, low), {}, low, high};
  x.ones.reshape(rows, columns);
  x.ones.clear();
  std::uniform_real_distribution<double> uniform(0, 1);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      if (uniform(engine) < density) {
        x.values(i, j) = high;
        x.ones.row(i)[j / 64] |= std::uint64_t(1) << (j % 64);
      }
  return x;
}

/// x with every bit one column further right, and the values as before.
template <class T> TwoForms<T> with_shifted_bits(const TwoForms<T>& x) {
  TwoForms<T> shifted = x;
  shifted.ones.clear();
  for (std::size_t i = 0; i < x.ones.rows(); ++i)
    for (std::size_t j = 0; j + 1 < x.ones.columns(); ++j)
      if (x.ones(i, j)) shifted.ones.row(i)[(j + 1) / 64] |= std::uint64_t(1) << ((j + 1) % 64);
  return shifted;
}

template <class T> Batch<T> random_batch(std::size_t rows, std::size_t columns, std::mt19937& engine) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  Batch<T> m = make_batch<T>(rows, columns);
  for (T& v : all(m)) v = T(uniform(engine));
  return m;
}

/// A matrix inside a larger one, whose other elements are `outside`.
template <class T> class Framed {
 public:
  Framed(const Batch<T>& inner, T outside)
      : outside_(outside), rows_(inner.shape(0)), columns_(inner.shape(1)),
        all_(make_batch<T>(rows_ + 2, columns_ + left + right, outside)) {
    for (std::size_t i = 0; i < rows_; ++i) std::ranges::copy(row(inner, i), &all_(i + 1, left));
  }
  binary::View<T> view() { return {&all_(1, left), rows_, columns_, all_.shape(1)}; }
  binary::View<const T> view() const { return {&all_(1, left), rows_, columns_, all_.shape(1)}; }
  Batch<T> inner() const {
    Batch<T> m = make_batch<T>(rows_, columns_);
    for (std::size_t i = 0; i < rows_; ++i) std::copy_n(&all_(i + 1, left), columns_, row(m, i).data());
    return m;
  }
  bool untouched_outside() const {
    for (std::size_t i = 0; i < all_.shape(0); ++i)
      for (std::size_t j = 0; j < all_.shape(1); ++j) {
        const bool inside = i >= 1 && i <= rows_ && j >= left && j < left + columns_;
        if (!inside && all_(i, j) != outside_) return false;
      }
    return true;
  }

 private:
  static constexpr std::size_t left = 3, right = 2; // odd, so that rows are not aligned
  T outside_;
  std::size_t rows_, columns_;
  Batch<T> all_;
};

/// What a sum has to be, and by how much it may differ.
struct Expected {
  Batch<double> value, bound;
};

/// start(i, j) + Σ_t a(t, i) b(t, j) in double. A sum of n terms in any order, made of partial sums of size
/// up to 3 Σ |a b| (a table of spins begins at −Σ w and adds 2 w), is off by at most (n + 8) ε 3 (|start| +
/// Σ |a b|): n additions, and the few products and roundings of a term.
template <class T, class A, class B> Expected plain_sum(const Batch<T>& start, std::size_t terms, A a, B b) {
  const std::size_t rows = start.shape(0), columns = start.shape(1);
  Expected e{make_batch<double>(rows, columns), make_batch<double>(rows, columns)};
  const double factor = 3 * double(terms + 8) * double(std::numeric_limits<T>::epsilon());
  for (std::size_t i = 0; i < rows; ++i) {
    double *value = row(e.value, i).data(), *bound = row(e.bound, i).data();
    for (std::size_t j = 0; j < columns; ++j) {
      value[j] = double(start(i, j));
      bound[j] = factor * std::abs(value[j]);
    }
    for (std::size_t t = 0; t < terms; ++t) {
      const double left = a(t, i);
      for (std::size_t j = 0; j < columns; ++j) {
        const double term = left * b(t, j);
        value[j] += term;
        bound[j] += factor * std::abs(term);
      }
    }
  }
  return e;
}

/// y + x W, or y + x Wᵀ.
template <class T>
Expected plain_product(const Batch<T>& x, const Batch<T>& W, bool transposed, const Batch<T>& y) {
  return plain_sum(
      y, x.shape(1), [&](std::size_t t, std::size_t i) { return double(x(i, t)); },
      [&](std::size_t t, std::size_t j) { return double(transposed ? W(j, t) : W(t, j)); });
}

/// g + scale Σ_c weight_c x_c y_cᵀ.
template <class T>
Expected plain_outer(const Batch<T>& x, const Batch<T>& y, const std::vector<double>& weights, double scale,
                     const Batch<T>& g) {
  return plain_sum(
      g, x.shape(0), [&](std::size_t c, std::size_t i) { return scale * weights[c] * double(x(c, i)); },
      [&](std::size_t c, std::size_t j) { return double(y(c, j)); });
}

/// Largest difference in units of what is allowed: at most 1 where all agree, infinite where a NaN is.
template <class T> double worst(const Batch<T>& got, const Expected& e) {
  double most = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double difference = std::abs(double(got.data()[i]) - e.value.data()[i]);
    if (difference == 0) continue;
    const double share = difference / e.bound.data()[i];
    most = share <= most ? most : std::isnan(share) ? std::numeric_limits<double>::infinity() : share;
  }
  return most;
}

/// Weights of chains: all the same, runs of both signs as of two phases, or each its own.
enum class ChainWeights { equal, runs, arbitrary };

inline std::vector<double> chain_weights(ChainWeights kind, std::size_t chains, std::mt19937& engine) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> weights(chains, 0.25);
  for (std::size_t c = 0; c < chains; ++c)
    if (kind == ChainWeights::runs)
      weights[c] = c < chains / 3 ? 0.5 : c < chains / 2 ? 0 : c + 1 < chains ? -1.0 / 3 : 0.5;
    else if (kind == ChainWeights::arbitrary)
      weights[c] = uniform(engine);
  return weights;
}

} // namespace ebm::products_test
