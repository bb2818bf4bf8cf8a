#include "experiments/spec/hints.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "experiments/spec/topics.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {
namespace {

/// Below the top level no experiment nests deeper than evaluation.ais.base; data.model.init.W.normal is most.
constexpr std::size_t deepest_key = 8;

/// A legal key, and the types that it comes with (none: all of them).
struct Legal {
  std::string doc, shorthand, type_key;
  std::vector<std::string> types;
};

void add(std::map<std::string, Legal>& all, const Topic& t, const std::string& prefix) {
  for (const OptionDescription& o : t.options) {
    Legal& legal =
        all.try_emplace(prefix + t.dotted(o.name), Legal{o.doc, o.shorthand, {}, {}}).first->second;
    if (t.type.empty()) continue;
    legal.type_key = prefix + t.dotted(t.type_key);
    legal.types.push_back(t.type);
  }
}

/// By dotted place; keys of a sweep's block are no such places.
const std::map<std::string, Legal>& legal_keys() {
  static const std::map<std::string, Legal> all = [] {
    std::map<std::string, Legal> keys;
    for (const Topic& t : topics()) {
      if (t.section == "model.init" || t.section == "sweep") continue;
      add(keys, t, "");
      if (t.section == "model") add(keys, t, "data.");
    }
    return keys;
  }();
  return all;
}

std::pair<std::string, std::string> parent_and_leaf(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? std::pair{std::string(), key}
                                  : std::pair{key.substr(0, dot), key.substr(dot + 1)};
}

/// Stages have optimisers of their own, and data a model: who misspells or misplaces a key means the trial's.
bool is_repeated(std::string_view key) {
  return key.starts_with("data.model.") || key.starts_with("trainer.pretraining.") ||
         key.starts_with("trainer.finetuning.");
}

/// Dotted legal keys, those that repeat others last.
std::vector<std::string> keys_by_preference() {
  std::vector<std::string> keys;
  for (const auto& [dotted, legal] : legal_keys()) keys.push_back(dotted);
  std::ranges::stable_partition(keys, [](const std::string& key) { return !is_repeated(key); });
  return keys;
}

/// Array names are the model's, and known only once it is built.
bool names_an_array(const std::string& key) {
  return key.starts_with("model.init.") || key.starts_with("data.model.init.") ||
         key.starts_with("trainer.optimizer.decay.");
}

std::string shorthand_of(const std::string& place) {
  const auto it = legal_keys().find(place);
  return it == legal_keys().end() ? "" : it->second.shorthand;
}

Node assign_at(const Node& at, std::span<const std::string> path, const std::string& place, const Node& value,
               const Origin& key_origin) {
  const std::string shorthand = shorthand_of(place);
  if (path.empty()) {
    const bool part =
        !shorthand.empty() && at.kind() == Node::Kind::map && value.kind() == Node::Kind::scalar;
    return part ? at.with(std::vector{shorthand}, value) : value;
  }
  std::vector<Node::Entry> entries(at.entries().begin(), at.entries().end());
  if (at.kind() == Node::Kind::scalar && !shorthand.empty()) entries.push_back({shorthand, at.origin(), at});
  const std::string below = place.empty() ? path[0] : place + "." + path[0];
  const auto rest = path.subspan(1);
  if (const auto e = std::ranges::find(entries, path[0], &Node::Entry::key); e != entries.end())
    e->value = assign_at(e->value, rest, below, value, key_origin);
  else
    entries.push_back({path[0], key_origin, assign_at({}, rest, below, value, key_origin)});
  return Node::make_map(std::move(entries), at.kind() == Node::Kind::map ? at.origin() : key_origin);
}

} // namespace

std::string belongs_elsewhere(const std::string& path, const std::string& key) {
  const std::string full = path.empty() ? key : path + "." + key;
  if (key.find('.') != std::string::npos)
    return unknown_dotted_key(full) && unknown_dotted_key(key)
               ? ""
               : "; dotted keys are for sweep and the command line: nest it in the file";
  const auto here = legal_keys().find(full);
  if (here != legal_keys().end()) {
    const Legal& legal = here->second;
    if (legal.types.empty()) return "";
    // Under the right type, a key of a nested mapping depends on a choice next to it (momentum: sgd).
    return path == parent_and_leaf(legal.type_key).first
               ? fmt::format("; it comes with {} {}", legal.type_key, fmt::join(legal.types, ", "))
               : "; it comes with another choice: " + legal.doc;
  }
  std::vector<std::string> places, leaves;
  const std::vector<std::string> keys = keys_by_preference();
  for (const std::string& dotted : keys) {
    const auto [parent, leaf] = parent_and_leaf(dotted);
    leaves.push_back(leaf);
    if (leaf == key && !is_repeated(dotted))
      places.push_back(parent.empty() ? "at the top level" : "under " + parent);
  }
  for (const Topic& t : topics())
    if (t.section == "sweep" &&
        std::ranges::find(t.options, key, &OptionDescription::name) != t.options.end())
      places.emplace_back("in a block of sweep");
  std::ranges::stable_sort(places, {}, [](const std::string& p) { return std::ranges::count(p, '.'); });
  if (places.size() > 3) places.resize(3);
  if (!places.empty()) return fmt::format("; it belongs {}", fmt::join(places, " or "));
  if (const auto near = nearest(key, leaves))
    for (const std::string& dotted : keys)
      if (const auto [parent, leaf] = parent_and_leaf(dotted); leaf == *near && !parent.empty())
        return fmt::format(", did you mean '{}' under {}?", leaf, parent);
  return "";
}

std::optional<std::string> unknown_dotted_key(const std::string& key) {
  const std::vector<std::string> parts = split_path(key);
  if (std::ranges::find(parts, "") != parts.end() || parts.size() > deepest_key)
    return "a dotted key such as trainer.optimizer.lr is needed, got " + describe(Node::make_scalar(key, {}));
  if (legal_keys().contains(key) || names_an_array(key)) return std::nullopt;
  // A key that skips a level comes before one that is spelt like it: trainer.lr.
  const std::vector<std::string> keys = keys_by_preference();
  const auto skipped = std::ranges::find_if(keys, [&](const std::string& dotted) {
    return dotted != parts.back() && parent_and_leaf(dotted).second == parts.back() &&
           (parts.size() == 1 || dotted.starts_with(parts[0] + "."));
  });
  return "unknown key '" + key + "'" +
         (skipped == keys.end() ? did_you_mean(key, keys) : ", did you mean '" + *skipped + "'?");
}

Node assign(const Node& tree, const std::string& key, const Node& value, const Origin& key_origin) {
  return assign_at(tree, split_path(key), "", value, key_origin);
}

} // namespace ebm::experiments
