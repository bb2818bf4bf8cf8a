// The built `ebm` as a process of its own, to be killed, signalled or limited.
#pragma once
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ebm::tests {

class Process {
 public:
  /// Starts the program with these arguments; its output goes to `output`.
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& output);
  ~Process(); ///< kills it if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  bool running();
  /// Exit code, or 128 + the signal that ended it.
  int wait();

 private:
  pid_t pid_;
  bool waited_ = false;
  int code_ = 0;
};

} // namespace ebm::tests
