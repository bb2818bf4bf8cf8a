#include "models/register.hpp"

#include "ebm/registry/registry.hpp"
#include "models/analytic/double_well.hpp"
#include "models/analytic/quadratic.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "models/latent/gaussian_mixture.hpp"

namespace ebm {
namespace {

/// The number of visible columns from the options, from the data, or from both if they agree.
std::size_t agreed_columns(std::string_view key, std::size_t from_options, std::size_t from_data) {
  if (from_options != 0 && from_data != 0 && from_options != from_data)
    throw InputError(std::string(key) + " is " + std::to_string(from_options) + ", but the data have " +
                     std::to_string(from_data) + " columns");
  if (from_options == 0 && from_data == 0)
    throw InputError(std::string(key) + " must be given, as there are no data to take it from");
  return from_options != 0 ? from_options : from_data;
}

/// The options with the visible block's size filled in from the data.
template <class O> O with_visible_columns(O options, const ModelContext& context) {
  const Block visible = options.visible.block("visible", options.units, Role::visible);
  const std::size_t columns = agreed_columns("model.visible", visible.columns(), context.visible_columns);
  if (columns % visible.width() != 0)
    throw InputError("the data have " + std::to_string(columns) + " columns, which is no multiple of q = " +
                     std::to_string(visible.width()) + " (categorical units take one column a category)");
  options.visible.size = columns / visible.width();
  return options;
}

/// The same where the last columns are one-hot labels.
ClassificationRbmOptions with_data_columns(ClassificationRbmOptions options, const ModelContext& context) {
  const std::size_t from_data = context.label_columns, columns = context.visible_columns;
  if (options.classes != 0 && from_data != 0 && options.classes != from_data)
    throw InputError("model.classes is " + std::to_string(options.classes) + ", but the data have " +
                     std::to_string(from_data) + " label columns");
  if (options.classes == 0) options.classes = std::uint32_t(from_data);
  if (options.classes == 0)
    throw InputError("classification_rbm needs label columns: set data.append_labels: true, or give "
                     "model.classes where the last columns are one-hot labels already");
  if (options.classes < 2)
    throw InputError("model.classes must be at least 2, or 0 for the number of label columns; got 1");
  if (columns != 0 && columns <= options.classes)
    throw InputError("model.classes is " + std::to_string(options.classes) + ", but the data have " +
                     std::to_string(columns) + " columns in all");
  return with_visible_columns(std::move(options), ModelContext{columns == 0 ? 0 : columns - options.classes});
}

/// Lattices bring their own number of columns.
template <class O> const O& fitting(const O& options, std::size_t width, const ModelContext& context) {
  agreed_columns("the number of sites of model.size times columns a site", options.sites() * width,
                 context.visible_columns);
  return options;
}

struct MixtureOptions {
  std::size_t components = 2, dimension = 0;
  bool sigma_per_component = false;
  void visit(OptionVisitor& v) {
    v("components", components, "number of Gaussians", between(2, 65535));
    v("dimension", dimension, "dimension of y; 0 takes it from the data", between(0, 1e7));
    v("sigma_per_component", sigma_per_component,
      "one standard deviation a component instead of one for all");
  }
};

struct DoubleWellOptions {
  std::size_t dimension = 1;
  double barrier = 1, a = 1;
  void visit(OptionVisitor& v) {
    v("dimension", dimension, "number of coordinates", between(1, 1e7));
    v("barrier", barrier, "height of the barrier between the wells", above(0));
    v("a", a, "the wells are at ±a", above(0));
  }
};

struct QuadraticOptions {
  std::size_t dimension = 2;
  double mean = 0, sigma = 1, correlation = 0;
  void visit(OptionVisitor& v) {
    v("dimension", dimension, "number of coordinates", between(1, 1e7));
    v("mean", mean, "mean of every coordinate");
    v("sigma", sigma, "standard deviation of every coordinate", above(0));
    v("correlation", correlation, "correlation of every pair, above −1/(dimension − 1)",
      Limits{-1, 1, true, true});
  }
};

void add_all() {
  ModelRegistry& r = models();
  r.add<RbmOptions>("rbm", "Restricted Boltzmann machine: visible and hidden units, coupled across only.",
                    "hidden: 2", []<class T>(const RbmOptions& o, const ModelContext& c) {
                      return AnyEnergy<T>(make_rbm<T>(with_visible_columns(o, c)));
                    });
  r.add<GaussianRbmOptions>(
      "gaussian_rbm",
      "RBM with gaussian visible units and, unless they say otherwise, bernoulli hidden ones.", "hidden: 2",
      []<class T>(const GaussianRbmOptions& o, const ModelContext& c) {
        return AnyEnergy<T>(make_rbm<T>(with_visible_columns<RbmOptions>(o, c)));
      });
  r.add<ClassificationRbmOptions>(
      "classification_rbm",
      "RBM of visible units and a label, which hidden units couple: it classifies, and learns by any method.",
      "visible: 2, classes: 2, hidden: 2",
      []<class T>(const ClassificationRbmOptions& o, const ModelContext& c) {
        return AnyEnergy<T>(make_classification_rbm<T>(with_data_columns(o, c)));
      });
  r.add<DbmOptions>("dbm",
                    "Deep Boltzmann machine: layers of hidden units, each coupled with the next one only.",
                    "hidden: [2, 2]", []<class T>(const DbmOptions& o, const ModelContext& c) {
                      return AnyEnergy<T>(make_dbm<T>(with_visible_columns(o, c)));
                    });
  r.add<DbnOptions>("dbn", "Deep belief net: an RBM of the two highest layers on top of directed layers.",
                    "hidden: [2, 2]", []<class T>(const DbnOptions& o, const ModelContext& c) {
                      return AnyEnergy<T>(make_dbn<T>(with_visible_columns(o, c)));
                    });
  r.add<HopfieldOptions>(
      "hopfield",
      "Spins, all coupled with each other: a memory for patterns, which trainer.method hebbian or "
      "pseudo_inverse stores.",
      "visible: 3", []<class T>(const HopfieldOptions& o, const ModelContext& c) {
        return AnyEnergy<T>(
            make_hopfield<T>({agreed_columns("model.visible", o.visible, c.visible_columns)}));
      });
  r.add<IsingOptions>("ising", "Spins on a lattice, coupled with their nearest neighbours.", "size: [3]",
                      []<class T>(const IsingOptions& o, const ModelContext& c) {
                        return AnyEnergy<T>(make_ising<T>(fitting(o, 1, c)));
                      });
  r.add<PottsOptions>("potts", "Potts spins of q states on a lattice; equal neighbours lower the energy.",
                      "size: [3], q: 2", []<class T>(const PottsOptions& o, const ModelContext& c) {
                        return AnyEnergy<T>(make_potts<T>(fitting(o, o.q, c)));
                      });
  r.add<BoltzmannMachineOptions>(
      "boltzmann_machine",
      "Boltzmann machine with any of visible–visible, visible–hidden and hidden–hidden couplings.",
      "hidden: 2", []<class T>(const BoltzmannMachineOptions& o, const ModelContext& c) {
        return AnyEnergy<T>(make_boltzmann_machine<T>(with_visible_columns(o, c)));
      });
  r.add<MixtureOptions>("gaussian_mixture",
                        "Mixture of spherical Gaussians as a latent-variable energy E(y, z).",
                        "components: 2", []<class T>(const MixtureOptions& o, const ModelContext& c) {
                          return AnyEnergy<T>(GaussianMixture<T>(
                              agreed_columns("model.dimension", o.dimension, c.visible_columns), o.components,
                              o.sigma_per_component));
                        });
  r.add<DoubleWellOptions>("double_well",
                           "Two wells a coordinate with a barrier between them; no parameters.",
                           "dimension: 1", []<class T>(const DoubleWellOptions& o, const ModelContext&) {
                             return AnyEnergy<T>(DoubleWell<T>(o.dimension, o.barrier, o.a));
                           });
  r.add<QuadraticOptions>("quadratic", "A correlated Gaussian; no parameters.", "dimension: 2",
                          []<class T>(const QuadraticOptions& o, const ModelContext&) {
                            if (o.dimension > 1 && o.correlation <= -1.0 / double(o.dimension - 1))
                              throw InputError("model.correlation must be above −1/(dimension − 1) = " +
                                               std::to_string(-1.0 / double(o.dimension - 1)));
                            return AnyEnergy<T>(Quadratic<T>(o.dimension, o.mean, o.sigma, o.correlation));
                          });
}

} // namespace

void register_models() {
  static const bool once = (add_all(), true);
  (void)once;
}

} // namespace ebm
