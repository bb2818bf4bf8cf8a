// What CD-k estimates: the negative law p_data (P_h|v P_v|h)^k, worked out for a small RBM from the energy's
// own conditionals, without a random number.
#pragma once
#include "ebm/concepts/any_energy.hpp"
#include "ebm/core/units/kernels.hpp"
#include "ebm/likelihood/rows.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace ebm::conformance {

/// For a space of one visible and one latent block of two-valued units, each independent given the other.
template <std::floating_point T> class ExpectedContrastive {
 public:
  ExpectedContrastive(const StateSpace& space, const Rows<T>& rows)
      : visible_(every_state(space, 0)), hidden_(every_state(space, 1)), data_(visible_.chains(), 0.0) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::size_t code = 0;
      for (SiteId j = 0; j < space[0].sites; ++j) code |= std::size_t(rows[i][j] > T(0.5)) << j;
      data_[code] += 1.0 / double(rows.size());
    }
  }

  /// g += E_data[∂E/∂θ] − E_k[∂E/∂θ], the gradient of −mean log p with the law of CD-k in the model's place;
  /// hidden units stand in both by their means given the visible ones.
  void add_gradient(const AnyEnergy<T>& e, std::size_t sweeps, Parameters<T>& g) {
    std::vector<double> law = data_;
    // [visible states, hidden states] and [hidden states, visible states]
    transitions(e, visible_, 1, hidden_, hidden_given_visible_);
    transitions(e, hidden_, 0, visible_, visible_given_hidden_);
    for (std::size_t k = 0; k < sweeps; ++k)
      law =
          step(step(law, hidden_given_visible_, hidden_.chains()), visible_given_hidden_, visible_.chains());
    std::vector<double> weights(law.size());
    for (std::size_t v = 0; v < law.size(); ++v) weights[v] = data_[v] - law[v];
    State<T> x = visible_;
    reshape(eta_, x.chains(), e.space()[1].natural_columns());
    e.block_natural(visible_, 1, eta_);
    unit_means(e.space()[1], eta_, x.values(1));
    e.add_parameter_gradient(x, weights, g);
  }

 private:
  /// Chain c of the result has the two-valued block b in state number c.
  static State<T> every_state(const StateSpace& space, BlockId b) {
    State<T> x(space, std::size_t{1} << space[b].sites);
    for (std::size_t c = 0; c < x.chains(); ++c)
      for (SiteId j = 0; j < space[b].sites; ++j)
        set_level(space[b], x.values(b), c, j, std::uint32_t(c >> j & 1));
    return x;
  }

  /// out[f · targets + t]: probability that block b is in state t given the rest of chain f of `from`.
  void transitions(const AnyEnergy<T>& e, const State<T>& from, BlockId b, const State<T>& targets,
                   std::vector<double>& out) {
    const Block& block = e.space()[b];
    reshape(eta_, from.chains(), block.natural_columns());
    means_ = make_batch<T>(from.chains(), block.columns());
    e.block_natural(from, b, eta_);
    unit_means(block, eta_, means_);
    const bool spin = std::holds_alternative<units::Spin>(block.unit);
    const std::size_t states = targets.chains();
    out.assign(from.chains() * states, 1.0);
    for (std::size_t f = 0; f < from.chains(); ++f) {
      double* const p = out.data() + f * states;
      // One site after the other doubles the number of states that are known.
      for (std::size_t j = 0; j < block.sites; ++j) {
        const double mean = double(means_(f, j)), one = spin ? (1 + mean) / 2 : mean;
        for (std::size_t s = 0; s < std::size_t{1} << j; ++s) {
          p[s | std::size_t{1} << j] = p[s] * one;
          p[s] *= 1 - one;
        }
      }
    }
  }

  static std::vector<double> step(const std::vector<double>& law, const std::vector<double>& P,
                                  std::size_t targets) {
    std::vector<double> next(targets, 0.0);
    for (std::size_t f = 0; f < law.size(); ++f)
      if (law[f] != 0)
        for (std::size_t t = 0; t < targets; ++t) next[t] += law[f] * P[f * targets + t];
    return next;
  }

  State<T> visible_, hidden_; ///< every state of one block, the other block at level 0
  std::vector<double> data_;  ///< empirical law over the visible states
  std::vector<double> hidden_given_visible_, visible_given_hidden_;
  Batch<T> eta_, means_;
};

} // namespace ebm::conformance
