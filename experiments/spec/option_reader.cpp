#include "experiments/spec/option_reader.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "experiments/spec/hints.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {

namespace {
const Origin& by_default() {
  static const Origin origin{"default"};
  return origin;
}
const Origin& origin_of(const Node* node) {
  return node != nullptr ? node->origin() : by_default();
}
} // namespace

std::string yaml_real(double v) {
  std::string s = fmt::format("{}", v);
  const std::size_t e = s.find('e');
  if (s.find('.') == std::string::npos) s.insert(e == std::string::npos ? s.size() : e, ".0");
  return s;
}

std::string yaml_duration(double seconds) {
  for (const auto& [unit, length] : {std::pair("d", 86400.0), {"h", 3600.0}, {"min", 60.0}})
    if (seconds != 0 && std::fmod(seconds, length) == 0) return fmt::format("{}{}", seconds / length, unit);
  return fmt::format("{}s", seconds);
}

Node default_scalar(std::string text) {
  return Node::make_scalar(std::move(text), by_default());
}

std::string join(std::span<const std::string_view> words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

OptionReader::OptionReader(const Node* section, std::string path, std::string what, Diagnostics& diagnostics)
    : section_(section), path_(std::move(path)), what_(std::move(what)), diagnostics_(diagnostics) {
  if (section_ != nullptr && section_->kind() != Node::Kind::map) {
    if (section_->kind() != Node::Kind::null)
      diagnostics_.error(section_->origin(),
                         path_ + " must be a mapping of keys to values, got " + describe(*section_));
    section_ = nullptr;
  }
}

std::string OptionReader::dotted(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const Node* OptionReader::take(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.emplace_back(name);
  return section_ == nullptr ? nullptr : section_->find(name);
}

void OptionReader::resolve(std::string_view name, Node value) {
  for (Node::Entry& e : resolved_)
    if (e.key == name) {
      e.value = std::move(value);
      return;
    }
  const Origin origin = value.origin();
  resolved_.push_back({std::string(name), origin, std::move(value)});
}

void OptionReader::complain(const Node& at, std::string_view name, const std::string& message) {
  diagnostics_.error(at.origin(), dotted(name) + message, at.scalar());
}

void OptionReader::error_at(std::string_view name, const std::string& message) {
  const Node* node = section_;
  for (const std::string& part : split_path(name))
    if (const Node* inner = node == nullptr ? nullptr : node->find(part)) node = inner;
  diagnostics_.error(origin_of(node), message, node != nullptr ? node->scalar() : "");
}

void OptionReader::finish() {
  if (section_ == nullptr) return;
  for (const Node::Entry& e : section_->entries()) {
    if (std::ranges::find(known_, e.key) != known_.end()) continue;
    const bool dotted_key = e.key.find('.') != std::string::npos;
    std::string hint = dotted_key ? "" : did_you_mean(e.key, known_);
    if (hint.empty()) hint = belongs_elsewhere(path_, e.key);
    if (hint.empty()) hint = fmt::format("; it has {}", fmt::join(known_, ", "));
    diagnostics_.error(e.key_origin, "unknown key '" + e.key + "' in " + what_ + hint, e.key);
  }
}

Node OptionReader::resolved() const {
  return Node::make_map(resolved_, origin_of(section_));
}

void OptionReader::boolean(std::string_view name, bool& v, std::string_view) {
  const Node* node = take(name);
  std::string why;
  if (node != nullptr) {
    if (const auto parsed = parse_bool(*node, why))
      v = *parsed;
    else
      complain(*node, name, ": " + why);
  }
  resolve(name, Node::make_scalar(v ? "true" : "false", origin_of(node)));
}

bool OptionReader::check_integer(const Node& node, std::string_view name, std::int64_t& v, Limits limits) {
  std::string why;
  const auto parsed = parse_integer(node, why);
  if (!parsed) {
    complain(node, name, ": " + why);
    return false;
  }
  if (!limits.allow(double(*parsed))) {
    const std::string legal = limits.text();
    // Beyond 2^53 integers would not survive a double, and Limits has no words for that.
    const bool large = std::abs(double(*parsed)) > 9007199254740992.0;
    complain(node, name,
             fmt::format(" must be {}, got {}", large ? "at most 2^53 = 9007199254740992 in size" : legal,
                         *parsed));
    return false;
  }
  v = *parsed;
  return true;
}

void OptionReader::integer(std::string_view name, std::int64_t& v, std::string_view, Limits limits) {
  const Node* node = take(name);
  if (node != nullptr) check_integer(*node, name, v, limits);
  resolve(name, Node::make_scalar(std::to_string(v), origin_of(node)));
}

void OptionReader::integer_or_word(std::string_view name, std::optional<std::int64_t>& v,
                                   std::string_view word, std::string_view, Limits limits) {
  const Node* node = take(name);
  if (node != nullptr) {
    std::int64_t parsed = 0;
    if (node->kind() == Node::Kind::scalar && node->scalar() == word)
      v.reset();
    else if (std::string why; !parse_integer(*node, why))
      complain(*node, name, fmt::format(" must be an integer or '{}': {}", word, why));
    else if (check_integer(*node, name, parsed, limits))
      v = parsed;
  }
  resolve(name, Node::make_scalar(v ? std::to_string(*v) : std::string(word), origin_of(node)));
}

void OptionReader::real(std::string_view name, double& v, std::string_view, Limits limits) {
  const Node* node = take(name);
  if (node != nullptr) {
    std::string why;
    const auto parsed = parse_real(*node, why);
    if (!parsed)
      complain(*node, name, ": " + why);
    else if (!limits.allow(*parsed))
      complain(*node, name, fmt::format(" must be {}, got {}", limits.text(), node->scalar()));
    else
      v = *parsed;
  }
  resolve(name, Node::make_scalar(yaml_real(v), origin_of(node)));
}

void OptionReader::duration(std::string_view name, double& seconds, std::string_view, Limits limits) {
  const Node* node = take(name);
  if (node != nullptr) {
    std::string why;
    const auto parsed = parse_duration_seconds(*node, why);
    if (!parsed)
      complain(*node, name, ": " + why);
    else if (!limits.allow(*parsed))
      complain(*node, name, fmt::format(" must be {} seconds, got {}", limits.text(), node->scalar()));
    else
      seconds = *parsed;
  }
  resolve(name, Node::make_scalar(yaml_duration(seconds), origin_of(node)));
}

void OptionReader::text(std::string_view name, std::string& v, std::string_view) {
  const Node* node = take(name);
  if (node != nullptr) {
    std::string why;
    if (const auto parsed = parse_text(*node, why))
      v = *parsed;
    else
      complain(*node, name, ": " + why);
  }
  resolve(name, Node::make_scalar(v, origin_of(node), v.empty()));
}

std::optional<std::size_t> OptionReader::find_choice(const Node& node, std::string_view name,
                                                     std::span<const std::string_view> names) {
  if (node.kind() == Node::Kind::scalar)
    if (const auto it = std::ranges::find(names, node.scalar()); it != names.end())
      return std::size_t(it - names.begin());
  const std::vector<std::string> words(names.begin(), names.end());
  complain(node, name,
           fmt::format(" must be one of {}, got {}{}", join(names), describe(node),
                       did_you_mean(node.scalar(), words)));
  return std::nullopt;
}

void OptionReader::choice(std::string_view name, std::size_t& v, std::string_view,
                          std::span<const std::string_view> names) {
  const Node* node = take(name);
  if (node != nullptr) v = find_choice(*node, name, names).value_or(v);
  resolve(name, Node::make_scalar(std::string(names[v]), origin_of(node)));
}

void OptionReader::choices(std::string_view name, std::vector<std::size_t>& v, std::string_view,
                           std::span<const std::string_view> names) {
  const Node* node = take(name);
  std::vector<Node> items;
  if (node != nullptr) {
    v.clear();
    if (node->kind() != Node::Kind::sequence)
      complain(*node, name,
               fmt::format(" must be a list [a, b] of {}, got {}", join(names), describe(*node)));
    for (const Node& item : node->items()) {
      const auto i = find_choice(item, name, names);
      if (!i) continue;
      if (std::ranges::find(v, *i) != v.end())
        complain(item, name, fmt::format(" has '{}' twice", names[*i]));
      else
        v.push_back(*i), items.push_back(item);
    }
  } else {
    for (const std::size_t i : v) items.push_back(default_scalar(std::string(names[i])));
  }
  resolve(name, Node::make_sequence(std::move(items), origin_of(node)));
}

void OptionReader::integers(std::string_view name, std::vector<std::int64_t>& v, std::string_view,
                            Limits limits) {
  const Node* node = take(name);
  if (node != nullptr) {
    v.clear();
    if (node->kind() != Node::Kind::sequence)
      complain(*node, name, " must be a list [1, 2] of integers, got " + describe(*node));
    for (const Node& item : node->items())
      if (std::int64_t x = 0; check_integer(item, name, x, limits)) v.push_back(x);
  }
  std::vector<Node> items;
  const Origin origin = origin_of(node);
  for (const std::int64_t i : v) items.push_back(Node::make_scalar(std::to_string(i), origin));
  resolve(name, Node::make_sequence(std::move(items), origin));
}

void OptionReader::reals_by_name(std::string_view name, std::map<std::string, double>& v, std::string_view,
                                 Limits limits) {
  const Node* node = take(name);
  OptionReader inner(node, dotted(name), dotted(name), diagnostics_);
  if (inner.section_ != nullptr)
    for (const Node::Entry& e : inner.section_->entries()) inner.real(e.key, v[e.key], "", limits);
  if (!v.empty()) resolve(name, inner.resolved());
}

void OptionReader::group(std::string_view name, std::string_view, std::string_view shorthand,
                         const std::function<void(OptionVisitor&)>& visit) {
  const Node* node = take(name);
  Node expanded;
  if (node != nullptr && node->kind() == Node::Kind::scalar && !shorthand.empty()) {
    expanded = Node::make_map({{std::string(shorthand), node->origin(), *node}}, node->origin());
    node = &expanded;
  }
  if (node != nullptr && node->kind() == Node::Kind::null && !shorthand.empty())
    complain(*node, name, fmt::format(" has no value: expected its {} or a mapping", shorthand));
  OptionReader inner(node, dotted(name), dotted(name), diagnostics_);
  visit(inner);
  inner.finish();
  resolve(name, inner.resolved());
}

void OptionReader::tagged(std::string_view name, std::size_t& tag, double& value, std::string_view,
                          std::span<const Tag> tags) {
  const Node* node = take(name);
  std::vector<std::string> forms, names;
  for (const Tag& t : tags) {
    forms.push_back(t.has_value ? "{" + std::string(t.name) + ": number}" : std::string(t.name));
    names.emplace_back(t.name);
  }
  if (node != nullptr) {
    const bool pair = node->kind() == Node::Kind::map && node->entries().size() == 1;
    const std::string word = pair ? node->entries()[0].key : node->scalar();
    const auto it =
        std::ranges::find_if(tags, [&](const Tag& t) { return t.name == word && t.has_value == pair; });
    if (it == tags.end()) {
      complain(*node, name,
               fmt::format(" must be one of {}, got {}{}", fmt::join(forms, ", "), node->flow(),
                           did_you_mean(word, names)));
    } else {
      tag = std::size_t(it - tags.begin());
      value = 0;
      std::string why;
      if (pair) {
        const Node& number = node->entries()[0].value;
        const auto parsed = parse_real(number, why);
        if (!parsed)
          complain(number, name, " needs a number after '" + word + "': " + why);
        else if (!it->limits.allow(*parsed))
          complain(
              number, name,
              fmt::format(" needs a number {} after '{}', got {}", it->limits.text(), word, number.scalar()));
        else
          value = *parsed;
      }
    }
  }
  const Origin origin = origin_of(node);
  const std::string word(tags[tag].name);
  if (!tags[tag].has_value) return resolve(name, Node::make_scalar(word, origin));
  std::vector<Node::Entry> entry;
  entry.push_back({word, origin, Node::make_scalar(yaml_real(value), origin)});
  resolve(name, Node::make_map(std::move(entry), origin));
}

bool OptionReader::given(std::string_view name) {
  const Node* node = take(name);
  return node != nullptr && node->kind() != Node::Kind::null;
}

void OptionReader::declare_optional(std::string_view name, std::string_view) {
  take(name);
}

} // namespace ebm::experiments
