// An OptionVisitor that writes down what there is: for `ebm explain` and the reference pages.
#pragma once
#include "ebm/registry/options.hpp"

namespace ebm::experiments {

struct OptionDescription {
  std::string name; ///< dotted below the section
  std::string type, fallback, limits, doc;
  std::string shorthand{}; ///< of a mapping: the key that a scalar in its place stands for
  bool optional = false;   ///< may be left out and has no default
};

class Describer : public OptionVisitor {
 public:
  const std::vector<OptionDescription>& options() const { return options_; }
  bool describes() const override { return true; }
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
  bool wants(std::string_view) override {
    optional_ = true;
    return true;
  }
  bool given(std::string_view) override { return false; }
  void declare_optional(std::string_view, std::string_view) override {}

 private:
  void add(std::string_view name, std::string type, std::string fallback, Limits limits,
           std::string_view doc);
  std::vector<OptionDescription> options_;
  std::string prefix_;
  bool optional_ = false; ///< the next option may be left out and has no default
};

} // namespace ebm::experiments
