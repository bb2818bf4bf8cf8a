// An energy of one's own with the whole program: spins on a ring, E(x) = −J Σ x_i x_{i+1}.
#include "ebm/registry/registry.hpp"
#include "experiments/program/program.hpp"

template <class T> struct Ring {
  using real_type = T;
  std::size_t size = 8;
  double J = 0.5;
  ebm::StateSpace spins;
  void visit(ebm::OptionVisitor& v) { v("size", size, "number of spins"), v("J", J, "coupling"); }
  void prepare(const ebm::ModelContext&) { spins = ebm::single_block("visible", ebm::units::Spin{}, size); }
  const ebm::StateSpace& space() const { return spins; }
  void energy(const ebm::State<T>& x, std::span<double> out) const {
    std::ranges::fill(out, 0.0);
    for (std::size_t c = 0; c < out.size(); ++c)
      for (std::size_t i = 0; i < size; ++i) out[c] -= J * double(x[0](c, i) * x[0](c, (i + 1) % size));
  }
};

int main(int argc, char** argv) {
  ebm::models().add<Ring>("ring", "Spins on a ring.", "size: 4");
  return ebm::experiments::run_program(argc, argv);
}
