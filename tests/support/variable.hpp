// A variable of the environment with another value for a while.
#pragma once
#include <cstdlib>
#include <optional>
#include <string>

namespace ebm::tests {

/// While it lives, the variable has this value, or none for a null pointer. Not while other threads read the
/// environment.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) { value != nullptr ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* name_;
  std::optional<std::string> old_;
};

} // namespace ebm::tests
