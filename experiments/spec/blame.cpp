#include "experiments/spec/blame.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "ebm/core/error.hpp"
#include "ebm/core/machine.hpp"
#include "experiments/data/dataset.hpp"
#include "experiments/yaml/scalars.hpp"

namespace ebm::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> sections{"data", "model", "sampler", "trainer", "evaluation"};

/// Requirements that name no key. The first that the message contains counts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 30> requirements{{
    {"shifts is not", "data.shifts"},
    {"validation is not", "data.validation"},
    {"standardize is not", "data.standardize"},
    {"append_labels is not", "data.append_labels"},
    {"model.classes", "model.classes"},
    {"discriminative learning", "trainer.method"},
    {"one-hot", "model.visible"},
    {"range of the precision", "data.scale"},
    {"probe_accuracy needs", "evaluation.metrics"},
    {"classification needs", "trainer.finetuning"},
    {"the data have", "model.visible"},
    {"rows have", "model.visible"},
    {"exact learning", "trainer.method"},
    {"this model has no parameters to learn", "trainer.method"},
    {"model: this model has no parameters", "model.init"},
    {"exact summation", "data.model"}, // the teacher's rows; a trained model has other words
    {"exact draws", "data.model"},
    {"pseudo_likelihood needs", "evaluation.metrics"},
    {"reconstruction_error needs", "evaluation.metrics"},
    {"recall needs", "evaluation.metrics"},
    {"log Z is not available", "evaluation.metrics"},
    {"annealing starts", "evaluation.metrics"},
    {"split is not", "data.split"},
    {"subset asks", "data.subset"},
    {"test_subset asks", "data.test_subset"},
    {"stochastic binarisation", "data.binarize"},
    {"expected one character as 'delimiter'", "data.delimiter"},
    {"expected 'test' along", "data.test_labels"},
    {"expected 'image' to be", "data.image"},
    {"expected the path of a data file", "data.type"},
}};

bool is_default(const Origin& origin) {
  return origin.source == "default" || origin.source.empty();
}

const Node* find(const Node& tree, const std::vector<std::string>& path) {
  const Node* at = &tree;
  for (const std::string& part : path)
    if (at != nullptr) at = at->find(part);
  return at;
}

/// The text leaf whose file the message begins with.
const Node* named_file(const Node& at, const fs::path& base, const std::string& why) {
  if (at.kind() == Node::Kind::scalar)
    return !at.scalar().empty() && why.starts_with((base / at.scalar()).string()) ? &at : nullptr;
  for (const Node::Entry& e : at.entries())
    if (const Node* found = named_file(e.value, base, why)) return found;
  return nullptr;
}

/// The initialiser that a message with a quoted array name is about.
const Node* named_initialiser(const Node& init, const std::string& why) {
  const Node* group = nullptr;
  for (const Node::Entry& e : init.entries()) {
    if (why.find('\'' + e.key + '\'') != std::string::npos) return &e.value;
    const bool data_mean = e.value.scalar() == "data_mean" && why.find("data_mean") != std::string::npos;
    if (data_mean || (e.key == "scales" && why.find("must be positive") != std::string::npos))
      group = &e.value;
  }
  return group;
}

/// The value at a dotted place, or what it stands in, that was given.
const Node* given(const Node& resolved, std::vector<std::string> path) {
  for (; !path.empty(); path.pop_back())
    if (const Node* found = find(resolved, path); found != nullptr && !is_default(found->origin()))
      return found;
  return nullptr;
}

/// The first dotted place in the message, as far as it exists: "model.visible is 7".
const Node* named_place(const Node& resolved, const std::string& why) {
  std::size_t first = std::string::npos;
  for (const std::string_view section : sections)
    if (const std::size_t at = why.find(std::string(section) + "."); at < first) first = at;
  if (first == std::string::npos) return nullptr;
  const std::size_t end =
      why.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.", first);
  return given(resolved, split_path(why.substr(first, end - first)));
}

/// Of a list of words, the longest that the message has.
const Node* named_item(const Node& list, const std::string& why) {
  const Node* longest = nullptr;
  for (const Node& item : list.items())
    if (why.find(item.scalar()) != std::string::npos &&
        (longest == nullptr || item.scalar().size() > longest->scalar().size()))
      longest = &item;
  return longest;
}

const Node* blamed_node(const Node& resolved, const fs::path& base, const std::string& why) {
  for (const char* section : {"model", "data"})
    if (const Node* at = resolved.find(section))
      if (const Node* file = named_file(*at, base, why)) return file;
  if (const Node* init = find(resolved, {"model", "init"}))
    if (const Node* at = named_initialiser(*init, why)) return at;
  if (const Node* type = find(resolved, {"sampler", "type"});
      type != nullptr && why.starts_with(type->scalar()))
    return type;
  for (const auto& [words, place] : requirements)
    if (why.find(words) != std::string::npos) return given(resolved, split_path(place));
  if (const Node* at = named_place(resolved, why)) return at;
  const Node* last = nullptr;
  for (const std::string_view section : sections)
    if (why.find(section) != std::string::npos && resolved.find(section) != nullptr)
      last = resolved.find(section);
  return last;
}

} // namespace

Origin blamed(const Experiment& x, const TrialSpec& spec, const std::string& why) {
  const Node* at = blamed_node(spec.resolved, x.base, why);
  if (at != nullptr)
    if (const Node* item = named_item(*at, why)) at = item;
  return at != nullptr && !is_default(at->origin()) ? at->origin() : x.tree.origin();
}

std::string sizes_behind(const TrialSpec& spec, const std::string& why) {
  std::string out;
  if (why.find(" states") == std::string::npos && why.find(" memory") == std::string::npos) return out;
  for (const char* key : {"data.size", "data.model.visible.size", "data.model.hidden.size",
                          "model.visible.size", "model.hidden.size"})
    if (const Node* size = find(spec.resolved, split_path(key));
        size != nullptr && !is_default(size->origin()))
      out += fmt::format("\n    {} = {} from {}", key, size->scalar(), size->origin().text());
  return out;
}

namespace {

double number_at(const Node& tree, const std::vector<std::string>& path) {
  std::string why;
  const Node* node = find(tree, path);
  return node == nullptr ? 0 : double(parse_integer(*node, why).value_or(0));
}

/// Sizes of the hidden layers of a section "model" that lists them.
std::vector<double> layer_sizes(const Node& model) {
  std::vector<double> sizes;
  std::string why;
  if (const Node* hidden = model.find("hidden"))
    for (const Node& n : hidden->items()) sizes.push_back(double(parse_integer(n, why).value_or(0)));
  return sizes;
}

/// Columns of a block of a section "model".
double columns(const Node& model, const std::string& block) {
  const Node* units = find(model, {block, "units"});
  if (units == nullptr) units = model.find("units");
  const bool categorical = units != nullptr && units->scalar() == "categorical";
  return number_at(model, {block, "size"}) * (categorical ? number_at(model, {block, "q"}) : 1);
}

double data_columns(const TrialSpec& spec, const fs::path& base) {
  if (!spec.data.given) return 0;
  if (spec.data.teacher) return columns(*find(spec.resolved, {"data", "model"}), "visible");
  try {
    return double(data_types().find(spec.data.type)->second.load(spec.data.options, {base}).train.columns);
  } catch (const InputError&) {
    return 0; // reported by whoever needs the data
  }
}

double teacher_bytes(const TrialSpec& spec) {
  if (!spec.data.teacher) return 0;
  const Node& model = *find(spec.resolved, {"data", "model"});
  return 8 * double(spec.data.teacher->rows + spec.data.teacher->test_rows) *
         std::max(1.0, columns(model, "visible") + columns(model, "hidden"));
}

} // namespace

std::optional<std::string> too_large(const TrialSpec& spec, const fs::path& base) {
  const auto memory = double(machine::memory());
  const auto complain = [&](const char* key, double bytes) {
    return fmt::format("{}: this needs about {:.0f} GB of memory, and the machine has {:.0f} GB", key,
                       bytes / 1e9, memory / 1e9);
  };
  if (const double bytes = teacher_bytes(spec); bytes > memory) return complain("data.rows", bytes);
  const Node* model = spec.resolved.find("model");
  if (model == nullptr) return std::nullopt;
  const std::vector<double> layers = layer_sizes(*model);
  double between_layers = 0, higher = 0;
  for (std::size_t l = 1; l < layers.size(); ++l) {
    between_layers += layers[l - 1] * layers[l];
    higher += layers[l];
  }
  const double hidden = layers.empty() ? columns(*model, "hidden") : layers[0],
               components = number_at(*model, {"components"});
  double visible = columns(*model, "visible") + number_at(*model, {"dimension"});
  constexpr double worth_a_look = 1e5; // reading the data for their width only takes time
  if (visible == 0 && std::max(hidden, components) >= worth_a_look) visible = data_columns(spec, base);
  const double size = spec.precision == Precision::float_ ? 4 : 8;
  const bool hopfield = spec.model.type == "hopfield";
  if (hopfield) visible = number_at(*model, {"visible"});
  const bool dense = hopfield || spec.model.type == "boltzmann_machine";
  const double within = dense ? visible * visible + hidden * hidden : 0;
  // Parameters, their gradient and the optimiser's moment.
  if (const double bytes = 3 * size * (visible * (hidden + components) + within + between_layers);
      bytes > memory)
    return complain(components > hidden ? "model.components"
                    : visible > hidden  ? "model.visible"
                                        : "model.hidden",
                    bytes);
  const bool chains = spec.trainer.method == Method::pcd || spec.trainer.method == Method::none;
  if (const double bytes = size * double(spec.sampler.chains) * (visible + hidden + higher + components);
      chains && bytes > memory)
    return complain("sampler.chains", bytes);
  if (const double bytes =
          size * double(spec.sampler.chains) * double(spec.trainer.draws) * std::max(visible, 1.0);
      spec.trainer.method == Method::none && bytes > memory)
    return complain("trainer.draws", bytes);
  return std::nullopt;
}

void check_output(const Experiment& x, Diagnostics& diagnostics) {
  const Node* dir = find(x.tree, {"output", "dir"});
  const Origin& origin = dir != nullptr ? dir->origin() : x.tree.origin();
  std::error_code error;
  fs::path at = x.folder();
  while (!at.empty() && at != at.parent_path() && !fs::exists(at, error)) at = at.parent_path();
  if (at.empty()) at = ".";
  if (!fs::is_directory(at, error))
    diagnostics.error(origin, "output.dir: " + at.string() + " is no folder", x.output.dir);
  else if (::access(at.c_str(), W_OK | X_OK) != 0)
    diagnostics.error(origin, "output.dir: " + at.string() + " cannot be written", x.output.dir);
}

void check_primary(const Experiment& x, const std::vector<std::string>& columns, Diagnostics& diagnostics) {
  if (std::ranges::find(columns, x.report.metric) != columns.end()) return;
  const Node* metric = find(x.tree, {"report", "primary", "metric"});
  diagnostics.error(metric != nullptr ? metric->origin() : x.tree.origin(),
                    fmt::format("report.primary.metric '{}' is no column of metrics.csv{}; it will have {}",
                                x.report.metric, did_you_mean(x.report.metric, columns),
                                fmt::join(columns, ", ")),
                    x.report.metric);
}

} // namespace ebm::experiments
