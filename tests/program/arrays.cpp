// The arrays of `ebm list arrays` are those that `ebm evaluate` takes, and it takes no others.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

#include "ebm/learning/initialise.hpp"
#include "ebm/likelihood/enumerate.hpp"
#include "ebm/likelihood/pseudo_likelihood.hpp"
#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"
#include "experiments/program/arrays.hpp"
#include "experiments/run/parameter_files.hpp"
#include "experiments/run/setup.hpp"
#include "tests/laws/registered.hpp"
#include "tests/support/program.hpp"

using namespace ebm;
using namespace ebm::experiments;
using ebm::tests::ProgramResult;
using Json = nlohmann::json;

namespace {

std::string name_of(const ModelForm& form) {
  return fmt::format("{{type: {}, {}}}", form.type, form.options);
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The model with random parameters, weak enough that machines of gaussian units have a law.
AnyEnergy<double> random_machine(const ModelForm& form) {
  AnyEnergy<double> e = build_form(form);
  if (!supports(e, Capability::parameters)) return e;
  initialise<double>(
      e, {{"weights", {InitialiserKind::normal, 0.15}}, {"biases", {InitialiserKind::normal, 0.5}}}, nullptr,
      random::Draws({11}));
  for (auto& a : e.parameters())
    for (std::size_t i = 0; a.role == ParameterRole::scale && i < a.value.size(); ++i)
      a.value.data()[i] = std::log(0.8 + 0.1 * double(i));
  return e;
}

/// Rows in which every level of discrete units occurs.
Batch<double> rows_for(const StateSpace& space) {
  auto rows = make_batch<double>(4, space.visible_columns());
  for (std::size_t r = 0; r < rows.shape(0); ++r) {
    double* to = row(rows, r).data();
    for (const Block& b : space.blocks())
      for (std::size_t j = 0; !b.latent() && j < b.sites; ++j, to += b.width())
        std::visit(
            [&](const auto& unit) {
              if constexpr (std::remove_cvref_t<decltype(unit)>::discrete)
                unit.set_level(std::uint32_t((r + j * j) % b.levels()), to);
              else
                *to = 0.4 * double(r) - 0.3 * double(j);
            },
            b.unit);
  }
  return rows;
}

std::vector<NamedArray<double>> arrays_of(const std::filesystem::path& npz) {
  std::vector<NamedArray<double>> arrays;
  for (const auto& [name, array] : read_npz(npz)) arrays.push_back({name, array.shape, array.values});
  return arrays;
}

/// A model's parameters and rows in files, and `ebm evaluate` on them.
class Place {
 public:
  explicit Place(const ModelForm& form) : form_(form), energy_(random_machine(form)) {
    if (parametric()) save_parameters(energy_, npz());
    rows_ = rows_for(energy_.space());
    write_npy(folder_.path() / "rows.npy", {rows_.shape(0), rows_.shape(1)},
              std::span(rows_.data(), rows_.size()));
  }
  bool parametric() const { return supports(energy_, Capability::parameters); }
  const AnyEnergy<double>& energy() const { return energy_; }
  Rows<double> rows() const { return {&rows_, {}}; }
  std::filesystem::path npz() const { return folder_.path() / "machine.npz"; }

  ProgramResult evaluate(std::string_view metric, bool with_parameters) const {
    const auto file = folder_.path() / "evaluate.yaml";
    tests::write_file(file, fmt::format("ebm: 1\nname: evaluate\nprecision: double\n"
                                        "data: {{type: npy, path: rows.npy}}\n"
                                        "model: {{type: {}, {}{}}}\nevaluation: {{metrics: [{}]}}\n",
                                        form_.type, form_.options,
                                        with_parameters ? ", parameters: machine.npz" : "", metric));
    return tests::run_program({"evaluate", file.string(), "--json", "-j", "1"});
  }

  /// Evaluating these arrays is refused for this one, in these words and with all that are legal.
  void check_refused(const std::vector<NamedArray<double>>& arrays, const std::string& name,
                     const std::string& words) const {
    write_npz(npz(), arrays);
    const ProgramResult result = evaluate("free_energy", true);
    BOOST_TEST(result.code == 2);
    BOOST_TEST(result.out == "");
    BOOST_TEST(contains(result.err, fmt::format("array '{}' {}", name, words)), result.err);
    for (const auto& a : energy_.parameters())
      BOOST_TEST(contains(result.err, a.name + " " + shape_text(a.shape)), a.name << ": " << result.err);
  }

 private:
  tests::TemporaryFolder folder_;
  ModelForm form_;
  AnyEnergy<double> energy_;
  Batch<double> rows_;
};

/// Every metric by itself: what `ebm evaluate` said where it took it.
std::map<std::string, Json> all_metrics(const Place& place) {
  std::map<std::string, Json> found;
  for (const std::string_view metric : metric_names()) {
    const ProgramResult result = place.evaluate(metric, place.parametric());
    BOOST_TEST((result.code == 0 || result.code == 2), metric << ": " << result.err);
    if (result.code == 0)
      found[std::string(metric)] = Json::parse(result.out);
    else
      BOOST_TEST_MESSAGE(metric << " is refused: " << result.err);
  }
  return found;
}

void check_close(const std::vector<double>& found, const std::vector<double>& expected) {
  BOOST_TEST_REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) BOOST_TEST(std::abs(found[i] - expected[i]) <= 1e-10);
}

/// log Z from the energies of all states; where these are not finite, in closed form.
double reference_log_partition(const AnyEnergy<double>& e) {
  return std::isinf(cheapest_enumeration(e).log2_states) ? exact_log_partition(e)
                                                         : enumerated_log_partition(e);
}

/// What the library has of the model has to be among the metrics found, with the library's values.
void check_metrics(const Place& place) {
  const AnyEnergy<double>& e = place.energy();
  std::map<std::string, Json> found = all_metrics(place);
  const bool law = !derive::why_no_law(e.space());
  const bool exact = law && has_exact_partition(e), free = law && derive::has_free_energy(e);
  const auto check_rows = [&](const std::string& metric, const std::vector<double>& expected) {
    BOOST_TEST_REQUIRE(found.contains(metric), metric << " is refused");
    check_close(found[metric].at(metric).at("values").get<std::vector<double>>(), expected);
  };
  if (free) check_rows("free_energy", row_free_energies(e, place.rows()));
  if (exact) {
    const double log_z = reference_log_partition(e);
    BOOST_TEST_REQUIRE(found.contains("log_partition"));
    check_close({found["log_partition"].at("log_partition").get<double>()}, {log_z});
    if (free) {
      std::vector<double> rows = row_log_weights(e, place.rows());
      for (double& weight : rows) weight -= log_z;
      check_rows("log_likelihood", rows);
    }
  }
  if (law && !check_pseudo_likelihood(e))
    check_rows("pseudo_likelihood", pseudo_likelihoods(e, place.rows()));
  if (law && has_exact_expectations(e) && !supports(e, Capability::log_partition)) {
    BOOST_TEST_REQUIRE(found.contains("mean"));
    check_close(found["mean"].at("mean").get<std::vector<double>>(), exact_moments(e).mean);
    for (const auto& a : e.parameters())
      BOOST_TEST(found["gradient"].at("gradient").contains(a.name), a.name << " has no gradient");
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(arrays)

BOOST_AUTO_TEST_CASE(every_registered_model_has_a_form) {
  tests::register_everything();
  std::set<std::string_view> types;
  for (const ModelForm& form : model_forms()) types.insert(form.type);
  for (const auto& [name, entry] : models().entries())
    BOOST_TEST(types.contains(name), name << " has no form in experiments/program/arrays.cpp");
}

BOOST_AUTO_TEST_CASE(the_list_has_the_arrays_of_every_form_in_their_order) {
  tests::register_everything();
  const std::string list = tests::run_program({"list", "arrays"}).out + "\n";
  for (const ModelForm& form : model_forms()) BOOST_TEST_CONTEXT(name_of(form)) {
      const std::string head = "model: " + name_of(form) + "\n";
      const std::size_t begin = list.find(head);
      BOOST_TEST_REQUIRE(begin != list.npos);
      const std::string text = list.substr(begin, list.find("\n\n", begin) - begin);
      const AnyEnergy<double> e = build_form(form);
      const bool parametric = supports(e, Capability::parameters);
      if (!parametric) BOOST_TEST(contains(text, "\n  none"));
      std::size_t at = 0, lines = parametric ? 0 : 1;
      for (; parametric && lines < e.parameters().size(); ++lines) {
        const auto& a = e.parameters()[lines];
        at = text.find("\n  " + a.name + " ", at);
        BOOST_TEST_REQUIRE(at != text.npos, a.name);
        BOOST_TEST(contains(text.substr(at, text.find('\n', at + 1) - at), shape_text(a.shape) + " "));
      }
      BOOST_TEST(std::size_t(std::ranges::count(text, '\n')) == lines);
    }
}

/// The example has a main of its own and is not built with every set of targets.
BOOST_AUTO_TEST_CASE(a_model_of_ones_own_is_listed_as_its_example) {
  const auto program = std::filesystem::path(EBM_BINARY_DIR) / "example_ring";
  if (!std::filesystem::exists(program)) {
    BOOST_TEST_MESSAGE("skipped: " << program.string() << " is not built");
    return;
  }
  const tests::TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const std::string command = fmt::format("'{}' list arrays >'{}'", program.string(), out.string());
  BOOST_TEST(std::system(command.c_str()) == 0);
  BOOST_TEST(contains(tests::read_file(out), "\nmodel: {type: ring, size: 4}\n  none\n"));
}

BOOST_AUTO_TEST_CASE(evaluate_gives_the_values_of_the_library_for_every_form) {
  tests::register_everything();
  for (const ModelForm& form : model_forms()) BOOST_TEST_CONTEXT(name_of(form)) {
      BOOST_TEST_MESSAGE(name_of(form));
      check_metrics(Place(form));
    }
}

// W_<a>_<b> and J_<a> in place of the model's own names; both at once are one too many.
BOOST_AUTO_TEST_CASE(couplings_may_have_the_names_of_blocks_in_general) {
  tests::register_everything();
  std::set<std::string> general;
  for (const ModelForm& form : model_forms()) BOOST_TEST_CONTEXT(name_of(form)) {
      const Place place(form);
      if (!place.parametric()) continue;
      const std::string own = place.evaluate("reconstruction_error", true).out;
      auto arrays = arrays_of(place.npz());
      std::size_t renamed = arrays.size();
      for (std::size_t i = 0; i < arrays.size(); ++i) {
        const auto& a = *place.energy().parameters().find(arrays[i].name);
        if (a.role != ParameterRole::weight || !a.row_block || !a.column_block) continue;
        const std::string row = place.energy().space()[*a.row_block].name,
                          column = place.energy().space()[*a.column_block].name;
        arrays[i].name = row == column ? "J_" + row : "W_" + row + "_" + column;
        general.insert(arrays[i].name);
        if (arrays[i].name != a.name) renamed = i;
      }
      if (renamed == arrays.size()) continue;
      const auto own_name = arrays_of(place.npz())[renamed];
      write_npz(place.npz(), arrays);
      BOOST_TEST(place.evaluate("reconstruction_error", true).out == own);
      auto both = arrays;
      both.push_back(own_name);
      place.check_refused(both, arrays[renamed].name, "of shape");
    }
  for (const char* name : {"W_visible_hidden", "W_visible_hidden1", "W_hidden1_hidden2", "W_label_hidden",
                           "J_visible", "J_hidden"})
    BOOST_TEST(general.contains(name), name);
}

BOOST_AUTO_TEST_CASE(evaluate_refuses_other_arrays_by_name) {
  tests::register_everything();
  for (const ModelForm& form : model_forms()) BOOST_TEST_CONTEXT(name_of(form)) {
      const Place place(form);
      if (!place.parametric()) {
        write_npz(place.npz(), std::vector<NamedArray<double>>{{"W", {1}, {0.0}}});
        const ProgramResult result = place.evaluate("free_energy", true);
        BOOST_TEST(result.code == 2);
        BOOST_TEST(contains(result.err, "this model has no parameters"), result.err);
        continue;
      }
      const auto arrays = arrays_of(place.npz());
      const NamedArray<double>&first = arrays.front(), &last = arrays.back();
      place.check_refused({arrays.begin() + 1, arrays.end()}, first.name, "is missing");
      auto longer = arrays;
      longer.back().shape = {last.values.size() + 1};
      longer.back().values.push_back(0);
      place.check_refused(longer, last.name,
                          fmt::format("has the shape {}, expected {}", shape_text(longer.back().shape),
                                      shape_text(last.shape)));
      auto more = arrays;
      more.push_back({"another", {2}, {0.0, 0.0}});
      place.check_refused(more, "another", "of shape [2] belongs to no parameter");
    }
}

BOOST_AUTO_TEST_SUITE_END()
