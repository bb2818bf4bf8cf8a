// Options describe themselves: one `visit` drives parsing, defaults, `ebm explain`, the reference pages and
// the schema, so that they cannot drift apart.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ebm {

/// Legal values of a number. Non-finite numbers are never legal.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false, open_high = false;
  bool allow(double v) const { return (open_low ? v > low : v >= low) && (open_high ? v < high : v <= high); }
  /// "> 0", "at least 1", "from 0 to 1"; empty when everything is legal.
  std::string text() const;
};
constexpr Limits at_least(double v) {
  return {v, std::numeric_limits<double>::infinity(), false, false};
}
constexpr Limits above(double v) {
  return {v, std::numeric_limits<double>::infinity(), true, false};
}
constexpr Limits between(double low, double high) {
  return {low, high, false, false};
}

/// A length of time: `60s`, `10min`, `2h` or `2d` in YAML.
struct Duration {
  double seconds = 0;
};

/// One alternative of a tagged number: `{normal: 0.01}` has a value, `data_mean` has none.
struct Tag {
  std::string_view name;
  bool has_value = true;
  Limits limits{};
  std::string_view doc{};
};

/// Which of the tags was given, and its number.
struct TaggedNumber {
  std::size_t tag = 0;
  double value = 0;
};

class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;

  void operator()(std::string_view name, bool& v, std::string_view doc) { boolean(name, v, doc); }
  void operator()(std::string_view name, std::string& v, std::string_view doc) { text(name, v, doc); }
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  void operator()(std::string_view name, I& v, std::string_view doc, Limits limits = {}) {
    limits.low = std::max(limits.low, double(std::numeric_limits<I>::min()));
    limits.high =
        std::min(limits.high, double(std::min<std::uint64_t>(std::numeric_limits<I>::max(), 1ull << 53)));
    auto x = std::int64_t(v);
    integer(name, x, doc, limits);
    v = I(x);
  }
  void operator()(std::string_view name, double& v, std::string_view doc, Limits limits = {}) {
    real(name, v, doc, limits);
  }
  void operator()(std::string_view name, Duration& v, std::string_view doc, Limits seconds = at_least(0)) {
    duration(name, v.seconds, doc, seconds);
  }
  void operator()(std::string_view name, TaggedNumber& v, std::string_view doc, std::span<const Tag> tags) {
    tagged(name, v.tag, v.value, doc, tags);
  }
  /// Enumerations whose values are 0, 1, … in the order of `names`.
  template <class E>
    requires std::is_enum_v<E>
  void operator()(std::string_view name, E& v, std::string_view doc,
                  std::span<const std::string_view> names) {
    auto x = std::size_t(v);
    choice(name, x, doc, names);
    v = E(x);
  }
  template <class E>
    requires std::is_enum_v<E>
  void operator()(std::string_view name, std::vector<E>& v, std::string_view doc,
                  std::span<const std::string_view> names) {
    std::vector<std::size_t> x;
    for (const E e : v) x.push_back(std::size_t(e));
    choices(name, x, doc, names);
    v.clear();
    for (const std::size_t i : x) v.push_back(E(i));
  }
  void operator()(std::string_view name, std::vector<std::int64_t>& v, std::string_view doc,
                  Limits limits = {}) {
    integers(name, v, doc, limits);
  }
  /// Numbers by names that are not known before something else is built: {W: 0.1}.
  void operator()(std::string_view name, std::map<std::string, double>& v, std::string_view doc,
                  Limits limits = {}) {
    reals_by_name(name, v, doc, limits);
  }
  /// A value that may be left out.
  template <class V, class... More>
  void operator()(std::string_view name, std::optional<V>& v, std::string_view doc, More... more) {
    if (!wants(name)) return declare_optional(name, doc);
    V x = v.value_or(V{});
    (*this)(name, x, doc, more...);
    if (given(name)) v = std::move(x);
  }
  /// A nested mapping. With a shorthand, a scalar stands for the mapping {shorthand: scalar}.
  template <class O>
    requires requires(O& o, OptionVisitor& w) {
      o.visit(w);
    }
  void operator()(std::string_view name, O& v, std::string_view doc, std::string_view shorthand = {}) {
    group(name, doc, shorthand, [&v](OptionVisitor& w) { v.visit(w); });
  }
  /// An integer, or a word that stands for nothing given.
  virtual void integer_or_word(std::string_view name, std::optional<std::int64_t>&, std::string_view word,
                               std::string_view doc, Limits) = 0;
  /// True for a visitor that describes options and so wants those of every alternative.
  virtual bool describes() const { return false; }
  /// `{tag: number}`, or `tag` alone where the tag has no value.
  virtual void tagged(std::string_view name, std::size_t& tag, double& value, std::string_view doc,
                      std::span<const Tag> tags) = 0;

 protected:
  virtual void boolean(std::string_view name, bool&, std::string_view doc) = 0;
  virtual void integer(std::string_view name, std::int64_t&, std::string_view doc, Limits) = 0;
  virtual void real(std::string_view name, double&, std::string_view doc, Limits) = 0;
  virtual void duration(std::string_view name, double& seconds, std::string_view doc, Limits) = 0;
  virtual void text(std::string_view name, std::string&, std::string_view doc) = 0;
  virtual void choice(std::string_view name, std::size_t&, std::string_view doc,
                      std::span<const std::string_view>) = 0;
  virtual void choices(std::string_view name, std::vector<std::size_t>&, std::string_view doc,
                       std::span<const std::string_view>) = 0;
  virtual void integers(std::string_view name, std::vector<std::int64_t>&, std::string_view doc, Limits) = 0;
  virtual void reals_by_name(std::string_view name, std::map<std::string, double>&, std::string_view doc,
                             Limits) = 0;
  virtual void group(std::string_view name, std::string_view doc, std::string_view shorthand,
                     const std::function<void(OptionVisitor&)>& visit) = 0;
  /// Whether the value of an optional option should be visited: a reader wants those that were given, a
  /// describer all of them.
  virtual bool wants(std::string_view name) = 0;
  virtual bool given(std::string_view name) = 0;
  virtual void declare_optional(std::string_view name, std::string_view doc) = 0;
};

/// Options that a function visits, where a struct of their own would say no more.
template <class F> struct Visited {
  F f;
  void visit(OptionVisitor& v) { f(v); }
};
template <class F> Visited(F) -> Visited<F>;

template <class O>
concept Options = std::default_initializable<O> && std::copyable<O> && requires(O& o, OptionVisitor& v) {
  o.visit(v);
};

} // namespace ebm
