#include "experiments/yaml/reader.hpp"
#include "experiments/yaml/builder.hpp"
#include "experiments/yaml/scalars.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace ebm::experiments {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// A text on its way through the parser, and how its places are named.
struct Input {
  std::string text;
  std::string name;
  std::optional<Origin> fixed = {}; // a command-line value has one place for everything in it
  std::string context = {};         // see TreeBuilder

  Origin at(std::size_t position) const {
    if (fixed) return *fixed;
    const std::string_view before = std::string_view(text).substr(0, position);
    const auto line = std::ranges::count(before, '\n');
    return {name, static_cast<int>(line) + 1, static_cast<int>(position - (before.rfind('\n') + 1)) + 1};
  }
  Origin at(const YAML::Mark& mark) const {
    return fixed ? *fixed : Origin{name, mark.line + 1, mark.column + 1};
  }
};

// Bytes that yaml-cpp would take for the end of the file (0x04), for UTF-16 (NUL) or for part of a word.
bool check_bytes(const Input& input, Diagnostics& diagnostics) {
  const std::string_view text = input.text;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(text.substr(i));
    const bool line_end = byte == '\n' || (byte == '\r' && text.substr(i, 2) == "\r\n");
    const bool control = (byte < 0x20 && byte != '\t' && !line_end) || byte == 0x7f;
    if (length == 0 || control) {
      constexpr std::string_view hex = "0123456789abcdef";
      const std::string shown = {'0', 'x', hex[byte >> 4U], hex[byte & 15U]};
      diagnostics.error(input.at(i), length == 0 ? "byte " + shown + " is not UTF-8: save the file as UTF-8"
                                     : byte == '\r' ? "carriage return without line feed"
                                                    : "control character " + shown);
      return false;
    }
    i += length;
  }
  return true;
}

// The position after the closing quote of the text that opens at `start`; npos if it is never closed.
std::size_t closing_quote(std::string_view text, std::size_t start) {
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
      ++i;
    }
  }
  return text.npos;
}

std::size_t skip_properties(std::string_view text, std::size_t start) {
  while (start < text.size() && (text[start] == '&' || text[start] == '!')) {
    start = text.find_first_not_of(blanks, text.find_first_of(blanks, start));
  }
  return start;
}

class Handler : public YAML::EventHandler {
 public:
  Handler(const Input& input, TreeBuilder& builder) : input_(input), builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!std::exchange(started_, true)) return;
    const auto position = static_cast<std::size_t>(mark.pos);
    const bool marker = input_.text.compare(position, 3, "---") == 0;
    builder_.stop(input_.at(mark), marker ? "a second document begins here, only one is allowed"
                                          : "this does not belong to the list or value that ended before it");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add(Node::make_null(input_.at(mark)), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add_alias(anchor, input_.at(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    const bool quoted = tag == "!"; // yaml-cpp's tag for what was not plain
    if (quoted) check_closed(static_cast<std::size_t>(mark.pos));
    builder_.add(Node::make_scalar(value, input_.at(mark), quoted), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    builder_.open(Node::Kind::sequence, style == YAML::EmitterStyle::Flow, input_.at(mark), anchor);
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    builder_.open(Node::Kind::map, style == YAML::EmitterStyle::Flow, input_.at(mark), anchor);
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      builder_.error(input_.at(mark), "YAML tags (words that begin with '!') are not supported");
    }
  }

  // yaml-cpp 0.7 ends a quoted text silently at the end of a file that ends with a line end.
  void check_closed(std::size_t position) {
    position = skip_properties(input_.text, position);
    if (position >= input_.text.size()) return;
    const char quote = input_.text[position];
    if ((quote == '"' || quote == '\'') && closing_quote(input_.text, position) == std::string::npos) {
      builder_.stop(input_.at(position), std::string("this quote ( ") + quote + " ) is never closed");
    }
  }

  const Input& input_;
  TreeBuilder& builder_;
  bool started_ = false;
};

// Where a bracket is open, that is the thing to name; yaml-cpp tells only where it gave up.
[[noreturn]] void explain_bracket(const Input& input, std::size_t position, TreeBuilder& builder) {
  const TreeBuilder::Open& open = *builder.innermost();
  const bool map = open.kind == Node::Kind::map;
  const std::string bracket = map ? "'{'" : "'['", closing = map ? "'}'" : "']'";
  if (input.text.find_first_not_of(blanks, position) == std::string::npos) {
    builder.stop(open.origin, "this " + bracket + " is never closed");
  }
  const std::string opened = input.fixed ? ""
                                         : " opened at " + std::to_string(open.origin.line) + ':' +
                                               std::to_string(open.origin.column);
  builder.stop(input.at(position), "expected ',' or " + closing + " here, for the " + bracket + opened);
}

std::string plain_words(const YAML::Exception& problem, std::string_view rest) {
  namespace yaml = YAML::ErrorMsg;
  const std::string word(rest.substr(0, rest.find_first_of(" \t\r\n,]}")));
  if (problem.msg == yaml::UNKNOWN_ANCHOR) {
    return '\'' + word +
           "' refers to an anchor that is not defined before it (a text that begins with * needs quotes)";
  }
  if (problem.msg == yaml::UNKNOWN_TOKEN)
    return "a text that begins with '" + word.substr(0, 1) + "' needs quotes";
  static const std::array<std::pair<std::string_view, std::string_view>, 7> words = {{
      {yaml::END_OF_MAP,
       "expected 'key: value' at the indentation of the map (nothing may follow a quoted text or a bracket)"},
      {yaml::END_OF_SEQ,
       "expected '- item' at the indentation of the list (nothing may follow a quoted text or a bracket)"},
      {yaml::MAP_VALUE,
       "unexpected ':' (in a text it needs quotes; else look for a missing space after ':' or a "
       "wrong indentation, here or in the line before)"},
      {yaml::MAP_KEY, "unexpected '?' (a text that begins with it needs quotes)"},
      {yaml::BLOCK_ENTRY, "unexpected '- ': a list begins in a line of its own"},
      {yaml::FLOW_END, "closing bracket without an opening one"},
      {yaml::TAB_IN_INDENTATION, "tab in the indentation: use spaces"},
  }};
  const auto found = std::ranges::find(words, problem.msg, [](const auto& pair) { return pair.first; });
  return found == words.end() ? problem.msg : std::string(found->second);
}

[[noreturn]] void explain(const Input& input, const YAML::Exception& problem, TreeBuilder& builder) {
  const auto position = std::min(static_cast<std::size_t>(std::max(problem.mark.pos, 0)), input.text.size());
  const std::string_view text = input.text;
  const bool bracketed = builder.innermost() && builder.innermost()->bracketed;
  if (bracketed &&
      (problem.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || problem.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW)) {
    explain_bracket(input, position, builder);
  }
  // A tab in front of a key leads to several other messages; between brackets it is allowed.
  const std::size_t line = position == 0 ? 0 : text.rfind('\n', position - 1) + 1;
  const std::size_t tab = text.find_first_not_of(' ', line);
  if (!bracketed && tab <= position && text[tab] == '\t')
    builder.stop(input.at(tab), "tab in the indentation: use spaces");
  builder.stop(input.at(position), plain_words(problem, text.substr(position)));
}

void parse(const Input& input, TreeBuilder& builder) {
  Handler handler(input, builder);
  std::istringstream stream(input.text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const YAML::Exception& problem) {
    explain(input, problem, builder);
  }
}

// Null if there was nothing to read, or after a syntax error.
Node read(const Input& input, Diagnostics& diagnostics) {
  TreeBuilder builder(diagnostics, input.context);
  try {
    parse(input, builder);
    return builder.root();
  } catch (const ReadingStopped&) {
    return Node::make_null(input.at(std::size_t{0}));
  }
}

} // namespace

Node read_yaml(const std::string& text, const std::string& name, Diagnostics& diagnostics) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  Input input{text, name};
  if (text.starts_with(byte_order_mark)) input.text.erase(0, byte_order_mark.size());
  if (!check_bytes(input, diagnostics)) return Node::make_null({name, 1, 1});
  diagnostics.add_source(name, input.text);
  input.text += '\n';
  const std::size_t errors = diagnostics.size();
  Node root = read(input, diagnostics);
  if (root.kind() == Node::Kind::null && diagnostics.size() == errors) {
    diagnostics.error({name, 1, 1}, "the file is empty");
  }
  return root;
}

Node parse_value(std::string_view text, Origin origin, Diagnostics& diagnostics) {
  const std::size_t start = std::min(text.find_first_not_of(blanks), text.size());
  text = text.substr(start, text.find_last_not_of(blanks) + 1 - start);
  const std::string context = " in " + describe(Node::make_scalar(std::string(text), origin));
  const Input input{std::string(text) + '\n', {}, origin, context};
  if (!check_bytes(input, diagnostics)) return Node::make_null(std::move(origin));
  if (text.empty()) diagnostics.error(origin, "the value is missing: write null for none");
  if (text.empty() || text == "null" || text == "~") return Node::make_null(std::move(origin));
  if (std::string_view("[{'\"").find(text.front()) == std::string_view::npos) {
    return Node::make_scalar(std::string(text), std::move(origin));
  }
  return read(input, diagnostics);
}

} // namespace ebm::experiments
