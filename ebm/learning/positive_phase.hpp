// The data's side of the gradient: the latents of rows whose visible units are known.
#pragma once
#include "ebm/learning/restarted_chains.hpp"
#include "ebm/likelihood/block_means.hpp"
#include "ebm/likelihood/mean_field.hpp"

namespace ebm {

/// How latents that are neither independent given the visible ones nor few enough to enumerate are treated.
enum class PositiveMethod : std::uint8_t { gibbs, mean_field };

/// What latents that are independent given the visible ones contribute to the gradient: their conditional
/// means, or the samples that the chains go on from (a noisier estimate of the same, whose statistics are
/// counts of bits).
enum class LatentStatistics : std::uint8_t { means, samples };

struct PositiveOptions {
  PositiveMethod method = PositiveMethod::gibbs;
  std::size_t sweeps = 10; ///< clamped Gibbs sweeps a row and update, or mean-field iterations
  LatentStatistics statistics = LatentStatistics::means;
};

/// The first that applies: no latents; conditional means of one independent block (closed form); enumeration
/// up to 2^12 settings; else as the options say. Mean field is biased.
enum class LatentTreatment : std::uint8_t { none, means, enumeration, gibbs, mean_field };

template <std::floating_point T> class PositivePhase {
 public:
  /// Belongs to one energy.
  struct Scratch {
    Batch<T> eta, noise;
    MeanFieldScratch<T> mean_field;
    std::vector<double> weights, energies, uniforms, total;
    std::vector<std::uint8_t> chosen;
    RestartedChains<T> chains;           ///< clamped
    std::optional<AnyEnergy<T>> clamped; ///< made at the first use, for `clamped_of`
    const AnyEnergy<T>* clamped_of = nullptr;
  };

  /// The data's side where the latents are enumerated: sums over rows and settings.
  struct Enumerated {
    Parameters<T> gradient;
    BlockMeans means;
    bool with_means = false;
  };

  /// `gibbs` is the sampler of clamped chains.
  PositivePhase(PositiveOptions options, AnySampler<T> gibbs) : options_(options), gibbs_(std::move(gibbs)) {}

  LatentTreatment treatment(const AnyEnergy<T>& e) const;
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  /// Sweep numbers used by one call of `run`.
  std::uint64_t sweeps_per_call(const AnyEnergy<T>& e) const;

  /// Treats the latents of x, whose visible blocks are data. x leaves as the configurations whose gradients,
  /// averaged over the rows, are the data's side. With `drawn`, latents drawn from (the treatment's view of)
  /// their conditional law go there, together with the visible values. Only `enumeration` cannot say it with
  /// one configuration a row: it adds weight Σ_rows E[∂E/∂θ | visible] to `enumerated`, and the means where
  /// they are wanted, unless that is null.
  void run(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn, std::uint32_t first_chain,
           std::uint64_t sweep, const random::Draws& draws, Scratch& scratch, double weight,
           Enumerated* enumerated) const;

  LatentStatistics statistics() const { return options_.statistics; }

 private:
  void by_means(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn, const random::Address& at,
                const random::Draws& draws, Scratch& s) const;
  void by_enumeration(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn, const random::Address& at,
                      const random::Draws& draws, Scratch& s, double weight, Enumerated* sum) const;
  /// Draws blocks that are not coupled with each other given the rest of x.
  void draw_latents(const AnyEnergy<T>& e, std::span<const BlockId> blocks, const random::Address& at,
                    const random::Draws& draws, Scratch& s, State<T>& x) const;
  void by_gibbs(const AnyEnergy<T>& e, State<T>& x, const random::Address& at, const random::Draws& draws,
                Scratch& s) const;
  void by_mean_field(const AnyEnergy<T>& e, State<T>& x, State<T>* drawn, const random::Address& at,
                     const random::Draws& draws, Scratch& s) const;

  PositiveOptions options_;
  AnySampler<T> gibbs_;
};

} // namespace ebm
