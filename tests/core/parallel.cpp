// How work is cut, and what becomes of exceptions.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "ebm/core/parallel.hpp"

BOOST_AUTO_TEST_SUITE(work_in_parallel)

using namespace ebm::parallel;

BOOST_AUTO_TEST_CASE(items_are_as_even_as_possible) {
  for (const std::size_t largest : {1u, 3u, 64u})
    for (const std::size_t n : {0u, 1u, 2u, 63u, 64u, 65u, 127u, 129u, 1000u}) {
      const WorkItems items(n, largest);
      BOOST_TEST(items.size() == (n + largest - 1) / largest);
      std::size_t next = 0, least = largest, most = 0;
      for (std::size_t i = 0; i < items.size(); ++i) {
        BOOST_TEST_REQUIRE(items[i].first == next);
        next += items[i].count;
        least = std::min(least, items[i].count);
        most = std::max(most, items[i].count);
      }
      BOOST_TEST(next == n);
      BOOST_TEST((n == 0 || (least >= 1 && most <= largest && most - least <= 1)));
    }
}

BOOST_AUTO_TEST_CASE(every_item_is_worked_on_once) {
  for (const std::size_t threads : {1u, 4u}) {
    const Threads limit(threads);
    for (const std::size_t n : {0u, 1u, 2u, 1000u}) {
      std::vector<std::atomic<int>> visits(n);
      for_each(n, [&](std::size_t i) { ++visits[i]; });
      share_out(n, [&](std::size_t i) { ++visits[i]; });
      BOOST_TEST(std::ranges::all_of(visits, [](const auto& v) { return v == 2; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(pieces_cover_every_element_once) {
  constexpr std::size_t piece = 1u << 14;
  for (const std::size_t n : {std::size_t(0), std::size_t(1), piece - 1, piece, piece + 1, 5 * piece + 3}) {
    std::vector<std::uint8_t> visits(n);
    std::atomic<std::size_t> pieces = 0, largest = 0;
    for_each_piece(n, [&](std::size_t first, std::size_t count) {
      ++pieces;
      for (std::size_t seen = largest; seen < count && !largest.compare_exchange_weak(seen, count);) {
      }
      for (std::size_t i = first; i < first + count; ++i) ++visits[i];
    });
    BOOST_TEST(std::ranges::count(visits, 1) == std::ptrdiff_t(n));
    BOOST_TEST(pieces == (n + piece - 1) / piece);
    BOOST_TEST(largest <= piece);
  }
}

BOOST_AUTO_TEST_CASE(work_within_work_is_done) {
  std::vector<std::atomic<int>> visits(64 * 5);
  for_each(64, [&](std::size_t i) { for_each(5, [&](std::size_t k) { ++visits[5 * i + k]; }); });
  share_out(64, [&](std::size_t i) { for_each(5, [&](std::size_t k) { ++visits[5 * i + k]; }); });
  BOOST_TEST(std::ranges::all_of(visits, [](const auto& v) { return v == 2; }));
}

BOOST_AUTO_TEST_CASE(what_items_write_is_seen_by_items_and_by_the_caller) {
  const Threads limit(4);
  std::vector<std::size_t> values(1000, 1);
  for (int round = 0; round < 3; ++round) for_each(values.size(), [&](std::size_t i) { values[i] *= 2; });
  share_out(values.size(), [&](std::size_t i) { values[i] += i; });
  for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(values[i] == 8 + i);
}

BOOST_AUTO_TEST_CASE(exceptions_reach_the_caller) {
  for (const std::size_t threads : {1u, 4u}) {
    const Threads limit(threads);
    for (const std::size_t n : {1u, 2u, 500u}) {
      auto fail = [n](std::size_t i) {
        if (i == n - 1) throw std::out_of_range("item " + std::to_string(i));
      };
      BOOST_CHECK_EXCEPTION(for_each(n, fail), std::out_of_range, [n](const std::out_of_range& e) {
        return e.what() == "item " + std::to_string(n - 1);
      });
      auto nested = [&](std::size_t) { for_each(n, fail); };
      BOOST_CHECK_THROW(for_each(3, nested), std::out_of_range);
      BOOST_CHECK_THROW(for_each_piece(n << 14, [](std::size_t, std::size_t) { throw std::bad_alloc(); }),
                        std::bad_alloc);
    }
    std::atomic<int> after = 0;
    for_each(100, [&](std::size_t) { ++after; });
    BOOST_TEST(after == 100);
  }
}

BOOST_AUTO_TEST_SUITE_END()
