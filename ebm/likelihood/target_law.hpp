// The exact law of some visible blocks given the other visible ones: labels given an image.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/likelihood/rows.hpp"

namespace ebm {

/// p(y | x) of target blocks y given the other visible blocks x, latents summed out; all settings of y are
/// enumerated. `e` must outlive it and keep its parameters. Calls from several threads are safe.
///
/// Where y is one discrete block, the latents are one block that is summed in closed form, and every
/// parameter belongs to one block or couples two, y moves the latents' natural parameters by a shift that
/// does not depend on x. It is read off two calls of block_natural, and x is multiplied with weights once a
/// row instead of once a setting.
template <std::floating_point T> class TargetLaw {
 public:
  /// The largest number of settings of the targets, as a power of two.
  static constexpr double most_bits = 12;

  struct Scratch {
    Batch<T> natural, target_natural, shifted;
    std::vector<double> values;
  };

  /// Throws CapabilityError where `check` has a reason.
  TargetLaw(const AnyEnergy<T>& e, const BlockList& targets);
  /// Takes the present parameters of e, the energy it was made for or one of the same form.
  void follow(const AnyEnergy<T>& e);
  /// Why there is no such law for these targets, in words, or nothing.
  static std::optional<std::string> check(const AnyEnergy<T>& e, const BlockList& targets);

  std::size_t settings() const { return settings_; }
  /// Number of the setting of chain c. Values between levels count as the nearest one.
  std::size_t setting_of(const State<T>& x, std::size_t c) const;
  /// Writes a setting into one chain, or into all.
  void write(std::size_t setting, State<T>& x, std::size_t c) const;
  void set(std::size_t setting, State<T>& x) const;
  /// Sets log_p [chains, settings]; −inf everywhere in a row where no setting has a probability. Targets of x
  /// leave at any setting, latents at any value. With shifts, scratch.natural leaves as the latents' natural
  /// parameters at setting 0.
  void log_probabilities(State<T>& x, Scratch& scratch, Batch<double>& log_p) const;

  /// The block that the targets shift, if they do no more.
  const std::optional<BlockId>& shifted_latent() const { return latent_; }
  /// scratch.shifted = scratch.natural moved from setting 0 to this one.
  void shift(std::size_t setting, Scratch& scratch) const;

 private:
  const AnyEnergy<T>* e_;
  BlockList targets_;
  std::size_t settings_ = 0;
  std::optional<BlockId> latent_;
  State<T> all_settings_; ///< of the targets, a chain each; the rest is 0
  Batch<T> shifts_;       ///< [settings, natural columns of the latent]
};

/// The visible block `label` of one categorical site, if there is one.
std::optional<BlockId> label_block(const StateSpace& space);

/// Why rows have no labels to be told by this model, or nothing.
template <std::floating_point T> std::optional<std::string> check_labels(const AnyEnergy<T>& e);

/// log p(label | the other visible units) of each row, exactly.
template <std::floating_point T>
std::vector<double> label_log_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data);

/// p(label | the other visible units) for every label, exactly: [rows, labels].
template <std::floating_point T>
Batch<double> label_probabilities(const AnyEnergy<T>& e, const Rows<T>& data);

/// 1 for each row whose most probable label (the first of equals) is another one than its own, else 0.
template <std::floating_point T> std::vector<double> label_errors(const AnyEnergy<T>& e, const Rows<T>& data);

} // namespace ebm
