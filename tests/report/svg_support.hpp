// Shared by the tests of pictures.
#pragma once
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::experiments::testing {

inline std::size_t occurrences(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

/// Tags are balanced and quotes closed, entities are the four we write, and no number is NaN or infinite.
inline void check_svg(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = svg.find('<', at)) != std::string::npos;) {
    const std::size_t end = svg.find('>', at);
    BOOST_REQUIRE(end != std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    BOOST_TEST(tag.find('<') == std::string::npos, tag);
    BOOST_TEST(occurrences(tag, "\"") % 2 == 0, tag);
    if (tag.front() == '/') {
      BOOST_REQUIRE(!open.empty());
      BOOST_TEST(open.back() == tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  BOOST_TEST(open.empty());
  std::size_t entities = 0;
  for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;"}) entities += occurrences(svg, entity);
  BOOST_TEST(occurrences(svg, "&") == entities);
  BOOST_TEST(occurrences(svg, "nan") == 0U);
  BOOST_TEST(occurrences(svg, "inf") == 0U);
}

} // namespace ebm::experiments::testing
