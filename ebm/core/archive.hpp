// What a checkpoint holds: named values, which one function both writes and reads.
#pragma once
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ebm/core/error.hpp"
#include "ebm/core/tensor.hpp"

namespace ebm {

/// Writes the values that it visits, or sets them to what was written under the same names. Arrays must have
/// the written size already. Reading throws InputError where a name is missing or a size differs; what was
/// read until then stays changed.
class Archive {
 public:
  virtual ~Archive() = default;

  /// True when values are set, false when they are written.
  virtual bool reads() const = 0;

  void operator()(std::string_view name, std::uint64_t& v) { integer(full(name), v); }
  void operator()(std::string_view name, std::uint32_t& v) {
    std::uint64_t x = v;
    integer(full(name), x);
    v = std::uint32_t(x);
  }
  void operator()(std::string_view name, double& v) { numbers(full(name), std::span(&v, 1)); }
  void operator()(std::string_view name, std::span<double> v) { numbers(full(name), v); }
  void operator()(std::string_view name, std::span<float> v) { numbers(full(name), v); }
  template <std::floating_point T> void operator()(std::string_view name, Batch<T>& v) {
    numbers(full(name), all(v));
  }
  /// Bytes and texts may change their size.
  void operator()(std::string_view name, std::vector<std::uint8_t>& v) { bytes(full(name), v); }
  void operator()(std::string_view name, std::string& v) { text(full(name), v); }

  /// Names inside get "name." in front.
  template <class F> void group(std::string_view name, F fields) {
    const std::size_t outer = prefix_.size();
    prefix_.append(name).append(1, '.');
    fields();
    prefix_.resize(outer);
  }

 protected:
  virtual void integer(const std::string& name, std::uint64_t&) = 0;
  virtual void numbers(const std::string& name, std::span<float>) = 0;
  virtual void numbers(const std::string& name, std::span<double>) = 0;
  virtual void bytes(const std::string& name, std::vector<std::uint8_t>&) = 0;
  virtual void text(const std::string& name, std::string&) = 0;

 private:
  std::string full(std::string_view name) const { return prefix_ + std::string(name); }
  std::string prefix_;
};

} // namespace ebm
