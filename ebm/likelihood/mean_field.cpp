#include "ebm/likelihood/mean_field.hpp"

#include <cmath>

#include "ebm/likelihood/map_rows.hpp"

namespace ebm {

template <std::floating_point T> std::optional<std::string> check_mean_field(const AnyEnergy<T>& e) {
  for (const BlockId b : e.space().latent_blocks())
    if (!e.space()[b].discrete() ||
        !(supports(e, Capability::block_natural, b) || supports(e, Capability::self_coupling, b)))
      return "mean_field needs discrete latent units with a conditional law, and block '" +
             e.space()[b].name + "' has none";
  return std::nullopt;
}

template <std::floating_point T>
void mean_field(const AnyEnergy<T>& e, State<T>& x, const MeanFieldOptions& options, MeanFieldScratch<T>& s) {
  const std::vector<BlockId>& latents = e.space().latent_blocks();
  const bool stops = options.tolerance > 0;
  for (const BlockId b : latents) {
    reshape(s.eta, x.chains(), e.space()[b].natural_columns());
    s.eta.fill(T(0));
    unit_means(e.space()[b], s.eta, x.values(b));
  }
  for (std::size_t sweep = 0; sweep < options.sweeps; ++sweep) {
    double moved = 0;
    for (const BlockId b : latents) {
      const Block& block = e.space()[b];
      // Updated at once, strongly self-coupled units would oscillate.
      const T kept = supports(e, Capability::self_coupling, b) ? T(0.5) : T(0);
      reshape(s.eta, x.chains(), block.natural_columns());
      derive::naturals(e, x, b, s.eta);
      if (kept != T(0) || stops) s.previous = x[b];
      Batch<T>& means = x.values(b);
      unit_means(block, s.eta, means);
      if (kept == T(0) && !stops) continue;
      for (std::size_t i = 0; i < means.size(); ++i) {
        const T before = s.previous.data()[i];
        means.data()[i] += kept * (before - means.data()[i]);
        moved = std::max(moved, std::abs(double(means.data()[i]) - double(before)));
      }
    }
    if (stops && moved <= options.tolerance) return;
  }
}

template <std::floating_point T>
std::vector<double> mean_field_bounds(const AnyEnergy<T>& e, const Rows<T>& data,
                                      const MeanFieldOptions& options) {
  return map_rows(e, data, [&](std::size_t, State<T>& x, std::span<double> out) {
    MeanFieldScratch<T> scratch;
    mean_field(e, x, options, scratch);
    e.energy(x, out);
    for (double& v : out) v = -v;
    for (BlockId b = 0; b < e.space().size(); ++b)
      if (e.space()[b].latent())
        add_entropies(e.space()[b], x[b], out);
      else
        add_log_bases(e.space()[b], x[b], out);
  });
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_mean_field<T>(const AnyEnergy<T>&);                              \
  template void mean_field<T>(const AnyEnergy<T>&, State<T>&, const MeanFieldOptions&,                       \
                              MeanFieldScratch<T>&);                                                         \
  template std::vector<double> mean_field_bounds<T>(const AnyEnergy<T>&, const Rows<T>&,                     \
                                                    const MeanFieldOptions&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
