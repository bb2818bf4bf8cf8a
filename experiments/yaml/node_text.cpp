// Node::yaml and Node::flow: text that our reader and other YAML 1.1 and 1.2 readers understand alike.
#include "experiments/yaml/node.hpp"
#include "experiments/yaml/scalars.hpp"
#include <algorithm>
#include <array>
#include <cctype>

namespace ebm::experiments {
namespace {

constexpr std::size_t widest_line = 100;

// Words that YAML 1.1 or 1.2 turns into a boolean or null, in lower case.
constexpr std::array<std::string_view, 9> reserved = {"y",   "n",    "yes",   "no",  "on",
                                                      "off", "true", "false", "null"};

bool is_number_like(const Node& plain) {
  std::string why;
  return parse_integer(plain, why) || parse_real(plain, why) || parse_bool(plain, why) ||
         parse_duration_seconds(plain, why);
}

bool is_safe_word(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto safe = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("_-+*/.()^= ").find(c) != std::string_view::npos;
  };
  if (text.empty() || !letter(text.front()) || text.back() == ' ' || !std::ranges::all_of(text, safe))
    return false;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::find(reserved, lower) == reserved.end();
}

std::string double_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string quoted_text(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, control)) return double_quoted(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + '\'';
}

std::string scalar_text(const Node& node) {
  const bool plain = is_safe_word(node.scalar()) || (!node.quoted() && is_number_like(node));
  return plain ? node.scalar() : quoted_text(node.scalar());
}

std::string key_text(const Node::Entry& entry) {
  return scalar_text(Node::make_scalar(entry.key, {}));
}

std::string item_text(const Node& node, std::string_view head, std::size_t indent) {
  const std::string line = node.flow();
  const bool one_part = node.items().empty() && node.entries().empty();
  if (one_part || indent + head.size() + 1 + line.size() <= widest_line) {
    return std::string(head) + ' ' + line + '\n';
  }
  const std::string block = node.yaml(static_cast<int>(indent) + 2);
  // "- " takes the place of the first line's further indentation; a key stands in a line of its own.
  return head == "-" ? "- " + block.substr(indent + 2) : std::string(head) + '\n' + block;
}

} // namespace

std::string Node::flow() const {
  if (kind() == Kind::null) return "null";
  if (kind() == Kind::scalar) return scalar_text(*this);
  std::string out;
  for (const Node& item : items()) out += (out.empty() ? "" : ", ") + item.flow();
  for (const Entry& entry : entries()) {
    out += (out.empty() ? "" : ", ") + key_text(entry) + ": " + entry.value.flow();
  }
  return kind() == Kind::map ? '{' + out + '}' : '[' + out + ']';
}

std::string Node::yaml(int indent) const {
  if (items().empty() && entries().empty()) return flow();
  const auto width = static_cast<std::size_t>(indent);
  const std::string margin(width, ' ');
  std::string out;
  for (const Node& item : items()) out += margin + item_text(item, "-", width);
  for (const Entry& entry : entries()) out += margin + item_text(entry.value, key_text(entry) + ':', width);
  return out;
}

} // namespace ebm::experiments
