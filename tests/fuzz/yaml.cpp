// The YAML reader, the meanings of scalars and the writer, whose text has to come back as the same tree.
#include <algorithm>

#include "experiments/yaml/reader.hpp"
#include "experiments/yaml/scalars.hpp"
#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

using experiments::Diagnostics;
using experiments::Node;

/// Writing expands aliases: a text of a few hundred bytes can become megabytes, which tells nothing new.
constexpr std::size_t most_written = 1 << 16;
std::size_t written_size(const Node& node) {
  std::size_t size = 1 + node.scalar().size();
  for (const Node& item : node.items())
    if (size < most_written) size += written_size(item);
  for (const Node::Entry& entry : node.entries())
    if (size < most_written) size += 1 + entry.key.size() + written_size(entry.value);
  return size;
}

bool same_meaning(const Node& a, const Node& b) {
  using namespace experiments;
  std::string why;
  return a.scalar() == b.scalar() && parse_integer(a, why) == parse_integer(b, why) &&
         parse_real(a, why) == parse_real(b, why) && parse_bool(a, why) == parse_bool(b, why) &&
         parse_text(a, why) == parse_text(b, why) &&
         parse_duration_seconds(a, why) == parse_duration_seconds(b, why);
}

bool same(const Node& a, const Node& b) {
  const auto same_entry = [](const Node::Entry& x, const Node::Entry& y) {
    return x.key == y.key && same(x.value, y.value);
  };
  return a.kind() == b.kind() && same_meaning(a, b) && std::ranges::equal(a.items(), b.items(), same) &&
         std::ranges::equal(a.entries(), b.entries(), same_entry);
}

void check_writing(const Node& root) {
  for (const std::string& text : {root.yaml(), root.flow()}) {
    Diagnostics diagnostics;
    const Node again = experiments::read_yaml(text, "written", diagnostics);
    require(diagnostics.empty(), "what was written can be read: " + diagnostics.text() + text);
    require(same(root, again), "and is the same: " + text);
    require(again.yaml() == root.yaml(), "and is written alike: " + text);
  }
}

const Registered yaml("yaml", [](std::string_view bytes) {
  Diagnostics of_value;
  const Node value = experiments::parse_value(bytes, {"argument 1"}, of_value);
  of_value.text();
  if (of_value.empty() && written_size(value) < most_written) value.flow();

  Diagnostics diagnostics;
  const Node root = experiments::read_yaml(std::string(bytes), "fuzz.yaml", diagnostics);
  diagnostics.text();
  if (!diagnostics.empty()) return false;
  if (root.kind() != Node::Kind::null && written_size(root) < most_written) check_writing(root);
  return true;
});

} // namespace
} // namespace ebm::tests::fuzz
