#pragma once
#include <memory>
#include <optional>

#include "ebm/concepts/derive.hpp"

namespace ebm {

/// By block: which of its sites are held fixed. An empty mask holds none.
using FixedSites = std::vector<std::vector<bool>>;

/// Couplings J of a block with itself between those of its sites that are free: dense like J, or the subgraph
/// of these sites.
template <std::floating_point T> class FreeCoupling {
 public:
  FreeCoupling(const SelfCoupling<T>& J, std::span<const SiteId> sites, std::size_t width)
      : values_(J.graph == nullptr ? submatrix(*J.values, sites, width) : make_batch<T>(0, 0)) {
    if (J.graph != nullptr) cut_graph(J, sites);
  }
  SelfCoupling<T> coupling() const { return {&values_, graph_ ? &*graph_ : nullptr}; }

 private:
  static Batch<T> submatrix(const Batch<T>& J, std::span<const SiteId> sites, std::size_t width) {
    Batch<T> between = make_batch<T>(sites.size() * width, sites.size() * width);
    for (std::size_t i = 0; i < between.shape(0); ++i)
      for (std::size_t j = 0; j < sites.size(); ++j)
        std::copy_n(&J(sites[i / width] * width + i % width, sites[j] * width), width,
                    &between(i, j * width));
    return between;
  }

  void cut_graph(const SelfCoupling<T>& J, std::span<const SiteId> sites) {
    constexpr std::uint32_t none = std::uint32_t(-1);
    std::vector<std::uint32_t> number(J.graph->sites(), none);
    for (std::size_t i = 0; i < sites.size(); ++i) number[sites[i]] = std::uint32_t(i);
    std::vector<Graph::Edge> edges;
    std::vector<T> values; // free sites keep their order, so the graph does not reorder their edges
    for (std::size_t k = 0; k < J.graph->edges().size(); ++k) {
      const auto [i, j] = J.graph->edges()[k];
      if (number[i] == none || number[j] == none) continue;
      edges.emplace_back(number[i], number[j]);
      values.push_back(J.values->data()[k]);
    }
    values_ = make_batch<T>(1, values.size());
    std::ranges::copy(values, values_.data());
    graph_.emplace(sites.size(), std::move(edges));
  }

  std::optional<Graph> graph_;
  Batch<T> values_; ///< J [free columns, free columns], or [1, edges]
};

/// What conditioned energies that fix the same sites share, whatever the fixed values: the blocks of the free
/// sites and their couplings. Parameters must not change meanwhile. Does not own the energy, which must
/// outlive it.
template <Energy E> class FreeSites {
 public:
  using T = real_t<E>;
  /// A block with free sites.
  struct Part {
    BlockId block; ///< of the energy
    std::vector<SiteId> sites;
    bool cut;                                ///< some of its sites are fixed
    std::optional<FreeCoupling<T>> coupling; ///< of a cut self-coupled block
  };

  /// Throws InputError when no site is free.
  FreeSites(const E& energy, const FixedSites& fixed) : energy_(&energy) {
    assert(fixed.size() == energy.space().size());
    std::vector<Block> blocks;
    for (BlockId b = 0; b < energy.space().size(); ++b) {
      Block block = energy.space()[b];
      assert(fixed[b].empty() || fixed[b].size() == block.sites);
      Part part{b, {}, false, {}};
      for (SiteId j = 0; j < block.sites; ++j)
        if (fixed[b].empty() || !fixed[b][j]) part.sites.push_back(j);
      if (part.sites.empty()) continue;
      part.cut = part.sites.size() != block.sites;
      block.sites = part.sites.size();
      if constexpr (HasSelfCoupling<E>)
        if (const SelfCoupling<T> J = energy.self_coupling(b); J && part.cut)
          part.coupling.emplace(J, part.sites, block.width());
      blocks.push_back(std::move(block));
      parts_.push_back(std::move(part));
    }
    if (parts_.empty()) throw InputError("all units are fixed: there is nothing left to vary");
    space_ = StateSpace(std::move(blocks));
  }
  const E& energy() const { return *energy_; }
  const StateSpace& space() const { return space_; }
  const std::vector<Part>& parts() const { return parts_; } ///< one a block of space()

 private:
  const E* energy_;
  StateSpace space_;
  std::vector<Part> parts_;
};

/// The free sites given the values of the fixed ones, p(free | fixed) ∝ exp(−E(free, fixed)): inpainting and
/// completion. `space` has the energy's blocks with their free sites only, in order, and without the blocks
/// that have none; so states hold no fixed value. Fixed values are those of chain c for chain c, or one
/// configuration for any number of chains. Closed forms of the joint law are not offered.
///
/// The couplings of a block with fixed sites, and the field of these on its free ones, are worked out once:
/// parameters must not change meanwhile. Owns neither the energy nor the values; both must outlive it.
template <Energy E> class Conditioned {
 public:
  using real_type = real_t<E>;
  using T = real_type;

  /// `values` holds whole configurations; those of free sites are not read. Throws InputError when no site is
  /// free.
  Conditioned(const E& energy, const State<T>& values, const FixedSites& fixed)
      : Conditioned(std::make_shared<const FreeSites<E>>(energy, fixed), values) {}
  Conditioned(std::shared_ptr<const FreeSites<E>> free, const State<T>& values)
      : free_(std::move(free)), energy_(&free_->energy()), values_(&values) {
    assert(values.chains() > 0);
    for (const Part& part : free_->parts())
      fields_.push_back(part.coupling ? field_of_fixed(part) : make_batch<T>(0, 0));
  }
  const StateSpace& space() const { return free_->space(); }
  bool supports(Capability c, BlockId b) const {
    constexpr Capabilities kept = Capability::state_gradient | Capability::block_natural |
                                  Capability::site_natural | Capability::self_coupling;
    return kept.contains(c) && ebm::supports(*energy_, c, part(b).block);
  }

  /// Whole configurations: free values from x, the others as they are fixed.
  void complete(const State<T>& x, State<T>& whole) const {
    assert(values_->chains() == 1 || values_->chains() == x.chains());
    whole = *values_;
    if (whole.chains() != x.chains()) repeat_fixed(x.chains(), whole);
    for (BlockId k = 0; k < space().size(); ++k) {
      const std::vector<SiteId>& sites = part(k).sites;
      const std::size_t width = space()[k].width();
      Batch<T>& to = whole.values(part(k).block);
      for (std::size_t c = 0; c < x.chains(); ++c)
        for (std::size_t i = 0; i < sites.size(); ++i)
          std::copy_n(&x[k](c, i * width), width, &to(c, sites[i] * width));
      whole.find_bits(part(k).block);
    }
  }

  /// The free values of whole configurations.
  State<T> free_part(const State<T>& whole) const {
    State<T> x(space(), whole.chains());
    for (BlockId k = 0; k < space().size(); ++k) {
      keep_free(part(k), whole[part(k).block], space()[k].width(), x.values(k));
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
    on_whole(x, b, space()[b].width(), g, [&](const State<T>& whole, Batch<T>& all) {
      energy_->state_gradient(whole, part(b).block, all);
    });
  }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const requires HasBlockNatural<E> {
    on_whole(x, b, space()[b].natural_width(), eta, [&](const State<T>& whole, Batch<T>& all) {
      energy_->block_natural(whole, part(b).block, all);
    });
    const Batch<T>& field = fields_[b];
    if (field.size() == 0) return;
    for (std::size_t c = 0; c < x.chains(); ++c)
      for (std::size_t i = 0; i < eta.shape(1); ++i) eta(c, i) += field(field.shape(0) == 1 ? 0 : c, i);
  }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const requires HasSiteNatural<E> {
    const Scratch<State<T>> whole;
    complete(x, *whole);
    energy_->site_natural(*whole, part(b).block, part(b).sites[j], eta);
  }
  bool coupled(BlockId a, BlockId b) const { return ebm::coupled(*energy_, part(a).block, part(b).block); }
  SelfCoupling<T> self_coupling(BlockId b) const requires HasSelfCoupling<E> {
    return part(b).coupling ? part(b).coupling->coupling() : energy_->self_coupling(part(b).block);
  }

 private:
  using Part = typename FreeSites<E>::Part;

  const Part& part(BlockId b) const { return free_->parts()[b]; }

  /// x_fixed J for the free columns of a cut self-coupled block, [chains of the values, free columns].
  Batch<T> field_of_fixed(const Part& part) const {
    const Block& block = energy_->space()[part.block];
    const std::size_t width = block.width();
    Batch<T> x = (*values_)[part.block], all = make_batch<T>(x.shape(0), block.columns()),
             field = make_batch<T>(x.shape(0), part.sites.size() * width);
    for (std::size_t c = 0; c < x.shape(0); ++c)
      for (const SiteId j : part.sites) std::fill_n(&x(c, j * width), width, T(0));
    if constexpr (HasSelfCoupling<E>) energy_->self_coupling(part.block).add_field(x, width, all);
    keep_free(part, all, width, field);
    return field;
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
    if (!part(b).cut) return f(*whole, out);
    const Scratch<Batch<T>> all;
    reshape(*all, x.chains(), energy_->space()[part(b).block].sites * width);
    f(*whole, *all);
    keep_free(part(b), *all, width, out);
  }

  /// Of `width` columns a site, those of the free sites.
  static void keep_free(const Part& part, const Batch<T>& all, std::size_t width, Batch<T>& out) {
    for (std::size_t c = 0; c < all.shape(0); ++c)
      for (std::size_t i = 0; i < part.sites.size(); ++i)
        std::copy_n(&all(c, part.sites[i] * width), width, &out(c, i * width));
  }

  std::shared_ptr<const FreeSites<E>> free_;
  const E* energy_;
  const State<T>* values_;
  std::vector<Batch<T>> fields_; ///< by block of space(): field_of_fixed; empty without
};

} // namespace ebm
