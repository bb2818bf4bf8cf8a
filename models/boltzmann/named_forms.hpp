// The named Boltzmann machines: options, and the blocks and couplings that they stand for.
#pragma once
#include <array>

#include "ebm/registry/options.hpp"
#include "models/boltzmann/block_boltzmann.hpp"

namespace ebm {

enum class UnitKind : std::uint8_t { bernoulli, spin, categorical };
inline constexpr std::array<std::string_view, 3> unit_kind_names{"bernoulli", "spin", "categorical"};

/// One block in YAML: `hidden: 12` is short for `hidden: {size: 12}`. Units not given here are the model's.
struct BlockOptions {
  std::size_t size = 0;
  std::optional<UnitKind> units;
  std::uint32_t q = 2;
  std::size_t smallest = 0; ///< number of units
  void visit(OptionVisitor& v) {
    v("size", size, "number of units; 0 takes the visible ones from the data",
      between(double(smallest), 1e7));
    v("units", units, "kind of the units; by default the model's",
      std::span<const std::string_view>(unit_kind_names));
    v("q", q, "number of categories of categorical units", between(2, 65535));
  }
  Block block(std::string name, UnitKind model_units, Role role) const;
};

struct RbmOptions {
  BlockOptions visible, hidden{16, std::nullopt, 2, 1};
  UnitKind units = UnitKind::bernoulli;
  void visit(OptionVisitor& v) {
    v("visible", visible, "the visible units; by default as many as the data have columns", "size");
    v("hidden", hidden, "the hidden units", "size");
    v("units", units, "kind of all units that do not say otherwise", unit_kind_names);
  }
};

enum class CouplingKind : std::uint8_t { vv, vh, hh };
inline constexpr std::array<std::string_view, 3> coupling_kind_names{"vv", "vh", "hh"};

struct BoltzmannMachineOptions {
  BlockOptions visible, hidden;
  UnitKind units = UnitKind::bernoulli;
  std::optional<std::vector<CouplingKind>> couplings;
  void visit(OptionVisitor& v) {
    v("visible", visible, "the visible units; by default as many as the data have columns", "size");
    v("hidden", hidden, "the hidden units; by default none", "size");
    v("units", units, "kind of all units that do not say otherwise", unit_kind_names);
    v("couplings", couplings, "which couplings exist; by default all that the blocks allow",
      std::span<const std::string_view>(coupling_kind_names));
  }
};

/// Arrays visible_bias, hidden_bias, W. Throws InputError when a block is empty.
template <std::floating_point T> BlockBoltzmann<T> make_rbm(const RbmOptions& options);

/// Arrays visible_bias, (hidden_bias), then J, W and J_hidden as far as they exist.
template <std::floating_point T>
BlockBoltzmann<T> make_boltzmann_machine(const BoltzmannMachineOptions& options);

} // namespace ebm
