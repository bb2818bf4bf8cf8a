#include "experiments/program/doctor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "ebm/core/parallel.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/io/files.hpp"
#include "experiments/program/explain.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view core_type_prefix = "core type: ";

/// The variables that OpenMP and OpenBLAS read.
Environment library_variables() {
  Environment found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t end = text.find('=');
    if (end != text.npos &&
        (text.starts_with("OMP_") || text.starts_with("GOMP_") || text.starts_with("OPENBLAS_")))
      found.emplace(text.substr(0, end), text.substr(end + 1));
  }
  return found;
}

/// The result of a system call, made again as long as signals interrupt it.
template <class Call> auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// What a child of this program prints when OpenBLAS's variables are not set. Empty when it cannot be started
/// or fails.
std::string output_without_blas_variables(std::array<const char*, 4> arguments) {
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view(*entry).starts_with("OPENBLAS_")) environment.push_back(*entry);
  environment.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return "";
  const Descriptor from(ends[0]);
  pid_t child = 0;
  int error = 0;
  {
    const Descriptor to(ends[1]);
    posix_spawn_file_actions_t actions;
    if (::posix_spawn_file_actions_init(&actions) != 0) return "";
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, to.number(), STDOUT_FILENO);
    error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr,
                          const_cast<char* const*>(arguments.data()), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
  }
  if (error != 0) return "";
  std::string text = read_all([&](char* to, std::size_t capacity) {
    const ssize_t count = uninterrupted([&] { return ::read(from.number(), to, capacity); });
    return std::size_t(std::max<ssize_t>(0, count));
  });
  int status = 0;
  const bool ended = uninterrupted([&] { return ::waitpid(child, &status, 0); }) == child &&
                     WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ended ? text : "";
}

/// The core type that OpenBLAS chooses without OPENBLAS_CORETYPE.
std::optional<std::string> own_core(const Environment& environment, const std::string& core) {
  if (!forced_core_type(environment)) return core;
  const std::string line = output_without_blas_variables({"ebm", "doctor", "--core-type", nullptr});
  if (!line.starts_with(core_type_prefix)) return std::nullopt;
  return line.substr(core_type_prefix.size(), line.find('\n') - core_type_prefix.size());
}

/// The library that the linker found when the program was started.
std::string loaded_blas() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("openblas") != line.npos && line.find('/') != line.npos) return line.substr(line.find('/'));
  return "";
}

std::string threading_text(linalg::BlasThreading threading) {
  switch (threading) {
  case linalg::BlasThreading::openmp:
    return "OpenMP";
  case linalg::BlasThreading::own_pool:
    return "pthread";
  case linalg::BlasThreading::none:
    break;
  }
  return "one-threaded";
}

/// "TBB 2021.8.0, xtensor 0.24.3" as an object.
Json libraries_json(const std::string& libraries) {
  Json json = Json::object();
  for (std::size_t begin = 0; begin < libraries.size();) {
    const std::size_t end = std::min(libraries.find(", ", begin), libraries.size());
    const std::size_t space = libraries.find(' ', begin);
    json[libraries.substr(begin, space - begin)] = libraries.substr(space + 1, end - space - 1);
    begin = end + 2;
  }
  return json;
}

std::string data_text(const Examination& x) {
  std::string text =
      x.data_folder.string() + (x.now.data_given.empty() ? " (EBM_DATA_DIR is not set)" : " (EBM_DATA_DIR)");
  if (!x.now.data_exist) return text + ": no such folder";
  std::string names;
  for (const std::string& name : x.data_sets) names += (names.empty() ? "" : ", ") + name;
  return text + ": " + (names.empty() ? "no data sets" : names);
}

/// "no warnings", "1 warning"
std::string count_text(std::size_t warnings) {
  return fmt::format("{} warning{}", warnings == 0 ? "no" : std::to_string(warnings),
                     warnings == 1 ? "" : "s");
}

} // namespace

std::size_t Examination::warnings() const {
  return std::size_t(std::ranges::count_if(findings, &Finding::warning));
}

Examination examine() {
  Examination x;
  x.build = build_facts();
  x.cpu_model = machine::cpu_model();
  x.blas_file = loaded_blas();
  x.memory = machine::memory();
  x.data_folder = data_folder();
  x.data_sets = data_sets_in(x.data_folder);
  x.now.build_type = x.build.type;
  x.now.compiled = machine::compiled_vectors();
  x.now.cpu = machine::cpu_vectors();
  x.now.blas = linalg::blas_library();
  x.now.environment = library_variables();
  x.now.own_core = own_core(x.now.environment, x.now.blas.core);
  x.now.cores = parallel::available_cores();
  x.now.machine_cores = machine::cores();
  if (const char* const given = std::getenv("EBM_DATA_DIR")) x.now.data_given = given;
  std::error_code ignored;
  x.now.data_exist = std::filesystem::is_directory(x.data_folder, ignored);
  x.findings = findings(x.now);
  return x;
}

std::string text_of(const Examination& x) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out += fmt::format("{:<12}{}\n", name, value);
  };
  const linalg::BlasLibrary& blas = x.now.blas;
  line("ebm", version_text());
  line("compiler", x.build.compiler);
  line("flags", fmt::format("{} ({})", x.build.flags, x.build.type));
  line("CPU", x.cpu_model);
  line("vectors",
       fmt::format("compiled for {}, the CPU has {}", name_of(x.now.compiled), name_of(x.now.cpu)));
  line("cores", fmt::format("{} of {}", x.now.cores, x.now.machine_cores));
  line("memory", fmt::format("{:.1f} GiB", double(x.memory) / double(1U << 30U)));
  line("OpenBLAS", fmt::format("{}, {} build, {} thread{}", blas.version, threading_text(blas.threading),
                               blas.threads, blas.threads == 1 ? "" : "s; 1 in each worker of a run"));
  line("  core type", core_text(blas.core) + (x.now.own_core && *x.now.own_core != blas.core
                                                  ? ", by itself " + core_text(*x.now.own_core)
                                                  : ""));
  line("  file", x.blas_file);
  line("libraries", x.build.libraries);
  line("data", data_text(x));
  std::string_view name = "environment";
  if (x.now.environment.empty()) line(name, "no OMP_*, GOMP_* or OPENBLAS_* variable is set");
  for (const auto& [variable, value] : x.now.environment) {
    line(name, variable + "=" + value);
    name = "";
  }
  for (const Finding& f : x.findings) {
    out += '\n' + wrapped(fmt::format("{}: {} [{}]", f.warning ? "warning" : "note", f.text, f.id), 0);
    out += wrapped("remedy: " + f.remedy, 2);
  }
  return out + '\n' + count_text(x.warnings()) + '\n';
}

std::string json_of(const Examination& x) {
  const linalg::BlasLibrary& blas = x.now.blas;
  Json all = Json::array();
  for (const Finding& f : x.findings)
    all.push_back(
        {{"kind", f.warning ? "warning" : "note"}, {"id", f.id}, {"text", f.text}, {"remedy", f.remedy}});
  const Json json{{"ebm", x.build.version},
                  {"commit", x.build.commit},
                  {"compiler", x.build.compiler},
                  {"flags", x.build.flags},
                  {"build_type", x.build.type},
                  {"cpu", x.cpu_model},
                  {"vectors", {{"compiled", name_of(x.now.compiled)}, {"cpu", name_of(x.now.cpu)}}},
                  {"cores", {{"usable", x.now.cores}, {"machine", x.now.machine_cores}}},
                  {"memory_bytes", x.memory},
                  {"openblas",
                   {{"version", blas.version},
                    {"build", threading_text(blas.threading)},
                    {"threads", blas.threads},
                    {"core_type", blas.core},
                    {"core_type_by_itself", x.now.own_core ? Json(*x.now.own_core) : Json()},
                    {"file", x.blas_file}}},
                  {"libraries", libraries_json(x.build.libraries)},
                  {"data",
                   {{"folder", x.data_folder.string()},
                    {"variable_set", !x.now.data_given.empty()},
                    {"exists", x.now.data_exist},
                    {"sets", x.data_sets}}},
                  {"environment", x.now.environment},
                  {"findings", all},
                  {"warnings", x.warnings()}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string core_type_line() {
  return fmt::format("{}{}\n", core_type_prefix, linalg::blas_library().core);
}

} // namespace ebm::experiments
