#include "experiments/spec/experiment.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <xxhash.h>

#include "experiments/io/files.hpp"
#include "experiments/spec/hints.hpp"
#include "experiments/spec/option_reader.hpp"
#include "experiments/spec/sweep.hpp"
#include "experiments/yaml/reader.hpp"
#include "experiments/yaml/scalars.hpp"
#include "experiments/yaml/utf8.hpp"

namespace ebm::experiments {
namespace {

/// Raised whenever the same configuration would give other numbers than before.
constexpr int results_version = 1;

/// Arguments are shown whole in origins, but not by the kilobyte.
Origin origin_of(const std::string& argument) {
  constexpr std::size_t longest = 200;
  return {fmt::format("argument '{}{}'", argument.substr(0, utf8_floor(argument, longest)),
                      argument.size() > longest ? "…" : "")};
}

std::optional<std::pair<std::string, std::string>>
split_assignment(const std::string& text, const Origin& origin, Diagnostics& diagnostics) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    diagnostics.error(origin, "this is no override: write key=value, e.g. model.hidden=64");
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
  for (const std::string& text : overrides.values) {
    const Origin origin = origin_of(text);
    const auto pair = split_assignment(text, origin, diagnostics);
    if (!pair) continue;
    const std::size_t before = diagnostics.size();
    const Node value = parse_value(pair->second, origin, diagnostics);
    if (const auto why = unknown_dotted_key(pair->first)) diagnostics.error(origin, *why);
    if (diagnostics.size() == before) tree = assign(tree, pair->first, value, origin);
  }
  return tree;
}

std::vector<std::int64_t> read_seeds(const Node* node, Diagnostics& diagnostics) {
  std::vector<std::int64_t> seeds;
  std::string why;
  if (node == nullptr) return {1};
  const auto complain = [&](const Node& at, const std::string& message) {
    diagnostics.error(at.origin(), message, at.scalar());
  };
  if (node->kind() == Node::Kind::sequence) {
    std::set<std::int64_t> seen;
    for (const Node& item : node->items()) {
      const auto v = parse_integer(item, why);
      if (!v || *v < 0)
        complain(item, "seeds must hold integers from 0 on: " + (v ? "got " + std::to_string(*v) : why));
      else if (!seen.insert(*v).second)
        complain(item, "seed " + std::to_string(*v) + " stands twice in seeds");
      else
        seeds.push_back(*v);
    }
    if (node->items().empty()) complain(*node, "seeds is empty");
    return seeds.empty() ? std::vector<std::int64_t>{1} : seeds;
  }
  const auto count = parse_integer(*node, why);
  if (!count || *count < 1 || *count > std::int64_t(largest_plan)) {
    complain(*node, fmt::format("seeds must be a number of replicates from 1 to {}, or a list of seeds: {}",
                                largest_plan, count ? "got " + std::to_string(*count) : why));
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
  return content_hash(canonical);
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

/// The values of a `-S`, checked; none after an error.
struct SweptKey {
  std::string key;
  Origin origin;
  std::vector<Node> values;
};
std::vector<SweptKey> read_swept_keys(const std::vector<std::string>& arguments, Diagnostics& diagnostics) {
  std::vector<SweptKey> keys;
  for (const std::string& text : arguments) {
    const Origin origin = origin_of("-S " + text);
    const auto pair = split_assignment(text, origin, diagnostics);
    if (!pair || !check_swept_key(pair->first, origin, diagnostics)) continue;
    SweptKey swept{pair->first, origin, {}};
    const std::size_t before = diagnostics.size();
    std::set<std::string> seen;
    for (const std::string& part : split_values(pair->second)) {
      swept.values.push_back(parse_value(part, origin, diagnostics));
      if (!seen.insert(swept.values.back().flow()).second)
        diagnostics.error(origin, fmt::format("'{}' has the value {} twice", pair->first, part));
    }
    if (diagnostics.size() == before) keys.push_back(std::move(swept));
  }
  return keys;
}

/// False, with an error where the number gets too large, when the plan would be: nothing is expanded then.
bool check_size(const Experiment& x, const std::vector<SweptKey>& swept, Diagnostics& diagnostics) {
  const Node *sweep = x.tree.find("sweep"), *seeds = x.tree.find("seeds");
  double trials = count_points(sweep);
  const auto fits = [&](const Origin& origin, const char* what) {
    if (trials <= double(largest_plan)) return true;
    diagnostics.error(origin, fmt::format("{} {:.0f} {}, and at most {} are possible", what, trials,
                                          origin.source.starts_with("argument") ? "settings" : "trials",
                                          largest_plan));
    return false;
  };
  if (sweep != nullptr && !fits(sweep->origin(), "the sweep makes")) return false;
  for (const SweptKey& s : swept) {
    trials *= double(s.values.size());
    if (!fits(s.origin, "this makes")) return false;
  }
  trials *= double(x.replicates.size());
  return fits(seeds != nullptr ? seeds->origin() : x.tree.origin(), "settings and seeds together make");
}

/// Two assignments of one key, or of a section and a key in it, are a mistake: a setting would not be what
/// its name says.
void check_assignments(const std::vector<Point>& points, const Overrides& overrides,
                       Diagnostics& diagnostics) {
  // A scalar in the place of a mapping stands for one key of it, and hides no other.
  const auto hides = [](const Assignment& a, const std::string& key) {
    return key == a.path || (a.value.kind() != Node::Kind::scalar && key.starts_with(a.path + "."));
  };
  for (const Point& p : points)
    for (std::size_t i = 0; i < p.assignments.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const Assignment &later = p.assignments[i], &earlier = p.assignments[j];
        const bool replaces = hides(later, earlier.path);
        if (replaces || hides(earlier, later.path))
          diagnostics.error(later.key_origin,
                            fmt::format("'{}' {} what the sweep sets at {}", later.path,
                                        replaces ? "replaces" : "changes", earlier.key_origin.text()),
                            later.path);
      }
  for (const std::string& text : overrides.values) {
    const std::string key = text.substr(0, text.find('='));
    if (!points.empty() && std::ranges::all_of(points, [&](const Point& p) {
          return std::ranges::any_of(p.assignments, [&](const Assignment& a) { return hides(a, key); });
        }))
      diagnostics.error(origin_of(text),
                        "'" + key + "' has no effect, as every setting of the sweep sets it");
  }
}

/// What follows from here on would say little new.
constexpr std::size_t enough_errors = 100;

void read_settings(Experiment& x, const std::vector<Point>& points, Diagnostics& diagnostics) {
  for (const Point& point : points) {
    Node tree = x.tree;
    for (const Assignment& a : point.assignments) tree = assign(tree, a.path, a.value, a.key_origin);
    x.settings.push_back({point.labels, read_trial(tree, diagnostics)});
    if (diagnostics.size() >= enough_errors) return;
  }
}

void make_trials(Experiment& x, Diagnostics& diagnostics) {
  const Node* sweep = x.tree.find("sweep");
  const Origin& origin = sweep != nullptr ? sweep->origin() : x.tree.origin();
  if (x.settings.empty()) return diagnostics.error(origin, "the sweep leaves no setting to run");
  std::map<std::string, std::size_t> setting_of;
  for (std::size_t s = 0; s < x.settings.size(); ++s)
    for (const std::int64_t r : x.replicates) {
      Trial t{x.trials.size(), s, r, trial_identity(x.settings[s].spec, r), {}};
      t.folder = trial_folder(t.index, x.settings[s], r, t.identity);
      if (const auto [known, fresh] = setting_of.emplace(t.identity, s); !fresh)
        diagnostics.error(origin, fmt::format("two settings of the sweep are the same: {} and {}",
                                              x.settings[known->second].name(), x.settings[s].name()));
      x.trials.push_back(std::move(t));
      if (diagnostics.size() >= enough_errors) return;
    }
}

void expand(Experiment& x, const Overrides& overrides, Diagnostics& diagnostics) {
  std::string why;
  const Node* seed = x.tree.find("seed");
  const std::vector<SweptKey> swept = read_swept_keys(overrides.sweeps, diagnostics);
  std::vector<Point> points{{}};
  if (check_size(x, swept, diagnostics)) {
    points = expand_sweep(x.tree.find("sweep"), seed != nullptr ? parse_integer(*seed, why).value_or(1) : 1,
                          diagnostics);
    for (const SweptKey& s : swept) points = cross(points, s.key, s.origin, s.values);
    check_assignments(points, overrides, diagnostics);
  }
  read_settings(x, points, diagnostics);
  x.report = read_report(x.tree.find("report"), labels_of(points), diagnostics);
  if (diagnostics.empty()) make_trials(x, diagnostics);
}

/// Memory follows what is read, so that endless and huge files have to be refused before.
std::string read_experiment_text(const std::filesystem::path& file) {
  constexpr std::uintmax_t largest_file = 64 << 20;
  std::error_code error;
  if (std::filesystem::is_character_file(file, error))
    throw InputError(file.string() + ": this is a device, not an experiment file");
  if (std::filesystem::is_regular_file(file, error) && std::filesystem::file_size(file, error) > largest_file)
    throw InputError(file.string() + ": this is no experiment file: it has more than 64 MB");
  return read_text(file);
}

/// ", did you mean 'x.yaml'?" for a file that does not exist.
std::string nearby_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) return "";
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto extension = it->path().extension(); extension == ".yaml" || extension == ".yml")
      names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return did_you_mean(file.filename().string(), names);
}

} // namespace

std::string last_part(const std::string& axis) {
  return split_path(axis).back();
}

std::string setting_name(std::span<const Label> labels) {
  std::string s;
  for (const Label& l : labels) s += (s.empty() ? "" : " ") + last_part(l.axis) + "=" + l.value;
  return s.empty() ? "default" : s;
}

std::string content_hash(std::string_view content) {
  const XXH128_hash_t h = XXH3_128bits(content.data(), content.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

void visit_report(ReportSpec& r, OptionVisitor& v) {
  static constexpr std::array<std::string_view, 2> goals{"maximize", "minimize"};
  Visited primary{[&](OptionVisitor& w) {
    w("metric", r.metric,
      "column of metrics.csv that tables rank by, e.g. test.log_likelihood; by default the error of the "
      "fine-tuned net, else the first one");
    w("goal", r.goal,
      "which values of the metric are better; if not given, the higher ones of likelihoods, elbo, accuracies "
      "and recall and the lower ones of errors and losses, and of others that is not known",
      goals);
  }};
  v("primary", primary, "what matters most");
}

ReportSpec read_report(const Node* node, std::span<const std::vector<Label>> settings,
                       Diagnostics& diagnostics) {
  ReportSpec spec;
  OptionReader reader(node, "report", "report", diagnostics);
  visit_report(spec, reader);
  const Node* baseline = reader.take("baseline");
  reader.finish();
  if (baseline == nullptr) return spec;
  const auto hits = matching(settings, *baseline, "report.baseline", diagnostics);
  if (!hits) return spec;
  if (hits->size() == 1) {
    spec.baseline = hits->front();
    return spec;
  }
  std::vector<std::string> candidates;
  if (hits->empty())
    for (const auto& labels : settings) candidates.push_back(setting_name(labels));
  for (const std::size_t s : *hits) candidates.push_back(setting_name(settings[s]));
  diagnostics.error(baseline->origin(),
                    fmt::format("report.baseline {} selects {} settings, and must select exactly one of:{}",
                                baseline->flow(), hits->size(), indented_lines(candidates)));
  return spec;
}

void visit_output(OutputSpec& o, OptionVisitor& v) {
  v("dir", o.dir, "folder of the runs, relative to where the program is started");
  Visited checkpoint{[&](OptionVisitor& w) {
    w("every", o.checkpoint.every,
      "time between checkpoints of a trial; a signal that stops the run makes one too", above(0));
    w.integer_or_word("keep", o.checkpoint.keep, "always",
                      "checkpoints kept of a trial that is not done: the newest and, with 2, the one before; "
                      "always: both, and they stay when it is done",
                      between(1, 2));
  }};
  v("checkpoint", checkpoint, "from what a stopped trial goes on");
  v("max_wall_time", o.max_wall_time,
    "stop the run after this time, with checkpoints; the same command goes on", above(0));
}

Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides,
                           Diagnostics& diagnostics) {
  Experiment x;
  x.file = file;
  x.base = file.parent_path();
  x.overrides = overrides.values;
  for (const std::string& s : overrides.sweeps) x.overrides.push_back("-S " + s);
  try {
    x.text = read_experiment_text(file);
  } catch (const InputError& e) {
    std::string why = e.what();
    if (const std::string prefix = file.string() + ": "; why.starts_with(prefix)) why.erase(0, prefix.size());
    diagnostics.error({file.empty() ? "argument ''" : file.string()}, why + nearby_file(file));
    return x;
  }
  x.tree = read_yaml(x.text, file.string(), diagnostics);
  if (x.tree.kind() != Node::Kind::map) {
    if (diagnostics.empty())
      diagnostics.error(x.tree.origin(),
                        "the file must hold a mapping of keys to values, among them 'ebm: 1'");
    return x;
  }
  x.tree = apply_overrides(x.tree, overrides, diagnostics);
  x.replicates = read_seeds(x.tree.find("seeds"), diagnostics);
  expand(x, overrides, diagnostics);
  if (!x.settings.empty()) {
    x.name = x.settings[0].spec.name;
    x.description = x.settings[0].spec.description;
  }
  OutputSpec& output = x.output;
  OptionReader reader(x.tree.find("output"), "output", "output", diagnostics);
  visit_output(output, reader);
  reader.finish();
  if (output.dir.empty()) reader.error_at("dir", "output.dir is empty: it must be a folder, such as runs");
  return x;
}

} // namespace ebm::experiments
