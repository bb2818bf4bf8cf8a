#include "samplers/register.hpp"

#include <array>

#include "ebm/registry/registry.hpp"
#include "samplers/ancestral.hpp"
#include "samplers/langevin.hpp"
#include "samplers/metropolis.hpp"

namespace ebm {
namespace {

constexpr std::array<std::string_view, 2> scan_names{"systematic", "random"};

struct GibbsOptions {
  Scan scan = Scan::systematic;
  void visit(OptionVisitor& v) {
    v("scan", scan, "order in which a self-coupled block is scanned", scan_names);
  }
};

struct AncestralOptions {
  void visit(OptionVisitor&) {}
};

struct MetropolisOptions {
  Scan scan = Scan::random;
  double step_size = 0.5;
  void visit(OptionVisitor& v) {
    v("scan", scan, "how discrete sites are chosen; systematic takes the heat-bath acceptance", scan_names);
    v("step_size", step_size, "standard deviation of the random walk of continuous units", above(0));
  }
};

struct LangevinOptions {
  double step_size = 0.1;
  bool adjusted = false;
  void visit(OptionVisitor& v) {
    v("step_size", step_size, "ε in x' = x − (ε²/2) ∂E/∂x + ε ξ", above(0));
    v("adjusted", adjusted, "accept or refuse each step by a Metropolis rule, which makes the sampler exact");
  }
};

void add_all() {
  SamplerRegistry& r = samplers();
  r.add<GibbsOptions>(
      "gibbs", "Conditional draws: whole independent blocks at once, self-coupled blocks site by site.", "",
      []<class T>(const GibbsOptions& o, const SamplerContext&) { return AnySampler<T>(Gibbs<T>(o.scan)); });
  r.add<AncestralOptions>(
      "ancestral", "Gibbs sweeps of the top of a model with directed layers, then draws downwards (dbn).", "",
      []<class T>(const AncestralOptions&, const SamplerContext&) { return AnySampler<T>(Ancestral<T>()); });
  r.add<MetropolisOptions>("metropolis",
                           "Single-site proposals for discrete units, a Gaussian random walk for "
                           "continuous ones; works on any energy.",
                           "", []<class T>(const MetropolisOptions& o, const SamplerContext&) {
                             return AnySampler<T>(Metropolis<T>(o.scan, o.step_size));
                           });
  r.add<LangevinOptions>("langevin",
                         "Gradient steps with Gaussian noise on continuous units, unadjusted or adjusted.",
                         "", []<class T>(const LangevinOptions& o, const SamplerContext&) {
                           return AnySampler<T>(Langevin<T>(o.step_size, o.adjusted));
                         });
}

} // namespace

void register_samplers() {
  static const bool once = (add_all(), true);
  (void)once;
}

} // namespace ebm
