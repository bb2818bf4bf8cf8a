// Fenced blocks of the project's own pages.
#pragma once
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace ebm::tests {

inline std::filesystem::path source(const std::string& path) {
  return std::filesystem::path(EBM_SOURCE_DIR) / path;
}

struct FencedBlock {
  std::string heading;  ///< the last one above it, without its marks
  std::string language; ///< what follows ```
  std::string text;     ///< every line with its newline
};

/// All blocks, in order.
inline std::vector<FencedBlock> fenced_blocks(const std::filesystem::path& page) {
  std::vector<FencedBlock> blocks;
  std::ifstream file(page);
  std::string heading;
  bool in_fence = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      in_fence = !in_fence;
      if (in_fence) blocks.push_back({heading, line.substr(3), ""});
    } else if (in_fence) {
      blocks.back().text += line + "\n";
    } else if (line.starts_with("#")) {
      heading = line.substr(line.find_first_not_of("# "));
    }
  }
  return blocks;
}

/// The blocks that begin with ```language.
inline std::vector<FencedBlock> fenced_blocks(const std::filesystem::path& page,
                                              const std::string& language) {
  std::vector<FencedBlock> blocks = fenced_blocks(page);
  std::erase_if(blocks, [&](const FencedBlock& b) { return b.language != language; });
  return blocks;
}

/// The page without its fenced blocks and without `code`.
inline std::string prose(const std::filesystem::path& page) {
  std::string text;
  std::ifstream file(page);
  bool in_fence = false, in_code = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) in_fence = !in_fence;
    if (in_fence || line.starts_with("```")) continue;
    for (const char c : line + "\n")
      if (c == '`')
        in_code = !in_code;
      else if (!in_code)
        text += c;
  }
  return text;
}

} // namespace ebm::tests
