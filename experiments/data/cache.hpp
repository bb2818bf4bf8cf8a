#pragma once
#include "experiments/data/preparation.hpp"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace ebm::experiments {

/// Prepared data sets, shared by all trials of a process.
class DataCache {
 public:
  /// The data set of this key and precision; the first caller makes it while others who want it wait. If
  /// making fails, all of them get the exception, nothing is kept, and the next caller tries again. `make`
  /// must not ask for its own key, and may run parallel::for_each: its waits pick up no work that could ask
  /// for it either.
  template <std::floating_point T>
  std::shared_ptr<const Dataset<T>> get(const std::string& key, const std::function<Dataset<T>()>& make);

 private:
  template <std::floating_point T>
  using Entries = std::map<std::string, std::shared_future<std::shared_ptr<const Dataset<T>>>>;

  std::mutex mutex_;
  std::tuple<Entries<float>, Entries<double>> entries_;
};

} // namespace ebm::experiments
