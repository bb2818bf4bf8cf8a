// Initial values of parameters.
#pragma once
#include <map>
#include <string>

#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"
#include "ebm/random/draws.hpp"
#include "ebm/registry/options.hpp"

namespace ebm {

enum class InitialiserKind : std::uint8_t { normal, uniform, constant, sine, plus_minus, data_mean };

/// `{normal: s}` standard deviation s; `{uniform: a}` on (−a, a); `{constant: c}`; `{sine: a}` a·sin(k + 1),
/// k the row-major index; `{plus_minus: a}` a or −a with equal probabilities; `data_mean` natural parameters
/// of the data's means, for biases of discrete visible blocks, or what gives gaussian units these means.
struct Initialiser {
  InitialiserKind kind = InitialiserKind::constant;
  double value = 0;
  static std::span<const Tag> tags();
};

/// Sets every parameter array. `chosen` maps array names, or the groups `weights`, `biases`, `scales`, to
/// initialisers; an array's own name goes first. By default weights are normal with 0.01, biases 0, scales 1.
/// A symmetric array takes the value of the pair i < j at both entries. Throws InputError for a name that is
/// neither, for data_mean where it does not apply, and for a scale that is not positive.
template <std::floating_point T>
void initialise(AnyEnergy<T>& e, const std::map<std::string, Initialiser>& chosen, const Rows<T>* data,
                const random::Draws& draws);

/// The error that `initialise` would throw, or nothing.
template <std::floating_point T>
std::optional<std::string>
check_initialisers(const AnyEnergy<T>& e, const std::map<std::string, Initialiser>& chosen, bool has_data);

} // namespace ebm
