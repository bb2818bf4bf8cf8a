// The tree of an experiment file: values with their places, cheap to copy, safe to read from many threads.
#pragma once
#include "experiments/yaml/diagnostics.hpp"
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

/// Scalars stay text: the schema decides what they are. Copies share what they hold, which never changes. A
/// part that does not fit the kind is empty (`items` of a map, `scalar` of a list).
class Node {
 public:
  enum class Kind { null, scalar, sequence, map };
  struct Entry;

  Node(); ///< null, of no origin
  static Node make_null(Origin origin);
  static Node make_scalar(std::string text, Origin origin, bool quoted = false);
  static Node make_sequence(std::vector<Node> items, Origin origin);
  /// The keys must differ.
  static Node make_map(std::vector<Entry> entries, Origin origin);

  Kind kind() const;
  const Origin& origin() const;
  const std::string& scalar() const;
  bool quoted() const; ///< in quotes or a block scalar, hence surely text
  std::span<const Node> items() const;
  std::span<const Entry> entries() const; ///< in the order of the file
  const Node* find(std::string_view key) const;

  /// A copy in which the place at `path` holds `value`. What is missing on the way becomes a map, and so does
  /// anything there that is no map; the latter keeps its origin. An empty path gives `value` itself.
  Node with(std::span<const std::string> path, Node value) const;

  /// As YAML. A map or list that is not empty becomes lines, each indented and ended, whose parts stand in
  /// one line where they fit; anything else is its `flow`.
  std::string yaml(int indent = 0) const;

  /// As YAML in one line, without a line end. Numbers stay as they were written; a text that some reader
  /// could take for something else gets quotes.
  std::string flow() const;

 private:
  struct Data;
  explicit Node(Data data);
  std::shared_ptr<const Data> data_;
};

struct Node::Entry {
  std::string key;
  Origin key_origin;
  Node value;
};

/// "model.hidden" -> {"model", "hidden"}; "" -> {""}.
std::vector<std::string> split_path(std::string_view dotted);

} // namespace ebm::experiments
