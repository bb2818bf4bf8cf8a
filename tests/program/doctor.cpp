#include "experiments/program/doctor.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "ebm/core/parallel.hpp"
#include "tests/conformance/program_run.hpp"
#include "tests/support/program.hpp"
#include "tests/support/variable.hpp"

using namespace ebm::experiments;
using ebm::machine::Vectors;
using ebm::tests::TemporaryFolder;
using ebm::tests::Variable;

namespace {

using Words = std::vector<std::string>;

/// A machine with nothing to find: AVX-512 and an OpenBLAS that knows it.
Circumstances healthy() {
  Circumstances now;
  now.build_type = "Release";
  now.compiled = now.cpu = Vectors::avx512;
  now.blas = {"0.3.21", "SkylakeX", ebm::linalg::BlasThreading::openmp, 4};
  now.own_core = "SkylakeX";
  now.cores = now.machine_cores = 4;
  return now;
}

/// "warning core-type" for each finding, in order.
Words summaries(const std::vector<Finding>& all) {
  Words words;
  for (const Finding& f : all) words.push_back((f.warning ? "warning " : "note ") + f.id);
  return words;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A core type that is narrower than the CPU.
const char* narrow_core() {
  if (ebm::machine::cpu_vectors() == Vectors::avx512) return "Haswell";
  BOOST_TEST_MESSAGE("no AVX-512 here: OPENBLAS_CORETYPE=Nehalem takes the place of Haswell");
  return "Nehalem";
}

/// The variables of OpenMP and OpenBLAS as users have them: not set, but for the core type.
class CleanEnvironment {
 public:
  explicit CleanEnvironment(const char* core_type) : core_type_("OPENBLAS_CORETYPE", core_type) {}

 private:
  Variable core_type_, l2_size_{"OPENBLAS_L2_SIZE", nullptr}, policy_{"OMP_WAIT_POLICY", nullptr},
      threads_{"OMP_NUM_THREADS", nullptr}, data_{"EBM_DATA_DIR", nullptr};
};

ebm::conformance::ProgramRun run(const Words& arguments, const TemporaryFolder& folder) {
  return ebm::conformance::run_ebm(arguments, folder.path());
}

/// What OpenBLAS uses in a child with that variable, or without it.
std::string core_of_child(const char* core_type) {
  const CleanEnvironment environment(core_type);
  const TemporaryFolder folder;
  const std::string line = run({"doctor", "--core-type"}, folder).out, prefix = "core type: ";
  BOOST_TEST_REQUIRE((line.starts_with(prefix) && line.ends_with('\n')), line);
  return line.substr(prefix.size(), line.size() - prefix.size() - 1);
}

/// False for an OpenBLAS that was built for one core type.
bool core_type_can_be_forced() {
  if (core_of_child(narrow_core()) == narrow_core() && core_of_child(nullptr) != narrow_core()) return true;
  BOOST_TEST_MESSAGE("skipped: OPENBLAS_CORETYPE does nothing here");
  return false;
}

const char* const tiny_experiment = R"(ebm: 1
name: tiny
data: {type: bars_and_stripes, size: 2}
model: {type: rbm, hidden: 2}
trainer: {method: cd, updates: 2}
evaluation: {metrics: [log_likelihood]}
)";

/// The core type in use, OpenBLAS's own choice, the variable and the CPU decide together.
struct CoreCase {
  std::string core;
  std::optional<std::string> own;
  std::optional<const char*> variable;
  Vectors cpu;
  Words found;
  std::string text, remedy; ///< parts of the first finding's
};

std::vector<CoreCase> core_cases() {
  const auto none = std::nullopt;
  const auto v3 = Vectors::avx2, v4 = Vectors::avx512;
  const Words warning{"warning core-type"}, note{"note core-type"};
  const std::string unset = "unset OPENBLAS_CORETYPE";
  return {
      // Nothing is forced.
      {"Cooperlake", "Cooperlake", none, v4, {}, "", ""},
      {"Haswell", "Haswell", none, v3, {}, "", ""},
      {"HASWELL", "HASWELL", none, v3, {}, "", ""},
      {"Zen", "Zen", none, v3, {}, "", ""},
      {"Sandybridge", "Sandybridge", none, Vectors::avx, {}, "", ""},
      {"Nehalem", "Nehalem", none, Vectors::sse, {}, "", ""},
      {"Cooperlake", "Cooperlake", "", v4, {}, "", ""},
      {"SomethingNew", "SomethingNew", none, v4, {}, "", ""},
      {"Zen", "Zen", none, v4, warning, "takes this CPU for Zen (AVX2)", "CORETYPE=SkylakeX"},
      {"Prescott", "Prescott", none, v4, warning, "Prescott (SSE)", "CORETYPE=SkylakeX"},
      {"Prescott", "Prescott", none, v3, warning, "the CPU has AVX2", "CORETYPE=Haswell"},
      {"Barcelona", "Barcelona", none, v3, warning, "Barcelona (SSE)", "a newer OpenBLAS"},
      {"generic", "generic", none, v3, warning, "generic (SSE)", "a newer OpenBLAS"},
      {"Nehalem", "Nehalem", none, Vectors::avx, warning, "Nehalem", "CORETYPE=Sandybridge"},
      // A narrower core type is forced.
      {"Haswell", "Cooperlake", "Haswell", v4, warning, "would choose Cooperlake (AVX-512)", unset},
      {"Zen", "SkylakeX", "zen", v4, warning, "CORETYPE=zen makes OpenBLAS use its kernels for Zen", unset},
      {"Excavator", "SkylakeX", "Excavator", v4, warning, "This can halve the speed", unset},
      {"Prescott", "Haswell", "Prescott", v3, warning, "the CPU has AVX2", unset},
      {"Haswell", none, "Haswell", v4, warning, "could not be found out", unset},
      {"Haswell", "SomethingNew", "Haswell", v4, warning, "would choose SomethingNew.", unset},
      // One of the same width, a wider one than the CPU's, one nobody knows.
      {"SkylakeX", "Cooperlake", "SkylakeX", v4, warning, "last digits", unset},
      {"Haswell", "Zen", "Haswell", v3, warning, "last digits", unset},
      {"Haswell", none, "Haswell", v3, warning, "could not be found out", unset},
      {"SkylakeX", "Haswell", "SkylakeX", v3, warning, "illegal instruction", unset},
      {"SomethingNew", "Zen", "SomethingNew", v4, warning, "last digits", unset},
      // The remedy for a CPU that OpenBLAS does not know, taken whole or by half.
      {"SkylakeX", "Prescott", "SkylakeX", v4, note, "That would be slower.", "leave it set"},
      {"Haswell", "Barcelona", "Haswell", v3, note, "That would be slower.", "leave it set"},
      {"Haswell", "Prescott", "Haswell", v4, warning, "still, the CPU has AVX-512", "CORETYPE=SkylakeX"},
      // The variable changes nothing: OpenBLAS does not know the word, or would choose the same.
      {"Cooperlake", "Cooperlake", "Bogus", v4, note, "changes nothing", unset},
      {"Haswell", "Haswell", "Haswell", v3, note, "changes nothing", unset},
      {"Prescott",
       "Prescott",
       "Bogus",
       v4,
       {"warning core-type", "note core-type"},
       "takes this CPU",
       "SkylakeX"},
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(doctor)

BOOST_AUTO_TEST_CASE(nothing_is_found_on_a_healthy_machine) {
  BOOST_TEST(findings(healthy()).empty());
}

BOOST_AUTO_TEST_CASE(core_types) {
  for (const CoreCase& c : core_cases()) {
    Circumstances now = healthy();
    now.blas.core = c.core;
    now.own_core = c.own;
    now.cpu = now.compiled = c.cpu;
    if (c.variable) now.environment["OPENBLAS_CORETYPE"] = *c.variable;
    const auto found = findings(now);
    const std::string name = c.core + ", " + c.own.value_or("?") + ", " + c.variable.value_or("not set");
    BOOST_TEST(summaries(found) == c.found, name);
    if (found.empty()) continue;
    BOOST_TEST(contains(found[0].text, c.text), name << ": " << found[0].text);
    BOOST_TEST(contains(found[0].remedy, c.remedy), name << ": " << found[0].remedy);
  }
}

BOOST_AUTO_TEST_CASE(every_core_type_of_openblas_has_its_width) {
  const auto width = [](const char* core) { return ebm::linalg::vectors_of_core(core); };
  for (const char* core : {"SkylakeX", "SKYLAKEX", "Cooperlake", "SapphireRapids"})
    BOOST_TEST((width(core) == Vectors::avx512), core);
  for (const char* core : {"Haswell", "Zen", "ZEN", "Excavator"})
    BOOST_TEST((width(core) == Vectors::avx2), core);
  for (const char* core : {"Sandybridge", "Bulldozer", "Piledriver", "Steamroller"})
    BOOST_TEST((width(core) == Vectors::avx), core);
  for (const char* core : {"Prescott", "Core2", "Nehalem", "Barcelona", "Opteron_SSE3", "generic"})
    BOOST_TEST((width(core) == Vectors::sse), core);
  BOOST_TEST(!width("SomethingNew"));
  BOOST_TEST(!width(""));
  BOOST_TEST(!width("Unknown"));
  BOOST_TEST(width(ebm::linalg::blas_library().core.c_str()).has_value(), ebm::linalg::blas_name());
}

BOOST_AUTO_TEST_CASE(everything_else) {
  struct Case {
    std::function<void(Circumstances&)> change;
    Words found;
  };
  const auto set = [](const char* name, const char* value) {
    return [=](Circumstances& now) { now.environment[name] = value; };
  };
  const auto bound = [](const char* name, const char* value) {
    return [=](Circumstances& now) { now.environment[name] = value, now.cores = 1; };
  };
  const std::vector<Case> cases{
      {[](auto& now) { now.build_type = "release"; }, {}},
      {[](auto& now) { now.build_type = "Debug"; }, {"warning build-type"}},
      {[](auto& now) { now.build_type = "RelWithDebInfo"; }, {"warning build-type"}},
      {[](auto& now) { now.compiled = Vectors::sse; }, {"warning build-vectors"}},
      {[](auto& now) { now.compiled = Vectors::avx2; }, {"warning build-vectors"}},
      {[](auto& now) {
         now.cpu = Vectors::avx2;
         now.blas.core = *(now.own_core = "Haswell");
       },
       {"warning build-vectors"}},
      {[](auto& now) { now.blas.threading = ebm::linalg::BlasThreading::own_pool; },
       {"warning blas-threads"}},
      {[](auto& now) { now.blas.threading = ebm::linalg::BlasThreading::none; }, {}},
      {set("OPENBLAS_L2_SIZE", "512"), {"warning l2-size"}},
      {set("OPENBLAS_NUM_THREADS", "8"), {}},
      {set("OMP_WAIT_POLICY", "ACTIVE"), {"warning omp-wait-policy"}},
      {set("OMP_WAIT_POLICY", "passive"), {}},
      {set("OMP_NUM_THREADS", "4"), {}},
      {set("OMP_NUM_THREADS", "5"), {"warning omp-num-threads"}},
      {set("OMP_NUM_THREADS", "16,2"), {"warning omp-num-threads"}},
      {set("OMP_NUM_THREADS", " 16 , 2"), {"warning omp-num-threads"}},
      // OpenMP ignores what is no number of threads.
      {set("OMP_NUM_THREADS", "many"), {}},
      {set("OMP_NUM_THREADS", ""), {}},
      {set("OMP_NUM_THREADS", "-1"), {}},
      {set("OMP_NUM_THREADS", "16x"), {}},
      {set("OMP_NUM_THREADS", "99999999999999999999"), {}},
      {set("OMP_PROC_BIND", "true"), {}},
      {bound("OMP_PROC_BIND", "true"), {"warning omp-binding"}},
      {bound("OMP_PROC_BIND", "FALSE"), {"note affinity"}},
      {bound("OMP_PLACES", "cores"), {"warning omp-binding"}},
      {bound("GOMP_CPU_AFFINITY", "0"), {"warning omp-binding"}},
      {[](auto& now) { now.cores = 3; }, {"note affinity"}},
      {[](auto& now) { now.data_given = "/nowhere"; }, {"warning data-dir"}},
      {[](auto& now) { now.data_given = "/tmp", now.data_exist = true; }, {}},
      // Warnings come first, in the order of the report.
      {[](auto& now) {
         now.cores = 2;
         now.data_given = "/nowhere";
         now.build_type = "Debug";
         now.environment["OPENBLAS_CORETYPE"] = "SkylakeX";
       },
       {"warning build-type", "warning data-dir", "note core-type", "note affinity"}},
  };
  for (const Case& c : cases) {
    Circumstances now = healthy();
    c.change(now);
    const auto found = findings(now);
    BOOST_TEST(summaries(found) == c.found);
    for (const Finding& f : found) BOOST_TEST((!f.text.empty() && !f.remedy.empty()), f.id);
  }
}

BOOST_AUTO_TEST_CASE(the_page_has_every_finding) {
  const std::string page = ebm::tests::read_file(std::string(EBM_SOURCE_DIR) + "/docs/doctor.md");
  for (const char* id : {"core-type", "l2-size", "blas-threads", "build-type", "build-vectors",
                         "omp-wait-policy", "omp-num-threads", "omp-binding", "affinity", "data-dir"})
    BOOST_TEST(contains(page, "| `" + std::string(id) + "` |"), id);
}

BOOST_AUTO_TEST_CASE(the_line_of_a_run) {
  const auto line = [](const char* forced, const char* core, Vectors cpu) {
    return forced_core_warning(forced, core, cpu).value_or("");
  };
  const std::string warning = line("Haswell", "Haswell", Vectors::avx512);
  BOOST_TEST(warning ==
             "OPENBLAS_CORETYPE=Haswell: OpenBLAS uses its kernels for Haswell (AVX2) on a CPU with "
             "AVX-512, which can halve the speed; 'ebm doctor' tells more");
  BOOST_TEST(line("nehalem", "Nehalem", Vectors::avx2) != "");
  BOOST_TEST(line(nullptr, "Haswell", Vectors::avx512) == "");
  BOOST_TEST(line("", "Haswell", Vectors::avx512) == "");
  BOOST_TEST(line("Haswell", "Haswell", Vectors::avx2) == "");
  BOOST_TEST(line("SkylakeX", "SkylakeX", Vectors::avx512) == "");
  BOOST_TEST(line("SkylakeX", "SkylakeX", Vectors::avx2) == "");
  BOOST_TEST(line("SomethingNew", "SomethingNew", Vectors::avx512) == "");
}

BOOST_AUTO_TEST_CASE(the_report_has_its_lines) {
  const CleanEnvironment clean(nullptr);
  const TemporaryFolder folder;
  const auto report = run({"doctor"}, folder);
  BOOST_TEST(report.exit_code == 0, report.err);
  BOOST_TEST(report.err == "");
  for (const char* name : {"ebm ", "compiler ", "flags ", "CPU ", "vectors ", "cores ", "memory ",
                           "OpenBLAS ", "  core type ", "  file ", "libraries ", "data ", "environment "})
    BOOST_TEST(contains("\n" + report.out, "\n" + std::string(name)), name << " is missing in\n"
                                                                           << report.out);
  for (const char* part : {"TBB 2", "xtensor 0.", "xsimd ", "yaml-cpp 0.", "Boost 1.", "OpenMP build", "GiB",
                           "EBM_DATA_DIR is not set", "openblas"})
    BOOST_TEST(contains(report.out, part), part << " is missing in\n" << report.out);
  std::size_t longest = 0, begin = 0;
  for (std::size_t end; (end = report.out.find('\n', begin)) != std::string::npos; begin = end + 1)
    longest = std::max(longest, end - begin);
  BOOST_TEST(longest < 200u);
}

BOOST_AUTO_TEST_CASE(a_forced_core_type_is_compared_with_the_own_choice) {
  if (!core_type_can_be_forced()) return;
  const TemporaryFolder folder;
  const std::string own = core_of_child(nullptr);
  const CleanEnvironment forced(narrow_core());
  const auto report = run({"doctor"}, folder), strict = run({"doctor", "--strict"}, folder);
  BOOST_TEST(contains(report.out, "warning: OPENBLAS_CORETYPE=" + std::string(narrow_core())), report.out);
  BOOST_TEST(contains(report.out, "by itself " + own), report.out);
  BOOST_TEST(contains(report.out, "remedy: unset OPENBLAS_CORETYPE"), report.out);
  BOOST_TEST(report.exit_code == 0);
  BOOST_TEST(strict.exit_code == 3);
  BOOST_TEST(strict.out == report.out);
}

BOOST_AUTO_TEST_CASE(json_says_the_same) {
  if (!core_type_can_be_forced()) return;
  const CleanEnvironment forced(narrow_core());
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "data" / "mnist");
  std::filesystem::create_directories(folder.path() / "data" / "digits");
  const Variable data("EBM_DATA_DIR", (folder.path() / "data").c_str());
  const auto report = run({"doctor", "--json"}, folder);
  BOOST_TEST(report.exit_code == 0, report.err);
  const auto json = nlohmann::json::parse(report.out);
  for (const char* key : {"ebm", "commit", "compiler", "flags", "build_type", "cpu", "memory_bytes"})
    BOOST_TEST(json.contains(key), key);
  BOOST_TEST(json.at("vectors").at("cpu") == std::string(name_of(ebm::machine::cpu_vectors())));
  BOOST_TEST(json.at("vectors").at("compiled") == std::string(name_of(ebm::machine::compiled_vectors())));
  BOOST_TEST(json.at("cores").at("usable") == ebm::parallel::available_cores());
  BOOST_TEST(json.at("openblas").at("core_type") == narrow_core());
  BOOST_TEST(json.at("openblas").at("core_type_by_itself") != narrow_core());
  BOOST_TEST(json.at("openblas").at("build") == "OpenMP");
  for (const char* name : {"TBB", "xtensor", "xsimd", "yaml-cpp", "Boost"})
    BOOST_TEST(json.at("libraries").at(name).get<std::string>().find('.') != std::string::npos, name);
  BOOST_TEST(json.at("environment").at("OPENBLAS_CORETYPE") == narrow_core());
  BOOST_TEST(json.at("data").at("variable_set") == true);
  BOOST_TEST(json.at("data").at("sets").at(0) == "digits");
  BOOST_TEST(contains(json.at("data").at("sets").at(1), "mnist (without train-images-idx3-ubyte)"));
  BOOST_TEST(json.at("findings").at(0).contains("remedy"));
  std::size_t warnings = 0;
  for (const auto& finding : json.at("findings")) warnings += finding.at("kind") == "warning" ? 1 : 0;
  BOOST_TEST(json.at("warnings") == warnings);
}

BOOST_AUTO_TEST_CASE(wrong_options_are_bad_usage) {
  const TemporaryFolder folder;
  BOOST_TEST(run({"doctor", "--nope"}, folder).exit_code == 2);
  BOOST_TEST(run({"doctor", "file.yaml"}, folder).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(a_run_warns_once_and_not_when_quiet) {
  if (!core_type_can_be_forced()) return;
  const TemporaryFolder folder;
  ebm::tests::write_file(folder.path() / "tiny.yaml", tiny_experiment);
  const auto stderr_of = [&](Words more) {
    Words words{"run", (folder.path() / "tiny.yaml").string(), "output.dir=" + folder.path().string()};
    words.insert(words.end(), more.begin(), more.end());
    const auto done = run(words, folder);
    BOOST_TEST(done.exit_code == 0, done.err);
    return done.err;
  };
  const std::string start = "OPENBLAS_CORETYPE=" + std::string(narrow_core());
  {
    const CleanEnvironment forced(narrow_core());
    const std::string text = stderr_of({"seeds=3"});
    const std::size_t at = text.find("warning: " + start);
    BOOST_TEST_REQUIRE(at == 0u, text);
    BOOST_TEST(text.find("OPENBLAS_CORETYPE", start.size() + 9) == std::string::npos, text);
    BOOST_TEST(stderr_of({"name=quiet", "-q"}) == "");
    const std::string log = stderr_of({"name=log", "--log", "json"});
    const auto event = nlohmann::json::parse(log.substr(0, log.find('\n')));
    BOOST_TEST(event.at("event") == "log");
    BOOST_TEST(contains(event.at("message"), start));
  }
  const CleanEnvironment clean(nullptr);
  BOOST_TEST(!contains(stderr_of({"name=clean"}), "OPENBLAS_CORETYPE"));
}

BOOST_AUTO_TEST_SUITE_END()
