#include "ebm/laws/resume_laws.hpp"

#include <cstring>
#include <map>

namespace ebm::laws {
namespace {

/// What was written, by name; later it is read.
class MemoryArchive final : public Archive {
 public:
  bool reads() const override { return reads_; }
  void read_from_now_on() { reads_ = true; }

 private:
  void integer(const std::string& name, std::uint64_t& v) override { copy(name, &v, sizeof v); }
  void numbers(const std::string& name, std::span<float> v) override { copy(name, v.data(), v.size_bytes()); }
  void numbers(const std::string& name, std::span<double> v) override {
    copy(name, v.data(), v.size_bytes());
  }
  void bytes(const std::string& name, std::vector<std::uint8_t>& v) override {
    if (reads_) v.resize(values_[name].size());
    copy(name, v.data(), v.size());
  }
  void text(const std::string& name, std::string& v) override {
    if (reads_) v.resize(values_[name].size());
    copy(name, v.data(), v.size());
  }
  void copy(const std::string& name, void* v, std::size_t size) {
    std::string& stored = values_[name];
    if (!reads_) stored.assign(static_cast<const char*>(v), size);
    if (stored.size() != size) throw InputError("'" + name + "' has another size");
    if (reads_ && size != 0) std::memcpy(v, stored.data(), size);
  }
  bool reads_ = false;
  std::map<std::string, std::string> values_;
};

constexpr int before = 3, after = 4;

} // namespace

Report sampler_resumes(const Energy64& e, const Sampler64& sampler, random::Key key) {
  Report r{true, 0, 0, ""};
  const std::size_t n = 13;
  const random::Draws draws(random::derive(key, 2));
  auto whole = sampler.init(e, random_state(e.space(), n, key), 5, 2);
  for (int k = 0; k < before; ++k) sampler.step(e, whole, draws);
  MemoryArchive archive;
  sampler.archive(whole, archive);
  archive.read_from_now_on();
  auto resumed = sampler.init(e, random_state(e.space(), n, random::derive(key, 3)), 0, 0);
  sampler.archive(resumed, archive);
  for (int k = 0; k < after; ++k) {
    const StepInfo a = sampler.step(e, whole, draws), b = sampler.step(e, resumed, draws);
    r.see(a.proposed == b.proposed && a.accepted == b.accepted ? 0 : 1, "proposals counted otherwise");
    r.see(sampler.chains(whole).x == sampler.chains(resumed).x ? 0 : 1,
          "other states after " + std::to_string(k + 1) + " steps");
  }
  return r;
}

Report estimator_resumes(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                         random::Key key) {
  Report r{true, 0, 0, ""};
  const random::Draws draws(random::derive(key, 2)), others(random::derive(key, 3));
  Parameters<double> a = e.parameters(), b = e.parameters();
  auto whole = estimator.init(e, rows, draws);
  for (int k = 0; k < before; ++k) estimator.estimate(e, rows, whole, draws, a);
  MemoryArchive archive;
  estimator.archive(whole, archive);
  archive.read_from_now_on();
  auto resumed = estimator.init(e, rows, others);
  estimator.archive(resumed, archive);
  for (int k = 0; k < after; ++k) {
    a.fill(0), b.fill(0);
    estimator.estimate(e, rows, whole, draws, a);
    estimator.estimate(e, rows, resumed, draws, b);
    for (std::size_t p = 0; p < a.size(); ++p)
      r.see(std::ranges::equal(all(a[p].value), all(b[p].value)) ? 0 : 1,
            "another estimate of '" + a[p].name + "' after " + std::to_string(k + 1));
  }
  return r;
}

} // namespace ebm::laws
