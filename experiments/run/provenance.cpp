#include "experiments/run/provenance.hpp"

#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "ebm/core/linalg.hpp"
#include "ebm/core/machine.hpp"
#include "ebm/core/parallel.hpp"
#include "experiments/run/run.hpp"

namespace ebm::experiments {
namespace {

using Json = nlohmann::ordered_json;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Every leaf as "path: value  # origin", maps as indented sections.
void write_with_origins(const Node& node, int indent, std::string& out) {
  for (const Node::Entry& e : node.entries()) {
    out += std::string(std::size_t(indent), ' ') + e.key + ":";
    if (e.value.kind() == Node::Kind::map && !e.value.entries().empty()) {
      out += "\n";
      write_with_origins(e.value, indent + 2, out);
    } else {
      out += " " + e.value.flow() + "  # " + e.value.origin().text() + "\n";
    }
  }
}

} // namespace

BuildFacts build_facts() {
  return {EBM_VERSION, EBM_GIT_COMMIT, EBM_BUILD_TYPE, EBM_COMPILER, EBM_FLAGS, EBM_LIBRARIES};
}

std::string version_text() {
  const BuildFacts build = build_facts();
  return fmt::format("{} ({})", build.version, build.commit);
}

std::string resolved_yaml(const Experiment& x) {
  // Errors were reported before; a file whose sweep supplies a required key may have some here.
  Diagnostics unused;
  std::string out =
      "# Every option and where its value came from. Swept keys show the value before the sweep.\n";
  write_with_origins(read_trial(x.tree, unused).resolved, 0, out);
  for (const char* section : {"sweep", "seeds", "report", "output"})
    if (const Node* n = x.tree.find(section))
      out += n->kind() == Node::Kind::scalar
                 ? fmt::format("{}: {}  # {}\n", section, n->flow(), n->origin().text())
                 : fmt::format("{}:  # {}\n{}", section, n->origin().text(), n->yaml(2));
  return out;
}

std::string plan_lines(const Experiment& x) {
  std::string out;
  for (const Trial& t : x.trials) {
    Json labels = Json::object();
    for (const Label& l : x.settings[t.setting].labels) labels[l.axis] = l.value;
    out += Json{{"trial", t.index},         {"setting", t.setting}, {"labels", labels},
                {"replicate", t.replicate}, {"folder", t.folder},   {"identity", t.identity}}
               .dump() +
           "\n";
  }
  return out;
}

std::string provenance_json(const Experiment& x, const RunOptions& options) {
  const BuildFacts build = build_facts();
  Json json{{"ebm", version_text()},
            {"arguments", options.arguments},
            {"overrides", x.overrides},
            {"folder", std::filesystem::current_path().string()},
            {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
            {"host", host_name()},
            {"cpu", machine::cpu_model()},
            {"cores", parallel::available_cores()},
            {"threads", options.threads != 0 ? options.threads : parallel::available_cores()},
            {"compiler", build.compiler},
            {"flags", build.flags},
            {"blas", linalg::blas_name()}};
  return json.dump(1) + "\n";
}

} // namespace ebm::experiments
