#include "experiments/program/schema_writer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace ebm::experiments {
namespace {

/// Regular expressions of what the reader takes for digits, a number's digits and its exponent. Exponents
/// beyond a double's are left out.
const std::string digits = "[0-9](?:_?[0-9])*";
const std::string mantissa = fmt::format("(?:{0}(?:\\.(?:{0})?)?|\\.{0})", digits);
const std::string exponent = "[eE][-+]?0*(?:[0-9]{1,2}|[12][0-9]{2}|30[0-8])";

/// A sign, and where zero is too small a digit that is not 0 before the exponent.
std::string sign_of(Limits limits) {
  const bool positive = limits.low > 0 || (limits.low == 0 && limits.open_low);
  return std::string(limits.low >= 0 ? "\\+?" : "[-+]?") + (positive ? "(?=[0-9._]*[1-9])" : "");
}

/// With a plain 0.1 in it, the quoted "0.1" would pass, which the reader refuses: all YAML readers take the
/// plain one for a number.
std::string real_pattern(Limits limits) {
  return fmt::format("^{0}(?:{1}{2}|(?=[^_]*_){1}|\\.{3})$", sign_of(limits), mantissa, exponent, digits);
}
std::string integer_pattern(Limits limits) {
  const char* sign = limits.low >= 0 ? "\\+?" : "[-+]?";
  return fmt::format("{}|^{}0[xob][0-9a-fA-F](?:_?[0-9a-fA-F])*$", real_pattern(limits), sign);
}

Schema plain(double v) {
  return std::floor(v) == v ? Schema(std::int64_t(v)) : Schema(v);
}

/// Beyond 2^53 they are those of the type, and no number of a file reaches them.
void add_limits(Schema& s, Limits limits) {
  constexpr double largest = 9007199254740992;
  if (std::abs(limits.low) <= largest)
    s[limits.open_low ? "exclusiveMinimum" : "minimum"] = plain(limits.low);
  if (std::abs(limits.high) <= largest)
    s[limits.open_high ? "exclusiveMaximum" : "maximum"] = plain(limits.high);
}

Schema duration_schema(Limits limits) {
  Schema s{{"type", "string"}};
  if (limits.allow(0)) s = {{"type", {"string", "number"}}, {"minimum", 0}, {"maximum", 0}};
  s["pattern"] = fmt::format("^{}{}(?:{})?(?:s|min|h|d)$", sign_of(limits), mantissa, exponent);
  s["patternErrorMessage"] = "a duration is needed: 60s, 10min, 2h or 2d";
  return s;
}

/// What the reader demands of single values beyond kind and limits, by their dotted place.
const std::map<std::string, Schema>& further_demands() {
  static const std::map<std::string, Schema> all{
      {"name",
       {{"minLength", 1},
        {"maxLength", 100},
        {"pattern", "^(?![-. ])[^/\\\\\\u0000-\\u001f\\u007f]*[^/\\\\\\u0000-\\u001f\\u007f ]$"},
        {"patternErrorMessage", "the name becomes a folder: without '/', '\\', '.' or '-' at the front"}}},
      {"output.dir", {{"minLength", 1}}},
      {"data.split.seed",
       {{"type", {"integer", "string"}},
        {"minimum", 0},
        {"pattern", "^(?:replicate|[0-9]+)$"},
        {"patternErrorMessage", "a whole number or 'replicate' is needed"}}}};
  return all;
}

/// Keys of one mapping that exclude each other; `needed` says that one of them must be there.
struct Rivals {
  std::string path, a, b;
  bool needed;
};
const std::vector<Rivals>& rivals() {
  static const std::vector<Rivals> all{{"trainer", "updates", "epochs", true},
                                       {"data", "standardize", "binarize", false},
                                       {"data.binarize", "threshold", "stochastic", true},
                                       {"evaluation", "every", "every_epochs", false}};
  return all;
}

void allow_null(Schema& s) {
  if (s.contains("enum")) {
    s["enum"].push_back(nullptr);
  } else if (!s.contains("type")) {
    s["anyOf"].push_back({{"type", "null"}});
  } else if (s["type"].is_string()) {
    s["type"] = Schema::array({s["type"], "null"});
  } else if (std::ranges::find(s["type"], Schema("null")) == s["type"].end()) {
    s["type"].push_back("null");
  }
}

/// Keeps a schema of every option that is visited.
class SchemaWriter : public OptionVisitor {
 public:
  using Choices = std::map<std::string, std::size_t>;
  /// With `made`, every choice is set to what stands there, and the options are those of a reader after it;
  /// else the options of all choices are described.
  SchemaWriter(std::string path, SchemaContext& context, const Choices* made = nullptr)
      : path_(std::move(path)), context_(context), made_(made) {}

  Schema properties = Schema::object();
  std::set<std::string> required;
  Choices met; ///< choices, at their defaults
  std::map<std::string, std::vector<std::string>> words;

  bool describes() const override { return made_ == nullptr; }

  void tagged(std::string_view name, std::size_t&, double&, std::string_view doc,
              std::span<const Tag> tags) override {
    put(name, tagged_schema(tags), doc, nullptr);
  }
  void integer_or_word(std::string_view name, std::optional<std::int64_t>& v, std::string_view word,
                       std::string_view doc, Limits limits) override {
    Schema s = integer_schema(limits);
    s["pattern"] = fmt::format("^{}$|{}", word, integer_pattern(limits));
    s["patternErrorMessage"] = fmt::format("an integer or '{}' is needed", word);
    s["examples"] = Schema::array({word});
    put(name, std::move(s), doc, v ? Schema(*v) : Schema(word));
  }

 protected:
  void boolean(std::string_view name, bool& v, std::string_view doc) override {
    put(name, {{"type", "boolean"}}, doc, v);
  }
  void integer(std::string_view name, std::int64_t& v, std::string_view doc, Limits limits) override {
    demand(name, limits.allow(double(v)));
    put(name, integer_schema(limits), doc, v);
  }
  void real(std::string_view name, double& v, std::string_view doc, Limits limits) override {
    demand(name, limits.allow(v));
    put(name, real_schema(limits), doc, limits.allow(v) ? Schema(v) : Schema());
  }
  void duration(std::string_view name, double& seconds, std::string_view doc, Limits limits) override {
    demand(name, limits.allow(seconds));
    put(name, duration_schema(limits), doc, fmt::format("{}s", seconds));
  }
  void text(std::string_view name, std::string& v, std::string_view doc) override {
    put(name, text_schema(), doc, v.empty() ? Schema() : Schema(v));
  }
  void choice(std::string_view name, std::size_t& v, std::string_view doc,
              std::span<const std::string_view> names) override {
    const std::string key(name);
    if (!optional_) {
      if (made_ != nullptr) v = made_->at(key);
      met.emplace(key, v);
      words.emplace(key, std::vector<std::string>(names.begin(), names.end()));
    }
    put(name, words_schema(names), doc, names[v]);
  }
  void choices(std::string_view name, std::vector<std::size_t>& v, std::string_view doc,
               std::span<const std::string_view> names) override {
    Schema chosen = Schema::array();
    for (const std::size_t i : v) chosen.push_back(names[i]);
    put(name, {{"type", "array"}, {"items", words_schema(names)}, {"uniqueItems", true}}, doc, chosen);
  }
  void integers(std::string_view name, std::vector<std::int64_t>& v, std::string_view doc,
                Limits limits) override {
    put(name, {{"type", "array"}, {"items", integer_schema(limits)}}, doc, v);
  }
  void reals_by_name(std::string_view name, std::map<std::string, double>&, std::string_view doc,
                     Limits limits) override {
    put(name, {{"type", {"object", "null"}}, {"additionalProperties", real_schema(limits)}}, doc, nullptr);
  }
  void group(std::string_view name, std::string_view doc, std::string_view shorthand,
             const std::function<void(OptionVisitor&)>& visit) override;
  bool wants(std::string_view) override {
    optional_ = true;
    return true;
  }
  bool given(std::string_view) override { return false; }
  void declare_optional(std::string_view, std::string_view) override {}

 private:
  void demand(std::string_view name, bool default_is_legal) {
    if (!default_is_legal && !optional_) required.emplace(name);
  }
  void put(std::string_view name, Schema s, std::string_view doc, Schema fallback);

  std::string path_;
  SchemaContext& context_;
  const Choices* made_;
  bool optional_ = false; ///< the next option may be left out or null, and has no default
};

void SchemaWriter::put(std::string_view name, Schema s, std::string_view doc, Schema fallback) {
  const std::string place = path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  if (const auto more = further_demands().find(place); more != further_demands().end())
    s.update(more->second);
  if (std::exchange(optional_, false))
    allow_null(s);
  else if (!fallback.is_null())
    s["default"] = std::move(fallback);
  s["description"] = doc;
  properties[std::string(name)] = std::move(s);
}

void SchemaWriter::group(std::string_view name, std::string_view doc, std::string_view shorthand,
                         const std::function<void(OptionVisitor&)>& visit) {
  const std::string place = path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  Schema mapping = mapping_schema(place, context_, visit);
  if (mapping.contains("required") && !optional_) required.emplace(name);
  if (shorthand.empty()) {
    if (!mapping.contains("required")) allow_null(mapping);
    return put(name, std::move(mapping), doc, nullptr);
  }
  Schema alone = mapping["properties"][std::string(shorthand)];
  Schema fallback = alone.contains("default") ? alone["default"] : Schema();
  put(name, {{"anyOf", {std::move(alone), std::move(mapping)}}}, doc, std::move(fallback));
}

/// What one choice of a mapping changes: {"if": it is made, "then": keys that do not come with it are
/// refused, others have other limits, and some must be given}. Empty where nothing changes.
Schema conditions_of(const std::string& choice, const SchemaWriter& all,
                     const std::vector<SchemaWriter>& by) {
  Schema conditions = Schema::array();
  const auto of = [](const SchemaWriter& w, const std::string& key) {
    return w.properties.contains(key) ? w.properties[key] : Schema(false);
  };
  for (std::size_t i = 0; i < by.size(); ++i) {
    Schema properties = Schema::object(), required = Schema::array();
    for (const auto& [key, described] : all.properties.items()) {
      const bool varies =
          std::ranges::any_of(by, [&](const SchemaWriter& w) { return of(w, key) != of(by[0], key); });
      if (varies && of(by[i], key) != described) properties[key] = of(by[i], key);
    }
    for (const std::string& key : by[i].required)
      if (!all.required.contains(key)) required.push_back(key);
    if (properties.empty() && required.empty()) continue;
    Schema made{{"properties", {{choice, {{"const", all.words.at(choice)[i]}}}}}};
    if (all.met.at(choice) != i) made["required"] = Schema::array({choice});
    Schema then{{"properties", properties}};
    if (!required.empty()) then["required"] = required;
    conditions.push_back({{"if", made}, {"then", then}});
  }
  return conditions;
}

/// Visits with every value of every choice in turn, the others at their defaults.
Schema conditions(const std::string& path, SchemaContext& context, const SchemaWriter& all,
                  const std::function<void(OptionVisitor&)>& visit) {
  Schema found = Schema::array();
  for (const auto& [choice, words] : all.words) {
    std::vector<SchemaWriter> by;
    for (std::size_t i = 0; i < words.size(); ++i) {
      SchemaWriter::Choices made = all.met;
      made[choice] = i;
      by.emplace_back(path, context, &made);
      visit(by.back());
    }
    const Schema more = conditions_of(choice, all, by);
    if (!more.empty()) context.selectors.insert(path + "." + choice);
    found.insert(found.end(), more.begin(), more.end());
  }
  SchemaWriter restored(path, context, &all.met); // the options belong to the caller
  visit(restored);
  return found;
}

} // namespace

Schema mapping_schema(const std::string& path, SchemaContext& context,
                      const std::function<void(OptionVisitor&)>& visit) {
  SchemaWriter all(path, context);
  visit(all);
  Schema s{{"type", "object"}, {"properties", all.properties}, {"additionalProperties", false}};
  if (context.form == Form::open) return s;
  Schema found = conditions(path, context, all, visit);
  if (context.form == Form::swept)
    for (Schema& condition : found) condition["then"].erase("required");
  if (!found.empty()) s["allOf"] = std::move(found);
  if (context.form == Form::swept) return s;
  if (!all.required.empty()) s["required"] = all.required;
  for (const Rivals& r : rivals())
    if (r.path == path && all.properties.contains(r.a) && all.properties.contains(r.b)) {
      const Schema given{{"not", {{"enum", {nullptr, false}}}}};
      s["not"] = {{"type", "object"}, {"required", {r.a, r.b}}, {"properties", {{r.a, given}, {r.b, given}}}};
      if (r.needed)
        for (const std::string& key : {r.a, r.b})
          s["anyOf"].push_back({{"required", Schema::array({key})}, {"properties", {{key, given}}}});
    }
  return s;
}

Schema real_schema(Limits limits) {
  Schema s{{"type", {"number", "string"}}};
  add_limits(s, limits);
  s["not"] = reference("not_finite");
  s["pattern"] = real_pattern(limits);
  s["patternErrorMessage"] = "a number is needed";
  return s;
}

Schema integer_schema(Limits limits) {
  Schema s{{"type", {"integer", "string"}}};
  add_limits(s, limits);
  s["pattern"] = integer_pattern(limits);
  s["patternErrorMessage"] = "an integer is needed";
  return s;
}

Schema tagged_schema(std::span<const Tag> tags) {
  Schema numbers = Schema::object(), words = Schema::array();
  for (const Tag& t : tags) {
    if (!t.has_value) {
      words.push_back(t.name);
      continue;
    }
    numbers[std::string(t.name)] = real_schema(t.limits);
    numbers[std::string(t.name)]["description"] = t.doc;
  }
  Schema mapping{{"type", "object"},
                 {"properties", numbers},
                 {"additionalProperties", false},
                 {"minProperties", 1},
                 {"maxProperties", 1}};
  if (words.empty()) return mapping;
  return {{"anyOf", {mapping, {{"enum", words}}}}};
}

Schema text_schema() {
  return {{"type", {"string", "number", "boolean"}}};
}

Schema words_schema(std::span<const std::string_view> words) {
  Schema list = Schema::array();
  for (const std::string_view w : words) list.push_back(w);
  return {{"enum", list}};
}

Schema reference(const std::string& name) {
  return {{"$ref", "#/definitions/" + name}};
}

Schema either(const Schema& a, const Schema& b) {
  const auto bare = [](Schema s) {
    s.erase("default"), s.erase("description");
    return s;
  };
  if (a == b) return a;
  Schema same = a;
  same.erase("default");
  if (bare(a) == bare(b)) return same;
  Schema all = a.contains("anyOf") && a.size() == 1 ? a["anyOf"] : Schema::array({a});
  if (std::ranges::none_of(all, [&](const Schema& s) { return bare(s) == bare(b); })) all.push_back(b);
  return {{"anyOf", all}};
}

Schema number_definitions() {
  constexpr double largest = std::numeric_limits<double>::max();
  return {{"not_finite",
           {{"type", "number"},
            {"$comment", "Infinities, and what is not a number: all comparisons let that pass."},
            {"anyOf",
             {{{"exclusiveMinimum", largest}},
              {{"exclusiveMaximum", -largest}},
              {{"minimum", 1}, {"maximum", 0}}}}}}};
}

} // namespace ebm::experiments
