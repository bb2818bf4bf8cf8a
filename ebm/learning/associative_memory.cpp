#include "ebm/learning/associative_memory.hpp"

#include "ebm/core/error.hpp"
#include "ebm/core/parallel.hpp"

namespace ebm {
namespace {

/// The squared distance of a pattern from the span of others, in units of its length, below which it counts
/// as dependent: far above rounding, far below what independent ±1 patterns of any practical number have.
constexpr double smallest_distance = 1e-9;

/// The array that holds the couplings of the only block; null if they are sparse or missing.
template <class T> const ParameterArray<T>* dense_couplings(const AnyEnergy<T>& e) {
  const Batch<T>* const J = e.self_coupling(0).dense();
  for (const ParameterArray<T>& a : e.parameters())
    if (&a.value == J) return &a;
  return nullptr;
}

template <class T> Batch<double> in_double(const Batch<T>& patterns) {
  Batch<double> x = make_batch<double>(patterns.shape(0), patterns.shape(1));
  std::ranges::copy(all(patterns), x.data());
  return x;
}

/// C = ξ ξᵀ / n of patterns [rows, n].
Batch<double> overlaps(const Batch<double>& patterns) {
  const std::size_t rows = patterns.shape(0);
  Batch<double> C = make_batch<double>(rows, rows);
  linalg::add_product<double>(patterns, patterns, linalg::Transpose::yes, C);
  for (double& c : all(C)) c /= double(patterns.shape(1));
  return C;
}

/// The lower Cholesky factor of the overlaps of the first `rows` patterns, or nothing if one of them depends
/// on those before it.
std::optional<Batch<double>> factor(const Batch<double>& C, std::size_t rows) {
  Batch<double> L = make_batch<double>(rows, rows);
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(row(C, i).data(), rows, row(L, i).data());
  if (!linalg::cholesky(L)) return std::nullopt;
  for (std::size_t i = 0; i < rows; ++i)
    if (L(i, i) * L(i, i) < smallest_distance) return std::nullopt;
  return L;
}

/// The coefficients of pattern k in the patterns before it, on which it depends.
std::vector<double> coefficients(const Batch<double>& C, std::size_t k) {
  const Batch<double> L = factor(C, k).value();
  std::vector<double> z(row(C, k).begin(), row(C, k).begin() + std::ptrdiff_t(k));
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < i; ++j) z[i] -= L(i, j) * z[j];
    z[i] /= L(i, i);
  }
  for (std::size_t i = k; i-- > 0;) {
    for (std::size_t j = i + 1; j < k; ++j) z[i] -= L(j, i) * z[j];
    z[i] /= L(i, i);
  }
  return z;
}

/// "is row 3 again", "is row 3 turned round", "is a linear combination of the rows 1, 2, 4 and 5".
std::string combination(const std::vector<double>& coefficients) {
  constexpr std::size_t most_named = 6;
  constexpr double noticeable = 1e-6;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < coefficients.size(); ++i)
    if (std::abs(coefficients[i]) > noticeable) rows.push_back(i);
  if (rows.size() == 1)
    return "is row " + std::to_string(rows[0]) + (coefficients[rows[0]] > 0 ? " again" : " turned round");
  std::string text = "is a linear combination of the rows ";
  const std::size_t named = std::min(rows.size(), most_named);
  for (std::size_t i = 0; i < named; ++i)
    text += (i == 0 ? "" : i + 1 == rows.size() ? " and " : ", ") + std::to_string(rows[i]);
  return named == rows.size() ? text : text + " and " + std::to_string(rows.size() - named) + " more";
}

/// Where overlaps have no factor: which row depends on others, and how.
std::string dependent_row(const Batch<double>& C) {
  std::size_t independent = 1, dependent = C.shape(0); // numbers of rows; a single one always is independent
  while (dependent - independent > 1) {
    const std::size_t middle = (independent + dependent) / 2;
    (factor(C, middle) ? independent : dependent) = middle;
  }
  return "row " + std::to_string(independent) + " (counted from 0) " +
         combination(coefficients(C, independent));
}

/// The factor of the overlaps of patterns [rows, n]. Throws InputError where there is none.
Batch<double> factor_of_overlaps(const Batch<double>& patterns) {
  const std::size_t rows = patterns.shape(0), n = patterns.shape(1);
  const std::string need = "the pseudo-inverse rule needs linearly independent rows, but ";
  if (rows > n)
    throw InputError(need + std::to_string(rows) + " rows of " + std::to_string(n) + " spins never are");
  if (rows == n)
    throw InputError("the pseudo-inverse rule needs fewer rows than spins: with " + std::to_string(n) +
                     " of each, all couplings are 0");
  const Batch<double> C = overlaps(patterns);
  auto L = factor(C, rows);
  if (!L) throw InputError(need + dependent_row(C));
  return std::move(*L);
}

/// Y = L⁻¹ ξ with C = L Lᵀ, so that ξᵀ C⁻¹ ξ = YᵀY.
Batch<double> orthonormal(Batch<double> Y) {
  const std::size_t rows = Y.shape(0);
  const Batch<double> L = factor_of_overlaps(Y);
  const parallel::WorkItems columns(Y.shape(1));
  parallel::for_each(columns.size(), [&](std::size_t item) {
    const auto [first, count] = columns[item];
    for (std::size_t k = 0; k < rows; ++k) {
      double* const y = row(Y, k).data() + first;
      for (std::size_t m = 0; m < k; ++m) {
        const double* const other = row(Y, m).data() + first;
        for (std::size_t j = 0; j < count; ++j) y[j] -= L(k, m) * other[j];
      }
      for (std::size_t j = 0; j < count; ++j) y[j] /= L(k, k);
    }
  });
  return Y;
}

/// Σ_μ y_i^μ y_j^μ
Batch<double> outer_products(const Batch<double>& y) {
  Batch<double> sums = make_batch<double>(y.shape(1), y.shape(1));
  linalg::add_outer<double>(y, y, std::vector<double>(y.shape(0), 1.0), sums);
  return sums;
}

} // namespace

template <std::floating_point T> std::optional<std::string> check_storage(const AnyEnergy<T>& e) {
  const StateSpace& space = e.space();
  const auto fits = [&] {
    if (space.size() != 1 || !std::holds_alternative<units::Spin>(space[0].unit) ||
        !supports(e, Capability::parameters) || !supports(e, Capability::self_coupling, 0))
      return false;
    const ParameterArray<T>* const J = dense_couplings(e);
    return J != nullptr && std::ranges::all_of(e.parameters(), [&](const ParameterArray<T>& a) {
             return &a == J || a.role == ParameterRole::bias;
           });
  };
  if (fits()) return std::nullopt;
  return "storing patterns needs spins that are all coupled with each other, and nothing else to learn but "
         "their biases: model.type hopfield, or boltzmann_machine with units: spin, without hidden units and "
         "edges";
}

template <std::floating_point T> std::optional<std::string> linear_dependence(const Batch<T>& patterns) {
  try {
    factor_of_overlaps(in_double(patterns));
  } catch (const InputError& e) {
    return e.what();
  }
  return std::nullopt;
}

template <std::floating_point T> void store(StorageRule rule, const Batch<T>& patterns, AnyEnergy<T>& e) {
  Batch<double> x = in_double(patterns);
  const Batch<double> sums =
      rule == StorageRule::hebbian ? outer_products(x) : outer_products(orthonormal(std::move(x)));
  const std::size_t n = patterns.shape(1);
  const Batch<T>* const J = &dense_couplings(e)->value;
  for (ParameterArray<T>& a : e.parameters()) {
    a.value.fill(T(0));
    if (&a.value != J) continue;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j) a.value(i, j) = a.value(j, i) = T(sums(i, j) / double(n));
  }
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_storage<T>(const AnyEnergy<T>&);                                 \
  template std::optional<std::string> linear_dependence<T>(const Batch<T>&);                                 \
  template void store<T>(StorageRule, const Batch<T>&, AnyEnergy<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
