#include "ebm/laws/energy_laws.hpp"

#include <cmath>
#include <functional>

#include "ebm/adaptors/tempered.hpp"
#include "ebm/likelihood/enumerate.hpp"

namespace ebm::laws {
namespace {

constexpr std::size_t chains = 6;

std::vector<double> energies(const Energy64& e, const State<double>& x) {
  std::vector<double> out(x.chains());
  e.energy(x, out);
  return out;
}

double relative(double a, double b) {
  return std::abs(a - b) / (1 + std::max(std::abs(a), std::abs(b)));
}

std::string at(const StateSpace& space, BlockId b) {
  return "block '" + space[b].name + "'";
}

/// Natural parameters of site j: the energy's own, or the column of its fields; false if it has neither.
bool site_natural(const Energy64& e, const State<double>& x, BlockId b, SiteId j, Batch<double>& eta) {
  if (supports(e, Capability::site_natural, b)) {
    e.site_natural(x, b, j, eta);
    return true;
  }
  if (!supports(e, Capability::block_natural, b) && !supports(e, Capability::self_coupling, b)) return false;
  const std::size_t width = e.space()[b].natural_width();
  Batch<double> all_sites = make_batch<double>(x.chains(), e.space()[b].natural_columns());
  derive::naturals(e, x, b, all_sites);
  for (std::size_t c = 0; c < x.chains(); ++c) std::copy_n(&all_sites(c, j * width), width, &eta(c, 0));
  return true;
}

/// out −= log base: E has no base measure, and densities have.
void add_base_energy(const Block& block, const Batch<double>& x, std::span<double> out) {
  for (double& v : out) v = -v;
  add_log_bases(block, x, out);
  for (double& v : out) v = -v;
}

/// E + log p(one site | rest) for a site that is moved to other values.
void check_site(const Energy64& e, const State<double>& start, const State<double>& other, BlockId b,
                SiteId j, Report& r) {
  Block one = e.space()[b];
  one.sites = 1;
  State<double> x = start;
  std::vector<double> reference;
  for (int moved = 0; moved < 2; ++moved) {
    Batch<double> eta = make_batch<double>(chains, one.natural_width()),
                  value = make_batch<double>(chains, one.width());
    if (!site_natural(e, x, b, j, eta)) return;
    std::vector<double> sum = energies(e, x);
    for (std::size_t c = 0; c < chains; ++c)
      std::copy_n(&x[b](c, j * one.width()), one.width(), &value(c, 0));
    add_log_densities(one, eta, value, sum);
    add_base_energy(one, value, sum);
    if (moved == 0) reference = sum;
    for (std::size_t c = 0; c < chains; ++c) {
      r.see(relative(sum[c], reference[c]), at(e.space(), b) + ", site " + std::to_string(j));
      std::copy_n(&other[b](c, j * one.width()), one.width(), &x.values(b)(c, j * one.width()));
    }
  }
}

} // namespace

State<double> random_state(const StateSpace& space, std::size_t n, random::Key key) {
  const random::Draws draws(key);
  State<double> x(space, n);
  Batch<double> noise;
  for (BlockId b = 0; b < space.size(); ++b) {
    const random::Address address{random::Stream::law, 0, 0, std::uint8_t(b)};
    if (space[b].discrete())
      draws.units(address, space[b], make_batch<double>(n, space[b].natural_columns()), noise, x, b);
    else
      draws.normals(address, x.values(b));
    if (std::holds_alternative<units::Rectified>(space[b].unit))
      for (double& v : all(x.values(b))) v = std::abs(v);
  }
  return x;
}

Report conditional_energy_identity(const Energy64& e, random::Key key) {
  Report r{true, 0, 1e-11, ""};
  const StateSpace& space = e.space();
  const State<double> x = random_state(space, chains, key),
                      other = random_state(space, chains, random::derive(key, 1));
  bool any = false;
  for (BlockId b = 0; b < space.size(); ++b) {
    for (SiteId j = 0; j < space[b].sites; ++j) check_site(e, x, other, b, j, r);
    any = any || supports(e, Capability::site_natural, b) || supports(e, Capability::self_coupling, b);
    if (!supports(e, Capability::block_natural, b)) continue;
    any = true;
    Batch<double> eta = make_batch<double>(chains, space[b].natural_columns());
    e.block_natural(x, b, eta);
    State<double> y = x;
    y.values(b) = other[b];
    std::vector<double> before = energies(e, x), after = energies(e, y);
    add_log_densities(space[b], eta, x[b], before);
    add_log_densities(space[b], eta, y[b], after);
    add_base_energy(space[b], x[b], before);
    add_base_energy(space[b], y[b], after);
    for (std::size_t c = 0; c < chains; ++c) r.see(relative(before[c], after[c]), at(space, b));
  }
  return any ? r : Report::not_applicable("gives no conditional laws");
}

Report fast_equals_derived(const Energy64& e, random::Key key) {
  Report r{true, 0, 1e-11, ""};
  const StateSpace& space = e.space();
  bool any = false;
  State<double> x = random_state(space, chains, key);
  for (BlockId b = 0; b < space.size(); ++b) {
    Batch<double> fast = make_batch<double>(chains, space[b].natural_width()), slow = fast;
    std::vector<double> scratch;
    for (SiteId j = 0; j < space[b].sites && space[b].discrete(); ++j) {
      if (!site_natural(e, x, b, j, fast)) continue;
      any = true;
      derive::site_natural_from_energies(e, x, b, std::vector<SiteId>(chains, j), slow, scratch);
      // Categorical naturals are fixed up to a constant.
      for (std::size_t c = 0; c < chains; ++c)
        for (std::size_t k = 0; k < fast.shape(1); ++k) {
          const double shift = fast.shape(1) > 1 ? fast(c, 0) - slow(c, 0) : 0;
          r.see(relative(fast(c, k) - shift, slow(c, k)), "site_natural of " + at(space, b));
        }
    }
    if (supports(e, Capability::block_free_energy, b)) {
      any = true;
      std::vector<double> own(chains), derived(chains);
      e.block_free_energy(x, std::array{b}, own);
      derive::sum_out(e, x, std::array{b}, derived);
      for (std::size_t c = 0; c < chains; ++c)
        r.see(relative(own[c], derived[c]), "block_free_energy of " + at(space, b));
    }
  }
  if (supports(e, Capability::log_partition) && cheapest_enumeration(e).log2_states <= 12) {
    any = true;
    LogSum sum;
    StateSum<double>(e).for_each([&](std::size_t, std::uint64_t, State<double>&, std::span<const double> f) {
      for (const double v : f) sum.add(-v);
    });
    r.see(relative(sum.value(), e.log_partition()), "log_partition");
  }
  return any ? r : Report::not_applicable("has no refinements");
}

namespace {

/// (f(v + h) − f(v − h)) / 2h at a step that balances truncation and rounding in double.
double central(double& v, const std::function<double()>& f) {
  const double middle = v, h = 1e-5;
  v = middle + h;
  const double up = f();
  v = middle - h;
  const double down = f();
  v = middle;
  return (up - down) / (2 * h);
}

/// Σ over the chains of the energies; or log Z.
void check_parameters(Energy64 e, const State<double>& x, bool model, Report& r) {
  Parameters<double> g = e.parameters();
  g.fill(0);
  if (model)
    add_exact_model_gradient(e, -1.0, g);
  else
    e.add_parameter_gradient(x, std::vector<double>(chains, 1.0), g);
  const auto value = [&] {
    if (model) return exact_log_partition(e);
    double sum = 0;
    for (const double v : energies(e, x)) sum += v;
    return sum;
  };
  for (std::size_t k = 0; k < g.size(); ++k) {
    Batch<double>& theta = e.parameters()[k].value;
    if (g[k].fixed) {
      for (const double v : all(g[k].value))
        r.see(std::abs(v), g[k].name + ": gradient of what is not learned");
      continue;
    }
    for (std::size_t i = 0; i < theta.shape(0); ++i)
      for (std::size_t j = 0; j < theta.shape(1); ++j) {
        const bool symmetric = g[k].symmetric;
        if (symmetric && i / g[k].site_width == j / g[k].site_width) {
          r.see(std::abs(g[k].value(i, j)), g[k].name + ": gradient of what is no parameter");
          continue;
        }
        const double difference = central(theta(i, j), [&] {
          const double keep = theta(j % theta.shape(0), i % theta.shape(1));
          if (symmetric) theta(j, i) = theta(i, j);
          const double v = value();
          if (symmetric) theta(j, i) = keep;
          return v;
        });
        r.see(relative(g[k].value(i, j), difference),
              (model ? "model gradient of " : "gradient of ") + g[k].name);
      }
  }
}

} // namespace

Report gradients_are_differences(const Energy64& e, random::Key key) {
  Report r{true, 0, 1e-7, ""};
  const StateSpace& space = e.space();
  State<double> x = random_state(space, chains, key);
  bool any = false;
  for (BlockId b = 0; b < space.size(); ++b) {
    if (space[b].discrete() || !supports(e, Capability::state_gradient, b)) continue;
    any = true;
    Batch<double> g = make_batch<double>(chains, space[b].columns());
    e.state_gradient(x, b, g);
    for (std::size_t c = 0; c < chains; ++c)
      for (std::size_t i = 0; i < space[b].columns(); ++i)
        r.see(relative(g(c, i), central(x.values(b)(c, i), [&] { return energies(e, x)[c]; })),
              "state_gradient of " + at(space, b));
  }
  if (supports(e, Capability::parameters)) {
    any = true;
    check_parameters(e, x, false, r);
    const bool closed = supports(e, Capability::model_gradient) && supports(e, Capability::log_partition);
    if (closed || (has_exact_expectations(e) && cheapest_enumeration(e).log2_states <= 12))
      check_parameters(e, x, true, r);
  }
  return any ? r : Report::not_applicable("has no gradients");
}

Report free_energy_is_log_sum(const Energy64& e, random::Key key) {
  const StateSpace& space = e.space();
  if (space.latent_blocks().empty()) return Report::not_applicable("has no latent units");
  if (space.log2_states(space.latent_blocks()) > 12)
    return Report::not_applicable("has too many latent settings to enumerate");
  Report r{true, 0, 1e-11, ""};
  State<double> x = random_state(space, chains, key);
  for (const double beta : {1.0, 0.3, 2.0}) {
    std::vector<double> f(chains);
    if (beta == 1.0)
      derive::free_energy(e, x, f);
    else
      derive::free_energy(Tempered(e, beta), x, f);
    std::vector<LogSum> sums(chains);
    State<double> y = x;
    derive::for_each_setting(space, space.latent_blocks(), y, [&] {
      std::vector<double> now = energies(e, y);
      for (double& v : now) v *= beta;
      subtract_log_bases<double>(space, space.latent_blocks(), y, now);
      for (std::size_t c = 0; c < chains; ++c) sums[c].add(-now[c]);
    });
    for (std::size_t c = 0; c < chains; ++c)
      r.see(relative(f[c], -sums[c].value()), "beta " + std::to_string(beta));
  }
  return r;
}

Report linear_in_block(const Energy64& e, random::Key key) {
  const StateSpace& space = e.space();
  const auto latent = derive::summable_latent(e);
  if (!latent || !space[*latent].discrete() || space[*latent].log2_states() > 12)
    return Report::not_applicable("has no discrete latent block that stands in gradients by its means");
  Report r{true, 0, 1e-11, ""};
  State<double> x = random_state(space, chains, key), means = x;
  Batch<double> eta;
  derive::set_means(e, *latent, means, eta);
  std::vector<double> total(chains), expected(chains, 0.0);
  derive::free_energy(e, x, total);
  const bool parametric = supports(e, Capability::parameters);
  Parameters<double> g, h;
  if (parametric) {
    g = e.parameters();
    g.fill(0);
    h = g;
  }
  derive::for_each_setting(space, space.latent_blocks(), x, [&] {
    const std::vector<double> now = energies(e, x);
    std::vector<double> weights = now, p(chains);
    subtract_log_bases<double>(space, space.latent_blocks(), x, weights);
    for (std::size_t c = 0; c < chains; ++c) {
      p[c] = std::exp(total[c] - weights[c]);
      expected[c] += p[c] * now[c];
    }
    if (parametric) e.add_parameter_gradient(x, p, g);
  });
  const std::vector<double> at_means = energies(e, means);
  for (std::size_t c = 0; c < chains; ++c) r.see(relative(at_means[c], expected[c]), "energy");
  if (!parametric) return r;
  e.add_parameter_gradient(means, std::vector<double>(chains, 1.0), h);
  for (std::size_t k = 0; k < g.size(); ++k)
    for (std::size_t i = 0; i < g[k].value.size(); ++i)
      r.see(relative(g[k].value.data()[i], h[k].value.data()[i]), "gradient of " + g[k].name);
  return r;
}

Report splitting_changes_nothing(const Energy64& e, random::Key key) {
  Report r{true, 0, 1e-13, ""};
  const StateSpace& space = e.space();
  const std::size_t n = 37, first = 11; // odd sizes: other tails of vectors and of matrix kernels
  const State<double> whole = random_state(space, n, key);
  const std::vector<double> all_energies = energies(e, whole);
  for (const auto& [begin, count] : {std::pair{std::size_t(0), first}, std::pair{first, n - first}}) {
    State<double> part(space, count);
    copy_rows(space, whole, begin, part);
    const std::vector<double> some = energies(e, part);
    for (std::size_t c = 0; c < count; ++c) r.see(relative(some[c], all_energies[begin + c]), "energy");
    for (BlockId b = 0; b < space.size(); ++b) {
      if (!supports(e, Capability::block_natural, b) && !supports(e, Capability::self_coupling, b)) continue;
      Batch<double> eta = make_batch<double>(n, space[b].natural_columns()),
                    own = make_batch<double>(count, space[b].natural_columns());
      e.block_natural(whole, b, eta);
      e.block_natural(part, b, own);
      for (std::size_t c = 0; c < count; ++c)
        for (std::size_t i = 0; i < own.shape(1); ++i)
          r.see(relative(own(c, i), eta(begin + c, i)), "block_natural of " + at(space, b));
    }
  }
  return r;
}

} // namespace ebm::laws
