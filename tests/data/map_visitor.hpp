// Options from a map of dotted names to text, with defaults for the rest: what YAML does in the program.
#pragma once
#include "ebm/core/error.hpp"
#include "ebm/registry/options.hpp"
#include "experiments/data/dataset.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

namespace ebm::experiments::data_testing {

using Values = std::map<std::string, std::string>;

class MapVisitor : public OptionVisitor {
 public:
  explicit MapVisitor(Values values) : values_(std::move(values)) {}

  void tagged(std::string_view, std::size_t&, double&, std::string_view, std::span<const Tag>) override {
    throw std::logic_error("no data option is tagged");
  }

 protected:
  void boolean(std::string_view name, bool& v, std::string_view) override {
    if (const auto* text_value = find(name)) v = *text_value == "true";
  }
  void integer(std::string_view name, std::int64_t& v, std::string_view, Limits limits) override {
    if (const auto* text_value = find(name)) v = std::stoll(*text_value);
    require(name, limits.allow(static_cast<double>(v)));
  }
  void integer_or_word(std::string_view name, std::optional<std::int64_t>& v, std::string_view word,
                       std::string_view, Limits limits) override {
    const auto* text_value = find(name);
    if (text_value == nullptr) return;
    v.reset();
    if (*text_value != word) v = std::stoll(*text_value);
    require(name, !v || limits.allow(static_cast<double>(*v)));
  }
  void real(std::string_view name, double& v, std::string_view, Limits limits) override {
    if (const auto* text_value = find(name)) v = std::stod(*text_value);
    require(name, limits.allow(v));
  }
  void duration(std::string_view, double&, std::string_view, Limits) override {
    throw std::logic_error("no data option is a duration");
  }
  void text(std::string_view name, std::string& v, std::string_view) override {
    if (const auto* text_value = find(name)) v = *text_value;
  }
  void choice(std::string_view name, std::size_t& v, std::string_view,
              std::span<const std::string_view> names) override {
    if (const auto* text_value = find(name))
      v = static_cast<std::size_t>(std::ranges::find(names, *text_value) - names.begin());
    require(name, v < names.size());
  }
  void choices(std::string_view, std::vector<std::size_t>&, std::string_view,
               std::span<const std::string_view>) override {
    throw std::logic_error("no data option is a list of words");
  }
  /// Numbers with spaces between them.
  void integers(std::string_view name, std::vector<std::int64_t>& v, std::string_view,
                Limits limits) override {
    v.clear();
    const auto* text_value = find(name);
    std::istringstream numbers(text_value != nullptr ? *text_value : "");
    for (std::int64_t x = 0; numbers >> x;) v.push_back(x);
    require(name, std::ranges::all_of(v, [&](std::int64_t x) { return limits.allow(double(x)); }));
  }
  void reals_by_name(std::string_view, std::map<std::string, double>&, std::string_view, Limits) override {
    throw std::logic_error("no data option is a mapping of numbers");
  }
  void group(std::string_view name, std::string_view, std::string_view,
             const std::function<void(OptionVisitor&)>& visit) override {
    const std::string outer = prefix_;
    prefix_ += std::string(name) + ".";
    visit(*this);
    prefix_ = outer;
  }
  bool wants(std::string_view name) override { return given(name); }
  bool given(std::string_view name) override {
    const std::string full = prefix_ + std::string(name);
    return std::ranges::any_of(
        values_, [&](const auto& v) { return v.first == full || v.first.starts_with(full + "."); });
  }
  void declare_optional(std::string_view, std::string_view) override {}

 private:
  const std::string* find(std::string_view name) const {
    const auto found = values_.find(prefix_ + std::string(name));
    return found == values_.end() ? nullptr : &found->second;
  }
  void require(std::string_view name, bool legal) const {
    if (!legal) throw InputError(prefix_ + std::string(name) + ": not allowed");
  }

  Values values_;
  std::string prefix_;
};

template <Options O> O options_from(const Values& values) {
  O options{};
  MapVisitor visitor(values);
  options.visit(visitor);
  return options;
}

inline RawData load(const std::string& type, const Values& values = {},
                    const std::filesystem::path& base = {}) {
  const DataType& entry = data_types().at(type);
  MapVisitor visitor(values);
  return entry.load(entry.read(visitor), {base});
}

inline const std::vector<std::uint8_t>& bytes(const RawRows& rows) {
  return std::get<std::vector<std::uint8_t>>(rows.values);
}
inline const std::vector<double>& numbers(const RawRows& rows) {
  return std::get<std::vector<double>>(rows.values);
}

} // namespace ebm::experiments::data_testing
