// Reads one section of the file into options, and writes down what every option came to be.
#pragma once
#include "ebm/registry/options.hpp"
#include "experiments/yaml/node.hpp"

namespace ebm::experiments {

/// An OptionVisitor over a mapping. Several option structs may visit the same reader (a section's common keys
/// and those of its type); `finish` then reports every key that none of them knows.
class OptionReader : public OptionVisitor {
 public:
  /// `path` is the dotted place of the section, `what` its name in messages: "model (type rbm)".
  OptionReader(const Node* section, std::string path, std::string what, Diagnostics& diagnostics);

  /// Marks a key as known without reading it, and gives its value.
  const Node* take(std::string_view name);
  /// Adds an entry to the resolved section.
  void resolve(std::string_view name, Node value);
  void set_what(std::string what) { what_ = std::move(what); }
  void error_at(std::string_view name, const std::string& message);
  void finish();
  /// The section with every option in it; defaults have the origin "default".
  Node resolved() const;

  void tagged(std::string_view name, std::size_t& tag, double& value, std::string_view doc,
              std::span<const Tag> tags) override;

  void integer_or_word(std::string_view name, std::optional<std::int64_t>&, std::string_view word,
                       std::string_view doc, Limits) override;

 protected:
  void boolean(std::string_view name, bool&, std::string_view doc) override;
  void integer(std::string_view name, std::int64_t&, std::string_view doc, Limits) override;
  void real(std::string_view name, double&, std::string_view doc, Limits) override;
  void duration(std::string_view name, double& seconds, std::string_view doc, Limits) override;
  void text(std::string_view name, std::string&, std::string_view doc) override;
  void choice(std::string_view name, std::size_t&, std::string_view doc,
              std::span<const std::string_view>) override;
  void choices(std::string_view name, std::vector<std::size_t>&, std::string_view doc,
               std::span<const std::string_view>) override;
  void integers(std::string_view name, std::vector<std::int64_t>&, std::string_view doc, Limits) override;
  void reals_by_name(std::string_view name, std::map<std::string, double>&, std::string_view doc,
                     Limits) override;
  void group(std::string_view name, std::string_view doc, std::string_view shorthand,
             const std::function<void(OptionVisitor&)>& visit) override;
  bool wants(std::string_view name) override { return given(name); }
  bool given(std::string_view name) override;
  void declare_optional(std::string_view name, std::string_view doc) override;

 private:
  std::string dotted(std::string_view name) const;
  void complain(const Node& at, std::string_view name, const std::string& message);
  bool check_integer(const Node& node, std::string_view name, std::int64_t& v, Limits limits);
  std::optional<std::size_t> find_choice(const Node& node, std::string_view name,
                                         std::span<const std::string_view> names);

  const Node* section_;
  std::string path_, what_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
  std::vector<Node::Entry> resolved_;
};

/// A real number as YAML that 1.1 readers also take for one: 1.0e-04, 20000.0.
std::string yaml_real(double v);
/// A duration in the largest unit that keeps it whole: 90s, 10min, 2h.
std::string yaml_duration(double seconds);
Node default_scalar(std::string text);
/// "a, b, c"
std::string join(std::span<const std::string_view> words, std::string_view separator = ", ");

} // namespace ebm::experiments
