// Features of rows: what the latent units of a model expect.
#pragma once
#include "ebm/likelihood/mean_field.hpp"

namespace ebm {

/// Why latent means are not available for this energy, in words, or nothing.
template <std::floating_point T> std::optional<std::string> check_latent_means(const AnyEnergy<T>& e);

/// Means of the latent units of each row, all latent blocks beside each other [rows, latent columns]: exact
/// for one block that is independent given the visible ones; of the recognition law that goes up layer by
/// layer for models with directed layers (Hinton, Osindero & Teh 2006, section 3); else of the mean-field
/// law.
template <std::floating_point T>
Batch<double> latent_means(const AnyEnergy<T>& e, const Rows<T>& data, const MeanFieldOptions& options = {});

} // namespace ebm
