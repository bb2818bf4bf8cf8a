#include "experiments/run/trial_files.hpp"

#include <fmt/format.h>

#include "experiments/run/provenance.hpp"

namespace ebm::experiments {

AppendFile& TrialFiles::grow(const std::string& name, std::string_view beginning) {
  AppendFile& file = files_.try_emplace(name, folder_ / name, std::move(restored_[name])).first->second;
  if (file.hash().size() == 0) file.append_text(beginning);
  return file;
}

double TrialFiles::seconds() const {
  return earlier_seconds_ + std::chrono::duration<double>(Clock::now() - start_).count();
}

bool TrialFiles::checkpoint_due() const {
  return std::chrono::duration<double>(Clock::now() - saved_).count() >= spec_.every.seconds;
}

void TrialFiles::save(const std::function<void(Archive&)>& fields) {
  CheckpointWriter writer;
  std::string build = version_text(), names;
  double spent = seconds();
  writer("identity", identity_);
  writer("build", build);
  writer("seconds", spent);
  for (auto& [name, file] : files_) names += (names.empty() ? "" : "/") + name;
  writer("files", names);
  for (auto& [name, file] : files_) {
    file.flush();
    std::uint64_t length = file.hash().size(), hash = file.hash().value();
    writer("length of " + name, length);
    writer("hash of " + name, hash);
  }
  fields(writer);
  save_checkpoint(folder_, writer.file(), spec_.keep != 1);
  saved_ = Clock::now();
}

CheckpointReader TrialFiles::open(const std::filesystem::path& checkpoint) {
  CheckpointReader reader(read_text(checkpoint));
  std::string identity, names;
  reader("identity", identity);
  if (identity != identity_) throw InputError("the checkpoint is one of another trial");
  reader("build", checkpoint_build_);
  reader("seconds", earlier_seconds_);
  reader("files", names);
  restored_.clear();
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find('/', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    std::uint64_t length = 0, hash = 0;
    reader("length of " + name, length);
    reader("hash of " + name, hash);
    StreamHash& kept = restored_[name] = hash_of_prefix(folder_ / name, length);
    if (kept.value() != hash) throw InputError(name + " is not what it was at the checkpoint");
    begin = end + 1;
  }
  return reader;
}

void TrialFiles::flush() {
  for (auto& [name, file] : files_) file.flush();
}

} // namespace ebm::experiments
