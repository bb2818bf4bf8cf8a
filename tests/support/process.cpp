#include "tests/support/process.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace ebm::tests {
namespace {

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Process::Process(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  std::vector<std::string> words{EBM_BINARY_DIR "/ebm"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_CREAT | O_WRONLY | O_TRUNC,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(words[0] + " cannot be started");
}

Process::~Process() {
  if (waited_) return;
  signal(SIGKILL);
  wait();
}

void Process::signal(int number) const {
  if (!waited_) ::kill(pid_, number);
}

bool Process::running() {
  int status = 0;
  if (waited_ || ::waitpid(pid_, &status, WNOHANG) == 0) return !waited_;
  waited_ = true;
  code_ = code_of(status);
  return false;
}

int Process::wait() {
  if (waited_) return code_;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  waited_ = true;
  return code_ = code_of(status);
}

} // namespace ebm::tests
