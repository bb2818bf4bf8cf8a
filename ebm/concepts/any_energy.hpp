// AnyEnergy models the Energy concept over any energy of one precision: one virtual call a batch. It has
// every capability as a method; `supports` forwards to the value inside.
#pragma once
#include <memory>

#include "ebm/concepts/derive.hpp"

namespace ebm {

template <std::floating_point T> class AnyEnergy {
 public:
  using real_type = T;

  template <class E>
    requires(!std::same_as<E, AnyEnergy> && Energy<E> && std::same_as<real_t<E>, T>)
  explicit AnyEnergy(E energy) : inner_(std::make_unique<Model<E>>(std::move(energy))) {
    // A capability with a misspelt signature would be ignored in silence.
    static_assert(
        HasBlockNatural<E> || !requires { &E::block_natural; }, "block_natural has the wrong signature");
    static_assert(
        HasSiteNatural<E> || !requires { &E::site_natural; }, "site_natural has the wrong signature");
    static_assert(
        HasStateGradient<E> || !requires { &E::state_gradient; }, "state_gradient has the wrong signature");
    static_assert(
        HasFreeEnergy<E> || !requires { &E::free_energy; }, "free_energy has the wrong signature");
    static_assert(
        HasBlockFreeEnergy<E> || !requires { &E::block_free_energy; },
        "block_free_energy has the wrong signature");
    static_assert(
        HasSelfCoupling<E> || !requires { &E::self_coupling; }, "self_coupling has the wrong signature");
    static_assert(
        HasLogPartition<E> || !requires { &E::log_partition; }, "log_partition has the wrong signature");
    static_assert(
        HasModelGradient<E> || !requires { &E::add_model_gradient; },
        "add_model_gradient has the wrong signature");
    static_assert(
        HasVarianceGradient<E> || !requires { &E::add_variance_gradient; },
        "add_variance_gradient has the wrong signature");
    static_assert(
        !requires { &E::coupled; } ||
            requires(const E& e, BlockId b) {
              { e.coupled(b, b) } -> std::same_as<bool>;
            },
        "coupled has the wrong signature");
    static_assert(
        !requires { &E::linear_in; } ||
            requires(const E& e, BlockId b) {
              { e.linear_in(b) } -> std::same_as<bool>;
            },
        "linear_in has the wrong signature");
    static_assert(
        Parametric<E> || !requires { &E::add_parameter_gradient; },
        "add_parameter_gradient has the wrong signature, or parameters() is missing");
  }
  AnyEnergy(const AnyEnergy& other) : inner_(other.inner_->clone()) {}
  AnyEnergy(AnyEnergy&&) noexcept = default;
  AnyEnergy& operator=(AnyEnergy other) noexcept {
    inner_ = std::move(other.inner_);
    return *this;
  }

  const StateSpace& space() const { return inner_->space(); }
  bool supports(Capability c, BlockId b) const { return inner_->supports(c, b); }
  void energy(const State<T>& x, std::span<double> out) const { inner_->energy(x, out); }
  void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const { inner_->state_gradient(x, b, g); }
  void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const { inner_->block_natural(x, b, eta); }
  void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const {
    inner_->site_natural(x, b, j, eta);
  }
  bool coupled(BlockId a, BlockId b) const { return inner_->coupled(a, b); }
  bool linear_in(BlockId b) const { return inner_->linear_in(b); }
  SelfCoupling<T> self_coupling(BlockId b) const { return inner_->self_coupling(b); }
  void free_energy(const State<T>& x, std::span<double> out) const { inner_->free_energy(x, out); }
  void block_free_energy(const State<T>& x, std::span<const BlockId> blocks, std::span<double> out) const {
    inner_->block_free_energy(x, blocks, out);
  }
  Parameters<T>& parameters() { return const_cast<Parameters<T>&>(inner_->parameters()); }
  const Parameters<T>& parameters() const { return inner_->parameters(); }
  void add_parameter_gradient(const State<T>& x, std::span<const double> w, Parameters<T>& g) const {
    inner_->add_parameter_gradient(x, w, g);
  }
  void add_variance_gradient(const State<T>& x, BlockId b, std::span<const double> w,
                             Parameters<T>& g) const {
    inner_->add_variance_gradient(x, b, w, g);
  }
  Stack<T> stack() const { return inner_->stack(); }
  AnyEnergy layer(std::size_t l) const { return inner_->layer(l); }
  void set_layer(std::size_t l, const Parameters<T>& learned) { inner_->set_layer(l, learned); }
  AnyEnergy top() const { return inner_->top(); }
  void descent_natural(const State<T>& x, BlockId b, Batch<T>& eta) const {
    inner_->descent_natural(x, b, eta);
  }
  double log_partition() const { return inner_->log_partition(); }
  void add_model_gradient(double scale, Parameters<T>& g) const { inner_->add_model_gradient(scale, g); }

  /// The energy inside, if it is an E.
  template <Energy E> const E* get_if() const noexcept {
    const auto* model = dynamic_cast<const Model<E>*>(inner_.get());
    return model != nullptr ? &model->energy_ : nullptr;
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual std::unique_ptr<Base> clone() const = 0;
    virtual const StateSpace& space() const = 0;
    virtual bool supports(Capability, BlockId) const = 0;
    virtual void energy(const State<T>&, std::span<double>) const = 0;
    virtual void state_gradient(const State<T>&, BlockId, Batch<T>&) const = 0;
    virtual void block_natural(const State<T>&, BlockId, Batch<T>&) const = 0;
    virtual void site_natural(const State<T>&, BlockId, SiteId, Batch<T>&) const = 0;
    virtual bool coupled(BlockId, BlockId) const = 0;
    virtual bool linear_in(BlockId) const = 0;
    virtual SelfCoupling<T> self_coupling(BlockId) const = 0;
    virtual void free_energy(const State<T>&, std::span<double>) const = 0;
    virtual void block_free_energy(const State<T>&, std::span<const BlockId>, std::span<double>) const = 0;
    virtual const Parameters<T>& parameters() const = 0;
    virtual void add_parameter_gradient(const State<T>&, std::span<const double>, Parameters<T>&) const = 0;
    virtual void add_variance_gradient(const State<T>&, BlockId, std::span<const double>,
                                       Parameters<T>&) const = 0;
    virtual Stack<T> stack() const = 0;
    virtual AnyEnergy layer(std::size_t) const = 0;
    virtual void set_layer(std::size_t, const Parameters<T>&) = 0;
    virtual AnyEnergy top() const = 0;
    virtual void descent_natural(const State<T>&, BlockId, Batch<T>&) const = 0;
    virtual double log_partition() const = 0;
    virtual void add_model_gradient(double, Parameters<T>&) const = 0;
  };

  [[noreturn]] static void missing(std::string_view what) {
    throw CapabilityError("this energy has no " + std::string(what));
  }

  template <class E> struct Model final : Base {
    explicit Model(E energy) : energy_(std::move(energy)) {}
    std::unique_ptr<Base> clone() const override { return std::make_unique<Model>(energy_); }
    const StateSpace& space() const override { return energy_.space(); }
    bool supports(Capability c, BlockId b) const override { return ebm::supports(energy_, c, b); }
    void energy(const State<T>& x, std::span<double> out) const override { energy_.energy(x, out); }
    void state_gradient(const State<T>& x, BlockId b, Batch<T>& g) const override {
      if constexpr (HasStateGradient<E>)
        energy_.state_gradient(x, b, g);
      else
        missing("state_gradient");
    }
    void block_natural(const State<T>& x, BlockId b, Batch<T>& eta) const override {
      if constexpr (HasBlockNatural<E>)
        energy_.block_natural(x, b, eta);
      else
        missing("block_natural");
    }
    void site_natural(const State<T>& x, BlockId b, SiteId j, Batch<T>& eta) const override {
      if constexpr (HasSiteNatural<E>)
        energy_.site_natural(x, b, j, eta);
      else
        missing("site_natural");
    }
    bool coupled(BlockId a, BlockId b) const override { return ebm::coupled(energy_, a, b); }
    bool linear_in(BlockId b) const override { return ebm::linear_in(energy_, b); }
    SelfCoupling<T> self_coupling(BlockId b) const override {
      if constexpr (HasSelfCoupling<E>)
        return energy_.self_coupling(b);
      else
        return {};
    }
    void free_energy(const State<T>& x, std::span<double> out) const override {
      if constexpr (HasFreeEnergy<E>)
        energy_.free_energy(x, out);
      else
        missing("free_energy");
    }
    void block_free_energy(const State<T>& x, std::span<const BlockId> blocks,
                           std::span<double> out) const override {
      if constexpr (HasBlockFreeEnergy<E>)
        energy_.block_free_energy(x, blocks, out);
      else
        missing("block_free_energy");
    }
    const Parameters<T>& parameters() const override {
      if constexpr (Parametric<E>)
        return energy_.parameters();
      else
        missing("parameters");
    }
    void add_parameter_gradient(const State<T>& x, std::span<const double> w,
                                Parameters<T>& g) const override {
      if constexpr (Parametric<E>)
        energy_.add_parameter_gradient(x, w, g);
      else
        missing("parameters");
    }
    void add_variance_gradient(const State<T>& x, BlockId b, std::span<const double> w,
                               Parameters<T>& g) const override {
      if constexpr (HasVarianceGradient<E>)
        energy_.add_variance_gradient(x, b, w, g);
      else
        missing("variance_gradient");
    }
    Stack<T> stack() const override {
      if constexpr (HasLayers<E>)
        return energy_.stack();
      else
        missing("layers");
    }
    AnyEnergy layer(std::size_t l) const override {
      if constexpr (HasLayers<E>)
        return AnyEnergy(energy_.layer(l));
      else
        missing("layers");
    }
    void set_layer(std::size_t l, const Parameters<T>& learned) override {
      if constexpr (HasLayers<E>)
        energy_.set_layer(l, learned);
      else
        missing("layers");
    }
    AnyEnergy top() const override {
      if constexpr (HasTop<E>)
        return AnyEnergy(energy_.top());
      else
        missing("top");
    }
    void descent_natural(const State<T>& x, BlockId b, Batch<T>& eta) const override {
      if constexpr (HasTop<E>)
        energy_.descent_natural(x, b, eta);
      else
        missing("top");
    }
    double log_partition() const override {
      if constexpr (HasLogPartition<E>)
        return energy_.log_partition();
      else
        missing("log_partition");
    }
    void add_model_gradient(double scale, Parameters<T>& g) const override {
      if constexpr (HasModelGradient<E>)
        energy_.add_model_gradient(scale, g);
      else
        missing("model_gradient");
    }
    E energy_;
  };
  std::unique_ptr<Base> inner_;
};

} // namespace ebm
