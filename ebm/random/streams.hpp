// Every stream of random numbers, named. Two draws share a counter only if they are the same draw.
#pragma once
#include <cstdint>

namespace ebm::random {

enum class Stream : std::uint8_t {
  parameters = 1, ///< initial parameters
  chain_init,     ///< where persistent chains start
  minibatch,      ///< order of the rows in an epoch
  binarize,       ///< stochastic binarisation of data
  split,          ///< which rows are held out
  data,           ///< generated data sets
  gibbs,          ///< conditional draws of a sampler's sweep
  proposal,       ///< Metropolis: which site, which value
  accept,         ///< Metropolis and adjusted Langevin: the acceptance
  noise,          ///< Gaussian increments
  positive,       ///< latents of the positive phase, drawn from their exact conditional
  positive_sweep, ///< latents of the positive phase, drawn by clamped Gibbs sweeps
  annealing,      ///< AIS
  evaluation,     ///< stochastic estimates while evaluating
  law,            ///< tests of the laws
};

} // namespace ebm::random
