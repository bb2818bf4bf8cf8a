// Storing patterns in the couplings of spins, in one step: no gradient, no sampling.
#pragma once
#include "ebm/concepts/any_energy.hpp"

namespace ebm {

/// With patterns ξ^μ of n spins each, and J_ii = 0:
/// hebbian         J_ij = (1/n) Σ_μ ξ_i^μ ξ_j^μ (Hopfield 1982)
/// pseudo_inverse  J_ij = (1/n) Σ_μν ξ_i^μ (C⁻¹)_μν ξ_j^ν with the overlaps C_μν = ξ^μ·ξ^ν/n (Personnaz,
/// Guyon
///                 & Dreyfus 1986): every pattern is a fixed point, as long as they are linearly independent
///                 and fewer than the spins
enum class StorageRule : std::uint8_t { hebbian, pseudo_inverse };

/// Why patterns cannot be stored in this energy, in words, or nothing: it must be one block of spins whose
/// only weights are a dense J.
template <std::floating_point T> std::optional<std::string> check_storage(const AnyEnergy<T>& e);

/// Why the pseudo-inverse rule has no solution for these patterns [rows, spins] of −1 and 1: the first row
/// that depends linearly on the rows before it, and on which of them. Nothing where they are independent.
template <std::floating_point T> std::optional<std::string> linear_dependence(const Batch<T>& patterns);

/// Sets J by the rule, for patterns [rows, spins] of −1 and 1, and the biases to 0. The energy must have
/// passed check_storage. Throws InputError with the words of linear_dependence.
template <std::floating_point T> void store(StorageRule rule, const Batch<T>& patterns, AnyEnergy<T>& e);

} // namespace ebm
