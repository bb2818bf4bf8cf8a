#include "ebm/core/units/kernels.hpp"

namespace ebm {
namespace {

/// f(unit, eta, x, c, j) for site j of chain c, eta and x pointing at the site's first column.
template <class T, class X, class F> void for_each_site(const Block& block, const Batch<T>& eta, X& x, F f) {
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::has_conditional)
          for (std::size_t c = 0; c < eta.shape(0); ++c) {
            auto* e = row(eta, c).data();
            auto* v = row(x, c).data();
            for (std::size_t j = 0; j < block.sites; ++j, e += unit.natural_width(), v += unit.width())
              f(unit, e, v, c, j);
          }
      },
      block.unit);
}

} // namespace

double log_odds_scale(const Block& block) {
  if (std::holds_alternative<units::Bernoulli>(block.unit)) return 1;
  return std::holds_alternative<units::Spin>(block.unit) ? 2 : 0;
}

template <std::floating_point T> void unit_means(const Block& block, const Batch<T>& eta, Batch<T>& out) {
  if (std::holds_alternative<units::Bernoulli>(block.unit))
    numerics::sigmoid<T>(all(eta), T(1), all(out));
  else
    for_each_site<T>(block, eta, out,
                     [](const auto& unit, const T* e, T* m, auto, auto) { unit.mean(e, m); });
}

template <std::floating_point T>
void add_log_normalisers(const Block& block, const Batch<T>& eta, std::span<double> out) {
  if (const double scale = log_odds_scale(block); scale != 0) {
    for (std::size_t c = 0; c < out.size(); ++c) {
      out[c] += numerics::softplus_sum<T>(row(eta, c), T(scale));
      if (scale == 2)
        for (const T e : row(eta, c)) out[c] -= double(e);
    }
  } else {
    for_each_site<T>(block, eta, eta, [&](const auto& unit, const T* e, const T*, std::size_t c, auto) {
      if constexpr (requires { unit.log_normaliser(e); }) out[c] += unit.log_normaliser(e);
    });
  }
}

template <std::floating_point T>
void add_log_bases(const Block& block, const Batch<T>& x, std::span<double> out) {
  if (!std::holds_alternative<units::Binomial>(block.unit)) return;
  for_each_site<T>(block, x, x, [&](const auto& unit, const T*, const T* v, std::size_t c, auto) {
    out[c] += log_base_of(unit, v);
  });
}

template <std::floating_point T>
void add_mean_log_bases(const Block& block, const Batch<T>& eta, std::span<double> out) {
  for_each_site<T>(block, eta, eta, [&](const auto& unit, const T* e, const T*, std::size_t c, auto) {
    if constexpr (requires { unit.mean_log_base(e); }) out[c] += unit.mean_log_base(e);
  });
}

template <std::floating_point T>
void add_linear(const Block& block, const Batch<T>& eta, const Batch<T>& x, std::span<double> out) {
  if (block.natural_width() == 1 && block.width() == 1) {
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += numerics::dot<T>(row(eta, c), row(x, c));
    return;
  }
  for_each_site<T>(block, eta, x, [&](const auto& unit, const T* e, const T* v, std::size_t c, auto) {
    if constexpr (requires { unit.linear(e, v); }) out[c] += unit.linear(e, v);
  });
}

template <std::floating_point T>
void add_entropies(const Block& block, const Batch<T>& means, std::span<double> out) {
  for_each_site<T>(block, means, means, [&](const auto& unit, const T*, const T* m, std::size_t c, auto) {
    if constexpr (requires { unit.entropy(m); }) out[c] += unit.entropy(m);
  });
}

template <std::floating_point T>
void add_log_densities(const Block& block, const Batch<T>& eta, const Batch<T>& x, std::span<double> out) {
  thread_local std::vector<double> a;
  a.assign(out.size(), 0.0);
  add_log_normalisers<T>(block, eta, a);
  for (std::size_t c = 0; c < out.size(); ++c) out[c] -= a[c];
  add_linear<T>(block, eta, x, out);
  add_log_bases<T>(block, x, out);
}

template <std::floating_point T>
void unit_variances(const Block& block, const Batch<T>& eta, Batch<double>& out) {
  for_each_site<T>(block, eta, eta,
                   [&](const auto& unit, const T* e, const T*, std::size_t c, std::size_t j) {
                     out(c, j) = unit.variance(e);
                   });
}

template <std::floating_point T>
void draw_units(const Block& block, const Batch<T>& eta, const Batch<T>& noise, Batch<T>& x) {
  for_each_site<T>(block, eta, x, [&](const auto& unit, const T* e, T* v, std::size_t c, std::size_t j) {
    unit.draw(e, double(noise(c, j)), v);
  });
}

template <std::floating_point T>
void draw_sites(const Block& block, const Batch<T>& eta, const Batch<T>& noise, std::size_t t,
                std::span<const SiteId> sites, Batch<T>& x) {
  std::visit(
      [&]<class U>(const U& unit) {
        if constexpr (U::has_conditional)
          for (std::size_t c = 0; c < eta.shape(0); ++c)
            unit.draw(row(eta, c).data(), double(noise(c, t)), row(x, c).data() + sites[c] * unit.width());
      },
      block.unit);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template void unit_means<T>(const Block&, const Batch<T>&, Batch<T>&);                                     \
  template void add_log_normalisers<T>(const Block&, const Batch<T>&, std::span<double>);                    \
  template void add_log_bases<T>(const Block&, const Batch<T>&, std::span<double>);                          \
  template void add_linear<T>(const Block&, const Batch<T>&, const Batch<T>&, std::span<double>);            \
  template void add_mean_log_bases<T>(const Block&, const Batch<T>&, std::span<double>);                     \
  template void add_entropies<T>(const Block&, const Batch<T>&, std::span<double>);                          \
  template void add_log_densities<T>(const Block&, const Batch<T>&, const Batch<T>&, std::span<double>);     \
  template void unit_variances<T>(const Block&, const Batch<T>&, Batch<double>&);                            \
  template void draw_units<T>(const Block&, const Batch<T>&, const Batch<T>&, Batch<T>&);                    \
  template void draw_sites<T>(const Block&, const Batch<T>&, const Batch<T>&, std::size_t,                   \
                              std::span<const SiteId>, Batch<T>&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
