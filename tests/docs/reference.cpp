// docs/reference.md is what the program says now; docs/make-reference writes it.
#include <boost/test/unit_test.hpp>
#include <set>
#include <sstream>

#include "tests/docs/markdown.hpp"

namespace {

using namespace ebm::tests;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string w; stream >> w;) words.push_back(w);
  return words;
}

/// The names under a heading of `ebm list`: lines that begin with two spaces.
std::vector<std::string> listed(const std::string& family) {
  std::istringstream lines(run_program({"list", family}).out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("  ")) names.push_back(words_of(line).at(0));
  return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(reference_page)

BOOST_AUTO_TEST_CASE(every_block_is_what_the_program_prints) {
  for (const FencedBlock& block : fenced_blocks(source("docs/reference.md"), "text")) {
    std::vector<std::string> command = words_of(block.heading); // "ebm explain model.rbm"
    BOOST_TEST_REQUIRE(command.size() >= 2u, block.heading);
    command.erase(command.begin());
    const ProgramResult now = run_program(command);
    BOOST_TEST(now.code == 0, now.err);
    BOOST_TEST(now.out == block.text, block.heading << " prints something else now: run docs/make-reference\n"
                                                    << now.out);
  }
}

BOOST_AUTO_TEST_CASE(everything_registered_has_its_block) {
  std::set<std::string> headings;
  for (const FencedBlock& block : fenced_blocks(source("docs/reference.md"), "text"))
    headings.insert(block.heading);
  BOOST_TEST(headings.contains("ebm list"));
  for (const auto& [family, section] : {std::pair{"models", "model"}, std::pair{"samplers", "sampler"},
                                        std::pair{"trainers", "trainer"}, std::pair{"data", "data"}}) {
    const auto names = listed(family);
    BOOST_TEST(!names.empty());
    for (const std::string& name : names)
      BOOST_TEST(headings.contains("ebm explain " + std::string(section) + "." + name),
                 section << "." << name << " is not in docs/reference.md: run docs/make-reference");
  }
}

BOOST_AUTO_TEST_SUITE_END()
