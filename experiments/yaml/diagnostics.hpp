// Every error of a file or command line, gathered and printed in GCC's style, so that editors jump to them.
#pragma once
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments {

/// Where a value was written: "exp.yaml:3:5", "argument 2", "default".
struct Origin {
  std::string source;
  int line = 0;   ///< from 1; 0 = the source has no positions
  int column = 0; ///< from 1, in bytes
  std::string text() const;
  bool operator==(const Origin&) const = default;
};

/// Collects errors. The same message at the same place is kept once. Not for use by two threads at a time.
class Diagnostics {
 public:
  /// The text of a source, for the line and caret below a message; a known name gets the new text.
  void add_source(std::string name, std::string text);

  /// `underlined` is the offending text as it stands at the origin; without it a single caret is drawn.
  void error(const Origin& origin, std::string message, std::string_view underlined = {});

  bool empty() const { return errors_.empty(); }
  std::size_t size() const { return errors_.size(); }

  /// All errors: sources in the order they were added, then the others ("argument 2" before "argument 10"),
  /// each by line and column.
  std::string text() const;

 private:
  struct Source {
    std::string name, text;
    std::vector<std::size_t> starts; ///< of its lines
    std::string_view line(int number) const;
  };
  struct Error {
    Origin origin;
    std::string message, underlined;
  };
  std::size_t rank(const std::string& source) const;
  std::string excerpt(const Error& error) const;

  std::vector<Source> sources_;
  std::vector<Error> errors_;
  std::set<std::string> seen_;
};

/// The candidate with the fewest insertions, deletions, substitutions and swaps of neighbours (optimal string
/// alignment, letter case ignored). At most max(2, a third of the word), and fewer than the word is long. The
/// first of equals wins.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// ", did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// What a message ends with: each on an indented line of its own, at most 12, then "and 3 more".
std::string indented_lines(std::span<const std::string> lines);

} // namespace ebm::experiments
