#include "experiments/program/program.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>

#include "ebm/core/parallel.hpp"
#include "ebm/registry/registry.hpp"
#include "experiments/io/files.hpp"
#include "experiments/program/doctor.hpp"
#include "experiments/program/explain.hpp"
#include "experiments/program/misspelling.hpp"
#include "experiments/program/run_commands.hpp"
#include "experiments/program/schema.hpp"
#include "experiments/program/starter.hpp"
#include "experiments/report/report_page.hpp"
#include "experiments/run/evaluation.hpp"
#include "experiments/run/provenance.hpp"
#include "experiments/run/repeat.hpp"
#include "experiments/run/run.hpp"
#include "models/register.hpp"
#include "samplers/register.hpp"

namespace ebm::experiments {
namespace {

enum ExitCode {
  done = 0,
  internal_error = 1,
  bad_input = 2,
  some_failed = 3,
  stopped = 4,
  interrupted = 130
};

struct Arguments {
  std::string file, topic, order = "plan", log = "text";
  Overrides overrides;
  std::size_t threads = 0;
  bool quiet = false, json = false, strict = false, core_type = false;
  std::vector<std::string> all;
  std::string seeds, max_wall_time, repeated;
  std::filesystem::path base; ///< that paths of the file are relative to, if not its own folder
  RunOptions run;
};

/// Prints what was gathered; true if there was anything.
bool failed(const Diagnostics& diagnostics) {
  if (diagnostics.empty()) return false;
  fmt::print(stderr, "{}{} error{}; nothing was run\n", diagnostics.text(), diagnostics.size(),
             diagnostics.size() == 1 ? "" : "s");
  return true;
}

/// Reads the file and checks everything that can be checked without training.
std::optional<Experiment> load(const Arguments& a, Session& session, bool training) {
  Diagnostics diagnostics;
  Experiment x = read_experiment(a.file, a.overrides, diagnostics);
  if (!a.base.empty()) x.base = a.base;
  session.base = x.base;
  if (diagnostics.empty()) check_experiment(x, session, training, diagnostics);
  if (failed(diagnostics)) return std::nullopt;
  if (training) identify_by_content(x, session);
  return x;
}

RunOptions run_options(const Arguments& a) {
  RunOptions options = a.run;
  options.arguments = a.all;
  options.threads = a.threads;
  if (auto warning = forced_core_warning(std::getenv("OPENBLAS_CORETYPE"), linalg::blas_library().core,
                                         machine::cpu_vectors()))
    options.warnings.push_back(std::move(*warning));
  if (a.quiet) options.progress = ProgressStyle::quiet;
  if (a.log == "json") options.progress = ProgressStyle::json;
  if (a.order != "plan") options.order = a.order == "reversed" ? TrialOrder::reversed : TrialOrder::shuffled;
  return options;
}

/// Why a run stopped before its end, for people.
std::string stop_text(const RunResult& result) {
  switch (result.stopped) {
  case StopReason::none:
    return "";
  case StopReason::interrupt:
  case StopReason::terminate:
    return "interrupted; the same command goes on";
  case StopReason::wall_time:
    return "stopped after output.max_wall_time; the same command goes on";
  case StopReason::failure:
    return "stopped at the first failure (--fail-fast); the same command goes on with the other trials";
  case StopReason::disk_full:
    return "the disk is full: " + result.stop_detail + "; the same command goes on when there is room";
  }
  return "";
}

int exit_code(const RunResult& result) {
  if (result.stopped == StopReason::interrupt) return interrupted;
  if (result.stopped != StopReason::none && result.stopped != StopReason::failure) return stopped;
  const bool failed = std::ranges::any_of(result.outcomes, has_failed, &TrialOutcome::state);
  return failed || !result.summary_error.empty() ? some_failed : done;
}

void print_run(const RunResult& result, bool quiet) {
  if (!quiet) {
    fmt::print("{}", result.table.plain());
    if (result.table.rows.size() < result.settings)
      fmt::print("the best {} of {} settings; settings.csv has them all\n", result.table.rows.size(),
                 result.settings);
    if (result.skipped != 0)
      fmt::print("{} of {} trials had been finished before and were skipped\n", result.skipped,
                 result.trials.size());
    if (result.not_selected != 0)
      fmt::print("{} trial{} left out by --only\n", result.not_selected,
                 result.not_selected == 1 ? " is" : "s are");
  }
  constexpr std::size_t most_failures = 20;
  std::size_t failures = 0;
  for (const Trial& t : result.trials) {
    const TrialOutcome& o = result.outcomes[t.index];
    if (!has_failed(o.state)) continue;
    if (++failures <= most_failures)
      fmt::print(stderr, "{}: {}: {}\n", (result.folder / "trials" / t.folder / "log.txt").string(),
                 name_of(o.state), o.message);
  }
  if (failures != 0 && !quiet) fmt::print(stderr, "--retry-failed runs them again\n");
  if (failures > most_failures)
    fmt::print(stderr, "and {} more that failed or diverged: see summary.csv\n", failures - most_failures);
  if (result.summary_error.empty() && result.stopped != StopReason::disk_full)
    fmt::print("{}\n", (result.folder / "summary.md").string());
  if (!quiet && result.summary_error.empty()) fmt::print("{}\n", (result.folder / "report.html").string());
  if (!result.summary_error.empty())
    fmt::print(stderr, "error: the summaries could not be written: {}\n", result.summary_error);
  if (const std::string why = stop_text(result); !why.empty()) fmt::print(stderr, "{}\n", why);
}

/// What options of `run` say as key=value.
void add_overrides(Arguments& a) {
  if (!a.seeds.empty())
    a.overrides.values.push_back("seeds=" +
                                 (a.seeds.find(',') == a.seeds.npos ? a.seeds : "[" + a.seeds + "]"));
  if (!a.max_wall_time.empty()) a.overrides.values.push_back("output.max_wall_time=" + a.max_wall_time);
}

int run(Arguments a) {
  add_overrides(a);
  if (a.file.empty()) throw InputError("run needs an experiment file, or --repeat RUN");
  Session session;
  const auto x = load(a, session, true);
  if (!x) return bad_input;
  const RunResult result = run_experiment(*x, session, run_options(a));
  print_run(result, a.quiet);
  return exit_code(result);
}

/// Runs a run's resolved.yaml in a folder beside it, and compares.
int repeat(Arguments a) {
  const Repetition r = repetition_of(a.repeated);
  if (!a.file.empty() || !a.overrides.values.empty() || !a.overrides.sweeps.empty() || !a.seeds.empty())
    throw InputError("--repeat takes everything from the run: give no file, key=value or --seeds with it");
  a.file = r.file.string();
  a.base = r.base;
  // A limit was for the job that the run was in; resolved.yaml has kept it.
  a.overrides = {{"name=" + r.name, "output.dir=" + r.output_dir.string(), "output.max_wall_time=null"},
                 r.sweeps};
  add_overrides(a);
  Session session;
  const auto x = load(a, session, true);
  if (!x) return bad_input;
  const RunResult result = run_experiment(*x, session, run_options(a));
  print_run(result, a.quiet);
  const RunComparison c = compare_results(read_run(a.repeated), read_run(result.folder));
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < std::min(most, c.differences.size()); ++i)
    fmt::print("different: {}\n", c.differences[i]);
  if (c.differences.size() > most) fmt::print("and {} more differences\n", c.differences.size() - most);
  fmt::print("{} of {} trials gave the same bytes as {}\n", c.same, c.trials, a.repeated);
  if (c.missing != 0) fmt::print("{} have not ended in the repetition, and were not compared\n", c.missing);
  const int code = exit_code(result);
  return code == done && !c.differences.empty() ? some_failed : code;
}

int check(const Arguments& a) {
  Session session;
  const auto x = load(a, session, true);
  if (!x) return bad_input;
  fmt::print("{}: {} setting{}, {} trial{}, no errors\n", a.file, x->settings.size(),
             x->settings.size() == 1 ? "" : "s", x->trials.size(), x->trials.size() == 1 ? "" : "s");
  return done;
}

int plan(const Arguments& a) {
  Session session;
  const auto x = load(a, session, true);
  if (!x) return bad_input;
  if (a.json)
    fmt::print("{}", plan_lines(*x));
  else
    fmt::print("{}", plan_table(*x, session).plain());
  return done;
}

template <class T> nlohmann::ordered_json evaluate_typed(const Experiment& x, Session& session) {
  const TrialSpec& spec = x.settings[0].spec;
  const std::int64_t replicate = x.replicates[0];
  const auto data = load_data<T>(spec, replicate, session);
  const random::Key key = replicate_key(spec, replicate);
  const AnyEnergy<T> e = build_energy<T>(spec.model, data.get(), x.base, key);
  return Evaluator<T>(spec, e, data.get(), random::Draws(key)).json(e);
}

int evaluate(const Arguments& a) {
  Session session;
  const auto x = load(a, session, false);
  if (!x) return bad_input;
  if (x->settings.size() != 1)
    throw InputError(
        "evaluate takes one setting, and this file has a sweep: choose one with sweep=null and key=value");
  if (x->settings[0].spec.evaluation.metrics.empty())
    throw InputError("evaluation.metrics is empty: nothing to evaluate");
  const parallel::Threads limit(a.threads != 0 ? a.threads : parallel::available_cores());
  const auto json = x->settings[0].spec.precision == Precision::float_ ? evaluate_typed<float>(*x, session)
                                                                       : evaluate_typed<double>(*x, session);
  fmt::print("{}\n", a.json ? json_17_digits(json) : readable(json));
  return done;
}

int report(const Arguments& a) {
  fmt::print("{}\n", write_report(RunResults(read_run(a.file))).string());
  return done;
}

int doctor(const Arguments& a) {
  if (a.core_type) {
    fmt::print("{}", core_type_line());
    return done;
  }
  const Examination examination = examine();
  fmt::print("{}", a.json ? json_of(examination) : text_of(examination));
  return a.strict && examination.warnings() != 0 ? some_failed : done;
}

CLI::Option* add_file(CLI::App& app, Arguments& a, bool sweeps) {
  CLI::Option* file = app.add_option("file", a.file, "experiment file (YAML)")->required();
  app.add_option("overrides", a.overrides.values, "key=value, e.g. model.hidden=64");
  if (sweeps)
    app.add_option("-S,--sweep", a.overrides.sweeps, "key=a,b,c: run every value")
        ->take_all()
        ->allow_extra_args(false);
  return file;
}

CLI::App* add_run(CLI::App& app, Arguments& a) {
  CLI::App* run = app.add_subcommand("run", "run all trials of a file; finished ones are skipped");
  add_file(*run, a, true)->required(false);
  run->add_option("--repeat", a.repeated, "run this run's folder again, beside it, and compare the results");
  run->add_option("-j,--cores", a.threads, "cores in total (default: all)")->check(CLI::Range(1, 4096));
  run->add_flag("-q,--quiet", a.quiet, "print errors and the path of the summary only");
  run->add_option("--log", a.log, "text or json: form of the progress lines on stderr")
      ->check(CLI::IsMember({"text", "json"}));
  run->add_option("--seeds", a.seeds, "number of seeds, or a list a,b,c: in place of the file's");
  run->add_option("--only", a.run.only,
                  "run trials of this name, setting, value or seed: 'method=PCD*', 's1'")
      ->take_all()
      ->allow_extra_args(false);
  run->add_option("--max-wall-time", a.max_wall_time, "stop after 90s, 10min, 2h or 2d; the run can go on");
  run->add_flag("--fail-fast", a.run.fail_fast, "stop at the first trial that fails or diverges");
  run->add_flag("--retry-failed", a.run.retry_failed, "run failed and diverged trials again");
  const auto restart =
      run->add_flag("--restart", a.run.restart, "discard the results of an earlier run of this name");
  run->add_flag("--new", a.run.new_run, "run in a new folder: NAME-2, NAME-3, …")->excludes(restart);
  run->add_option("--order", a.order, "order of the trials (results do not depend on it)")
      ->check(CLI::IsMember({"plan", "reversed", "shuffled"}));
  return run;
}

CLI::App* add_doctor(CLI::App& app, Arguments& a) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "tell whether this machine lets ebm run at full speed, and what to do if not");
  doctor->add_flag("--json", a.json, "one JSON object");
  doctor->add_flag("--strict", a.strict, "exit with 3 when there are warnings");
  doctor->add_flag("--core-type", a.core_type, "print OpenBLAS's core type only")->group(""); // hidden
  return doctor;
}

int dispatch(int argc, char** argv) {
  Arguments a;
  a.all.assign(argv, argv + argc);
  CLI::App app("ebm: experiments with energy-based models",
               std::filesystem::path(argc > 0 ? argv[0] : "ebm").filename().string());
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.failure_message(parse_failure);
  const auto add = [&](const char* name, const char* what) { return app.add_subcommand(name, what); };
  CLI::App* run_command = add_run(app, a);
  CLI::App* check_command = add("check", "check everything that can be checked without training");
  add_file(*check_command, a, true);
  CLI::App* plan_command = add("plan", "list the trials of a file and what evaluating them costs");
  add_file(*plan_command, a, true);
  plan_command->add_flag("--json", a.json, "one JSON object a line");
  CLI::App* list_command = add("list", "list what is registered: models, samplers, trainers, data, metrics");
  list_command->add_option(
      "family", a.topic,
      "models, samplers, trainers, data or metrics (default: all of these); or arrays, those of params.npz");
  CLI::App* explain_command = add("explain", "explain a key or a type, e.g. model.rbm or trainer.optimizer");
  explain_command->add_option(
      "topic", a.topic, "dotted place: data.mnist, evaluation.ais, sampler.gibbs.scan (default: the file)");
  CLI::App* evaluate_command = add("evaluate", "evaluate given parameters on data, without training");
  add_file(*evaluate_command, a, false);
  evaluate_command->add_flag("--json", a.json, "one JSON object with 17 significant digits");
  evaluate_command->add_option("-j,--cores", a.threads, "cores in total (default: all)")
      ->check(CLI::Range(1, 4096));
  CLI::App* report_command = add("report", "write report.html of a run, finished or not");
  report_command->add_option("run", a.file, "folder of the run, such as runs/NAME")->required();
  CLI::App* doctor_command = add_doctor(app, a);
  CLI::App* init_command = add("init", "write a commented experiment file to start from");
  init_command->add_option("model", a.topic, "a model of `ebm list models`")->required();
  init_command->add_option("file", a.file, "new file; the schema goes beside it (default: to stdout)");
  CLI::App* schema_command = add("schema", "print the JSON Schema of experiment files, for editors");
  const auto run_commands = add_run_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    app.exit(e);
    return bad_input;
  }
  if (run_command->parsed()) return a.repeated.empty() ? run(a) : repeat(a);
  if (check_command->parsed()) return check(a);
  if (plan_command->parsed()) return plan(a);
  if (evaluate_command->parsed()) return evaluate(a);
  if (report_command->parsed()) return report(a);
  if (doctor_command->parsed()) return doctor(a);
  if (init_command->parsed()) return write_starter(a.topic, a.file), done;
  if (schema_command->parsed()) return fmt::print("{}", schema_text()), done;
  if (const auto code = run_commands()) return *code;
  fmt::print("{}",
             list_command->parsed() ? list_registered(a.topic) : explain(a.topic.empty() ? "file" : a.topic));
  return done;
}

/// A closed standard stream would give its number to the first file that is opened.
void open_standard_streams() {
  for (int number = 0; number <= 2; ++number)
    if (::fcntl(number, F_GETFD) == -1) ::open("/dev/null", O_RDWR);
}

} // namespace

int run_program(int argc, char** argv) {
  open_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN); // a limit of file sizes is then a full disk
  try {
    register_models();
    register_samplers();
    const int code = dispatch(argc, argv);
    // A full disk or a closed pipe: results that nobody can read are no success.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    fmt::print(stderr, "error: standard output cannot be written: {}\n", std::strerror(errno));
    return internal_error;
  } catch (const DiskFullError& e) {
    fmt::print(stderr, "error: the disk is full: {}\n", e.what());
    return stopped;
  } catch (const InputError& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    return bad_input;
  } catch (const DivergenceError& e) { // outside a trial: of parameters that were given
    fmt::print(stderr, "error: {}\n", e.what());
    return bad_input;
  } catch (const std::exception& e) {
    fmt::print(stderr, "internal error: {}\n", e.what());
    return internal_error;
  }
}

} // namespace ebm::experiments
