#include "models/boltzmann/named_forms.hpp"

#include <algorithm>

namespace ebm {

namespace {

constexpr std::array<Tag, 3> sigma_tags{
    Tag{"fixed", true, {1e-6, 1e6}, "this standard deviation"},
    Tag{"learned", false, {}, "learned through its logarithm, from 1 on"},
    Tag{"learned", true, {1e-6, 1e6}, "learned from this standard deviation on"}};

bool has_scale(UnitKind kind) {
  return kind == UnitKind::gaussian || kind == UnitKind::rectified;
}

std::shared_ptr<const Graph> graph_of(std::string_view key, std::size_t sites,
                                      const std::vector<std::int64_t>& ends) {
  if (ends.size() % 2 != 0)
    throw InputError("model." + std::string(key) +
                     " lists both ends of every edge, so an even number of units");
  std::vector<Graph::Edge> edges;
  for (const std::int64_t end : ends)
    if (end >= std::int64_t(sites))
      throw InputError("model." + std::string(key) + " names unit " + std::to_string(end) +
                       ", which does not exist: there are " + std::to_string(sites) + ", from 0");
  for (std::size_t i = 0; i < ends.size(); i += 2)
    edges.emplace_back(std::uint32_t(ends[i]), std::uint32_t(ends[i + 1]));
  try {
    return std::make_shared<const Graph>(sites, std::move(edges));
  } catch (const InputError& e) {
    throw InputError("model." + std::string(key) + ": " + e.what());
  }
}

/// Of each block; null stands for one without.
template <class T>
std::vector<typename BlockBoltzmann<T>::Sigma> sigmas(std::initializer_list<const BlockOptions*> blocks) {
  std::vector<typename BlockBoltzmann<T>::Sigma> all;
  for (const BlockOptions* b : blocks) {
    const auto s = (b != nullptr ? *b : BlockOptions{}).sigma_options();
    all.push_back({s.form, s.learned, s.value});
  }
  return all;
}

std::vector<Block> layer_blocks(const DbmOptions& o) {
  if (o.hidden.empty()) throw InputError("model.hidden needs at least one layer: the numbers of its units");
  if (o.hidden.size() + 1 > most_blocks)
    throw InputError("model.hidden: at most " + std::to_string(most_blocks - 1) + " layers");
  std::vector<Block> blocks{o.visible.block("visible", o.units, Role::visible)};
  for (std::size_t l = 1; l <= o.hidden.size(); ++l) {
    BlockOptions layer = o.visible;
    layer.size = std::size_t(o.hidden[l - 1]);
    layer.units.reset();
    if (!has_scale(o.units)) {
      layer.sigma.reset();
      layer.form.reset();
    }
    if (o.units != UnitKind::categorical) layer.q = 2;
    if (o.units != UnitKind::binomial) layer.n.reset();
    blocks.push_back(layer.block("hidden" + std::to_string(l), o.units, Role::latent));
  }
  return blocks;
}

template <class T> BlockBoltzmann<T> lattice(const LatticeOptions& o, Unit unit, double field) {
  auto graph = std::make_shared<const Graph>(o.sites(), o.edges());
  BlockBoltzmann<T> machine(StateSpace({Block{"visible", unit, o.sites()}}), {{0, 0, "J", std::move(graph)}});
  machine.parameters()[0].initial = field;
  machine.parameters()[1].initial = o.coupling;
  return machine;
}

} // namespace

void BlockOptions::visit(OptionVisitor& v) {
  v("size", size, "number of units; 0 takes the visible ones from the data", between(double(smallest), 1e7));
  v("units", units, "kind of the units; by default the model's",
    std::span<const std::string_view>(unit_kind_names));
  v("q", q, "number of categories of categorical units", between(2, 65535));
  v("n", n, "number of copies that binomial units count; by default 1",
    between(1, units::Binomial::largest_n));
  v("sigma", sigma, "standard deviation of gaussian and rectified units; by default fixed at 1",
    std::span<const Tag>(sigma_tags));
  v("form", form,
    "how sigma enters: variance (the default) is ½((x − b)/sigma)² with x/sigma² in the couplings, deviation "
    "the same with x/sigma, natural ½(x/sigma)² − b x with x",
    std::span<const std::string_view>(sigma_form_names));
}

Block BlockOptions::block(std::string name, UnitKind model_units, Role role) const {
  const UnitKind kind = units.value_or(model_units);
  const auto refuse = [&](const char* key, const char* whose) {
    throw InputError("model." + name + "." + key + " is for " + whose + " units, and block '" + name +
                     "' holds " + std::string(unit_kind_names[std::size_t(kind)]) + " units");
  };
  if (sigma && !has_scale(kind)) refuse("sigma", "gaussian and rectified");
  if (form && !has_scale(kind)) refuse("form", "gaussian and rectified");
  if (q != 2 && kind != UnitKind::categorical) refuse("q", "categorical");
  if (n && kind != UnitKind::binomial) refuse("n", "binomial");
  Unit unit = units::Bernoulli{};
  switch (kind) {
  case UnitKind::bernoulli:
    break;
  case UnitKind::spin:
    unit = units::Spin{};
    break;
  case UnitKind::categorical:
    unit = units::Categorical{q};
    break;
  case UnitKind::binomial:
    unit = units::Binomial{n.value_or(1)};
    break;
  case UnitKind::gaussian:
    unit = units::Gaussian{};
    break;
  case UnitKind::rectified:
    unit = units::Rectified{};
    break;
  case UnitKind::noisy_relu:
    unit = units::NoisyRelu{};
    break;
  }
  return Block{std::move(name), unit, size, role};
}

BlockBoltzmann<double>::Sigma BlockOptions::sigma_options() const {
  const TaggedNumber given = sigma.value_or(TaggedNumber{0, 1});
  return {form.value_or(SigmaForm::variance), given.tag != 0,
          sigma_tags[given.tag].has_value ? given.value : 1.0};
}

void BoltzmannMachineOptions::visit(OptionVisitor& v) {
  v("visible", visible, "the visible units; by default as many as the data have columns", "size");
  v("hidden", hidden, "the hidden units; by default none", "size");
  v("units", units, "kind of all units that do not say otherwise", unit_kind_names);
  v("couplings", couplings, "which couplings exist; by default all that the blocks allow",
    std::span<const std::string_view>(coupling_kind_names));
  v("edges", edges,
    "the coupled pairs of visible units, counted from 0, one after another: [0, 1, 1, 2] is 0-1 and 1-2; by "
    "default every pair",
    at_least(0));
  v("hidden_edges", hidden_edges, "the same of the hidden units", at_least(0));
}

void LatticeOptions::visit(OptionVisitor& v) {
  v("size", size, "number of sites along each direction: one, two or three of them", between(1, 1e6));
  v("periodic", periodic, "whether opposite ends are neighbours");
  v("coupling", coupling, "J of every bond; init.J gives others, {plus_minus: 1} or {normal: 1}");
}

std::size_t LatticeOptions::sites() const {
  if (size.empty() || size.size() > 3) throw InputError("model.size must have one, two or three numbers");
  double all = 1;
  for (const std::int64_t n : size) all *= double(n);
  if (all > 1e7) throw InputError("model.size: a lattice may have at most 1e7 sites");
  return std::size_t(all);
}

std::vector<Graph::Edge> LatticeOptions::edges() const {
  std::vector<Graph::Edge> edges;
  const std::size_t n = sites();
  for (std::size_t site = 0; site < n; ++site) {
    std::size_t stride = 1;
    for (auto along = size.rbegin(); along != size.rend(); stride *= std::size_t(*along++)) {
      const std::size_t length = std::size_t(*along), place = site / stride % length;
      if (place + 1 < length)
        edges.emplace_back(std::uint32_t(site), std::uint32_t(site + stride));
      else if (periodic && length > 2)
        edges.emplace_back(std::uint32_t(site), std::uint32_t(site - place * stride));
    }
  }
  return edges;
}

template <std::floating_point T> BlockBoltzmann<T> make_rbm(const RbmOptions& o) {
  if (o.hidden.size == 0) throw InputError("model.hidden must be at least 1");
  return BlockBoltzmann<T>(StateSpace({o.visible.block("visible", o.units, Role::visible),
                                       o.hidden.block("hidden", o.units, Role::latent)}),
                           {{0, 1, "W"}}, sigmas<T>({&o.visible, &o.hidden}));
}

template <std::floating_point T>
BlockBoltzmann<T> make_classification_rbm(const ClassificationRbmOptions& o) {
  if (o.hidden.size == 0) throw InputError("model.hidden must be at least 1");
  return BlockBoltzmann<T>(StateSpace({o.visible.block("visible", o.units, Role::visible),
                                       Block{"label", units::Categorical{o.classes}, 1},
                                       o.hidden.block("hidden", o.units, Role::latent)}),
                           {{0, 2, "W"}, {1, 2, "U"}}, sigmas<T>({&o.visible, nullptr, &o.hidden}));
}

template <std::floating_point T> BlockBoltzmann<T> make_boltzmann_machine(const BoltzmannMachineOptions& o) {
  const bool hidden = o.hidden.size != 0;
  std::vector<Block> blocks{o.visible.block("visible", o.units, Role::visible)};
  if (hidden) blocks.push_back(o.hidden.block("hidden", o.units, Role::latent));
  const auto wanted = [&](CouplingKind k) {
    return o.couplings ? std::ranges::count(*o.couplings, k) != 0 : hidden || k == CouplingKind::vv;
  };
  if (!hidden && (wanted(CouplingKind::vh) || wanted(CouplingKind::hh)))
    throw InputError("model.couplings names couplings with hidden units, but model.hidden is 0");
  std::shared_ptr<const Graph> graph, hidden_graph;
  if (o.edges) graph = graph_of("edges", blocks[0].sites, *o.edges);
  if (o.hidden_edges && !hidden) throw InputError("model.hidden_edges is given, but model.hidden is 0");
  if (o.hidden_edges) hidden_graph = graph_of("hidden_edges", blocks[1].sites, *o.hidden_edges);
  if ((graph && !wanted(CouplingKind::vv)) || (hidden_graph && !wanted(CouplingKind::hh)))
    throw InputError("model.couplings leaves out the couplings that edges are given for");
  using Coupling = typename BlockBoltzmann<T>::Coupling;
  std::vector<Coupling> couplings;
  if (wanted(CouplingKind::vv)) couplings.push_back(Coupling{0, 0, "J", graph});
  if (wanted(CouplingKind::vh)) couplings.push_back(Coupling{0, 1, "W"});
  if (wanted(CouplingKind::hh)) couplings.push_back(Coupling{1, 1, "J_hidden", hidden_graph});
  return BlockBoltzmann<T>(StateSpace(std::move(blocks)), std::move(couplings),
                           sigmas<T>({&o.visible, &o.hidden}));
}

template <std::floating_point T> BlockBoltzmann<T> make_dbm(const DbmOptions& o) {
  std::vector<typename BlockBoltzmann<T>::Coupling> couplings;
  for (BlockId l = 1; l <= o.hidden.size(); ++l) couplings.push_back({l - 1, l, "W" + std::to_string(l)});
  return BlockBoltzmann<T>(StateSpace(layer_blocks(o)), std::move(couplings), sigmas<T>({&o.visible}));
}

template <std::floating_point T> DeepBelief<T> make_dbn(const DbnOptions& o) {
  if (o.visible.sigma || o.visible.form)
    throw InputError(
        "model.visible: the units of a dbn have sigma 1: leave out sigma and form, and standardise "
        "the data");
  return DeepBelief<T>(StateSpace(layer_blocks(o)));
}

template <std::floating_point T> BlockBoltzmann<T> make_hopfield(const HopfieldOptions& o) {
  return BlockBoltzmann<T>(StateSpace({Block{"visible", units::Spin{}, o.visible}}), {{0, 0, "J"}});
}

template <std::floating_point T> BlockBoltzmann<T> make_ising(const IsingOptions& o) {
  return lattice<T>(o, units::Spin{}, o.field);
}

template <std::floating_point T> BlockBoltzmann<T> make_potts(const PottsOptions& o) {
  return lattice<T>(o, units::Categorical{o.q}, 0);
}

#define EBM_INSTANTIATE(T)                                                                                   \
  template BlockBoltzmann<T> make_rbm<T>(const RbmOptions&);                                                 \
  template BlockBoltzmann<T> make_classification_rbm<T>(const ClassificationRbmOptions&);                    \
  template BlockBoltzmann<T> make_boltzmann_machine<T>(const BoltzmannMachineOptions&);                      \
  template BlockBoltzmann<T> make_dbm<T>(const DbmOptions&);                                                 \
  template DeepBelief<T> make_dbn<T>(const DbnOptions&);                                                     \
  template BlockBoltzmann<T> make_hopfield<T>(const HopfieldOptions&);                                       \
  template BlockBoltzmann<T> make_ising<T>(const IsingOptions&);                                             \
  template BlockBoltzmann<T> make_potts<T>(const PottsOptions&);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
#undef EBM_INSTANTIATE

} // namespace ebm
