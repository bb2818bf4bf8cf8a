#include "experiments/data/cache.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

using namespace ebm;
using namespace ebm::experiments;

namespace {

template <std::floating_point T> Dataset<T> tagged_data(std::uint64_t hash) {
  Dataset<T> data;
  data.hash = hash;
  return data;
}

/// Calls `action` on four threads at once.
template <class Action> void at_once(Action action) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(action);
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_cache)

BOOST_AUTO_TEST_CASE(makes_each_key_once) {
  DataCache cache;
  std::atomic<int> made = 0, right = 0;
  at_once([&] {
    const auto data = cache.get<float>("a", [&] {
      ++made;
      std::this_thread::sleep_for(std::chrono::milliseconds(50)); // time for the others to arrive
      return tagged_data<float>(5);
    });
    right += data->hash == 5;
  });
  BOOST_TEST(made == 1);
  BOOST_TEST(right == 4);
  const auto kept = cache.get<float>("a", [] { return tagged_data<float>(6); });
  BOOST_TEST(kept->hash == 5u);
  BOOST_TEST(kept == cache.get<float>("a", [] { return tagged_data<float>(6); }));
  BOOST_TEST(cache.get<float>("b", [] { return tagged_data<float>(7); })->hash == 7u);
  BOOST_TEST(cache.get<double>("a", [] { return tagged_data<double>(8); })->hash == 8u);
}

BOOST_AUTO_TEST_CASE(a_data_set_may_need_another) {
  DataCache cache;
  const auto outer = cache.get<double>("outer", [&] {
    return tagged_data<double>(1 + cache.get<double>("inner", [] { return tagged_data<double>(1); })->hash);
  });
  BOOST_TEST(outer->hash == 2u);
}

BOOST_AUTO_TEST_CASE(failures_reach_all_and_are_not_kept) {
  DataCache cache;
  std::atomic<int> failed = 0;
  at_once([&] {
    try {
      cache.get<float>("a", []() -> Dataset<float> {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        throw std::runtime_error("broken");
      });
    } catch (const std::runtime_error& error) {
      failed += error.what() == std::string("broken");
    }
  });
  BOOST_TEST(failed == 4);
  BOOST_TEST(cache.get<float>("a", [] { return tagged_data<float>(3); })->hash == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
