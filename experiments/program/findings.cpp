#include "experiments/program/findings.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <strings.h>

namespace ebm::experiments {
namespace {

using machine::Vectors;
using Findings = std::vector<Finding>;

constexpr const char* core_variable = "OPENBLAS_CORETYPE";

std::optional<std::string> find(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::nullopt : std::optional(found->second);
}

bool same_word(const std::string& a, const std::string& b) {
  return ::strcasecmp(a.c_str(), b.c_str()) == 0;
}

/// False for core types that are not known.
bool narrower(const std::string& core, Vectors than) {
  const auto vectors = linalg::vectors_of_core(core);
  return vectors && *vectors < than;
}
bool wider(const std::string& core, Vectors than) {
  const auto vectors = linalg::vectors_of_core(core);
  return vectors && *vectors > than;
}

/// The core type to ask OpenBLAS for on a CPU that it does not know.
const char* core_for(Vectors cpu) {
  switch (cpu) {
  case Vectors::avx512:
    return "SkylakeX";
  case Vectors::avx2:
    return "Haswell";
  case Vectors::avx:
    return "Sandybridge";
  case Vectors::sse:
    break;
  }
  return "Nehalem";
}

/// The core type in use is OpenBLAS's own choice.
void chosen_core(const Circumstances& now, Findings& out) {
  if (!narrower(now.blas.core, now.cpu)) return;
  out.push_back(
      {true, "core-type",
       fmt::format("OpenBLAS {} takes this CPU for {}, but the CPU has {}: the release is older than "
                   "the CPU, or was built without these kernels. This can halve the speed.",
                   now.blas.version, core_text(now.blas.core), name_of(now.cpu)),
       fmt::format("install a newer OpenBLAS; until then try {}={} in the environment", core_variable,
                   core_for(now.cpu))});
}

/// OPENBLAS_CORETYPE has the value `forced`, and OpenBLAS would choose another core type by itself, or nobody
/// knows which.
void forced_core(const Circumstances& now, const std::string& forced, Findings& out) {
  const std::string& core = now.blas.core;
  const std::string set =
      fmt::format("{}={} makes OpenBLAS use its kernels for {}", core_variable, forced, core_text(core));
  const std::string instead =
      now.own_core ? fmt::format("Without it, OpenBLAS would choose {}.", core_text(*now.own_core))
                   : "What OpenBLAS would choose without it could not be found out.";
  const std::string unset = fmt::format("unset {}", core_variable);
  const auto vectors = linalg::vectors_of_core(core);
  if (wider(core, now.cpu)) {
    out.push_back({true, "core-type",
                   fmt::format("{}, but the CPU has only {}: the first product may end the program (illegal "
                               "instruction). {}",
                               set, name_of(now.cpu), instead),
                   unset});
  } else if (vectors && now.own_core && narrower(*now.own_core, *vectors)) {
    // This is the remedy for a CPU that OpenBLAS does not know.
    const bool enough = *vectors == now.cpu;
    out.push_back(
        {!enough, "core-type",
         fmt::format("{}. {} That would be slower{}.", set, instead,
                     enough ? "" : fmt::format("; still, the CPU has {}", name_of(now.cpu))),
         enough ? "leave it set, or install a newer OpenBLAS"
                : fmt::format("try {}={}, or install a newer OpenBLAS", core_variable, core_for(now.cpu))});
  } else if (narrower(core, now.cpu)) {
    out.push_back(
        {true, "core-type",
         fmt::format("{}, but the CPU has {}. This can halve the speed. {}", set, name_of(now.cpu), instead),
         unset});
  } else {
    out.push_back({true, "core-type",
                   fmt::format("{}. {} Speed and the last digits of results may differ.", set, instead),
                   unset});
  }
}

void about_core(const Circumstances& now, Findings& out) {
  const auto forced = forced_core_type(now.environment);
  if (forced && !(now.own_core && same_word(*now.own_core, now.blas.core)))
    return forced_core(now, *forced, out);
  chosen_core(now, out);
  if (forced)
    out.push_back({false, "core-type",
                   fmt::format("{}={} changes nothing: OpenBLAS uses {} without it, too.", core_variable,
                               *forced, core_text(now.blas.core)),
                   fmt::format("unset {}, for the day it does", core_variable)});
}

void about_blas(const Circumstances& now, Findings& out) {
  about_core(now, out);
  if (const auto size = find(now.environment, "OPENBLAS_L2_SIZE"))
    out.push_back(
        {true, "l2-size",
         fmt::format("OPENBLAS_L2_SIZE={} replaces the cache size that OpenBLAS finds by itself and cuts "
                     "products by (releases before 2024 ignore it).",
                     *size),
         forced_core_type(now.environment)
             ? fmt::format("unset OPENBLAS_L2_SIZE, together with {}", core_variable)
             : "unset OPENBLAS_L2_SIZE"});
  if (now.blas.threading == linalg::BlasThreading::own_pool)
    out.push_back(
        {true, "blas-threads",
         "OpenBLAS's pthread build is loaded. Its pool of threads and OpenMP's wait for work at the "
         "same time and take each other's cores.",
         "install libopenblas0-openmp and choose it: update-alternatives --config "
         "libopenblas.so.0-$(uname -m)-linux-gnu; and see that LD_LIBRARY_PATH names no other"});
}

void about_build(const Circumstances& now, Findings& out) {
  if (!same_word(now.build_type, "Release"))
    out.push_back(
        {true, "build-type",
         fmt::format("This is a {} build, which can be many times slower than Release.", now.build_type),
         "cmake --preset release && cmake --build --preset release"});
  if (now.compiled < now.cpu)
    out.push_back(
        {true, "build-vectors",
         fmt::format("ebm was compiled for {}, but the CPU has {}.", name_of(now.compiled), name_of(now.cpu)),
         "build on this machine with -DEBM_NATIVE=ON, the default"});
  if (now.compiled > now.cpu)
    out.push_back({true, "build-vectors",
                   fmt::format("ebm was compiled for {}, but the CPU has only {}: it may end at any time "
                               "(illegal instruction).",
                               name_of(now.compiled), name_of(now.cpu)),
                   "build on this machine, or elsewhere with -DEBM_NATIVE=OFF"});
}

/// "OMP_PLACES=cores", the first variable by which libgomp ties threads to cores; empty when there is none.
std::string binding(const Environment& environment) {
  for (const auto* name : {"GOMP_CPU_AFFINITY", "OMP_PLACES", "OMP_PROC_BIND"})
    if (const auto value = find(environment, name); value && !same_word(*value, "false"))
      return fmt::format("{}={}", name, *value);
  return "";
}

/// The number of threads that OMP_NUM_THREADS=text asks for, first of a list by levels such as "16,2";
/// nothing when it begins with no such number, which OpenMP ignores.
std::optional<std::size_t> first_number(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(std::size_t(rest - text.data()));
  const std::size_t next = text.find_first_not_of(blanks);
  return next == text.npos || text[next] == ',' ? std::optional(number) : std::nullopt;
}

void about_threads(const Circumstances& now, Findings& out) {
  const auto policy = find(now.environment, "OMP_WAIT_POLICY");
  if (policy && same_word(*policy, "active"))
    out.push_back({true, "omp-wait-policy",
                   fmt::format("OMP_WAIT_POLICY={} lets OpenMP's threads spin while they wait: on the cores "
                               "where ebm's own threads work.",
                               *policy),
                   "unset OMP_WAIT_POLICY, or OMP_WAIT_POLICY=passive"});
  const auto threads = find(now.environment, "OMP_NUM_THREADS");
  if (threads && first_number(*threads).value_or(0) > now.cores)
    out.push_back({true, "omp-num-threads",
                   fmt::format("OMP_NUM_THREADS={} is more than the {} core{} that this process may use: "
                               "threads spin until others get their turn.",
                               *threads, now.cores, now.cores == 1 ? "" : "s"),
                   "unset OMP_NUM_THREADS; the number of cores is ebm's -j"});
  if (now.cores >= now.machine_cores) return;
  const std::string few =
      fmt::format("{} of {} cores may be used by this process", now.cores, now.machine_cores);
  if (const std::string by = binding(now.environment); !by.empty())
    out.push_back({true, "omp-binding",
                   fmt::format("{}. {} ties the first thread to its cores, and ebm takes them for all "
                               "there are.",
                               few, by),
                   fmt::format("unset {}", by.substr(0, by.find('=')))});
  else
    out.push_back({false, "affinity", few + ".",
                   "if that is not meant: taskset, cgroups or the batch system choose them"});
}

} // namespace

std::optional<std::string> forced_core_type(const Environment& environment) {
  auto value = find(environment, core_variable);
  return value && !value->empty() ? value : std::nullopt;
}

std::string core_text(const std::string& core) {
  const auto vectors = linalg::vectors_of_core(core);
  return vectors ? fmt::format("{} ({})", core, name_of(*vectors)) : core;
}

std::vector<Finding> findings(const Circumstances& now) {
  Findings all;
  about_build(now, all);
  about_blas(now, all);
  about_threads(now, all);
  if (!now.data_given.empty() && !now.data_exist)
    all.push_back({true, "data-dir", fmt::format("EBM_DATA_DIR={} is no folder.", now.data_given.string()),
                   "set it to the folder that holds mnist/, or unset it"});
  std::ranges::stable_partition(all, &Finding::warning);
  return all;
}

std::optional<std::string> forced_core_warning(const char* forced, const std::string& core, Vectors cpu) {
  if (forced == nullptr || *forced == '\0' || !narrower(core, cpu)) return std::nullopt;
  return fmt::format("{}={}: OpenBLAS uses its kernels for {} on a CPU with {}, which can halve the speed; "
                     "'ebm doctor' tells more",
                     core_variable, forced, core_text(core), name_of(cpu));
}

} // namespace ebm::experiments
