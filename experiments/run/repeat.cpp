#include "experiments/run/repeat.hpp"

#include <fmt/format.h>

#include "experiments/io/files.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

/// ": line 4: … there, … here" for texts, nothing for binary files.
std::string first_difference(const std::string& there, const std::string& here) {
  if (there.find('\0') != there.npos || here.find('\0') != here.npos) return " differs";
  std::size_t line = 1, begin = 0;
  for (std::size_t i = 0; i < std::min(there.size(), here.size()) && there[i] == here[i]; ++i)
    if (there[i] == '\n') ++line, begin = i + 1;
  const auto line_of = [&](const std::string& text) {
    return text.substr(begin, std::min<std::size_t>(text.find('\n', begin) - begin, 120));
  };
  return fmt::format(": line {}: {} there, {} here", line, line_of(there), line_of(here));
}

bool compare_trial(const RunRecord& there, const Trial& t, const RunRecord& here, const Trial& u,
                   std::vector<std::string>& differences) {
  bool same = true;
  for (const char* name : {"metrics.csv", "params.npz", "draws.npy", "observables.csv"}) {
    const fs::path a = there.trial_folder(t) / name, b = here.trial_folder(u) / name;
    std::error_code error;
    if (!fs::exists(a, error) && !fs::exists(b, error)) continue;
    const std::string x = fs::exists(a, error) ? read_text(a) : "",
                      y = fs::exists(b, error) ? read_text(b) : "";
    if (x == y) continue;
    same = false;
    differences.push_back(fmt::format("{}/{}{}", t.folder, name, first_difference(x, y)));
  }
  return same;
}

} // namespace

Repetition repetition_of(const fs::path& run) {
  const RunRecord record = read_run(run);
  Repetition r;
  r.file = run / "resolved.yaml";
  if (record.resolved.empty()) throw InputError(r.file.string() + " is missing: the run cannot be repeated");
  r.base = record.provenance.value("base", ".");
  const fs::path folder = fs::absolute(run).lexically_normal();
  const fs::path clean = folder.has_filename() ? folder : folder.parent_path();
  r.output_dir = clean.parent_path();
  if (const auto it = record.provenance.find("overrides"); it != record.provenance.end() && it->is_array())
    for (const auto& text : *it)
      if (text.is_string() && text.get<std::string>().starts_with("-S "))
        r.sweeps.push_back(text.get<std::string>().substr(3));
  for (int i = 1;; ++i) {
    r.name = clean.filename().string() + "-repeat" + (i == 1 ? "" : fmt::format("-{}", i));
    std::error_code error;
    if (!fs::exists(r.output_dir / r.name / "plan.jsonl", error)) return r;
    if (!read_run(r.output_dir / r.name).all_ended()) return r; // a repetition that was stopped goes on
  }
}

RunComparison compare_results(const RunRecord& there, const RunRecord& here) {
  std::map<std::string, const Trial*> by_identity;
  for (const Trial& u : here.trials) by_identity[u.identity] = &u;
  RunComparison c;
  for (const Trial& t : there.trials) {
    const TrialState state = there.outcomes[t.index].state;
    if (!has_ended(state)) continue;
    const auto it = by_identity.find(t.identity);
    if (it == by_identity.end()) {
      c.differences.push_back(t.folder + " is not in the repetition: a data file or ebm itself has changed");
      continue;
    }
    const TrialState now = here.outcomes[it->second->index].state;
    if (!has_ended(now)) {
      ++c.missing;
      continue;
    }
    ++c.trials;
    if (now != state)
      c.differences.push_back(fmt::format("{}: {} there, {} here", t.folder, name_of(state), name_of(now)));
    else if (compare_trial(there, t, here, *it->second, c.differences))
      ++c.same;
  }
  return c;
}

} // namespace ebm::experiments
