// A whole experiment file, as far as it is read without data: the schema, the sweep and the trials. A first
// line "# arguments: -S key=1,2 key=3" holds what the command line adds.
#include "experiments/spec/experiment.hpp"

#include <algorithm>
#include <sstream>

#include "experiments/spec/sweep.hpp"
#include "experiments/yaml/reader.hpp"
#include "experiments/yaml/scalars.hpp"
#include "models/register.hpp"
#include "samplers/register.hpp"
#include "tests/fuzz/target.hpp"

namespace ebm::tests::fuzz {
namespace {

using namespace experiments;

Overrides arguments_of(std::string_view text) {
  Overrides overrides;
  constexpr std::string_view start = "# arguments: ";
  if (!text.starts_with(start)) return overrides;
  std::istringstream words(std::string(text.substr(start.size(), text.find('\n') - start.size())));
  for (std::string word; words >> word;) {
    const bool sweep = word == "-S" && words >> word;
    (sweep ? overrides.sweeps : overrides.values).push_back(word);
  }
  return overrides;
}

/// Thousands of trials are legal and slow, and no different from a few.
bool is_small(const std::string& text, const Overrides& overrides) {
  Diagnostics ignored;
  std::string why;
  const Node tree = read_yaml(text, "fuzz.yaml", ignored);
  const Node* seeds = tree.find("seeds");
  double trials = count_points(tree.find("sweep"));
  if (seeds != nullptr) trials *= double(parse_integer(*seeds, why).value_or(1));
  for (const std::string& sweep : overrides.sweeps) trials *= 1.0 + double(std::ranges::count(sweep, ','));
  const bool overridden = std::ranges::any_of(overrides.values, [](const std::string& value) {
    return value.starts_with("seeds") || value.starts_with("sweep");
  });
  return trials <= 100 && !overridden;
}

const Registered experiment("experiment", [](std::string_view bytes) {
  register_models();
  register_samplers();
  const std::string text(bytes);
  const Overrides overrides = arguments_of(bytes);
  if (!is_small(text, overrides)) return false;
  Diagnostics diagnostics;
  const Experiment x = read_experiment(FileOf(text).path(), overrides, diagnostics);
  diagnostics.text();
  if (!diagnostics.empty()) return false;
  require(!x.settings.empty() && x.trials.size() == x.settings.size() * x.replicates.size(),
          "every setting has its trials");
  for (const Setting& setting : x.settings) {
    Diagnostics none;
    const Node resolved = read_yaml(setting.spec.resolved.yaml(), "resolved.yaml", none);
    const TrialSpec again = read_trial(resolved, none);
    require(none.empty(), "a resolved setting can be read: " + none.text());
    require(again.resolved.yaml() == setting.spec.resolved.yaml(), "and is the same: " + resolved.yaml());
  }
  return true;
});

} // namespace
} // namespace ebm::tests::fuzz
