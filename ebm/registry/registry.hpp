// Names to types: what YAML can build. Entries are added by explicit calls (models/register.hpp, …), never by
// static initialisers, which a linker may drop.
#pragma once
#include <any>
#include <map>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <tuple>

#include "ebm/concepts/any_energy.hpp"
#include "ebm/concepts/sampler.hpp"
#include "ebm/registry/options.hpp"

namespace ebm {

/// Entries of one family. Product<T> is what is built, for float and for double; Context is what a builder
/// may need besides its options. Reading and building are two phases: all errors of all sections are
/// collected before anything is built.
template <template <std::floating_point> class Product, class Context> class Registry {
 public:
  struct Entry {
    std::string name, doc;
    std::string example; ///< the smallest section, as YAML flow text without `type`: "hidden: 3"
    std::function<std::any(OptionVisitor&)> read;
    std::function<Product<float>(const std::any&, const Context&)> build_float;
    std::function<Product<double>(const std::any&, const Context&)> build_double;
    std::source_location where;

    template <std::floating_point T> Product<T> build(const std::any& options, const Context& context) const {
      if constexpr (std::same_as<T, float>)
        return build_float(options, context);
      else
        return build_double(options, context);
    }
  };

  /// Options of a type of their own; `make` is called as make.template operator()<T>(options, context).
  template <Options O, class Make>
  void add(std::string name, std::string doc, std::string example, Make make,
           std::source_location where = std::source_location::current()) {
    insert({std::move(name), std::move(doc), std::move(example),
            [](OptionVisitor& v) {
              O options{};
              options.visit(v);
              return std::any(std::move(options));
            },
            [make](const std::any& o, const Context& c) {
              return make.template operator()<float>(std::any_cast<const O&>(o), c);
            },
            [make](const std::any& o, const Context& c) {
              return make.template operator()<double>(std::any_cast<const O&>(o), c);
            },
            where});
  }

  /// A type that is its own options: M<T> has `visit`, and `prepare(context)` if it needs one.
  template <template <class> class M>
  void add(std::string name, std::string doc, std::string example = "",
           std::source_location where = std::source_location::current()) {
    using Both = std::tuple<M<float>, M<double>>;
    const auto build = [](auto product, const std::any& o, const Context& c) {
      using T = typename decltype(product)::type;
      auto value = std::get<M<T>>(std::any_cast<const Both&>(o));
      if constexpr (requires { value.prepare(c); }) value.prepare(c);
      return Product<T>(std::move(value));
    };
    insert(
        {std::move(name), std::move(doc), std::move(example),
         [](OptionVisitor& v) {
           Both both;
           std::get<0>(both).visit(v);
           std::get<1>(both).visit(v);
           return std::any(std::move(both));
         },
         [build](const std::any& o, const Context& c) { return build(std::type_identity<float>{}, o, c); },
         [build](const std::any& o, const Context& c) { return build(std::type_identity<double>{}, o, c); },
         where});
  }

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  const Entry* find(std::string_view name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second;
  }

 private:
  void insert(Entry entry) {
    const auto [it, fresh] = entries_.try_emplace(entry.name, entry);
    if (!fresh)
      throw std::logic_error("'" + entry.name + "' is registered twice: at " + it->second.where.file_name() +
                             ":" + std::to_string(it->second.where.line()) + " and at " +
                             entry.where.file_name() + ":" + std::to_string(entry.where.line()));
  }
  std::map<std::string, Entry, std::less<>> entries_;
};

/// What a model may need to know when it is built.
struct ModelContext {
  std::size_t visible_columns = 0; ///< columns of the data, labels included; 0 without data
  std::size_t label_columns = 0;   ///< the last of them, one-hot labels
};
struct SamplerContext {};

using ModelRegistry = Registry<AnyEnergy, ModelContext>;
using SamplerRegistry = Registry<AnySampler, SamplerContext>;

/// The process-wide registries.
ModelRegistry& models();
SamplerRegistry& samplers();

} // namespace ebm
