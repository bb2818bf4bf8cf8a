#include "experiments/store/resolved.hpp"

#include <fmt/format.h>
#include <set>

#include "experiments/spec/option_reader.hpp"
#include "experiments/yaml/reader.hpp"

namespace ebm::experiments {
namespace {

constexpr std::string_view varied = "# Varied on the command line: ";
constexpr std::array<std::string_view, 4> sections_of_the_run{"sweep", "seeds", "report", "output"};

/// Every option of a single setting, then the sections of the whole, with their defaults where they have any.
Node resolved_tree(const Experiment& x) {
  Diagnostics unused; // errors were reported before; a file whose sweep supplies a required key may have some
  const Node resolved = read_trial(x.tree, unused).resolved;
  std::vector<Node::Entry> entries(resolved.entries().begin(), resolved.entries().end());
  for (const std::string_view section : sections_of_the_run) {
    const Node* n = x.tree.find(section);
    if (section == "output") {
      OptionReader reader(n, "output", "output", unused);
      OutputSpec output;
      visit_output(output, reader);
      entries.push_back({"output", x.tree.origin(), reader.resolved()});
    } else if (n != nullptr && n->kind() != Node::Kind::null) {
      entries.push_back({std::string(section), n->origin(), *n});
    }
  }
  return Node::make_map(std::move(entries), x.tree.origin());
}

void add_tops(const Node* keyed, std::set<std::string>& tops) {
  if (keyed == nullptr) return;
  for (const Node::Entry& e : keyed->entries()) tops.insert(split_path(e.key)[0]);
}

/// The sections that some setting of the sweep changes.
std::set<std::string> swept_sections(const Experiment& x) {
  std::set<std::string> tops;
  if (const Node* sweep = x.tree.find("sweep"))
    for (const Node& block : sweep->items()) {
      if (const Node* variants = block.find("variants"))
        for (const Node::Entry& v : variants->entries()) add_tops(&v.value, tops);
      for (const char* kind : {"grid", "zip"}) add_tops(block.find(kind), tops);
      if (const Node* random = block.find("random")) add_tops(random->find("params"), tops);
    }
  for (const std::string& s : x.overrides)
    if (s.starts_with("-S ")) tops.insert(split_path(s.substr(3, s.find('=') - 3))[0]);
  return tops;
}

bool is_default(const Node& node) {
  if (node.kind() == Node::Kind::map && !node.entries().empty())
    return std::ranges::all_of(node.entries(), [](const Node::Entry& e) { return is_default(e.value); });
  return node.origin().source == "default";
}

/// Every leaf as "key: value  # origin", maps as indented sections.
void write_with_origins(const Node& node, int indent, bool swept, std::string& out) {
  const std::string margin(std::size_t(indent), ' ');
  for (const Node::Entry& e : node.entries()) {
    const bool comment = swept && is_default(e.value);
    if (e.value.kind() == Node::Kind::map && !e.value.entries().empty() && !comment) {
      out += margin + e.key + ":\n";
      write_with_origins(e.value, indent + 2, swept, out);
    } else {
      out += margin + (comment ? "# " : "") + e.key + ": " + e.value.flow() + "  # " +
             e.value.origin().text() + "\n";
    }
  }
}

using Leaves = std::map<std::string, Node>;

void add_leaves(const Node& node, const std::string& path, Leaves& leaves) {
  if (node.kind() == Node::Kind::map && !node.entries().empty()) {
    for (const Node::Entry& e : node.entries())
      add_leaves(e.value, path.empty() ? e.key : path + "." + e.key, leaves);
  } else if (node.kind() == Node::Kind::sequence && !node.items().empty() &&
             node.items()[0].kind() == Node::Kind::map) {
    for (std::size_t i = 0; i < node.items().size(); ++i)
      add_leaves(node.items()[i], fmt::format("{}[{}]", path, i), leaves);
  } else {
    leaves[path] = node;
  }
}

Leaves leaves_of(const std::string& text) {
  Diagnostics unused;
  Leaves leaves;
  const Node tree = read_yaml(text, "resolved.yaml", unused);
  add_leaves(tree, "", leaves);
  for (std::size_t at = 0; (at = text.find(varied, at)) != text.npos;) {
    at += varied.size();
    const std::string sweep = text.substr(at, text.find('\n', at) - at);
    const std::size_t equals = sweep.find('=');
    leaves[sweep.substr(0, equals)] = Node::make_scalar(sweep.substr(equals + 1), {"the command line"});
  }
  // What changes no trial is no difference.
  std::erase_if(leaves, [](const auto& leaf) {
    const std::string& path = leaf.first;
    return path == "name" || path == "description" || path.starts_with("output.") ||
           path.starts_with("report.");
  });
  return leaves;
}

} // namespace

std::string resolved_yaml(const Experiment& x) {
  std::string out =
      "# Every option and where its value came from. Swept keys show the value before the sweep.\n";
  for (const std::string& s : x.overrides)
    if (s.starts_with("-S ")) out += std::string(varied) + s + "\n";
  const std::set<std::string> swept = swept_sections(x);
  const Node tree = resolved_tree(x);
  for (const Node::Entry& e : tree.entries()) {
    const bool whole =
        std::ranges::find(sections_of_the_run, e.key) != sections_of_the_run.end() && e.key != "output";
    if (whole && e.value.kind() != Node::Kind::scalar)
      out += fmt::format("{}:  # {}\n{}", e.key, e.value.origin().text(), e.value.yaml(2));
    else
      write_with_origins(Node::make_map({e}, tree.origin()), 0, swept.contains(e.key), out);
  }
  return out;
}

std::string differences(const std::string& stored, const Experiment& x) {
  const Leaves there = leaves_of(stored), here = leaves_of(resolved_yaml(x));
  Leaves origins;
  add_leaves(resolved_tree(x), "", origins);
  const auto origin = [&](const auto& leaf) {
    const auto it = origins.find(leaf.first);
    return (it == origins.end() ? leaf.second : it->second).origin().text();
  };
  std::vector<std::string> lines;
  // Defaults of a section that one of the two sweeps are comments there.
  for (const auto& [path, value] : there)
    if (const auto it = here.find(path); it != here.end() && it->second.flow() != value.flow())
      lines.push_back(
          fmt::format("{}: {} there, {} here ({})", path, value.flow(), it->second.flow(), origin(*it)));
    else if (it == here.end() && (!origins.contains(path) || origins[path].flow() != value.flow()))
      lines.push_back(fmt::format("{}: {} there, not given here", path, value.flow()));
  for (const auto& leaf : here)
    if (!there.contains(leaf.first) && origin(leaf) != "default")
      lines.push_back(
          fmt::format("{}: {} here ({}), not given there", leaf.first, leaf.second.flow(), origin(leaf)));
  return indented_lines(lines);
}

} // namespace ebm::experiments
