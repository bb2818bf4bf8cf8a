// What a trained model of images, or of points in the plane, looks like: its filters and draws from it, as
// pictures.
#pragma once
#include <filesystem>

#include "experiments/report/png.hpp"
#include "experiments/run/setup.hpp"

namespace ebm::experiments {

/// How many of n images fit into a picture: at most 64, and fewer of large ones.
std::size_t tiles_of(std::size_t n, ImageSize image);

/// The size of the images that the visible columns are, where the data are images and the columns are their
/// pixels, with sides up to 4096. `data` may be null.
template <std::floating_point T>
std::optional<ImageSize> image_size(const StateSpace& space, const Dataset<T>* data);

/// From black to white: the least and the largest value of discrete units, or the range of the training data
/// where units are continuous. Of the first block: images with several kinds of pixels are not expected.
template <std::floating_point T> GreyScale value_scale(const StateSpace& space, const Dataset<T>& data);

/// Writes pictures into `folder`/figures: the first two where there is an `image_size`, the last where the
/// visible units are two continuous columns.
///
/// filters.png: the first columns, at most 64, of the weights [visible columns, columns of a latent block];
/// 0 is grey, and the largest magnitude of all black or white. Not written for a model without such weights.
///
/// samples.png: at most 64 chains, which start at training rows with latents as draw_latents has them. Shown
/// are the conditional means of the visible units where the energy gives them, else values. The chains run
/// for 500 sweeps, or as many as a budget of about a second on one core allows, by a count of operations
/// (chains × entries of the parameters, more of them for self-coupled or continuous units and for samplers
/// that move single sites by energies): all 500 for an RBM of 784 x 500 units. The sampler is the trial's
/// own, or the default one where that fits and affords more sweeps. Not written where fewer than 10 are
/// affordable.
///
/// scatter.svg: training rows, at most 2000, beside the values at which as many such chains end.
///
/// A pure function of the arguments; the random numbers have a key of their own. Throws InputError when a
/// file cannot be written.
template <std::floating_point T>
void write_figures(const TrialSpec& spec, const AnyEnergy<T>& e, const Dataset<T>& data,
                   const random::Draws& draws, const std::filesystem::path& folder);

} // namespace ebm::experiments
