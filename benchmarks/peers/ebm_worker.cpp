// The worker of compare.py for this library: the task with the classes that `ebm run` uses, or (--products)
// only its dense products. peer.py says how workers and compare.py talk.
#include <CLI/CLI.hpp>
#include <cblas.h>
#include <chrono>
#include <cmath>
#include <iostream>

#include "ebm/core/linalg.hpp"
#include "ebm/core/numerics.hpp"
#include "ebm/core/parallel.hpp"
#include "ebm/learning/contrastive.hpp"
#include "ebm/learning/initialise.hpp"
#include "ebm/learning/trainer.hpp"
#include "experiments/io/idx.hpp"
#include "models/boltzmann/named_forms.hpp"
#include "samplers/gibbs.hpp"

namespace {

using namespace ebm;

struct Task {
  std::string method = "cd1", images;
  bool products = false;
  std::size_t threads = 1, hidden = 500, batch = 100;

  std::size_t sweeps() const { return method == "cd10" ? 10 : 1; }
  bool persistent() const { return method == "pcd1"; }
};

/// What can be timed.
class Work {
 public:
  virtual ~Work() = default;
  virtual void update() = 0;
  /// Mean of the hidden units, and mean absolute error of a reconstruction from their means.
  virtual std::pair<double, double> state() const { return {std::nan(""), std::nan("")}; }
};

Batch<float> read_rows(const std::string& images) {
  constexpr std::uint8_t threshold = 127;
  const experiments::ByteArray bytes = experiments::read_idx(images);
  Batch<float> rows = make_batch<float>(bytes.shape.at(0), bytes.values.size() / bytes.shape.at(0));
  std::ranges::transform(bytes.values, rows.data(), [](std::uint8_t v) { return v > threshold ? 1.f : 0.f; });
  return rows;
}

AnyEnergy<float> machine(std::size_t visible, std::size_t hidden, const random::Draws& draws) {
  RbmOptions options;
  options.visible.size = visible;
  options.hidden.size = hidden;
  AnyEnergy<float> e(make_rbm<float>(options));
  initialise<float>(e, {}, nullptr, draws); // weights are normal with 0.01
  return e;
}

Trainer<float> trainer(const Task& task, const Batch<float>& rows) {
  const AnySampler<float> gibbs{Gibbs<float>()};
  const Contrastive<float> estimator(task.persistent() ? Start::chains : Start::data, gibbs, task.sweeps(),
                                     task.batch, PositivePhase<float>({}, gibbs));
  TrainerOptions training;
  training.batch = task.batch;
  training.optimizer.lr = task.persistent() ? 0.01 : 0.05;
  return Trainer<float>(AnyEstimator<float>(estimator), training, rows.shape(0),
                        [&rows](std::uint64_t) -> const Batch<float>& { return rows; });
}

class Training : public Work {
 public:
  explicit Training(const Task& task)
      : threads_(task.threads), rows_(read_rows(task.images)),
        energy_(machine(rows_.shape(1), task.hidden, draws_)), trainer_(trainer(task, rows_)),
        state_(trainer_.init(energy_, draws_)) {}

  void update() override { trainer_.step(energy_, state_, draws_); }

  std::pair<double, double> state() const override {
    constexpr std::size_t first_rows = 1000; // as in peer.py
    constexpr BlockId visible = 0, hidden = 1;
    State<float> x(energy_.space(), std::min(first_rows, rows_.shape(0)));
    Rows<float>{&rows_, {}}.copy_to(energy_.space(), 0, x);
    const Batch<float> v = x[visible];
    set_means(hidden, x);
    set_means(visible, x);
    double activity = 0, error = 0;
    for (const float p : all(x[hidden])) activity += double(p);
    for (std::size_t i = 0; i < v.size(); ++i)
      error += std::abs(double(v.data()[i]) - double(x[visible].data()[i]));
    return {activity / double(x[hidden].size()), error / double(v.size())};
  }

 private:
  void set_means(BlockId block, State<float>& x) const {
    Batch<float> eta = x[block];
    energy_.block_natural(x, block, eta);
    numerics::sigmoid<float>(all(eta), 1.f, all(x.values(block)));
  }

  parallel::Threads threads_;
  random::Draws draws_{random::Key{1}};
  Batch<float> rows_;
  AnyEnergy<float> energy_;
  Trainer<float> trainer_;
  TrainerState<float> state_;
};

/// The floor of every dense implementation: 1 + k products v W, k products h Wᵀ and two products vᵀ h, each
/// of a whole batch and with all threads of BLAS.
class Products : public Work {
 public:
  explicit Products(const Task& task)
      : sweeps_(task.sweeps()), v_(make_batch<float>(task.batch, visible(task.images), 1.f)), to_v_(v_),
        h_(make_batch<float>(task.batch, task.hidden, 0.5f)), to_h_(h_),
        W_(make_batch<float>(v_.shape(1), task.hidden, 0.01f)), gradient_(W_) {
    openblas_set_num_threads(int(task.threads));
  }

  void update() override {
    product(v_, CblasNoTrans, W_, CblasNoTrans, to_h_);
    for (std::size_t k = 0; k < sweeps_; ++k) {
      product(h_, CblasNoTrans, W_, CblasTrans, to_v_);
      product(v_, CblasNoTrans, W_, CblasNoTrans, to_h_);
    }
    for (int phase = 0; phase < 2; ++phase) product(v_, CblasTrans, h_, CblasNoTrans, gradient_);
  }

 private:
  static std::size_t visible(const std::string& images) {
    const experiments::ByteArray bytes = experiments::read_idx(images);
    return bytes.values.size() / bytes.shape.at(0);
  }
  static void product(const Batch<float>& a, CBLAS_TRANSPOSE transpose_a, const Batch<float>& b,
                      CBLAS_TRANSPOSE transpose_b, Batch<float>& c) {
    const std::size_t inner = a.shape(transpose_a == CblasTrans ? 0 : 1);
    cblas_sgemm(CblasRowMajor, transpose_a, transpose_b, int(c.shape(0)), int(c.shape(1)), int(inner), 1.f,
                a.data(), int(a.shape(1)), b.data(), int(b.shape(1)), 0.f, c.data(), int(c.shape(1)));
  }

  std::size_t sweeps_;
  Batch<float> v_, to_v_, h_, to_h_, W_, gradient_;
};

std::unique_ptr<Work> make_work(const Task& task) {
  if (task.products) return std::make_unique<Products>(task);
  return std::make_unique<Training>(task);
}

double seconds(Work& work, std::size_t updates) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < updates; ++i) work.update();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void serve(Work& work) {
  std::string command;
  while (std::cin >> command) {
    if (command == "run") {
      std::size_t updates = 0;
      std::cin >> updates;
      std::cout << seconds(work, updates) << std::endl;
    } else {
      const auto [activity, error] = work.state();
      std::cout << activity << ' ' << error << std::endl;
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  Task task;
  CLI::App program("the worker of compare.py for ebm");
  program.add_option("--task", task.method)->check(CLI::IsMember({"cd1", "pcd1", "cd10"}));
  program.add_flag("--products", task.products, "only the matrix products of an update");
  program.add_option("--threads", task.threads);
  program.add_option("--hidden", task.hidden);
  program.add_option("--batch", task.batch);
  program.add_option("--images", task.images, "IDX file of the training images")->required();
  CLI11_PARSE(program, argc, argv);
  try {
    std::cout << "ready ebm " EBM_VERSION "; " << linalg::blas_name() << std::endl;
    serve(*make_work(task));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
