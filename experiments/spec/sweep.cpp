#include "experiments/spec/sweep.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "ebm/random/draws.hpp"
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

class SweepReader {
 public:
  SweepReader(std::int64_t seed, Diagnostics& diagnostics) : seed_(seed), diagnostics_(diagnostics) {}

  Points block(const Node& node) {
    if (!require(node, Node::Kind::map, "each block of sweep must be a mapping")) return {};
    static const std::vector<std::string> known{"name", "variants", "grid", "zip", "random", "exclude"};
    for (const Node::Entry& e : node.entries())
      if (std::ranges::find(known, e.key) == known.end())
        diagnostics_.error(e.key_origin,
                           fmt::format("unknown key '{}' in a sweep block{}; it has {}", e.key,
                                       did_you_mean(e.key, known), fmt::join(known, ", ")),
                           e.key);
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
    diagnostics_.error(node.origin(), message + ", got " + describe(node));
    return false;
  }
  void check_path(const Node::Entry& e) {
    const std::string top = split_path(e.key)[0];
    if (top == "sweep" || top == "seeds" || top == "report" || top == "output" || top == "name" ||
        top == "ebm")
      diagnostics_.error(e.key_origin, "'" + e.key + "' belongs to the whole experiment and cannot be swept",
                         e.key);
  }
  static std::string text(const Node& value) {
    return value.kind() == Node::Kind::scalar ? value.scalar() : value.flow();
  }

  Points variants(const Node& node, const Node* name) {
    if (!require(node, Node::Kind::map, "variants must map names to settings")) return {};
    Points out;
    for (const Node::Entry& variant : node.entries()) {
      Point p{{{name != nullptr ? name->scalar() : "variant", variant.key}}, {}};
      if (variant.value.kind() != Node::Kind::null)
        require(variant.value, Node::Kind::map, "a variant must be a mapping of dotted keys to values");
      for (const Node::Entry& e : variant.value.entries()) {
        check_path(e);
        p.assignments.push_back({e.key, e.value});
      }
      out.push_back(std::move(p));
    }
    if (out.empty()) diagnostics_.error(node.origin(), "variants is empty");
    return out;
  }

  Points values(const Node::Entry& e) {
    check_path(e);
    if (!require(e.value, Node::Kind::sequence, "'" + e.key + "' must have a list of values")) return {};
    if (e.value.items().empty()) diagnostics_.error(e.value.origin(), "'" + e.key + "' has no values");
    Points out;
    for (const Node& v : e.value.items()) out.push_back({{{e.key, text(v)}}, {{e.key, v}}});
    return out;
  }

  Points grid(const Node& node) {
    Points out{{}};
    if (!require(node, Node::Kind::map, "grid must map dotted keys to lists of values")) return out;
    for (const Node::Entry& e : node.entries()) out = product(out, values(e));
    return out;
  }

  Points zip(const Node& node) {
    if (!require(node, Node::Kind::map, "zip must map dotted keys to lists of values")) return {};
    Points out;
    bool first = true;
    for (const Node::Entry& e : node.entries()) {
      const Points column = values(e);
      if (first) {
        out = column;
      } else if (column.size() != out.size()) {
        diagnostics_.error(
            e.value.origin(),
            fmt::format("'{}' has {} values, but the other lists of zip have {}: they are walked together",
                        e.key, column.size(), out.size()));
        return out;
      } else {
        for (std::size_t i = 0; i < out.size(); ++i) {
          out[i].labels.push_back(column[i].labels[0]);
          out[i].assignments.push_back(column[i].assignments[0]);
        }
      }
      first = false;
    }
    return out;
  }

  Points random(const Node& node) {
    OptionReader reader(&node, "sweep.random", "sweep.random", diagnostics_);
    std::int64_t draws = 1, seed = seed_;
    reader("draws", draws, "number of random settings", between(1, 1e5));
    reader("seed", seed, "seed of the draws");
    const Node* params = reader.take("params");
    reader.finish();
    Points out;
    if (params == nullptr ||
        !require(*params, Node::Kind::map, "sweep.random.params must map dotted keys to distributions")) {
      if (params == nullptr) diagnostics_.error(node.origin(), "sweep.random needs params");
      return out;
    }
    for (std::int64_t i = 0; i < draws; ++i) {
      Point p;
      for (const Node::Entry& e : params->entries()) {
        check_path(e);
        const Node value = draw(e, seed, std::uint64_t(i));
        p.labels.push_back({e.key, text(value)});
        p.assignments.push_back({e.key, value});
      }
      out.push_back(std::move(p));
    }
    return out;
  }

  /// A value that depends on the seed, the key and the number of the draw only: adding draws or keys keeps
  /// the others.
  Node draw(const Node::Entry& e, std::int64_t seed, std::uint64_t number) {
    const Node& node = e.value;
    const bool one = node.kind() == Node::Kind::map && node.entries().size() == 1;
    const std::string kind = one ? node.entries()[0].key : "";
    if (std::ranges::find(distributions, kind) == distributions.end()) {
      const std::vector<std::string> words(distributions.begin(), distributions.end());
      diagnostics_.error(node.origin(),
                         fmt::format("'{}' must have a distribution {{name: arguments}}, one of {}, got {}{}",
                                     e.key, join(distributions), node.flow(), did_you_mean(kind, words)));
      return node;
    }
    const Node& arguments = node.entries()[0].value;
    std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a of the key: the draw's stream
    for (const char c : e.key) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3u;
    const ebm::random::Draws draws(ebm::random::derive({std::uint64_t(seed)}, hash));
    const ebm::random::Address at{ebm::random::Stream::data, number, 0, 0};
    if (kind == "choice") {
      if (!require(arguments, Node::Kind::sequence, "choice needs a list") || arguments.items().empty())
        return node;
      return arguments.items()[draws.choice(at, 0, std::uint32_t(arguments.items().size()))];
    }
    const auto bounds = two_numbers(arguments, kind);
    if (!bounds) return node;
    return Node::make_scalar(number_from(kind, *bounds, draws, at), node.origin());
  }

  std::optional<std::pair<double, double>> two_numbers(const Node& node, const std::string& kind) {
    std::string why;
    if (node.items().size() == 2) {
      const auto a = parse_real(node.items()[0], why), b = parse_real(node.items()[1], why);
      const bool ordered = a && b && (kind == "normal" ? *b >= 0 : *a <= *b);
      if (ordered && (!kind.starts_with("log") || *a > 0)) return std::pair{*a, *b};
    }
    diagnostics_.error(node.origin(), kind == "normal" ? "normal needs [mean, standard deviation >= 0]"
                                                       : kind + " needs [low, high] with low <= high" +
                                                             (kind.starts_with("log") ? " and low > 0" : ""));
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
    for (const Node& partial : node.items()) {
      std::string unknown;
      const std::size_t before = points.size();
      std::erase_if(points, [&](const Point& p) { return matches(p.labels, partial, unknown); });
      if (points.size() == before)
        diagnostics_.error(partial.origin(),
                           "exclude " + partial.flow() + " matches no setting of this block");
    }
  }

  std::int64_t seed_;
  Diagnostics& diagnostics_;
};

} // namespace

std::vector<Point> expand_sweep(const Node* sweep, std::int64_t seed, Diagnostics& diagnostics) {
  if (sweep == nullptr || sweep->kind() == Node::Kind::null) return {{}};
  if (sweep->kind() != Node::Kind::sequence) {
    diagnostics.error(sweep->origin(),
                      "sweep must be a list of blocks ('- grid: …'), got " + describe(*sweep));
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

std::vector<Point> cross(const std::vector<Point>& points, const std::string& path,
                         const std::vector<Node>& values) {
  Points axis;
  for (const Node& v : values)
    axis.push_back({{{path, v.kind() == Node::Kind::scalar ? v.scalar() : v.flow()}}, {{path, v}}});
  return product(points, axis);
}

bool matches(const std::vector<Label>& labels, const Node& partial, std::string& unknown_axis) {
  for (const Node::Entry& e : partial.entries()) {
    const auto it = std::ranges::find(labels, e.key, &Label::axis);
    if (it == labels.end()) {
      unknown_axis = e.key;
      return false;
    }
    std::string why;
    const auto wanted = parse_real(e.value, why);
    const auto have = parse_real(Node::make_scalar(it->value, {}), why);
    const bool same = wanted && have ? *wanted == *have
                                     : it->value == (e.value.kind() == Node::Kind::scalar ? e.value.scalar()
                                                                                          : e.value.flow());
    if (!same) return false;
  }
  return true;
}

} // namespace ebm::experiments
