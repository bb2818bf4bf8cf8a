#pragma once
#include "ebm/concepts/sampler.hpp"
#include "ebm/core/units/panel_scan.hpp"
#include "samplers/scan.hpp"

namespace ebm {

/// Gibbs sampling (Geman & Geman 1984). A block that is independent given the rest is drawn at once; a block
/// whose sites depend on each other is scanned site by site, each from its conditional: from fields kept up
/// to date where the energy gives its self_coupling, from site_natural or energies otherwise. A random scan
/// updates as many sites as the block has, each chosen afresh for each chain.
template <std::floating_point T> class Gibbs {
 public:
  struct state_type : ChainState<T> {
    Batch<T> eta, noise, site_eta, before; // scratch
    std::vector<double> energies;
    std::vector<SiteId> sites;
  };
  explicit Gibbs(Scan scan = Scan::systematic) : scan_(scan) {}

  Capabilities required() const { return {}; }
  Exactness exactness() const { return Exactness::exact; }

  template <Energy E> std::optional<std::string> check(const E& e) const {
    for (BlockId b = 0; b < e.space().size(); ++b) {
      const Block& block = e.space()[b];
      if (block.clamped || supports(e, Capability::block_natural, b)) continue;
      const bool by_site =
          supports(e, Capability::self_coupling, b) || supports(e, Capability::site_natural, b);
      if (!block.discrete() && !by_site)
        return "gibbs needs the conditional law of block '" + block.name + "' (" +
               std::string(block.unit_name()) +
               " units), and this energy does not give it: use metropolis or langevin";
      if (scan_ == Scan::random && !block.discrete())
        return "gibbs with scan: random is for discrete units, and block '" + block.name + "' holds " +
               std::string(block.unit_name()) + " units: use scan: systematic";
    }
    return std::nullopt;
  }

  template <Energy E>
  state_type init(const E&, State<T> x, std::uint32_t first_chain, std::uint64_t first_sweep) const {
    state_type s;
    static_cast<ChainState<T>&>(s) = {std::move(x), first_chain, first_sweep, {}};
    return s;
  }
  ChainState<T>& chains(state_type& s) const { return s; }
  const ChainState<T>& chains(const state_type& s) const { return s; }
  void archive(state_type& s, Archive& a) const { s.archive(a); }

  template <Energy E> StepInfo step(const E& e, state_type& s, const random::Draws& draws) const {
    s.means.known = false;
    for (BlockId b = 0; b < e.space().size(); ++b) {
      const Block& block = e.space()[b];
      if (block.clamped) continue;
      const random::Address address{random::Stream::gibbs, s.sweep, s.first_chain, std::uint8_t(b)};
      if (supports(e, Capability::block_natural, b)) {
        if constexpr (HasBlockNatural<E>) {
          reshape(s.eta, s.x.chains(), block.natural_columns());
          e.block_natural(s.x, b, s.eta);
          s.means.known = s.means.block == b;
          draws.units(address, block, s.eta, s.noise, s.x, b, s.means.known ? &s.means.values : nullptr);
        }
      } else {
        s.means.known = false;
        scan(e, b, s, draws, address);
      }
    }
    ++s.sweep;
    return {};
  }

 private:
  template <Energy E>
  void scan(const E& e, BlockId b, state_type& s, const random::Draws& draws,
            const random::Address& address) const {
    if constexpr (HasSelfCoupling<E>)
      if (const SelfCoupling<T> J = e.self_coupling(b)) {
        if (scan_ == Scan::systematic && J.graph != nullptr) return scan_colours(e, b, J, s, draws, address);
        if (scan_ == Scan::systematic && s.x.two_valued(b) && !draws.decides())
          return scan_panels(e, b, *J.dense(), s, draws, address);
        reshape(s.eta, s.x.chains(), e.space()[b].natural_columns());
        derive::naturals(e, s.x, b, s.eta);
        return scan_sites(e, b, J, s, draws, address);
      }
    scan_sites(e, b, SelfCoupling<T>{}, s, draws, address);
  }

  /// The systematic scan of a self-coupled block of two-valued units. A panel of sites gets the fields of all
  /// present values in one product; inside, chains stand along the lanes of vectors.
  template <Energy E>
  void scan_panels(const E& e, BlockId b, const Batch<T>& J, state_type& s, const random::Draws& draws,
                   const random::Address& address) const {
    const Block& block = e.space()[b];
    const std::size_t n = s.x.chains();
    reshape(s.eta, n, block.sites);
    e.block_natural(s.x, b, s.eta);
    draws.site_noise(address, block, n, s.noise);
    const auto [low, high] = two_values(block).value();
    const TwoValuedUnit<T> unit{T(log_odds_scale(block)), T(low), T(high)};
    for (std::size_t first = 0; first < block.sites; first += panel_sites) {
      const std::size_t sites = std::min(panel_sites, block.sites - first);
      s.x.find_bits(b);
      reshape(s.site_eta, n, sites);
      for (std::size_t c = 0; c < n; ++c)
        std::copy_n(row(s.eta, c).data() + first, sites, row(s.site_eta, c).data());
      linalg::add_product(s.x.factor(b), J, linalg::Transpose::no, s.site_eta, {first, sites});
      scan_panel<T>(s.site_eta, s.noise, J, first, unit, s.x.values(b));
    }
    s.x.find_bits(b);
  }

  /// The systematic scan of a block whose couplings are a graph: colour after colour. The sites of a colour
  /// are not coupled with each other, so that their order does not matter.
  template <Energy E>
  void scan_colours(const E& e, BlockId b, const SelfCoupling<T>& J, state_type& s,
                    const random::Draws& draws, const random::Address& address) const {
    const Block& block = e.space()[b];
    const std::size_t n = s.x.chains(), width = block.width();
    reshape(s.eta, n, block.natural_columns());
    e.block_natural(s.x, b, s.eta);
    draws.site_noise(address, block, n, s.noise);
    reshape(s.site_eta, n, width);
    s.sites.resize(n);
    Batch<T>& x = s.x.values(b);
    for (const auto& colour : J.graph->colours())
      for (const SiteId j : colour) {
        for (std::size_t c = 0; c < n; ++c) {
          const T* const values = row(std::as_const(x), c).data();
          T* const eta = row(s.site_eta, c).data();
          std::copy_n(&s.eta(c, j * width), width, eta);
          for (const Graph::Neighbour& k : J.graph->neighbours(j))
            for (std::size_t i = 0; i < width; ++i)
              eta[i] += J.values->data()[k.edge] * values[k.site * width + i];
        }
        std::ranges::fill(s.sites, j);
        draws.site(block, s.site_eta, s.noise, j, s.sites, x);
      }
    s.x.find_bits(b);
  }

  /// A scan site after site: with J from fields that follow every change, without from site_natural or
  /// energies.
  template <Energy E>
  void scan_sites(const E& e, BlockId b, const SelfCoupling<T>& J, state_type& s, const random::Draws& draws,
                  const random::Address& address) const {
    const Block& block = e.space()[b];
    const std::size_t n = s.x.chains(), width = block.natural_width();
    draws.site_noise(address, block, n, s.noise);
    reshape(s.site_eta, n, width);
    s.sites.resize(n);
    random::Address order = address;
    order.stream = random::Stream::proposal;
    for (SiteId t = 0; t < block.sites; ++t) {
      if (scan_ == Scan::random)
        draws.choices(order, t, std::uint32_t(block.sites), s.sites);
      else
        std::ranges::fill(s.sites, t);
      if (J) {
        for (std::size_t c = 0; c < n; ++c)
          std::copy_n(&s.eta(c, s.sites[c] * width), width, &s.site_eta(c, 0));
        update_fields(
            block, J, s, [&] { draws.site(block, s.site_eta, s.noise, t, s.sites, s.x.values(b)); }, b);
      } else {
        site_natural(e, b, s);
        draws.site(block, s.site_eta, s.noise, t, s.sites, s.x.values(b));
      }
    }
    s.x.find_bits(b);
  }

  /// Natural parameters of site s.sites[c] of chain c, by the energy's own method where all sites are the
  /// same.
  template <Energy E> void site_natural(const E& e, BlockId b, state_type& s) const {
    if constexpr (HasSiteNatural<E>)
      if (scan_ == Scan::systematic && supports(e, Capability::site_natural, b))
        return e.site_natural(s.x, b, s.sites[0], s.site_eta);
    derive::site_natural_from_energies(e, s.x, b, s.sites, s.site_eta, s.energies);
  }

  /// Runs `draw`, and adds (change of the site) · J to the fields of each chain.
  template <class Draw>
  void update_fields(const Block& block, const SelfCoupling<T>& J, state_type& s, Draw draw,
                     BlockId b) const {
    const std::size_t n = s.x.chains(), width = block.width();
    reshape(s.before, n, width);
    for (std::size_t c = 0; c < n; ++c) std::copy_n(&s.x[b](c, s.sites[c] * width), width, &s.before(c, 0));
    draw();
    for (std::size_t c = 0; c < n; ++c)
      for (std::size_t k = 0; k < width; ++k) {
        const std::size_t column = s.sites[c] * width + k;
        const T d = s.x[b](c, column) - s.before(c, k);
        if (d != T(0)) J.add_change(column, d, width, row(s.eta, c));
      }
  }

  Scan scan_;
};

} // namespace ebm
