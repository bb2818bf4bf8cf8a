#pragma once
#include "ebm/concepts/derive.hpp"

namespace ebm {

/// By block: which of its sites are held fixed. An empty mask holds none.
using FixedSites = std::vector<std::vector<bool>>;

/// The free sites given the values of the fixed ones, p(free | fixed) ∝ exp(−E(free, fixed)): inpainting and
/// completion. `space` has the energy's blocks with their free sites only, in order, and without the blocks
/// that have none; so states hold no fixed value. Fixed values are those of chain c for chain c, or one
/// configuration for any number of chains. Closed forms of the joint law are not offered.
///
/// The field of fixed sites on free ones of their own block is worked out once: parameters must not change
/// meanwhile. Owns neither the energy nor the values; both must outlive it.
template <Energy E> class Conditioned {
 public:
  using real_type = real_t<E>;
  using T = real_type;

  /// `values` holds whole configurations; those of free sites are not read. Throws InputError when no site is
  /// free.
  Conditioned(const E& energy, const State<T>& values, const FixedSites& fixed)
      : energy_(&energy), values_(&values) {
    assert(fixed.size() == energy.space().size() && values.chains() > 0);
    std::vector<Block> blocks;
    for (BlockId b = 0; b < energy.space().size(); ++b) {
      Block block = energy.space()[b];
      assert(fixed[b].empty() || fixed[b].size() == block.sites);
      Part part{b, {}, false, make_batch<T>(0, 0), make_batch<T>(0, 0)};
      for (SiteId j = 0; j < block.sites; ++j)
        if (fixed[b].empty() || !fixed[b][j]) part.sites.push_back(j);
      if (part.sites.empty()) continue;
      part.cut = part.sites.size() != block.sites;
      block.sites = part.sites.size();
      blocks.push_back(std::move(block));
      if constexpr (HasSelfCoupling<E>)
        if (const SelfCoupling<T> J = energy.self_coupling(b); J && part.cut)
          cut_coupling(J.matrix(energy.space()[b].columns(), energy.space()[b].width()), part);
      parts_.push_back(std::move(part));
    }
    if (parts_.empty()) throw InputError("all units are fixed: there is nothing left to vary");
    space_ = StateSpace(std::move(blocks));
  }
  const StateSpace& space() const { return space_; }
  bool supports(Capability c, BlockId b) const {
    constexpr Capabilities kept = Capability::state_gradient | Capability::block_natural |
                                  Capability::site_natural | Capability::self_coupling;
    return kept.contains(c) && ebm::supports(*energy_, c, parts_[b].block);
  }

  /// Whole configurations: free values from x, the others as they are fixed.
  void complete(const State<T>& x, State<T>& whole) const {
    assert(values_->chains() == 1 || values_->chains() == x.chains());
    whole = *values_;
    if (whole.chains() != x.chains()) repeat_fixed(x.chains(), whole);
    for (BlockId k = 0; k < parts_.size(); ++k) {
      const std::vector<SiteId>& sites = parts_[k].sites;
      const std::size_t width = space_[k].width();
      Batch<T>& to = whole.values(parts_[k].block);
      for (std::size_t c = 0; c < x.chains(); ++c)
        for (std::size_t i = 0; i < sites.size(); ++i)
          std::copy_n(&x[k](c, i * width), width, &to(c, sites[i] * width));
      whole.find_bits(parts_[k].block);
    }
  }

  /// The free values of whole configurations.
  State<T> free_part(const State<T>& whole) const {
    State<T> x(space_, whole.chains());
    for (BlockId k = 0; k < parts_.size(); ++k) {
      keep_free(parts_[k], whole[parts_[k].block], space_[k].width(), x.values(k));
      x.find_bits(k);
    }
    return x;
  }

  void energy(const State<T>& x, std::span<double> out) const {
    const Scratch<State<T>> whole;
    complete(x, *whole);
    energy_->energy(*whole, out);
  }
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const requires HasStateGradient<E> {
    on_whole(x, b, space_[b].width(), g, [&](const State<T>& whole, Batch<T>& all) {
      energy_->state_gradient(whole, parts_[b].block, all);
    });
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const requires HasBlockNatural<E> {
    on_whole(x, b, space_[b].natural_width(), eta, [&](const State<T>& whole, Batch<T>& all) {
      energy_->block_natural(whole, parts_[b].block, all);
    });
    const Batch<T>& field = parts_[b].field;
    if (field.size() == 0) return;
    for (std::size_t c = 0; c < x.chains(); ++c)
      for (std::size_t i = 0; i < eta.shape(1); ++i) eta(c, i) += field(field.shape(0) == 1 ? 0 : c, i);
  }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const requires HasSiteNatural<E> {
    const Scratch<State<T>> whole;
    complete(x, *whole);
    energy_->site_natural(*whole, parts_[b].block, parts_[b].sites[j], eta);
  }
  bool coupled(BlockId a, BlockId b) const {
    return ebm::coupled(*energy_, parts_[a].block, parts_[b].block);
  }
  SelfCoupling<T> self_coupling(BlockId b) const requires HasSelfCoupling<E> {
    const Part& part = parts_[b];
    return part.coupling.size() != 0 ? SelfCoupling<T>{&part.coupling} : energy_->self_coupling(part.block);
  }

 private:
  /// A block with free sites.
  struct Part {
    BlockId block; ///< of the energy
    std::vector<SiteId> sites;
    bool cut;          ///< some of its sites are fixed
    Batch<T> coupling; ///< of a cut self-coupled block: J between its free columns
    Batch<T> field;    ///< of the same: x_fixed J, [chains of the values, free columns]
  };

  void cut_coupling(const Batch<double>& J, Part& part) const {
    const std::size_t width = energy_->space()[part.block].width();
    std::vector<std::size_t> columns;
    for (const SiteId j : part.sites)
      for (std::size_t k = 0; k < width; ++k) columns.push_back(j * width + k);
    std::vector<bool> free(J.shape(0));
    for (const std::size_t j : columns) free[j] = true;
    part.coupling = make_batch<T>(columns.size(), columns.size());
    part.field = make_batch<T>(values_->chains(), columns.size());
    for (std::size_t j = 0; j < columns.size(); ++j)
      for (std::size_t i = 0; i < columns.size(); ++i) part.coupling(i, j) = T(J(columns[i], columns[j]));
    for (std::size_t c = 0; c < values_->chains(); ++c)
      for (std::size_t i = 0; i < free.size(); ++i)
        for (std::size_t j = 0; j < columns.size() && !free[i]; ++j)
          part.field(c, j) += (*values_)[part.block](c, i) * T(J(i, columns[j]));
  }

  /// The one configuration of fixed values, for n chains.
  void repeat_fixed(std::size_t n, State<T>& whole) const {
    whole.resize(n);
    for (BlockId b = 0; b < energy_->space().size(); ++b) {
      whole.make_room_for_bits(b);
      for (std::size_t c = 0; c < n; ++c) whole.copy_chains(b, *values_, 0, 1, c);
    }
  }

  /// f(whole configurations, out of the whole block), of which the free sites are kept.
  template <class F>
  void on_whole(const State<T>& x, BlockId b, std::size_t width, Batch<T>& out, F f) const {
    const Scratch<State<T>> whole;
    complete(x, *whole);
    const Part& part = parts_[b];
    if (!part.cut) return f(*whole, out);
    const Scratch<Batch<T>> all;
    reshape(*all, x.chains(), energy_->space()[part.block].sites * width);
    f(*whole, *all);
    keep_free(part, *all, width, out);
  }

  /// Of `width` columns a site, those of the free sites.
  static void keep_free(const Part& part, const Batch<T>& all, std::size_t width, Batch<T>& out) {
    for (std::size_t c = 0; c < all.shape(0); ++c)
      for (std::size_t i = 0; i < part.sites.size(); ++i)
        std::copy_n(&all(c, part.sites[i] * width), width, &out(c, i * width));
  }

  const E* energy_;
  const State<T>* values_;
  StateSpace space_;
  std::vector<Part> parts_; ///< one a block of `space_`
};

} // namespace ebm
