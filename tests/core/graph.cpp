// Graphs of sparse couplings: edges, neighbours, colours; and their fields, against the dense matrix.
#include "ebm/core/graph.hpp"

#include <boost/test/unit_test.hpp>

#include "ebm/core/error.hpp"
#include "ebm/random/draws.hpp"
#include "models/boltzmann/named_forms.hpp"

using namespace ebm;

namespace {

using Edges = std::vector<Graph::Edge>;
using Sites = std::vector<std::uint32_t>;

Graph lattice(std::vector<std::int64_t> size, bool periodic) {
  LatticeOptions o;
  o.size = std::move(size);
  o.periodic = periodic;
  return Graph(o.sites(), o.edges());
}

/// Every site once, and no edge inside a colour.
bool proper(const Graph& g) {
  std::vector<std::size_t> colour_of(g.sites(), g.sites());
  std::size_t coloured = 0;
  for (std::size_t c = 0; c < g.colours().size(); ++c)
    for (const std::uint32_t i : g.colours()[c]) {
      coloured += colour_of[i] == g.sites();
      colour_of[i] = c;
    }
  return coloured == g.sites() && std::ranges::none_of(g.edges(), [&](const Graph::Edge& e) {
           return colour_of[e.first] == colour_of[e.second];
         });
}

Sites neighbours(const Graph& g, std::size_t site) {
  Sites all;
  for (const Graph::Neighbour& n : g.neighbours(site)) all.push_back(n.site);
  std::ranges::sort(all);
  return all;
}

std::string refusal(std::size_t sites, Edges edges) {
  try {
    const Graph g(sites, std::move(edges));
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

template <class T> Batch<T> normals(std::size_t rows, std::size_t columns, std::uint64_t sweep) {
  Batch<T> x = make_batch<T>(rows, columns);
  random::Draws(random::Key{20240420}).normals({random::Stream::law, sweep, 0, 0}, x);
  return x;
}

template <class T> double largest_difference(const Batch<T>& a, const Batch<T>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(double(a.data()[i]) - double(b.data()[i])));
  return largest;
}

/// A graph that is no lattice: a triangle, a square, a bridge between them, and a site on its own.
Graph odd_graph() {
  return Graph(8, {{0, 1}, {2, 1}, {0, 2}, {2, 3}, {3, 4}, {4, 5}, {6, 5}, {3, 6}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(graphs)

BOOST_AUTO_TEST_CASE(edges_and_neighbours) {
  const Graph g = odd_graph();
  BOOST_TEST(g.sites() == 8u);
  BOOST_TEST((g.edges() == Edges{{0, 1}, {0, 2}, {1, 2}, {2, 3}, {3, 4}, {3, 6}, {4, 5}, {5, 6}}));
  BOOST_TEST((neighbours(g, 2) == Sites{0, 1, 3}));
  BOOST_TEST((neighbours(g, 5) == Sites{4, 6}));
  BOOST_TEST(neighbours(g, 7).empty());
  for (std::uint32_t i = 0; i < g.sites(); ++i)
    for (const Graph::Neighbour& n : g.neighbours(i))
      BOOST_TEST((g.edges()[n.edge] == Graph::Edge{std::min(i, n.site), std::max(i, n.site)}));
  BOOST_TEST(Graph(0, {}).colours().empty());
}

BOOST_AUTO_TEST_CASE(colours_are_proper_and_few) {
  BOOST_TEST(proper(odd_graph()));
  BOOST_TEST(odd_graph().colours().size() == 3u); // a triangle
  for (const bool periodic : {false, true})
    for (const std::vector<std::int64_t>& size :
         {std::vector<std::int64_t>{8}, {4, 6}, {16, 16}, {2, 4, 6}, {4, 4, 4}}) {
      const Graph g = lattice(size, periodic);
      BOOST_TEST(proper(g));
      BOOST_TEST(g.colours().size() == 2u);
    }
  // Around an odd ring two colours do not suffice; one for each site is the complete graph's.
  BOOST_TEST(lattice({5}, true).colours().size() == 3u);
  BOOST_TEST(proper(lattice({5, 3}, true)));
  BOOST_TEST(proper(lattice({3, 3, 3}, true)));
  BOOST_TEST(Graph(4, {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}).colours().size() == 4u);
  BOOST_TEST(Graph(4, {}).colours().size() == 1u);
}

BOOST_AUTO_TEST_CASE(lattices_have_each_bond_once) {
  struct Row {
    std::vector<std::int64_t> size;
    std::size_t open, periodic;
  };
  const std::vector<Row> rows{{{1}, 0, 0},         {{2}, 1, 1},         {{3}, 2, 3},
                              {{10}, 9, 10},       {{1, 1}, 0, 0},      {{1, 4}, 3, 4},
                              {{2, 2}, 4, 4},      {{2, 3}, 7, 9},      {{3, 3}, 12, 18},
                              {{4, 5}, 31, 40},    {{2, 2, 2}, 12, 12}, {{3, 3, 3}, 54, 81},
                              {{2, 3, 4}, 46, 60}, {{1, 3, 1}, 2, 3},   {{4, 4, 4}, 144, 192}};
  for (const auto& [size, open, periodic] : rows) {
    const Graph o = lattice(size, false), p = lattice(size, true); // which refuse an edge given twice
    BOOST_TEST(o.edges().size() == open, size.size() << " directions of " << size[0]);
    BOOST_TEST(p.edges().size() == periodic, size.size() << " directions of " << size[0]);
    BOOST_TEST(std::ranges::includes(p.edges(), o.edges()));
  }
  // Row-major: the last direction is next to each other.
  BOOST_TEST((neighbours(lattice({3, 4}, false), 5) == Sites{1, 4, 6, 9}));
  BOOST_TEST((neighbours(lattice({3, 4}, true), 0) == Sites{1, 3, 4, 8}));
  BOOST_TEST((neighbours(lattice({3, 3, 3}, true), 13) == Sites{4, 10, 12, 14, 16, 22}));
  BOOST_TEST((neighbours(lattice({3, 3, 3}, false), 0) == Sites{1, 3, 9}));
}

BOOST_AUTO_TEST_CASE(what_is_no_graph_is_refused) {
  BOOST_TEST(refusal(3, {{0, 1}, {2, 2}}) == "edge (2, 2) joins a unit with itself");
  BOOST_TEST(refusal(3, {{0, 1}, {1, 0}}) == "edge (0, 1) is given twice");
  BOOST_TEST(refusal(3, {{0, 1}, {3, 1}}) ==
             "edge (1, 3) names a unit that does not exist: there are 3, counted from 0");
  BOOST_TEST(refusal(3, {{0, 1}, {1, 2}}) == "");
}

BOOST_AUTO_TEST_CASE(sparse_couplings_are_those_of_their_matrix) {
  const Graph g = odd_graph();
  for (const std::size_t width : {1u, 3u}) {
    const std::size_t columns = g.sites() * width;
    const Batch<double> values = normals<double>(1, g.edges().size(), 0), x = normals<double>(5, columns, 1);
    const SelfCoupling<double> sparse{&values, &g};
    const Batch<double> J = sparse.matrix(columns, width);
    const SelfCoupling<double> dense{&J};
    BOOST_TEST(sparse.dense() == nullptr);
    BOOST_TEST(dense.dense() == &J);
    // The matrix by its definition.
    double sum = 0;
    for (std::size_t e = 0; e < g.edges().size(); ++e) {
      const auto [i, j] = g.edges()[e];
      for (std::size_t k = 0; k < width; ++k) {
        BOOST_TEST(J(i * width + k, j * width + k) == values(0, e));
        BOOST_TEST(J(j * width + k, i * width + k) == values(0, e));
        sum += 2 * values(0, e) * values(0, e);
      }
    }
    for (const double v : all(J)) sum -= v * v;
    BOOST_TEST(std::abs(sum) < 1e-12); // and 0 elsewhere

    Batch<double> field = normals<double>(5, columns, 2), expected = field;
    const Batch<double> start = field;
    sparse.add_field(x, width, field);
    dense.add_field(x, width, expected);
    BOOST_TEST(largest_difference(field, expected) < 1e-14);
    BOOST_TEST(largest_difference(field, start) > 0.1);

    // A change of one value after the other leads to the fields of all values.
    Batch<double> changed = start;
    for (std::size_t c = 0; c < 5; ++c)
      for (std::size_t i = 0; i < columns; ++i) sparse.add_change(i, x(c, i), width, row(changed, c));
    BOOST_TEST(largest_difference(changed, expected) < 1e-13);
    changed = start;
    dense.add_change(4, 0.5, width, row(changed, 3));
    Batch<double> one = start;
    sparse.add_change(4, 0.5, width, row(one, 3));
    BOOST_TEST(largest_difference(changed, one) == 0.0);
    BOOST_TEST(largest_difference(changed, start) > 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(scaled_couplings) {
  const Graph g(3, {{0, 1}, {1, 2}});
  Batch<float> values = make_batch<float>(1, 2, 3.0f);
  const ScaledCoupling<float> half(SelfCoupling<float>{&values, &g}, 0.5);
  values.fill(7); // a copy
  const Batch<double> J = half.coupling().matrix(3, 1);
  BOOST_TEST(J(0, 1) == 1.5);
  BOOST_TEST(J(1, 2) == 1.5);
  BOOST_TEST(J(0, 2) == 0.0);
  BOOST_TEST(!ScaledCoupling<float>(SelfCoupling<float>{}, 0.5).coupling());
}

BOOST_AUTO_TEST_SUITE_END()
