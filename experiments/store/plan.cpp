#include "experiments/store/plan.hpp"

#include <fmt/format.h>

#include "experiments/io/files.hpp"
#include "experiments/store/record.hpp"
#include "experiments/store/resolved.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const Experiment& x, const fs::path& run, const std::string& missing) {
  std::error_code error;
  std::string why;
  if (fs::exists(run / "resolved.yaml", error)) why = differences(read_text(run / "resolved.yaml"), x);
  if (why.empty())
    why = "\n    the values are the same: the content of a data or parameter file is not, or the run is of a "
          "version of ebm with other results";
  throw InputError(fmt::format("{} holds another experiment of the same name (its trial {} is not in this "
                               "plan):{}\n  change 'name', or add --new (a folder of its own) or --restart "
                               "(discards what is there)",
                               run.string(), missing, why));
}

} // namespace

void follow_plan(Experiment& x, const fs::path& run) {
  std::error_code error;
  if (!fs::exists(run / "plan.jsonl", error)) return;
  std::map<std::string, std::size_t> by_identity;
  for (const Trial& t : x.trials) by_identity[t.identity] = t.index;
  std::vector<Trial> trials;
  std::vector<bool> planned(x.trials.size(), false);
  for (const PlannedTrial& p : read_plan(run / "plan.jsonl")) {
    const auto it = by_identity.find(p.trial.identity);
    if (it == by_identity.end()) refuse(x, run, p.trial.folder);
    planned[it->second] = true;
    trials.push_back(x.trials[it->second]);
    trials.back().folder = p.trial.folder;
  }
  for (const Trial& t : x.trials) {
    if (planned[t.index]) continue;
    trials.push_back(t);
    trials.back().folder = fmt::format("{:04}", trials.size() - 1) + t.folder.substr(t.folder.find('-'));
  }
  x.trials = std::move(trials);
  for (std::size_t i = 0; i < x.trials.size(); ++i) x.trials[i].index = i;
}

} // namespace ebm::experiments
