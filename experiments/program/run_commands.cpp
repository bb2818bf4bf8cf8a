#include "experiments/program/run_commands.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>

#include "experiments/report/comparison.hpp"
#include "experiments/report/pivot.hpp"
#include "experiments/report/plot_script.hpp"
#include "experiments/report/run_status.hpp"
#include "experiments/run/sample_command.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

constexpr int done = 0, bad_input = 2; // as in the table of exit codes

struct RunArguments {
  std::vector<std::string> runs;
  std::string run, format = "md";
  bool json = false;
  ComparisonOptions comparison;
  PivotOptions pivot;
  std::string metric;
  SampleOptions sample;
};

bool holds_run(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "plan.jsonl", error);
}

/// The runs in a folder that is none itself, by name.
std::vector<fs::path> runs_in(const fs::path& folder) {
  std::vector<fs::path> runs;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (holds_run(it->path())) runs.push_back(it->path());
  std::ranges::sort(runs);
  return runs;
}

/// Names of folders beside the path.
std::vector<std::string> neighbours(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path parent = path.has_parent_path() ? path.parent_path() : ".";
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error))
    if (it->is_directory(error)) names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return names;
}

/// Says more than read_run of a folder that is not there, or whose parts are runs.
void check_run_folder(const fs::path& given) {
  const fs::path folder = given.has_filename() ? given : given.parent_path();
  std::error_code error;
  if (!fs::exists(folder, error))
    throw InputError(fmt::format("{}: there is no such run{}", given.string(),
                                 did_you_mean(folder.filename().string(), neighbours(folder))));
  if (holds_run(folder)) return;
  std::vector<std::string> inside;
  for (const fs::path& run : runs_in(folder)) inside.push_back(run.string());
  if (!inside.empty())
    throw InputError(fmt::format("{}: expected a run; this folder holds {} of them: {}", given.string(),
                                 inside.size(), listed(inside)));
}

RunResults load(const std::string& folder) {
  check_run_folder(folder);
  return RunResults(read_run(folder));
}

int status_of_many(const std::vector<fs::path>& folders, bool json) {
  std::vector<RunStatus> runs;
  std::string errors;
  for (const fs::path& folder : folders) {
    try {
      check_run_folder(folder);
      runs.push_back(status_of(read_run(folder)));
    } catch (const InputError& e) {
      errors += fmt::format("error: {}\n", e.what()); // the other runs are shown all the same
    }
  }
  if (json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const RunStatus& s : runs) list.push_back(json_of(s));
    fmt::print("{}\n", nlohmann::ordered_json{{"runs", list}}.dump(
                           2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else if (!runs.empty()) {
    fmt::print("{}", status_table(runs).plain());
  }
  fmt::print(stderr, "{}", errors);
  return errors.empty() ? done : bad_input;
}

int status(const RunArguments& a) {
  std::vector<fs::path> folders;
  bool one = a.runs.size() == 1;
  for (const std::string& folder : a.runs) {
    const std::vector<fs::path> inside = holds_run(folder) ? std::vector<fs::path>{} : runs_in(folder);
    folders.insert(folders.end(), inside.begin(), inside.end());
    if (inside.empty()) folders.emplace_back(folder);
    one = one && inside.empty();
  }
  if (!one) return status_of_many(folders, a.json);
  check_run_folder(folders[0]);
  const RunStatus s = status_of(read_run(folders[0]));
  using Json = nlohmann::ordered_json;
  fmt::print("{}",
             a.json ? json_of(s).dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text_of(s));
  return done;
}

int compare_runs(const RunArguments& a) {
  std::vector<RunResults> runs;
  for (const std::string& folder : a.runs) runs.push_back(load(folder));
  const Comparison c = compare(runs, a.comparison);
  fmt::print("{}\n", c.table.plain());
  for (const std::string& note : c.notes) fmt::print("{}\n", note);
  return done;
}

int table(const RunArguments& a) {
  const TableFormat format = a.format == "csv"     ? TableFormat::csv
                             : a.format == "latex" ? TableFormat::latex
                                                   : TableFormat::markdown;
  fmt::print("{}", pivot_text(make_pivot(load(a.run), a.pivot), format));
  return done;
}

int plot(const RunArguments& a) {
  fmt::print("{}", plot_script(load(a.run), a.metric));
  return done;
}

int sample(const RunArguments& a) {
  for (const fs::path& file : write_samples(a.sample)) fmt::print("{}\n", file.string());
  return done;
}

CLI::App* add_status(CLI::App& app, RunArguments& a) {
  CLI::App* c = app.add_subcommand("status", "tell how far a run is, also while it works");
  c->add_option("runs", a.runs, "folders of runs, or a folder that holds runs")->required();
  c->add_flag("--json", a.json, "one JSON object");
  return c;
}

CLI::App* add_compare(CLI::App& app, RunArguments& a) {
  CLI::App* c = app.add_subcommand("compare", "compare the settings of runs, paired by seed");
  c->add_option("runs", a.runs, "folders of runs; the first is the reference")->required();
  c->add_option("--metric", a.comparison.metric,
                "column of metrics.csv (default: the first run's primary one)");
  c->add_option("--baseline", a.comparison.baseline,
                "pattern of the setting that others are compared with: 'method=CD*'");
  c->add_flag("--sort", a.comparison.sort, "rows by the mean, the best first");
  return c;
}

CLI::App* add_table(CLI::App& app, RunArguments& a) {
  CLI::App* c = app.add_subcommand("table", "print a table of final values for a paper");
  c->add_option("run", a.run, "folder of the run")->required();
  c->add_option("--rows", a.pivot.rows, "axes of the sweep: method,lr")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false);
  c->add_option("--cols", a.pivot.columns, "axis of the sweep (default: a single column)");
  c->add_option("--metric", a.pivot.metric, "column of metrics.csv (default: the primary one)");
  c->add_option("--where", a.pivot.where, "axis=pattern: only settings that fit it; all of several must fit")
      ->take_all()
      ->allow_extra_args(false);
  c->add_option("--format", a.format, "md, csv or latex")->check(CLI::IsMember({"md", "csv", "latex"}));
  return c;
}

CLI::App* add_plot(CLI::App& app, RunArguments& a) {
  CLI::App* c = app.add_subcommand("plot", "print a matplotlib script that draws a run");
  c->add_option("run", a.run, "folder of the run")->required();
  c->add_option("--metric", a.metric, "column of metrics.csv (default: the primary one)");
  c->add_flag_callback(
      "--script", [] {}, "print the script to stdout: the default");
  return c;
}

/// Takes what N holds: the reader of numbers wraps negative ones and cuts off large ones.
template <class N> CLI::Validator whole_number() {
  return {[](const std::string& text) {
            N number{};
            const char* const last = text.data() + text.size();
            const auto [end, error] = std::from_chars(text.data(), last, number);
            if (error == std::errc() && end == last) return std::string();
            return fmt::format("expected a whole number of at most 64 bits{}, found '{}'",
                               std::is_unsigned_v<N> ? ", 0 or more" : "", text);
          },
          ""};
}

CLI::App* add_sample(CLI::App& app, RunArguments& a) {
  SampleOptions& o = a.sample;
  CLI::App* c = app.add_subcommand("sample", "draw from the model of a trial, with any units held fixed");
  c->add_option("trial", o.trial, "RUN/NUMBER, RUN/NAME or the folder of a trial; RUN if it has one only")
      ->required();
  c->add_option("--clamp", o.clamp,
                "units to hold fixed: columns=0-391,400 or rows=0-13 or BLOCK or BLOCK=v1,v2,…")
      ->take_all()
      ->allow_extra_args(false);
  c->add_option("--chains", o.chains, "number of chains, and of samples (default: 64)")
      ->check(CLI::Range(1, 1'000'000));
  c->add_option("--sweeps", o.sweeps, "sweeps of each chain (default: 1000)")
      ->check(CLI::Range(1, 1'000'000'000));
  c->add_option("--start", o.start, "where chains start: data (default, if there are any) or random")
      ->check(CLI::IsMember({"data", "random"}));
  c->add_option("--from", o.from, "rows that start and clamped values are: test (default, if any) or train")
      ->check(CLI::IsMember({"test", "train"}));
  c->add_option("--first", o.first, "row of the first chain, from 0; the next ones follow")
      ->check(whole_number<std::size_t>());
  c->add_flag("--means", o.means, "conditional means of visible units in place of values");
  c->add_option("--seed", o.seed, "of the chains (default: the trial's)")
      ->check(whole_number<std::int64_t>());
  c->add_option("--output", o.output, "folder for samples.npy and samples.png (default: TRIAL/samples)");
  c->add_option("-j,--cores", o.threads, "cores in total (default: all)")->check(CLI::Range(1, 4096));
  return c;
}

} // namespace

std::function<std::optional<int>()> add_run_commands(CLI::App& app) {
  const auto a = std::make_shared<RunArguments>(); // the options write into it when they are parsed
  using Command = int (*)(const RunArguments&);
  const std::vector<std::pair<CLI::App*, Command>> commands{{add_status(app, *a), &status},
                                                            {add_compare(app, *a), &compare_runs},
                                                            {add_table(app, *a), &table},
                                                            {add_plot(app, *a), &plot},
                                                            {add_sample(app, *a), &sample}};
  return [a, commands]() -> std::optional<int> {
    for (const auto& [added, command] : commands)
      if (added->parsed()) return command(*a);
    return {};
  };
}

} // namespace ebm::experiments
