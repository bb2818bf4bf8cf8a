#include "tests/support/run_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace ebm::tests {

using Json = nlohmann::ordered_json;

RunFolder::RunFolder(std::filesystem::path folder, std::string yaml)
    : folder_(std::move(folder)), yaml_(std::move(yaml)) {
  std::filesystem::create_directories(folder_ / "trials");
}

std::string RunFolder::identity() const {
  return fmt::format("{:032x}", trials_.size());
}

std::filesystem::path RunFolder::plan(const Labels& labels, int replicate, const std::string& state,
                                      const std::string& value) {
  trials_.push_back({labels, replicate, fmt::format("{:04}-s{}", trials_.size(), replicate), state, value});
  return trial(trials_.size() - 1);
}

RunFolder& RunFolder::done(const Labels& labels, int replicate, double value, double seconds) {
  const auto folder = plan(labels, replicate, "done", fmt::format("{:.17g}", value));
  std::filesystem::create_directory(folder);
  write_file(folder / "metrics.csv",
             fmt::format("update,epoch,acceptance,{}\n0,0,,-99\n100,1,,{:.17g}\n", metric_, value));
  write_file(folder / "timing.csv", fmt::format("update,train_s,wall_s\n100,{0},{0}\n", seconds));
  const Json status{{"state", "done"},
                    {"identity", identity()},
                    {"updates", 100},
                    {"wall_s", seconds},
                    {"files", {{"metrics.csv", std::filesystem::file_size(folder / "metrics.csv")}}}};
  write_file(folder / "status.json", status.dump());
  return *this;
}

RunFolder& RunFolder::ended(const Labels& labels, int replicate, const std::string& state,
                            const std::string& message) {
  const auto folder = plan(labels, replicate, state);
  std::filesystem::create_directory(folder);
  const Json status{{"state", state}, {"identity", identity()}, {"wall_s", 1}, {"error", message}};
  write_file(folder / "status.json", status.dump());
  return *this;
}

RunFolder& RunFolder::begun(const Labels& labels, int replicate, const std::string& metrics,
                            const std::string& timing, const std::string& config) {
  const auto folder = plan(labels, replicate, "interrupted");
  std::filesystem::create_directory(folder);
  const auto write = [&](const char* name, const std::string& text) {
    if (!text.empty()) write_file(folder / name, text);
  };
  write("metrics.csv", metrics);
  write("timing.csv", timing);
  write("config.yaml", config);
  return *this;
}

void RunFolder::metrics(std::size_t index, const std::string& text) const {
  write_file(trial(index) / "metrics.csv", text);
  Json status = Json::parse(read_file(trial(index) / "status.json"));
  status["files"]["metrics.csv"] = text.size();
  write_file(trial(index) / "status.json", status.dump());
}

RunFolder& RunFolder::pending(const Labels& labels, int replicate) {
  plan(labels, replicate, "pending");
  return *this;
}

const RunFolder& RunFolder::write() const {
  std::vector<Labels> settings;
  std::vector<std::string> axes;
  std::string plan;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const Planned& t = trials_[i];
    auto setting = std::ranges::find(settings, t.labels);
    if (setting == settings.end()) setting = settings.insert(setting, t.labels);
    Json labels = Json::object();
    for (const auto& [axis, label] : t.labels) {
      labels[axis] = label;
      if (std::ranges::find(axes, axis) == axes.end()) axes.push_back(axis);
    }
    plan += Json{{"trial", i},         {"setting", setting - settings.begin()},
                 {"labels", labels},   {"replicate", t.replicate},
                 {"folder", t.folder}, {"identity", fmt::format("{:032x}", i + 1)}}
                .dump() +
            "\n";
  }
  std::string summary = "trial,folder";
  for (const std::string& axis : axes) summary += "," + axis;
  summary += ",replicate,status,updates,acceptance," + metric_ + "\n";
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const Planned& t = trials_[i];
    summary += fmt::format("{},{}", i, t.folder);
    for (const std::string& axis : axes) {
      const auto label = std::ranges::find(t.labels, axis, &Labels::value_type::first);
      summary += "," + (label == t.labels.end() ? "" : label->second);
    }
    summary += fmt::format(",{},{},100,,{}\n", t.replicate, t.state, t.value);
  }
  write_file(folder_ / "plan.jsonl", plan);
  write_file(folder_ / "summary.csv", summary);
  write_file(folder_ / "lock", "");
  write_file(folder_ / "resolved.yaml", "ebm: 1\nname: " + folder_.filename().string() + "\n" +
                                            (yaml_.find("seed:") == yaml_.npos ? "seed: 1\n" : "") + yaml_);
  return *this;
}

} // namespace ebm::tests
