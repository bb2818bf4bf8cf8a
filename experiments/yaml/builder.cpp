#include "experiments/yaml/builder.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <set>

namespace ebm::experiments {
namespace {

constexpr std::size_t most_nodes = 1'000'000, most_bytes = 64'000'000;
constexpr int most_levels = 100;
// Written with an escape for each byte it still is below the 1024 characters that YAML allows.
constexpr std::size_t longest_key = 250;

// Of the escapes, \0 gives NUL, which would end a file name, and yaml-cpp turns \N and \_ into bad UTF-8.
bool is_clean(std::string_view text) {
  while (!text.empty() && text.front() != '\0' && utf8_length(text) != 0)
    text.remove_prefix(utf8_length(text));
  return text.empty();
}

bool is_merge_key(const Node& key) {
  return key.scalar() == "<<" && !key.quoted();
}

} // namespace

void TreeBuilder::error(const Origin& origin, std::string message, std::string_view underlined) {
  diagnostics_.error(origin, std::move(message) + context_, underlined);
}

void TreeBuilder::stop(const Origin& origin, std::string message) {
  error(origin, std::move(message));
  throw ReadingStopped{};
}

void TreeBuilder::add(Node leaf, std::size_t anchor) {
  const Extent extent{1, leaf.scalar().size()};
  count(extent, 0, leaf.origin());
  if (!is_clean(leaf.scalar())) error(leaf.origin(), "the escapes \\0, \\N and \\_ are not supported");
  if (anchor != 0) anchors_.insert_or_assign(anchor, Anchored{leaf, extent, 0});
  attach(std::move(leaf), 0);
}

void TreeBuilder::add_alias(std::size_t anchor, const Origin& origin) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) stop(origin, "this alias stands inside the value it refers to");
  const Anchored& target = found->second;
  count(target.extent, target.height, origin);
  attach(target.node, target.height);
}

void TreeBuilder::open(Node::Kind kind, bool bracketed, const Origin& origin, std::size_t anchor) {
  const Extent before = total_;
  count({1, 0}, 1, origin);
  stack_.push_back({{kind, bracketed, origin}, anchor, before});
}

void TreeBuilder::close() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  Node node = frame.kind == Node::Kind::map ? finish_map(frame)
                                            : Node::make_sequence(std::move(frame.items), frame.origin);
  if (frame.anchor != 0) {
    const Extent extent{total_.nodes - frame.before.nodes, total_.bytes - frame.before.bytes};
    anchors_.insert_or_assign(frame.anchor, Anchored{node, extent, frame.height});
  }
  attach(std::move(node), frame.height);
}

void TreeBuilder::count(const Extent& extent, int levels, const Origin& origin) {
  total_.nodes += extent.nodes;
  total_.bytes += extent.bytes;
  const bool many = total_.nodes > most_nodes;
  if (many || total_.bytes > most_bytes) {
    stop(origin, std::string(many ? "more than 1,000,000 values" : "more than 64 MB of text") +
                     " up to here (each alias counts as what it refers to)");
  }
  if (static_cast<int>(stack_.size()) + levels > most_levels) {
    stop(origin, "maps and lists are nested more than 100 levels deep here");
  }
}

void TreeBuilder::attach(Node node, int height) {
  if (stack_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = stack_.back();
  frame.height = std::max(frame.height, height + 1);
  if (frame.kind == Node::Kind::sequence) {
    frame.items.push_back(std::move(node));
  } else if (frame.has_key) {
    take_value(frame, std::move(node));
  } else {
    if (node.kind() == Node::Kind::null)
      stop(node.origin(), "the key is missing, or is a null without quotes");
    if (node.kind() != Node::Kind::scalar) stop(node.origin(), "a key must be text, not a map or list");
    if (node.scalar().size() > longest_key)
      stop(node.origin(), "this key has more than 250 bytes (is a ':' missing after it?)");
    frame.key = std::move(node);
    frame.has_key = true;
  }
}

void TreeBuilder::take_value(Frame& map, Node value) {
  std::vector<Node::Entry>& target = is_merge_key(map.key) ? map.merges : map.entries;
  target.push_back({map.key.scalar(), map.key.origin(), std::move(value)});
  map.has_key = false;
}

Node TreeBuilder::finish_map(Frame& frame) {
  std::map<std::string_view, const Node::Entry*> first;
  std::vector<Node::Entry> entries = merged(frame);
  for (const Node::Entry& entry : frame.entries) {
    const auto [known, is_new] = first.try_emplace(entry.key, &entry);
    if (is_new) {
      entries.push_back(entry);
    } else {
      given_twice(entry, known->second->key_origin);
    }
  }
  return Node::make_map(std::move(entries), frame.origin);
}

// What `<<` brings in: keys that the map does not give itself, of several maps the earlier one's.
std::vector<Node::Entry> TreeBuilder::merged(const Frame& frame) {
  std::vector<Node::Entry> entries;
  if (frame.merges.empty()) return entries;
  std::set<std::string_view> taken;
  for (const Node::Entry& entry : frame.entries) taken.insert(entry.key);

  const auto merge = [&](const Node& map) {
    if (map.kind() != Node::Kind::map) error(map.origin(), "'<<' needs a map or a list of maps");
    for (const Node::Entry& entry : map.entries()) {
      if (taken.insert(entry.key).second) entries.push_back(entry);
    }
  };
  const Node& value = frame.merges.front().value;
  if (value.kind() == Node::Kind::sequence) {
    std::ranges::for_each(value.items(), merge);
  } else {
    merge(value);
  }
  for (std::size_t i = 1; i < frame.merges.size(); ++i) {
    given_twice(frame.merges[i], frame.merges.front().key_origin);
  }
  return entries;
}

void TreeBuilder::given_twice(const Node::Entry& again, const Origin& first) {
  const std::string where =
      first.line == 0 ? ""
                      : " (first at " + std::to_string(first.line) + ':' + std::to_string(first.column) + ')';
  error(again.key_origin, "key '" + again.key + "' given twice" + place() + where, again.key);
}

// " in trainer.optimizer": the path to the map or list that has just been closed.
std::string TreeBuilder::place() const {
  std::string path;
  for (const Frame& frame : stack_) {
    if (frame.kind == Node::Kind::sequence) {
      path += '[' + std::to_string(frame.items.size()) + ']';
    } else if (frame.has_key) {
      path += (path.empty() ? "" : ".") + frame.key.scalar();
    }
  }
  return path.empty() ? "" : " in " + path;
}

} // namespace ebm::experiments
