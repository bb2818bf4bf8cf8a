// The ring with a coupling to learn: parameters and their gradient add CD, PCD and exact learning.
#include "ebm/registry/registry.hpp"
#include "experiments/program/program.hpp"

template <class T> struct LearnedRing {
  using real_type = T;
  std::size_t size = 8;
  ebm::StateSpace spins;
  ebm::Parameters<T> theta;

  void visit(ebm::OptionVisitor& v) { v("size", size, "number of spins", ebm::at_least(3)); }
  void prepare(const ebm::ModelContext&) {
    spins = ebm::single_block("visible", ebm::units::Spin{}, size);
    theta.add("J", ebm::ParameterRole::weight, {1});
  }
  const ebm::StateSpace& space() const { return spins; }
  static double bonds(std::span<const T> x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += double(x[i] * x[(i + 1) % x.size()]);
    return sum;
  }
  void energy(const ebm::State<T>& x, std::span<double> out) const {
    for (std::size_t c = 0; c < out.size(); ++c)
      out[c] = -double(theta[0].value(0, 0)) * bonds(ebm::row(x[0], c));
  }
  ebm::Parameters<T>& parameters() { return theta; }
  const ebm::Parameters<T>& parameters() const { return theta; }
  void add_parameter_gradient(const ebm::State<T>& x, std::span<const double> w,
                              ebm::Parameters<T>& g) const {
    for (std::size_t c = 0; c < w.size(); ++c) g[0].value(0, 0) -= T(w[c] * bonds(ebm::row(x[0], c)));
  }
};

int main(int argc, char** argv) {
  ebm::models().add<LearnedRing>("learned_ring", "Spins on a ring with one coupling to learn.", "size: 4");
  return ebm::experiments::run_program(argc, argv);
}
