#include "experiments/run/provenance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "ebm/core/linalg.hpp"
#include "ebm/core/machine.hpp"
#include "ebm/core/parallel.hpp"
#include "experiments/run/events.hpp"
#include "experiments/store/record.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

} // namespace

BuildFacts build_facts() {
  return {EBM_VERSION, EBM_GIT_COMMIT, EBM_BUILD_TYPE, EBM_COMPILER, EBM_FLAGS, EBM_LIBRARIES};
}

std::string version_text() {
  const BuildFacts build = build_facts();
  return fmt::format("{} ({})", build.version, build.commit);
}

std::string provenance_json(const Experiment& x, const std::filesystem::path& run,
                            const RunOptions& options) {
  const BuildFacts build = build_facts();
  Json now{{"ebm", version_text()},
           {"arguments", options.arguments},
           {"folder", std::filesystem::current_path().string()},
           {"started", time_text()},
           {"host", host_name()},
           {"cpu", machine::cpu_model()},
           {"cores", parallel::available_cores()},
           {"threads", options.threads != 0 ? options.threads : parallel::available_cores()},
           {"compiler", build.compiler},
           {"flags", build.flags},
           {"libraries", build.libraries},
           {"blas", linalg::blas_name()}};
  Json processes = read_json_object(run / "provenance.json").value("processes", Json::array());
  if (!processes.is_array()) processes = Json::array();
  constexpr std::size_t most = 100; // of a run that is stopped and continued all the time, the latest
  if (processes.size() >= most) processes.erase(processes.begin() + 1);
  processes.push_back(std::move(now));
  namespace fs = std::filesystem;
  const fs::path base = x.base.empty() ? fs::current_path() : fs::absolute(x.base); // of `ebm run x.yaml`
  const Json json{{"base", base.lexically_normal().string()},
                  {"overrides", x.overrides},
                  {"processes", std::move(processes)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace ebm::experiments
