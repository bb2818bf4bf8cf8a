#include "experiments/data/cache.hpp"

namespace ebm::experiments {

template <std::floating_point T>
std::shared_ptr<const Dataset<T>> DataCache::get(const std::string& key,
                                                 const std::function<Dataset<T>()>& make) {
  auto& entries = std::get<Entries<T>>(entries_);
  std::promise<std::shared_ptr<const Dataset<T>>> promise;
  std::unique_lock lock(mutex_);
  const auto [entry, first] = entries.try_emplace(key, promise.get_future().share());
  const auto result = entry->second;
  lock.unlock();
  if (first) {
    try {
      promise.set_value(std::make_shared<const Dataset<T>>(make()));
    } catch (...) {
      lock.lock();
      entries.erase(key);
      lock.unlock();
      promise.set_exception(std::current_exception());
    }
  }
  return result.get();
}

template std::shared_ptr<const Dataset<float>> DataCache::get(const std::string&,
                                                              const std::function<Dataset<float>()>&);
template std::shared_ptr<const Dataset<double>> DataCache::get(const std::string&,
                                                               const std::function<Dataset<double>()>&);

} // namespace ebm::experiments
