#include "experiments/run/run.hpp"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sys/file.h>
#include <tbb/parallel_for.h>

#include "ebm/core/parallel.hpp"
#include "ebm/random/draws.hpp"
#include "experiments/io/files.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/run/sampling.hpp"
#include "experiments/run/summary.hpp"
#include "experiments/spec/blame.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

/// The first Ctrl-C or SIGTERM asks the trials to stop; the second ends the process at once.
class StopSignals {
 public:
  StopSignals() {
    stop_requested = false;
    for (const int s : {SIGINT, SIGTERM}) std::signal(s, &request);
  }
  ~StopSignals() {
    for (const int s : {SIGINT, SIGTERM}) std::signal(s, SIG_DFL);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  static void request(int s) {
    if (stop_requested.exchange(true)) std::signal(s, SIG_DFL), std::raise(s);
  }
};

/// Held while a process works in a run; the kernel drops it whatever happens to the process.
Descriptor lock_run(const fs::path& folder) {
  Descriptor file(::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644));
  if (file.number() < 0) throw InputError(folder.string() + ": cannot be written: " + std::strerror(errno));
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0)
    throw InputError(folder.string() + ": another process is working on this run");
  return file;
}

/// Gives trials of an earlier plan of this run their old folders: a plan may grow (more seeds, more
/// settings), which numbers them anew. A trial that was planned and is not any more means that the
/// configuration changed under the same name.
void take_over_folders(Experiment& x, const fs::path& folder) {
  if (!fs::exists(folder / "plan.jsonl")) return;
  std::map<std::string, Trial*> by_identity;
  for (Trial& t : x.trials) by_identity[t.identity] = &t;
  const std::string text = read_text(folder / "plan.jsonl");
  std::size_t begin = 0, end = 0;
  for (; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = Json::parse(text.substr(begin, end - begin), nullptr, false);
    if (!line.is_object()) continue;
    const std::string planned = line.value("folder", "?");
    const auto it = by_identity.find(line.value("identity", ""));
    if (it == by_identity.end())
      throw InputError(
          fmt::format("{} holds another experiment of the same name (its trial {} is not in this plan; "
                      "compare resolved.yaml there): change 'name' or 'output.dir', or remove the folder",
                      folder.string(), planned));
    it->second->folder = planned;
  }
}

std::vector<std::size_t> work_order(std::vector<std::size_t> pending, TrialOrder order) {
  if (order == TrialOrder::reversed) std::ranges::reverse(pending);
  if (order == TrialOrder::shuffled && !pending.empty()) {
    std::vector<std::uint32_t> to(pending.size());
    random::permutation(random::Draws({1}), {random::Stream::minibatch, 0, 0, 0}, to);
    std::vector<std::size_t> shuffled;
    for (const std::uint32_t i : to) shuffled.push_back(pending[i]);
    return shuffled;
  }
  return pending;
}

} // namespace

std::size_t check_experiment(const Experiment& x, Session& session, bool training, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.size();
  const auto columns_of = [&]<class T>(std::type_identity<T>, const TrialSpec& spec) {
    const random::Key key = replicate_key(spec, x.replicates.at(0));
    const auto data = load_data<T>(spec, x.replicates.at(0), session);
    const AnyEnergy<T> e = build_energy<T>(spec.model, data.get(), session.base, key);
    auto columns = Evaluator<T>(spec, e, data.get(), random::Draws(key)).columns();
    for (std::string& name : sampled_columns(spec)) columns.push_back(std::move(name));
    std::erase(columns, "log_partition.estimator"); // a word
    columns.emplace_back("acceptance");
    return columns;
  };
  if (training) check_output(x, diagnostics);
  if (training && x.tree.find("trainer") == nullptr)
    diagnostics.error(x.tree.origin(),
                      "trainer is missing: how to learn (method: cd, pcd, exact, or none to sample)");
  std::set<std::string> seen;
  for (const Setting& s : x.settings) {
    std::vector<std::string> problems;
    if (auto why = too_large(s.spec, x.base))
      problems.push_back(std::move(*why));
    else
      problems = check_setting(s.spec, x.replicates.at(0), session, training);
    for (const std::string& why : problems)
      if (seen.insert(why).second)
        diagnostics.error(blamed(x, s.spec, why),
                          (s.labels.empty() ? why : "setting " + s.name() + ": " + why) +
                              sizes_behind(s.spec, why));
  }
  if (training && !x.report.metric.empty() && diagnostics.size() == before) {
    // Settings may measure different things: the metric has to be a column of one of them.
    std::vector<std::string> all;
    for (const Setting& s : x.settings) {
      if (std::ranges::find(all, x.report.metric) != all.end()) break;
      for (std::string& name : s.spec.precision == Precision::float_
                                   ? columns_of(std::type_identity<float>{}, s.spec)
                                   : columns_of(std::type_identity<double>{}, s.spec))
        if (std::ranges::find(all, name) == all.end()) all.push_back(std::move(name));
    }
    check_primary(x, all, diagnostics);
  }
  return diagnostics.size() - before;
}

void identify_by_content(Experiment& x, Session& session) {
  std::map<std::string, std::string> files; // read once, however many trials use them
  const auto file = [&](const std::string& name) -> const std::string& {
    const auto [it, fresh] = files.try_emplace(name);
    if (fresh) it->second = read_text(x.base / name);
    return it->second;
  };
  for (Trial& t : x.trials) {
    const TrialSpec& spec = x.settings[t.setting].spec;
    std::string content = t.identity;
    if (spec.data.given && !spec.data.teacher)
      content += fmt::format(" data {:016x}", spec.precision == Precision::float_
                                                  ? load_data<float>(spec, t.replicate, session)->hash
                                                  : load_data<double>(spec, t.replicate, session)->hash);
    const ModelSpec* const teacher = spec.data.teacher ? &spec.data.teacher->model : nullptr;
    for (const ModelSpec* model : {&spec.model, teacher})
      if (model != nullptr && !model->parameters.empty()) content += " parameters " + file(model->parameters);
    t.identity = content_hash(content);
    t.folder.replace(t.folder.size() - 6, 6, t.identity, 0, 6);
  }
}

RunResult run_experiment(Experiment x, Session& session, const RunOptions& options) {
  RunResult result;
  result.folder = x.folder();
  std::error_code error;
  fs::create_directories(result.folder / "trials", error);
  if (error) throw InputError(result.folder.string() + ": cannot be made: " + error.message());
  const Descriptor lock = lock_run(result.folder);
  take_over_folders(x, result.folder);
  result.trials = x.trials;
  write_atomically(result.folder / "experiment.yaml", x.text);
  write_atomically(result.folder / "resolved.yaml", resolved_yaml(x));
  write_atomically(result.folder / "plan.jsonl", plan_lines(x));
  write_atomically(result.folder / "provenance.json", provenance_json(x, options));

  std::vector<std::size_t> pending;
  for (const Trial& t : x.trials) {
    result.outcomes.push_back(
        read_status(result.folder / "trials" / t.folder, t, x.settings[t.setting].spec));
    if (const TrialState s = result.outcomes.back().state; s == TrialState::done || s == TrialState::diverged)
      ++result.skipped;
    else
      pending.push_back(t.index);
  }
  pending = work_order(std::move(pending), options.order);

  const std::size_t threads = options.threads != 0 ? options.threads : parallel::available_cores();
  const parallel::Threads limit(threads);
  const StopSignals signals;
  {
    Progress progress(options.progress, x.trials.size(), result.skipped);
    for (const std::string& warning : options.warnings) progress.log("warning: " + warning);
    std::atomic<std::size_t> next{0};
    // As many loops over the queue as there are cores; a core without a trial helps inside the others.
    tbb::parallel_for(
        std::size_t(0), std::min(threads, pending.size()),
        [&](std::size_t) {
          for (std::size_t i; !stop_requested && (i = next++) < pending.size();) {
            const Trial& t = x.trials[pending[i]];
            const Setting& setting = x.settings[t.setting];
            const auto handle = progress.start(t.folder, planned_steps(setting.spec, t.replicate, session));
            TrialOutcome& outcome = result.outcomes[t.index];
            outcome =
                run_trial(setting, t, result.folder / "trials" / t.folder, session, *handle, stop_requested);
            if (outcome.state != TrialState::interrupted)
              progress.finished(*handle, name_of(outcome.state), outcome.message);
          }
        },
        tbb::simple_partitioner());
  }
  result.interrupted = stop_requested;
  try {
    result.table = summarise_run(x, result.outcomes, result.folder);
  } catch (const InputError& e) {
    result.summary_error = e.what(); // a full disk must not hide what became of the trials
  }
  return result;
}

} // namespace ebm::experiments
