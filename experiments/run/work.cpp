#include "experiments/run/work.hpp"

#include <fmt/format.h>

#include "experiments/report/csv_writer.hpp"

namespace ebm::experiments {

void TrialWork::after_step(TrialFiles& files, Progress::Trial& progress, RunControl& control,
                           const std::string& where) {
  progress.update(step());
  const bool stops = control.stopping();
  if (stops || files.checkpoint_due()) files.save([this](Archive& a) { archive(a); });
  if (stops) throw Interrupted{where};
}

std::unique_ptr<TrialWork> make_work(const TrialSpec& spec, std::int64_t replicate, Session& session) {
  const auto make = [&]<class T>(std::type_identity<T>) {
    if (spec.trainer.method == Method::none) return make_sampling<T>(spec, replicate, session);
    if (stores(spec.trainer.method)) return make_storing<T>(spec, replicate, session);
    return make_training<T>(spec, replicate, session);
  };
  return spec.precision == Precision::float_ ? make(std::type_identity<float>{})
                                             : make(std::type_identity<double>{});
}

MetricsLog::MetricsLog(TrialFiles& files, const std::vector<std::string>& columns)
    : files_(files), metrics_(files.grow("metrics.csv",
                                         [&] {
                                           std::vector<std::string> header{"update", "epoch", "acceptance"};
                                           header.insert(header.end(), columns.begin(), columns.end());
                                           return csv_row(header);
                                         }())),
      timing_(files.grow("timing.csv", "update,train_s,wall_s\n")) {}

void MetricsLog::row(std::uint64_t update, std::uint64_t epoch, double acceptance,
                     const std::vector<std::string>& cells, double train_seconds) {
  std::vector<std::string> line{std::to_string(update), std::to_string(epoch), csv_number(acceptance)};
  line.insert(line.end(), cells.begin(), cells.end());
  metrics_.append_text(csv_row(line));
  timing_.append(fmt::format("{},{:.6f},{:.6f}", update, train_seconds, files_.seconds()));
}

} // namespace ebm::experiments
