// Parameters as npz files, each array under its name.
#pragma once
#include <filesystem>

#include "ebm/concepts/any_energy.hpp"

namespace ebm::experiments {

/// Sets all parameters. Couplings may stand under their own name or under the one that a machine of blocks in
/// general gives them: W_<a>_<b> between blocks a and b, J_<a> inside a. Standard deviations are stored as
/// themselves. Throws InputError, with the names and shapes that fit, for arrays that are missing, of another
/// shape or of no parameter, and for values that are illegal.
template <std::floating_point T> void load_parameters(AnyEnergy<T>& e, const std::filesystem::path& path);

template <std::floating_point T>
void save_parameters(const AnyEnergy<T>& e, const std::filesystem::path& path);
template <std::floating_point T>
void save_parameters(const Parameters<T>& parameters, const std::filesystem::path& path);

} // namespace ebm::experiments
