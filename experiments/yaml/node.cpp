#include "experiments/yaml/node.hpp"
#include <algorithm>

namespace ebm::experiments {

struct Node::Data {
  Kind kind = Kind::null;
  Origin origin;
  std::string scalar = {};
  bool quoted = false;
  std::vector<Node> items = {};
  std::vector<Entry> entries = {};
};

Node::Node(Data data) : data_(std::make_shared<const Data>(std::move(data))) {}

Node::Node() {
  static const auto nothing = std::make_shared<const Data>();
  data_ = nothing;
}

Node Node::make_null(Origin origin) {
  return Node({.kind = Kind::null, .origin = std::move(origin)});
}

Node Node::make_scalar(std::string text, Origin origin, bool quoted) {
  return Node(
      {.kind = Kind::scalar, .origin = std::move(origin), .scalar = std::move(text), .quoted = quoted});
}

Node Node::make_sequence(std::vector<Node> items, Origin origin) {
  return Node({.kind = Kind::sequence, .origin = std::move(origin), .items = std::move(items)});
}

Node Node::make_map(std::vector<Entry> entries, Origin origin) {
  return Node({.kind = Kind::map, .origin = std::move(origin), .entries = std::move(entries)});
}

Node::Kind Node::kind() const {
  return data_->kind;
}
const Origin& Node::origin() const {
  return data_->origin;
}
const std::string& Node::scalar() const {
  return data_->scalar;
}
bool Node::quoted() const {
  return data_->quoted;
}
std::span<const Node> Node::items() const {
  return data_->items;
}
std::span<const Node::Entry> Node::entries() const {
  return data_->entries;
}

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find(data_->entries, key, &Entry::key);
  return entry == data_->entries.end() ? nullptr : &entry->value;
}

Node Node::with(std::span<const std::string> path, Node value) const {
  if (path.empty()) return value;
  std::vector<Entry> changed = data_->entries;
  const auto rest = path.subspan(1);
  const Origin from = value.origin();
  const auto entry = std::ranges::find(changed, path.front(), &Entry::key);
  if (entry != changed.end()) {
    entry->value = entry->value.with(rest, std::move(value));
  } else {
    changed.push_back({path.front(), from, make_map({}, from).with(rest, std::move(value))});
  }
  return make_map(std::move(changed), origin());
}

std::vector<std::string> split_path(std::string_view dotted) {
  std::vector<std::string> path;
  for (std::size_t dot = dotted.find('.'); dot != dotted.npos; dot = dotted.find('.')) {
    path.emplace_back(dotted.substr(0, dot));
    dotted.remove_prefix(dot + 1);
  }
  path.emplace_back(dotted);
  return path;
}

} // namespace ebm::experiments
