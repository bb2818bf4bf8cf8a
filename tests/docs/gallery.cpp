// Every experiment of the gallery is without errors, and so are the files of its trials.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "experiments/run/trial.hpp"
#include "tests/docs/markdown.hpp"
#include "tests/laws/registered.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ebm::tests;

fs::path data_folder() {
  const char* const given = std::getenv("EBM_DATA_DIR");
  return given != nullptr && *given != '\0' ? fs::path(given) : source("../shared/data");
}

/// What a gallery file that reads data needs: where the data are below the data folder, and its key.
struct Needs {
  std::string file, path, key;
};
const std::vector<Needs> needs{{"mnist-rbm.yaml", "mnist", "data.dir"},
                               {"mnist-classification-rbm.yaml", "mnist", "data.dir"},
                               {"mnist-deep-belief-net.yaml", "mnist", "data.dir"},
                               {"mnist-deep-boltzmann.yaml", "mnist", "data.dir"},
                               {"digits-features.yaml", "digits/digits.csv.gz", "data.path"},
                               {"classification-rbm.yaml", "digits/digits.csv.gz", "data.path"},
                               {"deep-belief-net.yaml", "digits/digits.csv.gz", "data.path"},
                               {"digits-autoencoder.yaml", "digits/digits.csv.gz", "data.path"},
                               {"digits-deep-boltzmann-classifier.yaml", "digits/digits.csv.gz", "data.path"},
                               {"digits.yaml", "digits/digits.csv.gz", "data.path"}};

std::vector<fs::path> gallery() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source("experiments/gallery")))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gallery_files)

BOOST_AUTO_TEST_CASE(check_finds_no_errors) {
  const TemporaryFolder folder;
  const auto files = gallery();
  BOOST_TEST(files.size() >= 22u);
  for (const fs::path& file : files) {
    std::vector<std::string> command{"check", file.string(), "output.dir=" + folder.path().string()};
    const auto need = std::ranges::find(needs, file.filename().string(), &Needs::file);
    if (need != needs.end()) {
      const fs::path data = data_folder() / need->path;
      if (!fs::exists(data)) {
        BOOST_TEST_MESSAGE(file.filename().string() << " is skipped: EBM_DATA_DIR has no " << need->path);
        continue;
      }
      command.push_back(need->key + "=" + fs::absolute(data).string());
    }
    const ProgramResult result = run_program(command);
    BOOST_TEST(result.code == 0, file.string() << "\n" << result.err);
    BOOST_TEST(result.err == "", result.err);
  }
}

// `ebm sample` and others know a trial by the identity that its config.yaml gives.
BOOST_AUTO_TEST_CASE(the_file_of_a_trial_says_the_same_trial) {
  using namespace ebm::experiments;
  register_everything();
  const TemporaryFolder folder;
  std::vector<fs::path> files = gallery();
  for (const auto& entry : fs::directory_iterator(source("tests/experiments/good")))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  for (const fs::path& file : files) {
    Diagnostics diagnostics;
    const Experiment x = read_experiment(file, {}, diagnostics);
    for (const Trial& t : x.trials) {
      write_file(folder.path() / "config.yaml", trial_text(x.settings[t.setting].spec, t.replicate));
      const Experiment one = read_experiment(folder.path() / "config.yaml", {}, diagnostics);
      BOOST_TEST_REQUIRE(one.trials.size() == 1u);
      BOOST_TEST(one.trials[0].identity == t.identity, file.string() << " " << t.folder);
    }
    BOOST_TEST(diagnostics.text() == "");
  }
}

BOOST_AUTO_TEST_CASE(each_says_what_it_shows_and_how_long_it_takes) {
  for (const fs::path& file : gallery()) {
    const std::string text = read_file(file), comment = text.substr(0, text.find("\nebm: 1"));
    BOOST_TEST(text.starts_with("# "), file.string());
    BOOST_TEST(comment.find("cores") != std::string::npos, file.string() << " says not how long it takes");
    BOOST_TEST(text.find("\nname: " + file.stem().string() + "\n") != std::string::npos,
               file.string() << " has another name inside");
  }
}

BOOST_AUTO_TEST_SUITE_END()
