// What a trained model of images looks like: its filters and draws from it, as pictures.
#pragma once
#include <filesystem>

#include "experiments/run/setup.hpp"

namespace ebm::experiments {

/// Writes pictures into `folder`/figures, where the data are images (`data.image`) and the model's visible
/// columns are their pixels, with sides up to 4096; else nothing.
///
/// filters.png: the first columns, at most 64, of the weights [visible columns, columns of a latent block];
/// 0 is grey, and the largest magnitude of all black or white. Not written for a model without such weights.
///
/// samples.png: at most 64 chains, started at training rows as persistent chains are. Shown are the
/// conditional means of the visible units where the energy gives them, else values; from black to white are
/// the two values of a unit, or the range of the training data where units are continuous. The chains run for
/// 500 sweeps, or as many as a budget of about a second on one core allows, by a count of operations (chains
/// × entries of the parameters, more of them for self-coupled or continuous units and for samplers that move
/// single sites by energies): all 500 for an RBM of 784 x 500 units. The sampler is the trial's own, or the
/// default one where that fits and affords more sweeps. Not written where fewer than 10 are affordable.
///
/// A pure function of the arguments; the random numbers have a key of their own. Throws InputError when a
/// file cannot be written.
template <std::floating_point T>
void write_figures(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data,
                   const random::Draws& draws, const std::filesystem::path& folder);

} // namespace ebm::experiments
