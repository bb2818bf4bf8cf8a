#include "experiments/spec/experiment.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include "experiments/io/files.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/spec/sweep.hpp"
#include "experiments/yaml/reader.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {
namespace {

/// Raised whenever the same configuration would give other numbers than before.
constexpr int results_version = 1;

/// "trainer.optimizer.lr" -> "lr".
std::string last_part(const std::string& axis) {
  return split_path(axis).back();
}

std::optional<std::pair<std::string, std::string>>
split_assignment(const std::string& text, const Origin& origin, Diagnostics& diagnostics) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    diagnostics.error(origin, "'" + text + "' is no override: write key=value, e.g. model.hidden=64");
    return std::nullopt;
  }
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

/// Splits a,b,c at the commas that are outside brackets and quotes.
std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> parts{""};
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0)
      quote = c == quote ? char(0) : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '[' || c == '{')
      ++depth;
    else if (c == ']' || c == '}')
      --depth;
    if (c == ',' && depth == 0 && quote == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Node apply_overrides(Node tree, const Overrides& overrides, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < overrides.values.size(); ++i) {
    const Origin origin{fmt::format("argument '{}'", overrides.values[i])};
    const auto pair = split_assignment(overrides.values[i], origin, diagnostics);
    if (!pair) continue;
    tree = tree.with(split_path(pair->first), parse_value(pair->second, origin, diagnostics));
  }
  return tree;
}

std::vector<std::int64_t> read_seeds(const Node* node, Diagnostics& diagnostics) {
  std::vector<std::int64_t> seeds;
  std::string why;
  if (node == nullptr) return {1};
  if (node->kind() == Node::Kind::sequence) {
    for (const Node& item : node->items()) {
      const auto v = parse_integer(item, why);
      if (!v || *v < 0)
        diagnostics.error(item.origin(),
                          "seeds must hold integers from 0 on: " + (v ? "got " + std::to_string(*v) : why),
                          item.scalar());
      else if (std::ranges::find(seeds, *v) != seeds.end())
        diagnostics.error(item.origin(), "seed " + std::to_string(*v) + " stands twice in seeds",
                          item.scalar());
      else
        seeds.push_back(*v);
    }
    if (node->items().empty()) diagnostics.error(node->origin(), "seeds is empty");
    return seeds;
  }
  const auto count = parse_integer(*node, why);
  if (!count || *count < 1 || *count > std::int64_t(largest_plan)) {
    diagnostics.error(node->origin(),
                      "seeds must be a number of replicates (at least 1) or a list of seeds: " +
                          (count ? "got " + std::to_string(*count) : why),
                      node->scalar());
    return {1};
  }
  for (std::int64_t s = 1; s <= *count; ++s) seeds.push_back(s);
  return seeds;
}

std::string trial_identity(const TrialSpec& spec, std::int64_t replicate) {
  std::string canonical;
  for (const Node::Entry& e : spec.resolved.entries())
    if (e.key != "name" && e.key != "description") canonical += e.key + ": " + e.value.flow() + "\n";
  canonical += fmt::format("replicate: {}\nresults_version: {}\n", replicate, results_version);
  const XXH128_hash_t h = XXH3_128bits(canonical.data(), canonical.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

std::string trial_folder(std::size_t number, const Setting& setting, std::int64_t replicate,
                         const std::string& hash) {
  std::string middle;
  for (const Label& l : setting.labels) middle += "-" + last_part(l.axis) + "=" + l.value;
  for (char& c : middle)
    if (!std::isalnum(static_cast<unsigned char>(c)) &&
        std::string_view("-=._+").find(c) == std::string_view::npos)
      c = '_';
  const std::string end = fmt::format("-s{}-{}", replicate, hash.substr(0, 6));
  return fmt::format("{:04}{}{}", number, middle.substr(0, 95 - end.size()), end);
}

/// The report section, checked against the settings: the baseline must select exactly one.
ReportSpec read_report(const Node* node, const std::vector<Setting>& settings, Diagnostics& diagnostics) {
  ReportSpec spec;
  if (node == nullptr) return spec;
  OptionReader reader(node, "report", "report", diagnostics);
  if (const Node* primary = reader.take("primary")) {
    static constexpr std::array<std::string_view, 2> goals{"maximize", "minimize"};
    OptionReader inner(primary, "report.primary", "report.primary", diagnostics);
    inner("metric", spec.metric, "column of metrics.csv, e.g. test.log_likelihood");
    inner("goal", spec.goal, "which way is better", goals);
    inner.finish();
  }
  const Node* baseline = reader.take("baseline");
  reader.finish();
  if (baseline == nullptr) return spec;
  if (baseline->kind() != Node::Kind::map) {
    diagnostics.error(baseline->origin(),
                      "report.baseline must be a partial setting such as {method: exact}");
    return spec;
  }
  std::vector<std::size_t> hits;
  std::string unknown;
  for (std::size_t i = 0; i < settings.size(); ++i)
    if (matches(settings[i].labels, *baseline, unknown)) hits.push_back(i);
  if (hits.size() == 1) {
    spec.baseline = hits[0];
    return spec;
  }
  std::string candidates;
  for (std::size_t i = 0; i < settings.size() && i < 12; ++i)
    if (hits.empty() || std::ranges::find(hits, i) != hits.end()) candidates += "\n    " + settings[i].name();
  diagnostics.error(baseline->origin(),
                    fmt::format("report.baseline {} selects {} settings, and must select exactly one of:{}",
                                baseline->flow(), hits.size(), candidates));
  return spec;
}

std::vector<Point> plan_points(const Node& tree, const Overrides& overrides, Diagnostics& diagnostics) {
  std::string why;
  const Node* seed_node = tree.find("seed");
  const std::int64_t seed = seed_node != nullptr ? parse_integer(*seed_node, why).value_or(1) : 1;
  std::vector<Point> points = expand_sweep(tree.find("sweep"), seed, diagnostics);
  for (const std::string& text : overrides.sweeps) {
    const Origin origin{"argument '-S " + text + "'"};
    const auto pair = split_assignment(text, origin, diagnostics);
    if (!pair) continue;
    std::vector<Node> values;
    for (const std::string& v : split_values(pair->second))
      values.push_back(parse_value(v, origin, diagnostics));
    points = cross(points, pair->first, values);
  }
  return points;
}

void expand(Experiment& x, const Overrides& overrides, Diagnostics& diagnostics) {
  for (const Point& point : plan_points(x.tree, overrides, diagnostics)) {
    Node tree = x.tree;
    for (const Assignment& a : point.assignments) tree = tree.with(split_path(a.path), a.value);
    x.settings.push_back({point.labels, read_trial(tree, diagnostics)});
    if (x.settings.size() * x.replicates.size() > largest_plan) {
      diagnostics.error(x.tree.origin(), fmt::format("the sweep makes more than {} trials", largest_plan));
      return;
    }
  }
  if (x.settings.empty()) diagnostics.error(x.tree.origin(), "the sweep leaves no setting to run");
  std::set<std::string> identities;
  for (std::size_t s = 0; s < x.settings.size(); ++s)
    for (const std::int64_t r : x.replicates) {
      Trial t{x.trials.size(), s, r, trial_identity(x.settings[s].spec, r), {}};
      t.folder = trial_folder(t.index, x.settings[s], r, t.identity);
      if (!identities.insert(t.identity).second)
        diagnostics.error(x.tree.origin(), "two settings of the sweep are the same: " + x.settings[s].name());
      x.trials.push_back(std::move(t));
    }
}

} // namespace

std::string Setting::name() const {
  std::string s;
  for (const Label& l : labels) s += (s.empty() ? "" : " ") + last_part(l.axis) + "=" + l.value;
  return s.empty() ? "default" : s;
}

Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides,
                           Diagnostics& diagnostics) {
  Experiment x;
  x.file = file;
  x.base = file.parent_path();
  x.overrides = overrides.values;
  for (const std::string& s : overrides.sweeps) x.overrides.push_back("-S " + s);
  try {
    x.text = read_text(file);
  } catch (const InputError& e) {
    diagnostics.error({}, e.what());
    return x;
  }
  x.tree = read_yaml(x.text, file.string(), diagnostics);
  if (x.tree.kind() != Node::Kind::map) {
    if (diagnostics.empty())
      diagnostics.error(x.tree.origin(), "the file must hold a mapping that begins with 'ebm: 1'");
    return x;
  }
  x.tree = apply_overrides(x.tree, overrides, diagnostics);
  x.replicates = read_seeds(x.tree.find("seeds"), diagnostics);
  expand(x, overrides, diagnostics);
  if (!x.settings.empty()) {
    x.name = x.settings[0].spec.name;
    x.description = x.settings[0].spec.description;
  }
  x.report = read_report(x.tree.find("report"), x.settings, diagnostics);
  std::string dir = "runs";
  OptionReader output(x.tree.find("output"), "output", "output", diagnostics);
  output("dir", dir, "folder of the runs, relative to where the program is started");
  output.finish();
  x.output_dir = dir;
  return x;
}

} // namespace ebm::experiments
