// Memory of estimators that is made at the first use and used again.
#pragma once
#include "ebm/concepts/any_energy.hpp"

namespace ebm {

/// Sets g to zeros, in the shape of the energy's parameters.
template <class T> void zero_like(const AnyEnergy<T>& e, Parameters<T>& g) {
  if (g.size() == 0) g = e.parameters();
  g.fill(T(0));
}

/// A state of so many chains; the values are unspecified.
template <class T> void resize(const StateSpace& space, std::size_t chains, State<T>& x) {
  if (x.chains() == 0)
    x = State<T>(space, chains);
  else
    x.resize(chains);
}

} // namespace ebm
