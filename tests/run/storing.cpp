// Trials that store their rows: files, replicates, and the same through `ebm evaluate`.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "experiments/io/npz.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(storing)

using namespace ebm::tests;
using namespace ebm::experiments;
namespace fs = std::filesystem;

namespace {

const std::string experiment = R"(ebm: 1
name: memory
data: {type: random_patterns, rows: 3, columns: 200}
model: {type: hopfield}
trainer: {method: hebbian}
evaluation: {metrics: [recall], recall: {corruption: 0.2}}
)";

class Place {
 public:
  explicit Place(const std::string& text = experiment) { write_file(file(), text); }
  std::string file() const { return (folder_.path() / "memory.yaml").string(); }
  ProgramResult run(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"run", file(), "output.dir=" + folder_.path().string(), "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  /// The only trial whose folder has this in its name.
  fs::path trial(const std::string& part) const {
    for (const auto& entry : fs::directory_iterator(folder_.path() / "memory" / "trials"))
      if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
    return {};
  }
  std::vector<double> couplings(const std::string& part) const {
    return read_npz(trial(part) / "params.npz").at("J").values;
  }

 private:
  TemporaryFolder folder_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_trial_has_the_files_of_any_other) {
  const Place place;
  const ProgramResult result =
      place.run({"evaluation.every=1", "-S", "trainer.method=hebbian,pseudo_inverse"});
  BOOST_TEST_REQUIRE(result.code == 0, result.err);
  for (const std::string method : {"hebbian", "pseudo_inverse"}) {
    const fs::path trial = place.trial("method=" + method);
    const std::string metrics = read_file(trial / "metrics.csv");
    BOOST_TEST(metrics.starts_with("update,epoch,acceptance,recall.overlap,recall.stable\n0,0,,"), metrics);
    BOOST_TEST(metrics.find("\n0,0,,1") == std::string::npos, metrics); // nothing is stored yet
    BOOST_TEST(metrics.ends_with("\n1,1,,1,1\n"), metrics);
    BOOST_TEST(read_npz(trial / "params.npz").at("visible_bias").values == std::vector<double>(200, 0.0));
    for (const char* name : {"config.yaml", "status.json", "timing.csv"})
      BOOST_TEST(fs::exists(trial / name));
  }
  BOOST_TEST(place.couplings("hebbian") != place.couplings("pseudo_inverse"));
  // Finished: nothing is done again.
  const auto before = fs::last_write_time(place.trial("hebbian") / "params.npz");
  BOOST_TEST(place.run({"evaluation.every=1", "-S", "trainer.method=hebbian,pseudo_inverse"}).code == 0);
  BOOST_TEST((fs::last_write_time(place.trial("hebbian") / "params.npz") == before));
}

BOOST_AUTO_TEST_CASE(the_end_alone_is_evaluated_without_every) {
  const Place place;
  BOOST_TEST_REQUIRE(place.run().code == 0);
  const std::string text = read_file(place.trial("s1") / "metrics.csv");
  BOOST_TEST(text == "update,epoch,acceptance,recall.overlap,recall.stable\n1,1,,1,1\n");
}

BOOST_AUTO_TEST_CASE(replicates_share_their_patterns_unless_they_are_asked_not_to) {
  const Place same, other;
  BOOST_TEST_REQUIRE(same.run({"seeds=2"}).code == 0);
  BOOST_TEST(same.couplings("s1") == same.couplings("s2"));
  BOOST_TEST_REQUIRE(other.run({"seeds=2", "data.seed=replicate"}).code == 0);
  BOOST_TEST(other.couplings("s1") != other.couplings("s2"));
}

BOOST_AUTO_TEST_CASE(recall_of_given_parameters) {
  const Place place;
  BOOST_TEST_REQUIRE(place.run().code == 0);
  const ProgramResult result =
      run_program({"evaluate", place.file(),
                   "model.parameters=" + (place.trial("s1") / "params.npz").string(), "--json"});
  BOOST_TEST(result.code == 0, result.err);
  BOOST_TEST(result.out.find("\"recall\"") != std::string::npos, result.out);
  BOOST_TEST(result.out.find("\"overlap\": 1,") != std::string::npos, result.out);
  BOOST_TEST(result.out.find("\"stable\": 1}") != std::string::npos, result.out);
}

BOOST_AUTO_TEST_SUITE_END()
