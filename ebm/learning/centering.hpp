// Centred and enhanced gradients: steepest descent in other coordinates, for the ordinary parameters.
#pragma once
#include <array>
#include <string_view>

#include "ebm/concepts/estimator.hpp"
#include "ebm/learning/block_arrays.hpp"
#include "ebm/registry/options.hpp"

namespace ebm {

enum class GradientKind : std::uint8_t { ordinary, centred, enhanced };

/// Whose means the offsets follow.
enum class OffsetSource : std::uint8_t { data, model, average };
inline constexpr std::array<std::string_view, 3> offset_source_names{"data", "model", "average"};

struct CenteringOptions {
  GradientKind kind = GradientKind::ordinary;
  OffsetSource offsets = OffsetSource::data; ///< of `centred`
  double decay = 0.99; ///< of `centred`: offset ← decay · offset + (1 − decay) · mean
  /// All but the kind.
  void visit(OptionVisitor& v) {
    v("offsets", offsets, "whose means the offsets follow; average: half of each", offset_source_names);
    v("decay", decay, "offset ← decay · offset + (1 − decay) · mean; the first offsets are the first means",
      Limits{0, 1, false, true});
  }
};

/// The gradient of the centred machine (Montavon & Müller 2012; Melchior, Fischer & Wiskott, JMLR 17(99),
/// 2016), whose couplings see x − mu, in the parameters of the ordinary one: for couplings W of blocks a and
/// b with biases b_a, b_b and offsets mu_a, mu_b
///   ∇W'  = ∇W − ∇b_a mu_bᵀ − mu_a ∇b_bᵀ,   ∇b_a' = ∇b_a − Σ_W ∇W' mu_b,   ∇b_b' = ∇b_b − Σ_W ∇W'ᵀ mu_a,
/// for any number of blocks, couplings inside a block and units with a scale, whose couplings see x/scale^p.
/// Arrays that are neither biases nor couplings of biased blocks keep their gradient. With offsets 0 nothing
/// changes.
///
/// `centred` takes moving offsets, whose first values are the means of the first update. `enhanced` takes
/// ½ (data + model) of the present update: ∇W' is then the difference of the two phases' covariances, which
/// is the enhanced gradient of Cho, Raiko & Ilin (ICML 2011). What either learns does not depend on which
/// value of a two-valued unit is called 1, as long as the initial parameters say the same.
template <std::floating_point T> class Centering {
 public:
  /// What a block brings to a transformation; scratch.
  struct Side {
    BlockArrays arrays;
    std::vector<T> offset;     ///< as couplings see it
    std::vector<T> gradient;   ///< of the field that couplings exert
    std::vector<double> pulls; ///< bias for a unit of field
    std::vector<double> field; ///< of the offsets on the other sides, through the new gradient
  };
  struct state_type {
    std::uint64_t started = 0; ///< whether the offsets have had their first values
    BlockMeans offsets;        ///< in values of the units
    std::vector<Side> sides;
  };

  explicit Centering(CenteringOptions options) : options_(options) {}

  bool active() const { return options_.kind != GradientKind::ordinary; }
  /// Why the model has nothing to centre, or nothing.
  std::optional<std::string> check(const Parameters<T>& theta) const;
  state_type init(const AnyEnergy<T>& e) const;
  /// Throws CapabilityError where the means that the offsets follow are not known.
  void move_offsets(const PhaseMeans& means, state_type& s) const;
  /// Makes the gradient g at theta that of the centred machine.
  void transform(const Parameters<T>& theta, state_type& s, Parameters<T>& g) const;
  void archive(state_type& s, Archive& a) const;

 private:
  CenteringOptions options_;
};

extern template class Centering<float>;
extern template class Centering<double>;

} // namespace ebm
