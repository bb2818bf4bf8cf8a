// What fuzzing kept: inputs that reach code no other one does, and those that once showed a bug.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/fuzz/target.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(fuzz_corpus)

using namespace ebm::tests;
namespace fs = std::filesystem;

namespace {
const fs::path corpus = fs::path(EBM_SOURCE_DIR) / "tests/fuzz/corpus";
}

BOOST_AUTO_TEST_CASE(every_input_gives_a_value_or_a_user_error) {
  BOOST_REQUIRE(!fuzz::targets().empty());
  for (const fuzz::Target& target : fuzz::targets()) {
    std::size_t accepted = 0, refused = 0;
    for (const auto& file : fs::directory_iterator(corpus / target.name)) {
      BOOST_TEST_CONTEXT(file.path())
      BOOST_CHECK_NO_THROW((target(read_file(file.path())) ? accepted : refused) += 1);
    }
    // Of each kind some: else the reader is asked in a way that nothing can satisfy.
    BOOST_TEST(accepted > 0, "no accepted input of " << target.name);
    BOOST_TEST(refused > 0, "no refused input of " << target.name);
  }
}

BOOST_AUTO_TEST_CASE(every_folder_belongs_to_a_target) {
  std::set<std::string> folders, names;
  for (const auto& folder : fs::directory_iterator(corpus)) folders.insert(folder.path().filename().string());
  for (const fuzz::Target& target : fuzz::targets()) names.emplace(target.name);
  BOOST_TEST(folders == names, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
