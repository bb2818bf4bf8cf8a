// Puts a tree together from the events of a parser. Knows maps, keys, merges, anchors and limits, no syntax.
#pragma once
#include "experiments/yaml/diagnostics.hpp"
#include "experiments/yaml/node.hpp"
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ebm::experiments {

/// Thrown after the error has been recorded, where going on makes no sense.
struct ReadingStopped {};

class TreeBuilder {
 public:
  /// `context` is put after every message; for sources that show no line of text.
  TreeBuilder(Diagnostics& diagnostics, std::string context)
      : diagnostics_(diagnostics), context_(std::move(context)) {}

  /// `anchor` is 0 for a node without one.
  void add(Node leaf, std::size_t anchor);
  void add_alias(std::size_t anchor, const Origin& origin);
  /// `bracketed`: written with [] or {}.
  void open(Node::Kind kind, bool bracketed, const Origin& origin, std::size_t anchor);
  void close();

  void error(const Origin& origin, std::string message, std::string_view underlined = {});
  [[noreturn]] void stop(const Origin& origin, std::string message);

  const Node& root() const { return root_; }

  /// The innermost map or list that is still open.
  struct Open {
    Node::Kind kind;
    bool bracketed;
    Origin origin;
  };
  const Open* innermost() const { return stack_.empty() ? nullptr : &stack_.back(); }

 private:
  /// With aliases expanded.
  struct Extent {
    std::size_t nodes = 0;
    std::size_t bytes = 0; ///< of scalars, keys included
  };
  struct Frame : Open {
    std::size_t anchor;
    Extent before;  ///< of all that comes before it
    int height = 1; ///< levels of maps and lists, this one included
    bool has_key = false;
    Node key = {};
    std::vector<Node> items = {};
    std::vector<Node::Entry> entries = {}, merges = {};
  };
  struct Anchored {
    Node node;
    Extent extent;
    int height;
  };

  void count(const Extent& extent, int levels, const Origin& origin);
  void attach(Node node, int height);
  void take_value(Frame& map, Node value);
  Node finish_map(Frame& frame);
  std::vector<Node::Entry> merged(const Frame& frame);
  void given_twice(const Node::Entry& again, const Origin& first);
  std::string place() const;

  Diagnostics& diagnostics_;
  std::string context_;
  Node root_;
  std::vector<Frame> stack_;
  std::map<std::size_t, Anchored> anchors_;
  Extent total_;
};

} // namespace ebm::experiments
