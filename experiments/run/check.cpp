#include <fmt/format.h>
#include <set>

#include "experiments/io/files.hpp"
#include "experiments/run/finetuning.hpp"
#include "experiments/run/run.hpp"
#include "experiments/run/work.hpp"
#include "experiments/spec/blame.hpp"

namespace ebm::experiments {

std::size_t check_experiment(const Experiment& x, Session& session, bool training, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.size();
  const auto columns_of = [&]<class T>(std::type_identity<T>, const TrialSpec& spec) {
    const random::Key key = replicate_key(spec, x.replicates.at(0));
    const auto data = load_data<T>(spec, x.replicates.at(0), session);
    const AnyEnergy<T> e = build_energy<T>(spec.model, data.get(), session.base, key);
    auto columns = Evaluator<T>(spec, e, data.get(), random::Draws(key)).columns();
    for (std::string& name : sampled_columns(spec)) columns.push_back(std::move(name));
    if (spec.trainer.finetuning)
      for (std::string& name : finetuning_columns(data->validation.shape(0) != 0, data->test.shape(0) != 0))
        columns.push_back(std::move(name));
    std::erase(columns, "log_partition.estimator"); // a word
    columns.emplace_back("acceptance");
    return columns;
  };
  if (training) check_output(x, diagnostics);
  const auto untrained = [](const Setting& s) { return s.spec.resolved.find("trainer") == nullptr; };
  if (training && std::ranges::any_of(x.settings, untrained))
    diagnostics.error(x.tree.origin(),
                      "trainer is missing: how to learn (method: cd, pcd, exact, …, or none to sample)");
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

} // namespace ebm::experiments
