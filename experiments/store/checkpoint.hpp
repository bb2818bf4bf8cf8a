// Checkpoints: one file with everything that a stopped trial needs to go on.
//
// Format, version 1: a line of text "ebm-checkpoint 1 <bytes of the rest> <XXH3-128 of the rest>\n", then
// records, each: a letter for the type (u: 64-bit integers, f and d: floats of 32 and 64 bits, b: bytes), the
// lengths of name (32 bits) and value (64 bits, in elements), the name, the value. Little-endian.
#pragma once
#include <filesystem>
#include <map>

#include "ebm/core/archive.hpp"

namespace ebm::experiments {

class CheckpointWriter final : public Archive {
 public:
  bool reads() const override { return false; }
  /// The whole file.
  std::string file() const;

 private:
  void integer(const std::string& name, std::uint64_t& v) override;
  void numbers(const std::string& name, std::span<float> v) override;
  void numbers(const std::string& name, std::span<double> v) override;
  void bytes(const std::string& name, std::vector<std::uint8_t>& v) override;
  void text(const std::string& name, std::string& v) override;
  void add(char type, const std::string& name, std::size_t count, const void* data, std::size_t size);

  std::string records_;
};

class CheckpointReader final : public Archive {
 public:
  /// Takes a file's bytes. Throws InputError, without its path, when they are no whole checkpoint of a
  /// version that this program reads.
  explicit CheckpointReader(std::string file);
  bool reads() const override { return true; }

 private:
  struct Record {
    char type;
    std::size_t count;
    std::string_view data;
  };
  void integer(const std::string& name, std::uint64_t& v) override;
  void numbers(const std::string& name, std::span<float> v) override;
  void numbers(const std::string& name, std::span<double> v) override;
  void bytes(const std::string& name, std::vector<std::uint8_t>& v) override;
  void text(const std::string& name, std::string& v) override;
  const Record& find(char type, const std::string& name) const;
  void copy(char type, const std::string& name, void* to, std::size_t count) const;
  void read_records(std::string_view rest);

  std::string file_;
  std::map<std::string, Record, std::less<>> records_;
};

/// The checkpoints of a trial's folder, the newest first: checkpoint.ebm and the one before it.
std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& folder);

/// Puts a new checkpoint on disk; the one before stays as checkpoint.ebm.prev if two are kept. At every
/// moment there is a whole one.
void save_checkpoint(const std::filesystem::path& folder, std::string_view file, bool keep_previous);

void remove_checkpoints(const std::filesystem::path& folder);

} // namespace ebm::experiments
