#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

/// f(first row, state with the rows in its visible blocks, results of these rows) over fixed work items.
template <class T, class F> std::vector<double> map_rows(const AnyEnergy<T>& e, const Rows<T>& data, F f) {
  std::vector<double> out(data.size(), 0.0);
  const parallel::WorkItems items(data.size());
  parallel::for_each(items.size(), [&](std::size_t i) {
    const auto [first, n] = items[i];
    State<T> x(e.space(), n);
    data.copy_to(e.space(), first, x);
    f(first, x, std::span<double>(out).subspan(first, n));
  });
  return out;
}

} // namespace ebm
