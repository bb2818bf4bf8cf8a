// A sweep with every kind of state that a trial can have, small enough to be stopped at every step.
#pragma once
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/program.hpp"

namespace ebm::tests {

namespace fs = std::filesystem;

/// CD, PCD and hybrid, momentum and Adam, learning aids, layer-wise training and fine-tuning, decay, fresh
/// data, both latent statistics, both positive methods, Gibbs, Metropolis and Langevin, learning and
/// sampling. `updates` and `draws` set its length.
inline std::string every_state_yaml(int updates, int draws) {
  const std::string u = std::to_string(updates), d = std::to_string(draws);
  return R"(ebm: 1
name: every-state
data: {type: teacher, rows: 150, test_rows: 20, model: {type: rbm, visible: 6, hidden: 3, init: {weights: {normal: 0.8}}}}
model: {type: rbm, hidden: 4, init: {weights: {normal: 0.8}}}
sampler: {type: gibbs, chains: 70, sweeps: 2}
trainer: {method: cd, updates: )" +
         u + R"(, batch: 70, optimizer: {type: sgd, lr: 0.05, momentum: 0.5, l2: 0.001}}
evaluation: {every: 5, metrics: [log_likelihood, stochastic_pseudo_likelihood]}
sweep:
  - name: kind
    variants:
      cd: {}
      pcd: {trainer.method: pcd}
      adam: {trainer.method: pcd, trainer.optimizer: {type: adam, lr: 0.01}}
      decay: {trainer.optimizer: {type: sgd, lr: 0.1, schedule: linear, final_lr: 0.01}, precision: double}
      counts: {trainer.method: pcd, trainer.latents: samples}
      aids: {trainer.gradient: centred, trainer.centering.decay: 0.9, trainer.sparsity: {cost: 0.5},
             trainer.optimizer: {type: sgd, lr: 0.05, momentum: 0.5, final_momentum: 0.9, momentum_switch: 3,
                                 clip: 0.5, max_norm: 1.5, decay: {W: 0.01}}}
      exact: {trainer.method: exact}
      hybrid: {data: {type: teacher, rows: 150, model: {type: classification_rbm, visible: 6, classes: 3, hidden: 3}},
               model: {type: classification_rbm, classes: 3, hidden: 4, init: {weights: {normal: 0.8}}},
               trainer.method: hybrid, trainer.generative_weight: 0.5}
      metropolis: {trainer.method: pcd, sampler: {type: metropolis, chains: 70}}
      clamped: {model: {type: boltzmann_machine, hidden: 13, init: {weights: {normal: 0.3}}}, trainer.method: pcd,
                trainer.positive.sweeps: 2, evaluation.metrics: []}
      mean_field: {model: {type: boltzmann_machine, hidden: 13, init: {weights: {normal: 0.3}}}, trainer.method: pcd,
                   trainer.positive: {method: mean_field, sweeps: 3}, evaluation.metrics: []}
      stages: {model: {type: dbm, hidden: [3, 2], init: {weights: {normal: 4.0}}}, trainer.method: pcd, data.validation: 0.2,
               trainer.pretraining: {epochs: 2, batch: 70, optimizer: {type: sgd, lr: 0.1, momentum: 0.5}},
               trainer.finetuning: {task: reconstruction, epochs: 5, patience: 1, batch: 70, optimizer: {type: adam, lr: 1.0}},
               evaluation.metrics: [elbo, log_likelihood]}
      layerwise: {model: {type: dbn, hidden: [3, 2], init: {weights: {normal: 0.5}}}, sampler: {type: ancestral, chains: 70},
                  trainer: {method: layerwise, pretraining: {epochs: 3, batch: 70}, finetuning: {task: reconstruction, epochs: 2, batch: 70}},
                  evaluation.metrics: [elbo]}
      ancestral: {model: {type: dbn, visible: 6, hidden: [3, 2], init: {weights: {normal: 4.0}}},
                  sampler: {type: ancestral, chains: 70}, evaluation.metrics: [],
                  trainer: {method: none, burn_in: 150, thin: 2, draws: )" +
         d + R"(}}
      langevin: {model: {type: gaussian_mixture, components: 2, dimension: 6}, trainer.method: pcd,
                 sampler: {type: langevin, chains: 70, step_size: 0.3, adjusted: true},
                 evaluation.metrics: [log_likelihood]}
      walk: {model: {type: double_well, dimension: 6}, sampler: {type: metropolis, chains: 70},
             evaluation.metrics: [], trainer: {method: none, burn_in: 150, thin: 2, draws: )" +
         d + R"(}}
      drift: {model: {type: double_well, dimension: 6}, sampler: {type: langevin, chains: 70, step_size: 0.2},
              evaluation.metrics: [], trainer: {method: none, burn_in: 150, thin: 2, draws: )" +
         d + R"(}}
seeds: 2
)";
}

/// Runs folder/every-state.yaml, two trials at a time, into folder/place.
inline std::vector<std::string> every_state_command(const fs::path& folder, const std::string& place,
                                                    const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{
      "run", (folder / "every-state.yaml").string(), "output.dir=" + (folder / place).string(), "-j", "2",
      "-q"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Exit code of the built program. The same bytes are promised for one build: the tests' own process has
/// other code for what headers define.
inline int run_built(const fs::path& folder, const std::vector<std::string>& arguments) {
  return Process(arguments, folder / "output").wait();
}

/// What must be the same for a run that was stopped and one that was not.
inline void same_results(const fs::path& whole, const fs::path& stopped) {
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator(whole / "trials"))
    for (const char* name : {"metrics.csv", "params.npz", "network.npz", "draws.npy", "observables.csv"}) {
      const fs::path file = fs::path("trials") / entry.path().filename() / name;
      BOOST_TEST(fs::exists(whole / file) == fs::exists(stopped / file), file.string());
      if (!fs::exists(whole / file)) continue;
      ++compared;
      BOOST_TEST((read_file(whole / file) == read_file(stopped / file)), file.string() << " differs");
    }
  BOOST_TEST(compared >= 2u);
  for (const char* name : {"summary.csv", "settings.csv", "plan.jsonl"})
    BOOST_TEST((read_file(whole / name) == read_file(stopped / name)), name << " differs");
}

} // namespace ebm::tests
