// The `ebm` program as tests use it: in this process, with what it printed.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ebm::tests {

struct ProgramResult {
  int code;
  std::string out, err;
};

/// Runs the program with these arguments (without its own name).
ProgramResult run_program(const std::vector<std::string>& arguments);

/// A fresh folder, removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

} // namespace ebm::tests
