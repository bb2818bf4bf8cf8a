#include "tests/support/program.hpp"

#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "experiments/program/program.hpp"

namespace ebm::tests {
namespace {

/// Sends a descriptor to a file while it lives.
class Redirection {
 public:
  Redirection(int descriptor, const std::filesystem::path& file)
      : descriptor_(descriptor), saved_(::dup(descriptor)) {
    std::fflush(nullptr);
    const int to = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ::dup2(to, descriptor);
    ::close(to);
  }
  ~Redirection() {
    std::fflush(nullptr);
    ::dup2(saved_, descriptor_);
    ::close(saved_);
  }
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;

 private:
  int descriptor_, saved_;
};

} // namespace

ProgramResult run_program(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  std::vector<std::string> words{"ebm"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  ProgramResult result{};
  {
    const Redirection out(STDOUT_FILENO, folder.path() / "out"), err(STDERR_FILENO, folder.path() / "err");
    result.code = experiments::run_program(int(argv.size()), argv.data());
  }
  result.out = read_file(folder.path() / "out");
  result.err = read_file(folder.path() / "err");
  return result;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "ebm-test-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

} // namespace ebm::tests
