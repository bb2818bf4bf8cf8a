// The data's side of the gradient: the latents of rows whose visible units are known.
#pragma once
#include "ebm/concepts/sampler.hpp"

namespace ebm {

/// How latents that are neither independent given the visible ones nor few enough to enumerate are treated.
enum class PositiveMethod : std::uint8_t { gibbs, mean_field };

struct PositiveOptions {
  PositiveMethod method = PositiveMethod::gibbs;
  std::size_t sweeps = 10; ///< clamped Gibbs sweeps a row and update, or mean-field iterations
};

/// The first that applies: no latents; conditional means of one independent block (closed form); enumeration
/// up to 2^12 settings; else as the options say. Mean field is biased.
enum class LatentTreatment : std::uint8_t { none, means, enumeration, gibbs, mean_field };

template <std::floating_point T> class PositivePhase {
 public:
  struct Scratch {
    Batch<T> eta, noise, previous;
    std::vector<double> weights, energies, uniforms, total;
  };

  /// `gibbs` is the sampler of clamped chains.
  PositivePhase(PositiveOptions options, AnySampler<T> gibbs) : options_(options), gibbs_(std::move(gibbs)) {}

  LatentTreatment treatment(const AnyEnergy<T>& e) const;
  std::optional<std::string> check(const AnyEnergy<T>& e) const;
  /// Sweep numbers used by one call of `add_gradient` or `draw`.
  std::uint64_t sweeps_per_call(const AnyEnergy<T>& e) const;

  /// g += weight Σ_rows E[∂E/∂θ | visible], the visible blocks of x being data. With `sample`, x leaves with
  /// latents drawn from (the treatment's view of) their conditional law.
  void add_gradient(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample, std::uint32_t first_chain,
                    std::uint64_t sweep, const random::Draws& draws, Scratch& scratch,
                    Parameters<T>* g) const;

 private:
  void by_means(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample, const random::Address& at,
                const random::Draws& draws, Scratch& s, Parameters<T>* g) const;
  void by_enumeration(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                      const random::Address& at, const random::Draws& draws, Scratch& s,
                      Parameters<T>* g) const;
  void by_gibbs(const AnyEnergy<T>& e, State<T>& x, double weight, const random::Address& at,
                const random::Draws& draws, Scratch& s, Parameters<T>* g) const;
  void by_mean_field(const AnyEnergy<T>& e, State<T>& x, double weight, bool sample,
                     const random::Address& at, const random::Draws& draws, Scratch& s,
                     Parameters<T>* g) const;

  PositiveOptions options_;
  AnySampler<T> gibbs_;
};

} // namespace ebm
