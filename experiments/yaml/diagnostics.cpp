#include "experiments/yaml/diagnostics.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <tuple>

namespace ebm::experiments {
namespace {

// Longer source lines are cut, so that a file on one line does not fill the terminal.
constexpr std::size_t widest_excerpt = 160;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i - 1]) == lower(b[j - 1]); };
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same(i, j) ? 0U : 1U)});
      if (i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

} // namespace

std::string Origin::text() const {
  if (line == 0) return source;
  return source + ':' + std::to_string(line) + (column == 0 ? "" : ':' + std::to_string(column));
}

std::string_view Diagnostics::Source::line(int number) const {
  const auto index = static_cast<std::size_t>(number - 1);
  if (index >= starts.size()) return {};
  std::string_view line = std::string_view(text).substr(starts[index]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void Diagnostics::add_source(std::string name, std::string text) {
  const std::size_t known = rank(name);
  if (known == sources_.size()) sources_.push_back({std::move(name), {}, {}});
  Source& source = sources_[known];
  source.text = std::move(text);
  source.starts = {0};
  for (std::size_t i = 0; i < source.text.size(); ++i)
    if (source.text[i] == '\n') source.starts.push_back(i + 1);
}

void Diagnostics::error(const Origin& origin, std::string message, std::string_view underlined) {
  if (!seen_.insert(origin.text() + '\n' + message).second) return;
  errors_.push_back({origin, std::move(message), std::string(underlined)});
}

std::size_t Diagnostics::rank(const std::string& source) const {
  return static_cast<std::size_t>(std::ranges::find(sources_, source, &Source::name) - sources_.begin());
}

std::string Diagnostics::excerpt(const Error& error) const {
  const std::size_t source = rank(error.origin.source);
  if (source == sources_.size() || error.origin.line < 1 || error.origin.column < 1) return {};
  std::string_view line = sources_[source].line(error.origin.line);
  line = line.substr(0, utf8_floor(line, widest_excerpt));
  const auto start = static_cast<std::size_t>(error.origin.column - 1);
  if (line.empty() || start > line.size()) return {};

  std::string padding; // keeps tabs, so that the caret stands right whatever their width
  for (const char c : line.substr(0, start)) {
    if (!utf8_continues(c)) padding += c == '\t' ? '\t' : ' ';
  }
  const std::string_view marked = line.substr(start, error.underlined.size());
  const auto width =
      static_cast<std::size_t>(std::ranges::count_if(marked, [](char c) { return !utf8_continues(c); }));
  std::string number = std::to_string(error.origin.line);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  return number + " | " + std::string(line) + '\n' + std::string(number.size(), ' ') + " | " + padding + '^' +
         std::string(width > 1 ? width - 1 : 0, '~') + '\n';
}

std::string Diagnostics::text() const {
  std::vector<const Error*> sorted;
  for (const Error& error : errors_) sorted.push_back(&error);
  std::ranges::stable_sort(sorted, {}, [&](const Error* error) {
    const Origin& o = error->origin;
    const std::size_t at = rank(o.source);
    // Without a known source the shorter name goes first: a numeric order for "argument 2", "argument 10".
    const bool known = at < sources_.size();
    return std::tuple(at, known ? 0 : o.source.size(), known ? "" : o.source, o.line, o.column);
  });
  std::string out;
  for (const Error* error : sorted) {
    out += error->origin.text() + ": error: " + error->message + '\n' + excerpt(*error);
  }
  return out;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::size_t limit = std::max<std::size_t>(2, word.size() / 3);
  std::size_t best = std::min(limit + 1, word.size());
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) continue;
    if (const std::size_t distance = edit_distance(word, candidate); distance < best) {
      best = distance;
      found = &candidate;
    }
  }
  return found ? std::optional(*found) : std::nullopt;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const auto candidate = nearest(word, candidates);
  return candidate ? ", did you mean '" + *candidate + "'?" : "";
}

std::string indented_lines(std::span<const std::string> lines) {
  constexpr std::size_t most = 12;
  std::string out;
  for (const std::string& line : lines.first(std::min(lines.size(), most))) out += "\n    " + line;
  if (lines.size() > most) out += "\n    and " + std::to_string(lines.size() - most) + " more";
  return out;
}

} // namespace ebm::experiments
