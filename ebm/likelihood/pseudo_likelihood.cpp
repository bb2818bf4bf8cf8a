#include "ebm/likelihood/pseudo_likelihood.hpp"

#include "ebm/likelihood/map_rows.hpp"

namespace ebm {
namespace {

std::size_t visible_sites(const StateSpace& space) {
  std::size_t n = 0;
  for (const Block& b : space.blocks())
    if (!b.latent()) n += b.sites;
  return n;
}

/// Share of level k in a site's value: 1 for the level it has, and its part where the value is a mean (of a
/// binomial unit: between the two nearest levels).
template <class T> double share(const Block& block, const T* value, std::uint32_t k) {
  if (std::holds_alternative<units::Bernoulli>(block.unit))
    return k == 1 ? double(value[0]) : 1 - double(value[0]);
  if (std::holds_alternative<units::Spin>(block.unit))
    return 0.5 * (1 + (k == 1 ? 1 : -1) * double(value[0]));
  if (std::holds_alternative<units::Binomial>(block.unit))
    return std::max(0.0, 1 - std::abs(double(value[0]) - double(k)));
  return double(value[k]);
}

/// out[c] += scale · log p(x_j | rest) of site sites[c] of block b, from the free energies of all its levels;
/// linear in the site's value where that is a mean, and −inf where every level has probability 0.
template <class T>
void add_site_log_probability(const AnyEnergy<T>& e, State<T>& x, BlockId b, std::span<const SiteId> sites,
                              double scale, std::span<const std::uint8_t> wanted, std::span<double> out) {
  const Block& block = e.space()[b];
  const std::size_t n = x.chains(), width = block.width(), levels = block.levels();
  std::vector<LogSum> sums(n);
  std::vector<double> f(n * levels);
  std::vector<T> own(n * width);
  std::vector<double> log_base(levels);
  for (std::size_t c = 0; c < n; ++c) std::copy_n(&x[b](c, sites[c] * width), width, &own[c * width]);
  for (std::uint32_t k = 0; k < levels; ++k) {
    for (std::size_t c = 0; c < n; ++c) set_level(block, x.values(b), c, sites[c], k);
    log_base[k] =
        std::visit([&](const auto& u) { return log_base_of(u, &x[b](0, sites[0] * width)); }, block.unit);
    derive::free_energy(e, x, std::span<double>(f).subspan(k * n, n));
    for (std::size_t c = 0; c < n; ++c) sums[c].add(log_base[k] - f[k * n + c]);
  }
  for (std::size_t c = 0; c < n; ++c) {
    std::copy_n(&own[c * width], width, &x.values(b)(c, sites[c] * width));
    if (!wanted.empty() && !wanted[c]) continue;
    for (std::uint32_t k = 0; k < levels; ++k)
      if (const double p = share(block, &own[c * width], k); p != 0)
        out[c] += sums[c].value() == -infinity ? -infinity
                                               : scale * p * (log_base[k] - f[k * n + c] - sums[c].value());
  }
}

/// One visible site for each chain of a work item, the numbers of blocks counted on.
std::vector<std::uint32_t> chosen_sites(const StateSpace& space, const random::Draws& draws,
                                        std::uint64_t sweep, std::size_t first_row, std::size_t n) {
  std::vector<std::uint32_t> chosen(n);
  draws.choices({random::Stream::evaluation, sweep, std::uint32_t(first_row), 0}, 0,
                std::uint32_t(visible_sites(space)), chosen);
  return chosen;
}

} // namespace

template <std::floating_point T>
std::vector<double> row_free_energies(const AnyEnergy<T>& e, const Rows<T>& data) {
  return map_rows(e, data,
                  [&](std::size_t, State<T>& x, std::span<double> out) { derive::free_energy(e, x, out); });
}

template <std::floating_point T>
std::vector<double> row_log_weights(const AnyEnergy<T>& e, const Rows<T>& data) {
  return map_rows(e, data, [&](std::size_t, State<T>& x, std::span<double> out) {
    derive::free_energy(e, x, out);
    for (double& v : out) v = -v;
    for (BlockId b = 0; b < e.space().size(); ++b)
      if (!e.space()[b].latent()) add_log_bases(e.space()[b], x[b], out);
  });
}

template <std::floating_point T> std::optional<std::string> check_pseudo_likelihood(const AnyEnergy<T>& e) {
  for (const Block& b : e.space().blocks())
    if (!b.latent() && !b.discrete())
      return "pseudo_likelihood needs discrete visible units, and block '" + b.name + "' holds " +
             std::string(b.unit_name()) + " units";
  if (!derive::has_free_energy(e))
    return "pseudo_likelihood needs the free energy, which this model does not have";
  return std::nullopt;
}

template <std::floating_point T>
std::vector<double> pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data) {
  const StateSpace& space = e.space();
  const bool fields =
      space.latent_blocks().empty() && space.size() == 1 &&
      (supports(e, Capability::block_natural, 0) || supports(e, Capability::self_coupling, 0));
  return map_rows(e, data, [&](std::size_t, State<T>& x, std::span<double> out) {
    if (fields) {
      Batch<T> eta = make_batch<T>(x.chains(), space[0].natural_columns());
      derive::naturals(e, x, 0, eta);
      return add_log_densities(space[0], eta, x[0], out);
    }
    for (BlockId b = 0; b < space.size(); ++b)
      if (!space[b].latent())
        for (SiteId j = 0; j < space[b].sites; ++j)
          add_site_log_probability(e, x, b, std::vector<SiteId>(x.chains(), j), 1.0, {}, out);
  });
}

template <std::floating_point T>
std::vector<double> stochastic_pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data,
                                                  const random::Draws& draws, std::uint64_t sweep) {
  const StateSpace& space = e.space();
  const std::size_t total = visible_sites(space);
  return map_rows(e, data, [&](std::size_t first, State<T>& x, std::span<double> out) {
    const std::vector<std::uint32_t> chosen = chosen_sites(space, draws, sweep, first, x.chains());
    std::uint32_t offset = 0;
    for (BlockId b = 0; b < space.size(); ++b) {
      if (space[b].latent()) continue;
      std::vector<SiteId> sites(x.chains());
      std::vector<std::uint8_t> wanted(x.chains());
      for (std::size_t c = 0; c < x.chains(); ++c) {
        wanted[c] = chosen[c] >= offset && chosen[c] < offset + space[b].sites;
        sites[c] = wanted[c] ? chosen[c] - offset : 0;
      }
      add_site_log_probability(e, x, b, sites, double(total), wanted, out);
      offset += std::uint32_t(space[b].sites);
    }
  });
}

template <std::floating_point T>
std::optional<std::string> check_flip_pseudo_likelihood(const AnyEnergy<T>& e) {
  for (const Block& b : e.space().blocks())
    if (!b.latent() && !two_values(b))
      return "flip_pseudo_likelihood needs visible units of two values, and block '" + b.name + "' holds " +
             std::string(b.unit_name()) + " units";
  return check_pseudo_likelihood(e);
}

template <std::floating_point T>
std::vector<double> flip_pseudo_likelihoods(const AnyEnergy<T>& e, const Rows<T>& data,
                                            const random::Draws& draws, std::uint64_t sweep) {
  const StateSpace& space = e.space();
  const double total = double(visible_sites(space));
  return map_rows(e, data, [&](std::size_t first, State<T>& x, std::span<double> out) {
    const std::vector<std::uint32_t> chosen = chosen_sites(space, draws, sweep, first, x.chains());
    std::vector<double> own(x.chains());
    derive::free_energy(e, x, own);
    std::uint32_t offset = 0;
    for (BlockId b = 0; b < space.size(); ++b) {
      if (space[b].latent()) continue;
      const auto [low, high] = *two_values(space[b]);
      for (std::size_t c = 0; c < x.chains(); ++c)
        if (const std::uint32_t j = chosen[c] - offset; chosen[c] >= offset && j < space[b].sites)
          x.values(b)(c, j) = T(low + high) - x[b](c, j);
      offset += std::uint32_t(space[b].sites);
    }
    derive::free_energy(e, x, out);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = total * -softplus(own[c] - out[c]);
  });
}

template <std::floating_point T> std::optional<std::string> check_reconstruction(const AnyEnergy<T>& e) {
  const auto latent = derive::independent_latent(e);
  if (!latent)
    return "reconstruction_error needs one block of latent units that are independent given the visible ones";
  for (BlockId b = 0; b < e.space().size(); ++b)
    if (!supports(e, Capability::block_natural, b))
      return "reconstruction_error needs units of block '" + e.space()[b].name +
             "' that are independent given the rest";
  return std::nullopt;
}

template <std::floating_point T>
std::vector<double> reconstruction_errors(const AnyEnergy<T>& e, const Rows<T>& data,
                                          const random::Draws& draws, std::uint64_t sweep) {
  const StateSpace& space = e.space();
  const BlockId latent = derive::independent_latent(e).value();
  return map_rows(e, data, [&](std::size_t first, State<T>& x, std::span<double> out) {
    Batch<T> eta = make_batch<T>(x.chains(), space[latent].natural_columns()), noise, means;
    e.block_natural(x, latent, eta);
    draws.units({random::Stream::evaluation, sweep, std::uint32_t(first), std::uint8_t(latent)},
                space[latent], eta, noise, x, latent);
    for (BlockId b = 0; b < space.size(); ++b) {
      if (b == latent) continue;
      derive::conditional_means(e, x, b, eta, means);
      for (std::size_t c = 0; c < x.chains(); ++c)
        for (std::size_t i = 0; i < means.shape(1); ++i) {
          const double d = double(x[b](c, i)) - double(means(c, i));
          out[c] += d * d / double(space.visible_columns());
        }
    }
  });
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::vector<double> row_free_energies<T>(const AnyEnergy<T>&, const Rows<T>&);                    \
  template std::vector<double> row_log_weights<T>(const AnyEnergy<T>&, const Rows<T>&);                      \
  template std::vector<double> pseudo_likelihoods<T>(const AnyEnergy<T>&, const Rows<T>&);                   \
  template std::vector<double> stochastic_pseudo_likelihoods<T>(const AnyEnergy<T>&, const Rows<T>&,         \
                                                                const random::Draws&, std::uint64_t);        \
  template std::vector<double> reconstruction_errors<T>(const AnyEnergy<T>&, const Rows<T>&,                 \
                                                        const random::Draws&, std::uint64_t);                \
  template std::vector<double> flip_pseudo_likelihoods<T>(const AnyEnergy<T>&, const Rows<T>&,               \
                                                          const random::Draws&, std::uint64_t);              \
  template std::optional<std::string> check_flip_pseudo_likelihood<T>(const AnyEnergy<T>&);                  \
  template std::optional<std::string> check_pseudo_likelihood<T>(const AnyEnergy<T>&);                       \
  template std::optional<std::string> check_reconstruction<T>(const AnyEnergy<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
