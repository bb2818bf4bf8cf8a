#include "experiments/program/describer.hpp"

#include <fmt/format.h>
#include <utility>

#include "experiments/spec/option_reader.hpp"

namespace ebm::experiments {

void Describer::add(std::string_view name, std::string type, std::string fallback, Limits limits,
                    std::string_view doc) {
  for (const OptionDescription& o : options_)
    if (o.name == prefix_ + std::string(name)) return; // a type that visits its options once a precision
  const bool optional = std::exchange(optional_, false);
  options_.push_back({prefix_ + std::string(name), std::move(type), optional ? "" : std::move(fallback),
                      limits.text(), std::string(doc), "", optional});
}

void Describer::boolean(std::string_view name, bool& v, std::string_view doc) {
  add(name, "true or false", v ? "true" : "false", {}, doc);
}
void Describer::integer(std::string_view name, std::int64_t& v, std::string_view doc, Limits limits) {
  add(name, "integer", std::to_string(v), limits, doc);
}
void Describer::integer_or_word(std::string_view name, std::optional<std::int64_t>& v, std::string_view word,
                                std::string_view doc, Limits limits) {
  add(name, fmt::format("integer or {}", word), v ? std::to_string(*v) : std::string(word), limits, doc);
}
void Describer::real(std::string_view name, double& v, std::string_view doc, Limits limits) {
  add(name, "number", yaml_real(v), limits, doc);
}
void Describer::duration(std::string_view name, double& seconds, std::string_view doc, Limits limits) {
  const std::string allowed = limits.low > 0 || limits.open_low ? limits.text() + " seconds" : "";
  add(name, "duration (60s, 10min, 2h, 2d)", yaml_duration(seconds), {}, doc);
  if (!allowed.empty()) options_.back().limits = allowed;
}
void Describer::text(std::string_view name, std::string& v, std::string_view doc) {
  add(name, "text", v, {}, doc);
}
void Describer::choice(std::string_view name, std::size_t& v, std::string_view doc,
                       std::span<const std::string_view> names) {
  add(name, join(names, " | "), std::string(names[v]), {}, doc);
}
void Describer::choices(std::string_view name, std::vector<std::size_t>& v, std::string_view doc,
                        std::span<const std::string_view> names) {
  std::vector<std::string_view> chosen;
  for (const std::size_t i : v) chosen.push_back(names[i]);
  add(name, "list of " + join(names, " | "), "[" + join(chosen) + "]", {}, doc);
}
void Describer::integers(std::string_view name, std::vector<std::int64_t>& v, std::string_view doc,
                         Limits limits) {
  add(name, "list of integers", fmt::format("[{}]", fmt::join(v, ", ")), limits, doc);
}
void Describer::reals_by_name(std::string_view name, std::map<std::string, double>&, std::string_view doc,
                              Limits limits) {
  add(name, "mapping of names to numbers", "{}", limits, doc);
}
void Describer::tagged(std::string_view name, std::size_t& tag, double& value, std::string_view doc,
                       std::span<const Tag> tags) {
  std::vector<std::string> forms;
  for (const Tag& t : tags)
    forms.push_back(t.has_value ? fmt::format("{{{}: number}}", t.name) : std::string(t.name));
  add(name, fmt::format("{}", fmt::join(forms, " | ")),
      tags[tag].has_value ? fmt::format("{{{}: {}}}", tags[tag].name, value) : std::string(tags[tag].name),
      {}, doc);
}
void Describer::group(std::string_view name, std::string_view doc, std::string_view shorthand,
                      const std::function<void(OptionVisitor&)>& visit) {
  const std::size_t before = options_.size();
  add(name, shorthand.empty() ? "mapping" : fmt::format("mapping, or its {} alone", shorthand), "", {}, doc);
  if (options_.size() != before) options_.back().shorthand = shorthand;
  const std::string outer = prefix_;
  prefix_ += std::string(name) + ".";
  visit(*this);
  prefix_ = outer;
}

} // namespace ebm::experiments
