// What one setting of an experiment says, as typed values.
#pragma once
#include <any>
#include <map>

#include "ebm/learning/initialise.hpp"
#include "ebm/learning/positive_phase.hpp"
#include "ebm/learning/trainer.hpp"
#include "experiments/data/preparation.hpp"
#include "experiments/spec/evaluation_spec.hpp"
#include "experiments/yaml/node.hpp"

namespace ebm::experiments {

enum class Precision : std::uint8_t { float_, double_ };

/// A section whose `type` chose a registry entry; `options` is what the entry's `read` gave.
struct TypedSection {
  std::string type;
  std::any options;
};

/// The most that an initialiser may be given; its square is still a float.
inline constexpr double largest_initial_value = 1e15;

struct ModelSpec : TypedSection {
  std::string parameters; ///< npz file, relative to the experiment file; empty if there is none
  std::map<std::string, Initialiser> init;
};

/// Options of `type: teacher`: rows drawn exactly from a small model.
struct TeacherSpec {
  ModelSpec model;
  std::int64_t rows = 1000, test_rows = 0, seed = 1;
};

struct DataSpec : TypedSection {
  bool given = false;
  std::shared_ptr<TeacherSpec> teacher; ///< for type teacher
  Preparation preparation;
  std::string identity; ///< the resolved section in one line: names the data in the process-wide cache
};

struct SamplerSpec : TypedSection {
  std::size_t chains = 100, sweeps = 1;
};

enum class Method : std::uint8_t {
  cd,
  pcd,
  exact,
  discriminative,
  hybrid,
  layerwise,
  hebbian,
  pseudo_inverse,
  none
};
/// Whether the method sets the parameters at once, without gradient and sampler.
constexpr bool stores(Method m) {
  return m == Method::hebbian || m == Method::pseudo_inverse;
}

/// Greedy training of the layers before all others.
struct PretrainingSpec {
  std::int64_t epochs = 10, sweeps = 1;
  std::optional<std::int64_t> batch = 100; ///< none is all rows
  OptimizerOptions optimizer;
  void visit(OptionVisitor& v);
};

enum class FinetuningTask : std::uint8_t { classification, reconstruction };
/// Back-propagation through the unrolled layers at the end.
struct FinetuningSpec {
  FinetuningTask task = FinetuningTask::classification;
  std::int64_t epochs = 20, patience = 0;
  std::optional<std::int64_t> batch = 100; ///< none is all rows
  OptimizerOptions optimizer;
  void visit(OptionVisitor& v);
};

struct TrainerSpec {
  Method method = Method::cd;
  std::optional<std::int64_t> updates, epochs;
  std::optional<std::int64_t> batch; ///< none is all rows
  OptimizerOptions optimizer;
  // Of the trial only where they are given, as what came later must not change the identity of old trials.
  std::optional<GradientKind> gradient;
  std::optional<CenteringOptions> centering;
  std::optional<SparsityOptions> sparsity;
  PositiveOptions positive;
  std::optional<PretrainingSpec> pretraining;
  std::optional<FinetuningSpec> finetuning;
  double generative_weight = 0.01;                    ///< of method hybrid
  std::int64_t burn_in = 100, draws = 1000, thin = 1; ///< of method none

  TrainerOptions options(std::uint64_t updates_in_all) const;
};

struct TrialSpec {
  std::string name, description;
  std::int64_t seed = 1;
  Precision precision = Precision::float_;
  DataSpec data;
  ModelSpec model;
  SamplerSpec sampler;
  TrainerSpec trainer;
  EvaluationSpec evaluation;
  Node resolved; ///< every option, those of the defaults included
};

/// Reads everything of `tree` that a single setting needs; `sweep`, `seeds`, `report` and `output` are left
/// to read_experiment. Errors go to the diagnostics; the values are then the defaults.
TrialSpec read_trial(const Node& tree, Diagnostics& diagnostics);

/// The names that may stand at `type`, for messages and `ebm list`.
std::vector<std::string> model_names();
std::vector<std::string> sampler_names();
std::vector<std::string> data_names();
std::span<const std::string_view> method_names();

/// Visits the options of a trainer method or of an optimiser, for `ebm explain` too.
void visit_method(Method method, TrainerSpec& trainer, OptionVisitor& v);
void visit_optimizer(OptimizerOptions& o, OptionVisitor& v);
void visit_sampler(SamplerSpec& s, OptionVisitor& v);
void visit_teacher(TeacherSpec& t, OptionVisitor& v);
/// Name, description, seed and precision.
void visit_common(TrialSpec& s, OptionVisitor& v);
inline constexpr std::string_view teacher_doc = "Rows drawn exactly from a small model, random or given.",
                                  teacher_example = "model: {type: rbm, visible: 3, hidden: 2}";

} // namespace ebm::experiments
