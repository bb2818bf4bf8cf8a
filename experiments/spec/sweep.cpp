#include "experiments/spec/sweep.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "ebm/random/draws.hpp"
#include "experiments/spec/hints.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {
namespace {

constexpr std::array<std::string_view, 6> distributions{"uniform",         "log_uniform", "int_uniform",
                                                        "log_int_uniform", "normal",      "choice"};

using Points = std::vector<Point>;

Points product(const Points& a, const Points& b) {
  Points out;
  for (const Point& p : a)
    for (const Point& q : b) {
      if (out.size() > largest_plan) return out;
      Point joined = p;
      joined.labels.insert(joined.labels.end(), q.labels.begin(), q.labels.end());
      joined.assignments.insert(joined.assignments.end(), q.assignments.begin(), q.assignments.end());
      out.push_back(std::move(joined));
    }
  return out;
}

std::string text(const Node& value) {
  return value.kind() == Node::Kind::scalar ? value.scalar() : value.flow();
}

/// The same for 0.05, 0.050 and 5e-2.
std::string canonical(const Node& value) {
  std::string why;
  const auto number = parse_real(value, why);
  return number ? yaml_real(*number) : text(value);
}

class SweepReader {
 public:
  SweepReader(std::int64_t seed, Diagnostics& diagnostics) : seed_(seed), diagnostics_(diagnostics) {}

  Points block(const Node& node) {
    if (!require(node, Node::Kind::map, "each block of sweep must be a mapping")) return {};
    static const std::vector<std::string> known{"name", "variants", "grid", "zip", "random", "exclude"};
    for (const Node::Entry& e : node.entries())
      if (std::ranges::find(known, e.key) == known.end()) {
        std::string hint = did_you_mean(e.key, known);
        if (hint.empty() && !unknown_dotted_key(e.key)) hint = "; it belongs in variants, grid or zip";
        if (hint.empty()) hint = fmt::format("; it has {}", fmt::join(known, ", "));
        diagnostics_.error(e.key_origin, "unknown key '" + e.key + "' in a block of sweep" + hint, e.key);
      }
    Points points{{}};
    if (const Node* n = node.find("variants")) points = product(points, variants(*n, node.find("name")));
    if (const Node* n = node.find("grid")) points = product(points, grid(*n));
    if (const Node* n = node.find("zip")) points = product(points, zip(*n));
    if (const Node* n = node.find("random")) points = product(points, random(*n));
    if (const Node* n = node.find("exclude")) exclude(*n, points);
    return points;
  }

 private:
  bool require(const Node& node, Node::Kind kind, const std::string& message) {
    if (node.kind() == kind) return true;
    diagnostics_.error(node.origin(), message + ", got " + describe(node), node.scalar());
    return false;
  }
  bool check_key(const Node::Entry& e) { return check_swept_key(e.key, e.key_origin, diagnostics_); }

  Points variants(const Node& node, const Node* name) {
    if (!require(node, Node::Kind::map, "variants must map names to settings")) return {};
    std::string axis = "variant";
    if (name != nullptr && require(*name, Node::Kind::scalar, "the name of a block must be a text"))
      axis = name->scalar();
    Points out;
    for (const Node::Entry& variant : node.entries()) {
      Point p{{{axis, variant.key}}, {}};
      if (variant.value.kind() != Node::Kind::null)
        require(variant.value, Node::Kind::map, "a variant must be a mapping of dotted keys to values");
      for (const Node::Entry& e : variant.value.entries())
        if (check_key(e)) p.assignments.push_back({e.key, e.key_origin, e.value});
      out.push_back(std::move(p));
    }
    if (out.empty()) diagnostics_.error(node.origin(), "variants is empty");
    return out;
  }

  /// One point without anything where there is an error, so that the other axes are still looked at.
  Points values(const Node::Entry& e) {
    if (!check_key(e)) return {{}};
    if (!require(e.value, Node::Kind::sequence, "'" + e.key + "' must have a list of values")) return {{}};
    if (e.value.items().empty()) {
      diagnostics_.error(e.value.origin(), "'" + e.key + "' has no values");
      return {{}};
    }
    Points out;
    for (const Node& v : e.value.items()) out.push_back({{{e.key, text(v)}}, {{e.key, e.key_origin, v}}});
    return out;
  }

  Points grid(const Node& node) {
    Points out{{}};
    if (!require(node, Node::Kind::map, "grid must map dotted keys to lists of values")) return out;
    for (const Node::Entry& e : node.entries()) {
      const Points axis = values(e);
      std::set<std::string> seen;
      for (const Point& p : axis)
        if (!p.labels.empty() && !seen.insert(canonical(p.assignments[0].value)).second)
          diagnostics_.error(p.assignments[0].value.origin(),
                             fmt::format("'{}' has the value {} twice", e.key, p.labels[0].value),
                             p.labels[0].value);
      out = product(out, axis);
    }
    return out;
  }

  Points zip(const Node& node) {
    if (!require(node, Node::Kind::map, "zip must map dotted keys to lists of values")) return {};
    Points out;
    for (const Node::Entry& e : node.entries()) {
      const Points column = values(e);
      if (column[0].labels.empty()) continue;
      if (out.empty()) out.resize(column.size());
      if (column.size() != out.size()) {
        diagnostics_.error(
            e.value.origin(),
            fmt::format("'{}' has {} values, but the other lists of zip have {}: they are walked together",
                        e.key, column.size(), out.size()));
        continue;
      }
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].labels.push_back(column[i].labels[0]);
        out[i].assignments.push_back(column[i].assignments[0]);
      }
    }
    if (node.entries().empty()) diagnostics_.error(node.origin(), "zip is empty");
    return out;
  }

  Points random(const Node& node) {
    OptionReader reader(&node, "sweep.random", "sweep.random", diagnostics_);
    std::int64_t draws = 1, seed = seed_;
    reader("draws", draws, "number of random settings", between(1, double(largest_plan)));
    reader("seed", seed, "seed of the draws", at_least(0));
    const Node* params = reader.take("params");
    reader.finish();
    if (node.kind() != Node::Kind::map) return {{}};
    if (params == nullptr || params->kind() != Node::Kind::map || params->entries().empty()) {
      diagnostics_.error(params != nullptr ? params->origin() : node.origin(),
                         "sweep.random.params must map dotted keys to distributions such as "
                         "{log_uniform: [1e-3, 1.0]}");
      return {{}};
    }
    std::vector<Node::Entry> good;
    for (const Node::Entry& e : params->entries())
      if (check_key(e) && check_distribution(e)) good.push_back(e);
    Points out;
    std::set<std::vector<std::string>> drawn; // integers and choices repeat: a setting is run once
    for (std::int64_t i = 0; i < draws; ++i) {
      Point p;
      std::vector<std::string> values;
      for (const Node::Entry& e : good) {
        const Node value = draw(e, seed, std::uint64_t(i));
        values.push_back(text(value));
        p.labels.push_back({e.key, text(value)});
        p.assignments.push_back({e.key, e.key_origin, value});
      }
      if (drawn.insert(std::move(values)).second) out.push_back(std::move(p));
    }
    return out;
  }

  bool check_distribution(const Node::Entry& e) {
    const Node& node = e.value;
    const bool one = node.kind() == Node::Kind::map && node.entries().size() == 1;
    const std::string kind = one ? node.entries()[0].key : node.scalar();
    if (!one || std::ranges::find(distributions, kind) == distributions.end()) {
      const std::vector<std::string> words(distributions.begin(), distributions.end());
      diagnostics_.error(node.origin(),
                         fmt::format("'{}' must have a distribution {{name: arguments}}, one of {}, got {}{}",
                                     e.key, join(distributions), node.flow(), did_you_mean(kind, words)));
      return false;
    }
    const Node& arguments = node.entries()[0].value;
    if (kind != "choice") return two_numbers(arguments, kind).has_value();
    if (!arguments.items().empty()) return true;
    diagnostics_.error(arguments.origin(), "choice needs a list of values, got " + arguments.flow());
    return false;
  }

  /// A value that depends on the seed, the key and the number of the draw only: adding draws or keys keeps
  /// the others.
  Node draw(const Node::Entry& e, std::int64_t seed, std::uint64_t number) {
    const auto& [kind, kind_origin, arguments] = e.value.entries()[0];
    std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a of the key: the draw's stream
    for (const char c : e.key) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3u;
    const ebm::random::Draws draws(ebm::random::derive({std::uint64_t(seed)}, hash));
    const ebm::random::Address at{ebm::random::Stream::data, number, 0, 0};
    if (kind == "choice")
      return arguments.items()[draws.choice(at, 0, std::uint32_t(arguments.items().size()))];
    return Node::make_scalar(number_from(kind, *two_numbers(arguments, kind), draws, at), kind_origin);
  }

  std::optional<std::pair<double, double>> two_numbers(const Node& node, const std::string& kind) {
    constexpr double largest_integer = 9007199254740992; // 2^53: every integer up to here is a double
    std::string why;
    const bool logarithmic = kind.starts_with("log"), normal = kind == "normal";
    const bool integer = kind.ends_with("int_uniform");
    if (node.items().size() == 2) {
      const auto a = parse_real(node.items()[0], why), b = parse_real(node.items()[1], why);
      bool legal = a && b && (normal ? *b >= 0 : *a <= *b) && std::isfinite(*b - *a);
      legal = legal && (!logarithmic || *a > 0);
      if (integer && legal)
        legal = *a == std::floor(*a) && *b == std::floor(*b) && std::abs(*a) <= largest_integer &&
                std::abs(*b) <= largest_integer;
      if (legal) return std::pair{*a, *b};
    }
    diagnostics_.error(node.origin(), normal
                                          ? "normal needs [mean, standard deviation >= 0], got " + node.flow()
                                          : fmt::format("{} needs [low, high] with low <= high{}{}, got {}",
                                                        kind, logarithmic ? ", low > 0" : "",
                                                        integer ? ", integers" : "", node.flow()));
    return std::nullopt;
  }

  static std::string number_from(const std::string& kind, std::pair<double, double> b,
                                 const ebm::random::Draws& draws, const ebm::random::Address& at) {
    const double u = draws.uniform(at, 0);
    const auto logarithmic = [&](double low, double high) { return low * std::pow(high / low, u); };
    if (kind == "normal") return yaml_real(b.first + b.second * draws.normal(at, 0));
    if (kind == "log_uniform") return yaml_real(logarithmic(b.first, b.second));
    if (kind == "uniform") return yaml_real(b.first + u * (b.second - b.first));
    const double real =
        kind == "int_uniform" ? b.first + u * (b.second - b.first + 1) : logarithmic(b.first, b.second + 1);
    return fmt::format("{}", std::int64_t(std::min(std::floor(real), b.second)));
  }

  void exclude(const Node& node, Points& points) {
    if (!require(node, Node::Kind::sequence, "exclude must be a list of partial settings")) return;
    std::vector<bool> out(points.size());
    for (const Node& partial : node.items()) {
      const auto hits = matching(labels_of(points), partial, "exclude", diagnostics_);
      if (!hits) continue;
      if (hits->empty())
        diagnostics_.error(partial.origin(),
                           "exclude " + partial.flow() + " matches no setting of this block");
      for (const std::size_t i : *hits) out[i] = true;
    }
    std::size_t i = 0;
    std::erase_if(points, [&](const Point&) { return out[i++]; });
  }

  std::int64_t seed_;
  Diagnostics& diagnostics_;
};

/// Settings of one block, `exclude` aside.
double count_block(const Node& block) {
  double n = 1;
  const auto size_of = [&](const char* key) -> const Node* {
    const Node* node = block.find(key);
    return node != nullptr && node->kind() == Node::Kind::map ? node : nullptr;
  };
  if (const Node* variants = size_of("variants")) n *= double(variants->entries().size());
  if (const Node* grid = size_of("grid"))
    for (const Node::Entry& e : grid->entries())
      n *= double(std::max<std::size_t>(1, e.value.items().size()));
  if (const Node* zip = size_of("zip"); zip != nullptr && !zip->entries().empty())
    n *= double(zip->entries()[0].value.items().size());
  std::string why;
  if (const Node* random = size_of("random"); random != nullptr && random->find("draws") != nullptr)
    n *= double(parse_integer(*random->find("draws"), why).value_or(1));
  return n;
}

} // namespace

double count_points(const Node* sweep) {
  if (sweep == nullptr || sweep->kind() != Node::Kind::sequence) return 1;
  double n = 0;
  for (const Node& block : sweep->items()) n += count_block(block);
  return n;
}

bool check_swept_key(const std::string& key, const Origin& origin, Diagnostics& diagnostics) {
  const std::string top = split_path(key)[0];
  if (top == "sweep" || top == "seeds" || top == "report" || top == "output" || top == "name" ||
      top == "description" || top == "ebm") {
    diagnostics.error(origin, "'" + key + "' belongs to the whole experiment and cannot be swept", key);
    return false;
  }
  const auto why = unknown_dotted_key(key);
  if (why) diagnostics.error(origin, *why, key);
  return !why;
}

std::vector<Point> expand_sweep(const Node* sweep, std::int64_t seed, Diagnostics& diagnostics) {
  if (sweep == nullptr || sweep->kind() == Node::Kind::null) return {{}};
  if (sweep->kind() != Node::Kind::sequence || sweep->items().empty()) {
    diagnostics.error(sweep->origin(), "sweep must be a list of blocks ('- grid: …'), got " +
                                           (sweep->items().empty() ? sweep->flow() : describe(*sweep)));
    return {{}};
  }
  SweepReader reader(seed, diagnostics);
  Points all;
  for (const Node& node : sweep->items()) {
    const Points block = reader.block(node);
    all.insert(all.end(), block.begin(), block.end());
  }
  return all;
}

std::vector<Point> cross(const std::vector<Point>& points, const std::string& path, const Origin& origin,
                         const std::vector<Node>& values) {
  Points axis;
  for (const Node& v : values) axis.push_back({{{path, text(v)}}, {{path, origin, v}}});
  return product(points, axis);
}

std::vector<std::vector<Label>> labels_of(std::span<const Point> points) {
  std::vector<std::vector<Label>> all;
  for (const Point& p : points) all.push_back(p.labels);
  return all;
}

std::optional<std::vector<std::size_t>> matching(std::span<const std::vector<Label>> settings,
                                                 const Node& partial, const std::string& what,
                                                 Diagnostics& diagnostics) {
  if (partial.kind() != Node::Kind::map || partial.entries().empty()) {
    diagnostics.error(partial.origin(),
                      what + " needs a partial setting such as {method: exact}, got " + partial.flow());
    return std::nullopt;
  }
  std::vector<std::string> axes;
  for (const auto& labels : settings)
    for (const Label& l : labels)
      if (std::ranges::find(axes, l.axis) == axes.end()) axes.push_back(l.axis);
  bool known = true;
  for (const Node::Entry& e : partial.entries())
    if (std::ranges::find(axes, e.key) == axes.end()) {
      known = false;
      const std::string near = did_you_mean(e.key, axes);
      diagnostics.error(e.key_origin,
                        fmt::format("{}: '{}' is not varied here{}", what, e.key,
                                    !near.empty()  ? near
                                    : axes.empty() ? "; there is no sweep"
                                                   : fmt::format("; varied are {}", fmt::join(axes, ", "))),
                        e.key);
    }
  if (!known) return std::nullopt;
  std::vector<std::size_t> hits;
  for (std::size_t i = 0; i < settings.size(); ++i)
    if (std::ranges::all_of(partial.entries(), [&](const Node::Entry& e) {
          const auto it = std::ranges::find(settings[i], e.key, &Label::axis);
          return it != settings[i].end() && canonical(Node::make_scalar(it->value, {})) == canonical(e.value);
        }))
      hits.push_back(i);
  return hits;
}

} // namespace ebm::experiments
