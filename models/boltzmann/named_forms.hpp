// The named Boltzmann machines: options, and the blocks and couplings that they stand for.
#pragma once
#include <array>

#include "ebm/registry/options.hpp"
#include "models/boltzmann/block_boltzmann.hpp"
#include "models/boltzmann/deep_belief.hpp"

namespace ebm {

enum class UnitKind : std::uint8_t {
  bernoulli,
  spin,
  categorical,
  binomial,
  gaussian,
  rectified,
  noisy_relu
};
inline constexpr std::array<std::string_view, 7> unit_kind_names{
    "bernoulli", "spin", "categorical", "binomial", "gaussian", "rectified", "noisy_relu"};
inline constexpr std::array<std::string_view, 3> sigma_form_names{"variance", "deviation", "natural"};

/// One block in YAML: `hidden: 12` is short for `hidden: {size: 12}`. Units not given here are the model's.
struct BlockOptions {
  std::size_t size = 0;
  std::optional<UnitKind> units;
  std::uint32_t q = 2;
  std::optional<std::uint32_t> n{};
  std::optional<TaggedNumber> sigma{};
  std::optional<SigmaForm> form{};
  std::size_t smallest = 0; ///< number of units
  void visit(OptionVisitor& v);
  Block block(std::string name, UnitKind model_units, Role role) const;
  typename BlockBoltzmann<double>::Sigma sigma_options() const;
};

struct RbmOptions {
  BlockOptions visible, hidden;
  UnitKind units = UnitKind::bernoulli;
  RbmOptions() {
    hidden.size = 16;
    hidden.smallest = 1;
  }
  void visit(OptionVisitor& v) {
    v("visible", visible, "the visible units; by default as many as the data have columns", "size");
    v("hidden", hidden, "the hidden units", "size");
    v("units", units, "kind of all units that do not say otherwise", unit_kind_names);
  }
};

struct ClassificationRbmOptions : RbmOptions {
  std::uint32_t classes = 0;
  void visit(OptionVisitor& v) {
    RbmOptions::visit(v);
    v("classes", classes, "number of classes; 0 takes it from the label columns of the data",
      between(0, 65535));
  }
};

/// An RBM whose visible units are gaussian and whose other units are bernoulli, unless they say otherwise.
struct GaussianRbmOptions : RbmOptions {
  GaussianRbmOptions() { visible.units = UnitKind::gaussian; }
};

enum class CouplingKind : std::uint8_t { vv, vh, hh };
inline constexpr std::array<std::string_view, 3> coupling_kind_names{"vv", "vh", "hh"};

struct BoltzmannMachineOptions {
  BlockOptions visible, hidden;
  UnitKind units = UnitKind::bernoulli;
  std::optional<std::vector<CouplingKind>> couplings;
  std::optional<std::vector<std::int64_t>> edges, hidden_edges;
  void visit(OptionVisitor& v);
};

struct DbmOptions {
  BlockOptions visible;
  std::vector<std::int64_t> hidden{16, 16};
  UnitKind units = UnitKind::bernoulli;
  void visit(OptionVisitor& v) {
    v("visible", visible, "the visible units; by default as many as the data have columns", "size");
    v("hidden", hidden, "number of units of each hidden layer, from the lowest", between(1, 1e7));
    v("units", units, "kind of all units that do not say otherwise", unit_kind_names);
  }
};

struct DbnOptions : DbmOptions {};

struct HopfieldOptions {
  std::size_t visible = 0;
  void visit(OptionVisitor& v) {
    v("visible", visible, "number of spins; 0 takes it from the data", between(0, 1e7));
  }
};

struct LatticeOptions {
  std::vector<std::int64_t> size{4, 4};
  bool periodic = true;
  double coupling = 1;
  void visit(OptionVisitor& v);
  /// Nearest neighbours, each pair once; an edge of length 1 or, where it wraps, 2 has no bond twice.
  std::vector<Graph::Edge> edges() const;
  std::size_t sites() const;
};
struct IsingOptions : LatticeOptions {
  double field = 0;
  void visit(OptionVisitor& v) {
    LatticeOptions::visit(v);
    v("field", field, "the field on every site; init.visible_bias gives others");
  }
};
struct PottsOptions : LatticeOptions {
  std::uint32_t q = 3;
  void visit(OptionVisitor& v) {
    v("q", q, "number of states of a site", between(2, 65535));
    LatticeOptions::visit(v);
  }
};

/// Arrays visible_bias, hidden_bias, (<block>_sigma), W. Throws InputError when a block is empty.
template <std::floating_point T> BlockBoltzmann<T> make_rbm(const RbmOptions& options);

/// An RBM that sees labels as well, one categorical site in the block `label` (Larochelle & Bengio 2008).
/// Arrays visible_bias, label_bias, hidden_bias, (<block>_sigma), W [visible, hidden], U [label, hidden].
template <std::floating_point T>
BlockBoltzmann<T> make_classification_rbm(const ClassificationRbmOptions& options);

/// Arrays visible_bias, (hidden_bias), then J, W and J_hidden as far as they exist.
template <std::floating_point T>
BlockBoltzmann<T> make_boltzmann_machine(const BoltzmannMachineOptions& options);

/// Arrays visible_bias, hidden1_bias, hidden2_bias, …, W1 [visible, hidden1], W2 [hidden1, hidden2], …
template <std::floating_point T> BlockBoltzmann<T> make_dbm(const DbmOptions& options);

/// Layers as in a dbm; arrays are those of DeepBelief.
template <std::floating_point T> DeepBelief<T> make_dbn(const DbnOptions& options);

/// Spins, all coupled with each other. Arrays visible_bias, J [spins, spins].
template <std::floating_point T> BlockBoltzmann<T> make_hopfield(const HopfieldOptions& options);

/// Spins on a lattice, E = −Σ_<ij> J_ij s_i s_j − Σ_i field_i s_i. Arrays visible_bias, J [edges].
template <std::floating_point T> BlockBoltzmann<T> make_ising(const IsingOptions& options);

/// Potts spins on a lattice, E = −Σ_<ij> J_ij δ(s_i, s_j) − Σ_i field_i(s_i). Arrays visible_bias, J [edges].
template <std::floating_point T> BlockBoltzmann<T> make_potts(const PottsOptions& options);

} // namespace ebm
