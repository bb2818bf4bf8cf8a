#include "ebm/likelihood/latent_means.hpp"

#include "ebm/likelihood/recognition.hpp"

namespace ebm {

template <std::floating_point T> std::optional<std::string> check_latent_means(const AnyEnergy<T>& e) {
  if (e.space().latent_blocks().empty()) return "this model has no latent units";
  if (supports(e, Capability::top) || derive::independent_latent(e)) return std::nullopt;
  return check_mean_field(e);
}

template <std::floating_point T>
Batch<double> latent_means(const AnyEnergy<T>& e, const Rows<T>& data, const MeanFieldOptions& options) {
  if (const auto why = check_latent_means(e)) throw CapabilityError("latent means: " + *why);
  const StateSpace& space = e.space();
  const std::vector<BlockId>& latents = space.latent_blocks();
  const auto one = derive::independent_latent(e);
  const bool directed = supports(e, Capability::top);
  const Stack<T> stack = directed ? e.stack() : Stack<T>{};
  std::size_t columns = 0;
  for (const BlockId b : latents) columns += space[b].columns();
  Batch<double> all = make_batch<double>(data.size(), columns);
  const parallel::WorkItems items(data.size());
  parallel::for_each(items.size(), [&](std::size_t i) {
    const auto [first, n] = items[i];
    State<T> x(space, n);
    data.copy_to(space, first, x);
    MeanFieldScratch<T> scratch;
    if (directed)
      recognise(stack, stack.layers.size(), x, scratch.eta,
                [&](BlockId b, const Batch<T>& eta) { unit_means(space[b], eta, x.values(b)); });
    else if (one)
      derive::conditional_means(e, x, *one, scratch.eta, x.values(*one));
    else
      mean_field(e, x, options, scratch);
    for (std::size_t c = 0; c < n; ++c) {
      auto to = row(all, first + c).begin();
      for (const BlockId b : latents) to = std::ranges::copy(row(x[b], c), to).out;
    }
  });
  return all;
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template std::optional<std::string> check_latent_means<T>(const AnyEnergy<T>&);                            \
  template Batch<double> latent_means<T>(const AnyEnergy<T>&, const Rows<T>&, const MeanFieldOptions&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
