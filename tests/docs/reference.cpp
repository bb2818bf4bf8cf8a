// docs/reference is what the program says now; docs/make-reference writes it.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
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

/// First words of the lines that begin with two spaces, after the heading (all of them without one).
std::vector<std::string> listed(const std::string& text, const std::string& heading = "") {
  std::istringstream lines(text);
  std::vector<std::string> names;
  bool on = heading.empty();
  for (std::string line; std::getline(lines, line);) {
    if (on && line.starts_with("  ") && line.size() > 2 && line[2] != ' ')
      names.push_back(words_of(line).at(0));
    on = on || line == heading;
  }
  return names;
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(source("docs/reference")))
    all.push_back(entry.path());
  return all;
}

std::set<std::string> headings() {
  std::set<std::string> all;
  for (const auto& page : pages())
    for (const FencedBlock& block : fenced_blocks(page, "text")) all.insert(block.heading);
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(reference_page)

BOOST_AUTO_TEST_CASE(every_block_is_what_the_program_prints) {
  BOOST_TEST(pages().size() == 12u);
  for (const auto& page : pages())
    for (const FencedBlock& block : fenced_blocks(page, "text")) {
      std::vector<std::string> command = words_of(block.heading); // "ebm explain model.rbm"
      BOOST_TEST_REQUIRE(command.size() >= 2u, block.heading);
      command.erase(command.begin());
      const ProgramResult now = run_program(command);
      BOOST_TEST(now.code == 0, now.err);
      BOOST_TEST(now.out == block.text, page.string()
                                            << ": " << block.heading
                                            << " prints something else now: run docs/make-reference\n"
                                            << now.out);
    }
}

BOOST_AUTO_TEST_CASE(everything_registered_has_its_block) {
  const std::set<std::string> all = headings();
  BOOST_TEST(all.contains("ebm list"));
  for (const auto& [family, section] : {std::pair{"models", "model"}, std::pair{"samplers", "sampler"},
                                        std::pair{"trainers", "trainer"}, std::pair{"data", "data"}}) {
    const auto names = listed(run_program({"list", family}).out);
    BOOST_TEST(!names.empty());
    for (const std::string& name : names)
      BOOST_TEST(all.contains("ebm explain " + std::string(section) + "." + name),
                 section << "." << name << " is not in docs/reference: run docs/make-reference");
  }
}

BOOST_AUTO_TEST_CASE(every_command_has_its_block) {
  const std::set<std::string> all = headings();
  BOOST_TEST(all.contains("ebm --help"));
  const auto commands = listed(run_program({"--help"}).out, "Subcommands:");
  BOOST_TEST(commands.size() >= 9u);
  for (const std::string& name : commands)
    BOOST_TEST(all.contains("ebm " + name + " --help"),
               name << " is not in docs/reference/commands.md: run docs/make-reference");
}

BOOST_AUTO_TEST_CASE(the_tables_on_experiments_have_every_command_and_every_option_of_run) {
  // First cells that are code alone: " `ebm run FILE` `-q`, `--quiet`…"
  std::string cells;
  std::istringstream page(read_file(source("docs/experiments.md")));
  for (std::string line; std::getline(page, line);)
    if (const std::size_t end = line.find("` | "); line.starts_with("| `") && end != line.npos)
      cells += line.substr(1, end) + " ";
  const auto has = [&](const std::string& text) {
    return cells.find(text + "`") != cells.npos || cells.find(text + " ") != cells.npos;
  };
  for (const std::string& name : listed(run_program({"--help"}).out, "Subcommands:"))
    BOOST_TEST((has("`ebm " + name) || has("`" + name)), name);
  std::size_t options = 0;
  for (const std::string& names : listed(run_program({"run", "--help"}).out, "Options:")) {
    const std::string name = names.substr(0, names.find_first_of(",:")); // of "-j,--cores", "--log:{text}"
    if (name == "-h" || name == "-S") continue;                          // the page has -S in its text
    BOOST_TEST((has("`" + name) || has("`ebm run " + name)), name);
    ++options;
  }
  BOOST_TEST(options >= 11u);
}

BOOST_AUTO_TEST_CASE(the_index_links_every_page) {
  const std::string index = read_file(source("docs/reference/README.md"));
  for (const auto& page : pages())
    if (page.filename() != "README.md")
      BOOST_TEST((index.find("(" + page.filename().string() + ")") != std::string::npos), page.string());
}

BOOST_AUTO_TEST_CASE(help_does_not_depend_on_the_terminal) {
  const std::string before = run_program({"run", "--help"}).out;
  ::setenv("COLUMNS", "40", 1);
  const std::string narrow = run_program({"run", "--help"}).out;
  ::unsetenv("COLUMNS");
  BOOST_TEST(before == narrow);
}

BOOST_AUTO_TEST_SUITE_END()
